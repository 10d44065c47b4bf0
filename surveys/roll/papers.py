"""Will this slip get a paper? What the registrar says before anything is asked for (docs/protocol.md 15.2).
It changes nothing.
"""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import Engine, select

from surveys.roll import attendance, models
from surveys.roll.attendance import NOT_ASKED
from surveys.roll.errors import UnknownSlip
from surveys.roll.state import State


class Papers(IntEnum):
    """What is said to who holds a slip; one byte."""

    GIVEN = 0
    NOT_YET = 1
    NO_LONGER = 2
    AS_MANY_AS_PRESENT = 3
    TAKEN = 4


def papers_for(engine: Engine, panel: int, slip: bytes) -> Papers:
    """The first that holds, in the order of 15.2. Raises UnknownSlip or UnknownPanel."""
    column = models.slips.c
    with engine.connect() as connection:
        found = attendance.read(connection, panel)
        stored: bytes | None = connection.scalar(
            select(column.blinded).where(column.panel == panel, column.slip == slip)
        )
    if stored is None:
        raise UnknownSlip("this slip is not on this panel's roll")
    if stored != NOT_ASKED:
        return Papers.TAKEN
    if found.state in (State.CLOSED, State.DESTROYED):
        return Papers.NO_LONGER
    if found.state is State.WAITING:
        return Papers.NOT_YET
    return Papers.AS_MANY_AS_PRESENT if found.issued >= found.present else Papers.GIVEN
