"""The kinds of work that an instance does in the background (`surveys.jobs`), each safe to run again."""

from __future__ import annotations

from collections.abc import Mapping

from surveys.accounts.staff_log import StaffLog
from surveys.jobs.queue import Work
from surveys.organisation.desk import works as organisation_works
from surveys.stages.mailing import MAIL, Outgoing, mailing
from surveys.stages.office import FREEZE, freezing
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores


def works(stores: Stores, keyring: Keyring, log: StaffLog, outgoing: Outgoing) -> Mapping[str, Work]:
    """Kind → what it does. What staff began is written into their log when it is done.

    Without a mail server `mail` is there too and says so: a job that waits for it must not hang.
    """
    return {
        FREEZE: freezing(stores, keyring),
        MAIL: mailing(stores.app, keyring, outgoing),
        **organisation_works(stores.app, keyring, log),
    }
