"""A lost slip is replaced before its paper is issued (docs/protocol.md 6.4).

The frozen roll stays; the row of the voter gets another current key, and the roll file says so for ever.
Danger: with a new slip for somebody whose paper is issued, one voter would have two papers; so both are
looked at in one transaction.
"""

from __future__ import annotations

from sqlalchemy import Connection, or_, select, update

from surveys.protocol.roll_list import Replaced
from surveys.roll import attendance, models
from surveys.roll.attendance import NOT_ASKED
from surveys.roll.errors import IssuingClosed, PaperIssued, SlipTwice, UnknownVoter
from surveys.roll.listing import Entry, seal_voter, unsealed_voter
from surveys.roll.state import State
from surveys.stores.columns import Keyring
from surveys.stores.store import Store


def replace_slip(store: Store, entry: Entry) -> Replaced:
    """Let this key be the voter's slip from now on; what was replaced by what.

    One transaction: the panel is held, the voter's row found by opening the sealed codes of the panel, the
    paper looked at, the key changed. The same key again changes nothing. Raises UnknownPanel, IssuingClosed,
    UnknownVoter, PaperIssued, or SlipTwice for a key that is or was somebody's; nothing is changed then.
    """
    panel = entry.voter.panel
    slip = models.slips.c
    with store.begin() as connection:
        if attendance.hold(connection, panel).state in (State.CLOSED, State.DESTROYED):
            raise IssuingClosed("no more papers are issued in this panel")
        current, frozen, blinded = _find(connection, store.keyring, panel, entry.voter.code)
        if current == entry.key:
            return Replaced(panel, frozen, current)
        if blinded != NOT_ASKED:
            raise PaperIssued("this slip's paper is issued")
        known = select(slip.slip).where(or_(slip.slip == entry.key, slip.frozen == entry.key))
        if connection.scalar(known.limit(1)) is not None:
            raise SlipTwice("this key is or was somebody's slip")
        connection.execute(
            update(models.slips)
            .where(slip.panel == panel, slip.slip == current)
            .values(slip=entry.key, voter=seal_voter(store.keyring, entry))
        )
    return Replaced(panel, frozen, entry.key)


def _find(connection: Connection, keyring: Keyring, panel: int, code: str) -> tuple[bytes, bytes, bytes]:
    """Current key, frozen key and blinded message of a voter."""
    slip = models.slips.c
    rows = connection.execute(
        select(slip.slip, slip.frozen, slip.blinded, slip.voter).where(slip.panel == panel)
    )
    for row in rows:
        if unsealed_voter(keyring, row.slip, row.voter) == code:
            return row.slip, row.frozen, row.blinded
    raise UnknownVoter(f"nobody with the code {code!r} is on this panel's roll")
