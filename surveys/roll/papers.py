"""Will this slip get a paper? What the registrar says before anything is asked for (docs/protocol.md 15.2).
It changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from sqlalchemy import Connection, select

from surveys.roll import models
from surveys.roll.attendance import NOT_ASKED
from surveys.roll.errors import UnknownPanel, UnknownSlip
from surveys.roll.state import State


class Papers(IntEnum):
    """What is said to who holds a slip; one byte."""

    GIVEN = 0
    NOT_YET = 1
    NO_LONGER = 2
    AS_MANY_AS_PRESENT = 3
    TAKEN = 4


def papers_for(connection: Connection, panel: int, slip: bytes, issued: Callable[[], int]) -> Papers:
    """The first that holds, in the order of 15.2; `issued` counts the papers of the panel. Raises UnknownSlip
    or UnknownPanel.
    """
    column, of = models.slips.c, models.panels.c
    found = connection.execute(select(of.state, of.present).where(of.panel == panel)).one_or_none()
    if found is None:
        raise UnknownPanel(panel)
    stored: bytes | None = connection.scalar(
        select(column.blinded).where(column.panel == panel, column.slip == slip)
    )
    if stored is None:
        raise UnknownSlip("this slip is not on this panel's roll")
    if stored != NOT_ASKED:
        return Papers.TAKEN
    state, present = State(found.state), int.from_bytes(found.present, "big")
    if state in (State.CLOSED, State.DESTROYED):
        return Papers.NO_LONGER
    if state is State.WAITING:
        return Papers.NOT_YET
    return Papers.AS_MANY_AS_PRESENT if issued() >= present else Papers.GIVEN
