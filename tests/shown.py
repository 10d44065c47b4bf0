"""Rounds of which only that is there what voters are shown: without roll and box, so made in no time. Over tests/published.py's units."""

from __future__ import annotations

import io
from itertools import count

from PIL import Image

from surveys.accounts.roles import Grant, Role, Staff
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.stores.exhibits import Exhibits
from tests.desk import Desk
from tests.published import a_definition, add_round

PDF = b"%PDF-1.7 a report"
# Contest 0 is p1 in A, 1 is p2 in A1, 2 is p3 in B1, 3 is p4 in C1.
SECRETARY, OF_THE_CELL, ELSEWHERE = 0, 1, 2
_numbers = count(1)


def a_round(desk: Desk, state: State = State.FROZEN) -> str:
    """A round at this state; opens on 2 November 2026 at 08:00 in Hanoi."""
    definition = a_definition(survey=next(_numbers).to_bytes(16, "big").hex())
    if state is State.FROZEN:
        ledger.add(desk.site.stores.app, desk.site.keyring, definition)
    else:
        add_round(desk.site.stores, desk.site.keyring, definition, state)
    return definition.survey.hex()


def shut(desk: Desk, survey: str) -> None:
    """The polls of an open round are closed."""
    ledger.move(desk.site.stores.app, survey, State.CLOSING, at="2026-11-02T10:00:00Z")


def exhibits(desk: Desk, survey: str) -> Exhibits:
    """What is shown in a round."""
    return Exhibits(desk.desks.exhibits.folder / survey)


def files(desk: Desk, survey: str) -> dict[str, bytes]:
    """All files that are shown in a round."""
    folder = exhibits(desk, survey).folder
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def a_picture() -> bytes:
    """A picture as a phone takes it."""
    raw = io.BytesIO()
    Image.new("RGB", (300, 400), "teal").save(raw, "PNG")
    return raw.getvalue()


def leader(desk: Desk, person: str | None, unit: str) -> Staff:
    """An account with a leader's role over a unit, for the person with this code."""
    name = f"leader{next(_numbers)}"
    return desk.site.account(name, Grant(Role.LEADER, unit), person=person)
