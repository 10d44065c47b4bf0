"""A member's check of a deal has failed: who says so, of whom, and which clause (docs/protocol.md 5.5, 16.4)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from surveys.committee.errors import ForeignTrustee
from surveys.committee.record import keep, payloads
from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from surveys.protocol.manifest import Definition
from surveys.stores.engines import reading


def complain(engine: Engine, definition: Definition, attempt: int, by: int, raw: bytes) -> None:
    """Keep a member's complaint; one a member and attempt. Raises Malformed (16.4), ForeignTrustee or StaleMessage."""
    fields = Fields(canonical.decode(raw, check="16.4", where="complaint"), check="16.4", where="complaint")
    dealer = fields.integer("dealer", 1, 15)
    said = {
        "dealer": dealer,
        "check": fields.text("check", 10),
        "where": fields.text("where", 200),
    }
    fields.done()
    if dealer > len(definition.trustees):
        raise ForeignTrustee(dealer)
    with engine.begin() as connection:
        keep(connection, definition.survey.hex(), "complaint", attempt, by, canonical.encode(said))


def complaints(engine: Engine, definition: Definition, attempt: int) -> tuple[dict[str, Any], ...]:
    """The complaints of this attempt, by member."""
    with reading(engine) as connection:
        held = payloads(connection, definition.survey.hex(), "complaint", attempt)
    return tuple(
        {"by": by, **canonical.decode(raw, check="16.4", where="complaint")} for by, raw in held.items()
    )
