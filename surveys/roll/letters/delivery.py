"""How many letters are where, mailing by mailing: of those that are there, and of those that are forgotten. Nothing here is encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from surveys.roll.letters.letter import SLIPS, State, Units
from surveys.roll.letters.models import delivered, letters, mailings
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
    """The slips of a round (number 0), or a reminder: written at an instant, to a unit and everything below it."""

    number: int
    unit: str
    written: datetime | None
    delivery: Delivery


def delivery(engine: Engine, survey: str, units: Units = None) -> Delivery:
    """The numbers of all mailings together."""
    with reading(engine) as connection:
        return _counted(row[2:] for row in _rows(connection, survey, units))


def mailings_of(engine: Engine, survey: str, units: Units = None) -> tuple[Mailing, ...]:
    """The mailings that have letters to these units, the slips first."""
    with reading(engine) as connection:
        rows = list(_rows(connection, survey, units))
        held = connection.execute(
            select(mailings).where(mailings.c.survey == survey).order_by(mailings.c.number)
        ).all()
    found = (
        Mailing(
            each.number,
            each.unit,
            None if each.written is None else datetime.fromisoformat(each.written),
            _counted(row[2:] for row in rows if row[0] == each.number),
        )
        for each in held
    )
    return tuple(mailing for mailing in found if mailing.delivery.total)


def slips_are_begun(engine: Engine, survey: str) -> bool:
    """Whether the sending of the slips has begun, or there are none to send."""
    with reading(engine) as connection:
        slips = _counted(row[2:] for row in _rows(connection, survey, None) if row[0] == SLIPS)
    return slips.waiting == 0 or slips.total > slips.waiting


def _rows(connection: Connection, survey: str, units: Units) -> Iterator[Any]:
    """(mailing, unit, state, how many), of letters that are there and of those that are forgotten."""
    columns = (letters.c.mailing, letters.c.unit, letters.c.state)
    there = select(*columns, func.count()).where(letters.c.survey == survey).group_by(*columns)
    kept = delivered.c
    gone = select(kept.mailing, kept.unit, kept.state, kept.letters).where(kept.survey == survey)
    for wanted in (there, gone):
        yield from (row for row in connection.execute(wanted) if units is None or row[1] in units)


def _counted(rows: Iterator[Any]) -> Delivery:
    numbers = dict.fromkeys((state.value for state in State), 0)
    for state, number in rows:
        numbers[state] += number
    return Delivery(**numbers)
