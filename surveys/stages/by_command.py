"""What is done to a round on the command line stands in the staff log, before it is done, as what the desk does.

Danger: the command line knows nobody's name; the entry says only that whoever sits at the server did it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime

from surveys.accounts.staff_log import COMMAND_LINE, Act, StaffLog
from surveys.rounds import ledger
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores


def acting(
    stores: Stores, keyring: Keyring, survey: str, act: Act, **facts: str | int
) -> AbstractContextManager[None]:
    """The act is written down on entering; a refusal in the block is written down too. Raises NoSuchRound: nothing is written then."""
    root = ledger.root_of(stores.app, survey) or None
    log = StaffLog(stores.app, keyring, lambda: datetime.now(UTC))
    return log.acting(COMMAND_LINE, act, unit=root, survey=survey, reason="", **facts)
