"""The page of a unit, drawn: the same for staff and for holders of a reading link, who differ in what it
leads on to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request

from surveys.names import PersonCode, UnitCode
from surveys.pictures.drawing import Figure, Table, linked
from surveys.results.charts.lists import leaders_figure
from surveys.results.texts import DASH, portion_text
from surveys.results.units import Only, Order, Question, UnitPage
from surveys.web import fields
from surveys.web.languages import Voice

LEADERS_A_PAGE = 25


@dataclass(frozen=True, slots=True)
class Way:
    """A link with its words."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class Ways:
    """What a unit's page leads on to: the address of a leader and of a unit below (None: nowhere), other
    rounds, its papers.
    """

    leader: Callable[[PersonCode], str] | None = None
    unit: Callable[[UnitCode], str] | None = None
    rounds: tuple[Way, ...] = ()
    papers: str = ""


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit's page: this page of the leaders drawn, the units below as a table. `papers` is an address, or
    empty.
    """

    figures: UnitPage
    leaders: Figure | None
    below: Table | None
    whole: str
    rounds: tuple[Way, ...]
    papers: str
    page: int
    pages: int


def question_asked() -> Question:
    """What the reader asked for, from the address."""
    given = request.args
    return Question(
        words=fields.text(given, "q", 100),
        order=Order(fields.choice(given, "order", set(Order), Order.LOW)),
        only=Only(fields.choice(given, "only", set(Only), Only.ALL)),
        kind=fields.text(given, "kind", 100),
    )


def page_asked() -> int:
    """Which page of the leaders, from the address."""
    return fields.number(request.args, "page", low=1, high=100_000, absent=1)


def unit_view(found: UnitPage, page: int, said: Voice, ways: Ways) -> UnitView:
    """A unit's page, drawn. A page number beyond the last one shows the last one."""
    pages = max(1, -(-len(found.rows) // LEADERS_A_PAGE))
    page = min(page, pages)
    here = found.rows[(page - 1) * LEADERS_A_PAGE : page * LEADERS_A_PAGE]
    drawn = leaders_figure(said, found.round.preset, here, compared=found.compared)
    if drawn is not None and ways.leader is not None:
        drawn = linked(drawn, [ways.leader(row.seen.person) for row in here])
    whole = portion_text(said, found.whole.leaders.portion(0))
    return UnitView(found, drawn, _below(found, said, ways), whole, ways.rounds, ways.papers, page, pages)


def _below(found: UnitPage, said: Voice, ways: Ways) -> Table | None:
    if not found.below:
        return None
    preset = found.round.preset
    rows = tuple(
        (
            line.unit.name,
            said.number(line.leaders.leaders),
            portion_text(said, line.leaders.portion(0)),
            portion_text(said, line.leaders.portion(-1)),
            said.number(line.turnout.summoned),
            DASH if line.turnout.returned is None else said.number(line.turnout.returned),
        )
        for line in found.below
    )
    head = (
        said.say("Unit"),
        said.say("Results counted"),
        said.both(preset.levels[0].words),
        said.both(preset.levels[-1].words),
        said.say("Summoned"),
        said.say("Returned"),
    )
    links = () if ways.unit is None else tuple(ways.unit(line.unit.code) for line in found.below)
    return Table(said.say("Leaders and turnout, unit by unit"), head, rows, frozenset(range(1, 6)), links)
