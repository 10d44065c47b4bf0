"""How many letters are where, mailing by mailing: of those that are there, and of those that are forgotten.
Nothing here is encrypted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select

from surveys.instants import Instant
from surveys.letters.letter import SLIPS, State, Units
from surveys.letters.models import delivered, letters, mailings
from surveys.names import RoundId, UnitCode
from surveys.stores.engines import reading


@dataclass(frozen=True, slots=True)
class Delivery:
    """How many letters are in which state."""

    waiting: int = 0
    sent: int = 0
    refused: int = 0
    bounced: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.waiting + self.sent + self.refused + self.bounced

    @property
    def undelivered(self) -> int:
        """Those that did not arrive."""
        return self.refused + self.bounced


@dataclass(frozen=True, slots=True)
class Mailing:
    """The slips of a round (number 0), or a reminder: written at an instant, to a unit and everything below
    it.
    """

    number: int
    unit: UnitCode
    written: Instant | None
    delivery: Delivery


def delivery(engine: Engine, round_id: RoundId, units: Units = None) -> Delivery:
    """The numbers of all mailings together."""
    with reading(engine) as connection:
        return _counted(row[2:] for row in _rows(connection, round_id, units))


def mailings_of(engine: Engine, round_id: RoundId, units: Units = None) -> tuple[Mailing, ...]:
    """The mailings that have letters to these units, the slips first."""
    with reading(engine) as connection:
        rows = list(_rows(connection, round_id, units))
        held = connection.execute(
            select(mailings).where(mailings.c.survey == round_id).order_by(mailings.c.number)
        ).all()
    found = (
        Mailing(
            each.number,
            each.unit,
            each.written,
            _counted(row[2:] for row in rows if row[0] == each.number),
        )
        for each in held
    )
    return tuple(mailing for mailing in found if mailing.delivery.total)


def slips_are_begun(engine: Engine, round_id: RoundId) -> bool:
    """Whether the sending of the slips has begun, or there are none to send."""
    with reading(engine) as connection:
        slips = _counted(row[2:] for row in _rows(connection, round_id, None) if row[0] == SLIPS)
    return slips.waiting == 0 or slips.total > slips.waiting


def _rows(
    connection: Connection, round_id: RoundId, units: Units
) -> Iterator[tuple[int, UnitCode, str, int]]:
    """(mailing, unit, state, how many), of letters that are there and of those that are forgotten."""
    columns = (letters.c.mailing, letters.c.unit, letters.c.state)
    there = select(*columns, func.count()).where(letters.c.survey == round_id).group_by(*columns)
    kept = delivered.c
    gone = select(kept.mailing, kept.unit, kept.state, kept.letters).where(kept.survey == round_id)
    for wanted in (there, gone):
        for mailing, unit, state, number in connection.execute(wanted):
            if units is None or unit in units:
                yield mailing, unit, state, number


def _counted(rows: Iterator[tuple[str, int]]) -> Delivery:
    numbers = dict.fromkeys((state.value for state in State), 0)
    for state, number in rows:
        numbers[state] += number
    return Delivery(**numbers)
