"""A member's check of a deal has failed: who says so, of whom, and which clause (docs/protocol.md
5.5, 16.4).
"""

from __future__ import annotations

from sqlalchemy import Engine

from surveys.committee.errors import ForeignTrustee
from surveys.committee.record import keep, payloads
from surveys.committee.service import MOST_MEMBERS, Complaint
from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from surveys.protocol.manifest import Definition
from surveys.stores.engines import reading


def complain(engine: Engine, definition: Definition, attempt: int, by: int, raw: bytes) -> None:
    """Keep a member's complaint; one a member and attempt. Raises Malformed (16.4), ForeignTrustee or
    StaleMessage.
    """
    dealer, check, where = _said(raw)
    said = {"dealer": dealer, "check": check, "where": where}
    if dealer > len(definition.trustees):
        raise ForeignTrustee(dealer)
    with engine.begin() as connection:
        keep(connection, definition.round_id, "complaint", attempt, by, canonical.encode(said))


def complaints(engine: Engine, definition: Definition, attempt: int) -> tuple[Complaint, ...]:
    """The complaints of this attempt, by member."""
    with reading(engine) as connection:
        held = payloads(connection, definition.round_id, "complaint", attempt)
    return tuple(Complaint(by, *_said(raw)) for by, raw in held.items())


def _said(raw: bytes) -> tuple[int, str, str]:
    """Dealer, check and place. Raises Malformed (16.4)."""
    fields = Fields(canonical.decode(raw, check="16.4", where="complaint"), check="16.4", where="complaint")
    said = fields.integer("dealer", 1, MOST_MEMBERS), fields.text("check", 10), fields.text("where", 200)
    fields.done()
    return said
