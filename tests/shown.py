"""Rounds of which only that is there what voters are shown: without roll and box, so made in no time. Over
tests/published.py's units.
"""

from __future__ import annotations

import io
from itertools import count

from PIL import Image

from surveys.accounts.roles import Grant, Role, Staff
from surveys.instants import read_instant
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.stores.exhibits import Exhibits
from tests.desk import Desk
from tests.published import a_definition, add_round
from tests.stores.pdfs import a_pdf

PDF = a_pdf()
# Contest 0 is p1 in A, 1 is p2 in A1, 2 is p3 in B1, 3 is p4 in C1.
SECRETARY, OF_THE_CELL, ELSEWHERE = 0, 1, 2
_numbers = count(1)


def a_round(desk: Desk, state: State = State.FROZEN) -> RoundId:
    """A round at this state; opens on 2 November 2026 at 08:00 in Hanoi."""
    definition = a_definition(round_id=RoundId(next(_numbers).to_bytes(16, "big").hex()))
    if state is State.FROZEN:
        ledger.add(desk.site.stores.app, definition)
    else:
        add_round(desk.site.stores, definition, state)
    return definition.round_id


def shut(desk: Desk, round_id: RoundId) -> None:
    """The polls of an open round are closed."""
    ledger.move(
        desk.site.stores.engines.app, round_id, State.CLOSING, at=read_instant("2026-11-02T10:00:00Z")
    )


def exhibits(desk: Desk, round_id: RoundId) -> Exhibits:
    """What is shown in a round."""
    return Exhibits(desk.desks.exhibits.folder / round_id)


def files(desk: Desk, round_id: RoundId) -> dict[str, bytes]:
    """All files that are shown in a round."""
    folder = exhibits(desk, round_id).folder
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def a_picture() -> bytes:
    """A picture as a phone takes it."""
    raw = io.BytesIO()
    Image.new("RGB", (300, 400), "teal").save(raw, "PNG")
    return raw.getvalue()


def leader(desk: Desk, person: PersonCode | None, unit: UnitCode) -> Staff:
    """An account with a leader's role over a unit, for the person with this code."""
    name = f"leader{next(_numbers)}"
    return desk.site.account(name, Grant(Role.LEADER, unit), person=person)
