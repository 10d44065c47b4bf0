"""A unit's page for its head and the authority above: all leaders of the subtree, and the units right below.

Danger: what is added up here may be no more than the reader may see of each contest; whatever they may not
see is left out and counted as left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from surveys.names import NO_ROUND, PersonCode, RoundId, UnitCode
from surveys.organisation.values import Organisation, PostKind, unified_units
from surveys.protocol.manifest import Unit
from surveys.results.errors import NoSuchUnit
from surveys.results.exports_shown import Export
from surveys.results.finding import matches, name_key, portion_key
from surveys.results.leaders import RoundFacts, facts
from surveys.results.ranges import Portion
from surveys.results.shelf import Shelf, Volume, find
from surveys.results.sums import Aggregate, Seen, Turnout, over
from surveys.results.visibility import Reader, check_unit, may_open, may_see, upwards, visible
from surveys.results.years import PersonYear, Years, of_round, step


class Order(StrEnum):
    """By what the leaders are sorted."""

    LOW = "low"
    HIGH = "high"
    NAME = "name"
    UNIT = "unit"
    CHANGE = "change"


class Only(StrEnum):
    """Which leaders are listed."""

    ALL = ""
    FOLLOWS = "follows"
    UNIFIED = "unified"
    SEPARATE = "separate"


@dataclass(frozen=True, slots=True)
class Question:
    """What the reader asked for; `kind` a kind of unit, empty for all."""

    words: str = ""
    order: Order = Order.LOW
    only: Only = Only.ALL
    kind: str = ""


@dataclass(frozen=True, slots=True)
class LeaderRow:
    """A leader in the list: `change` of the share at the best level against the year before; `unified` as the
    organisation is now.
    """

    seen: Seen
    path: tuple[Unit, ...]
    high: Portion | None
    low: Portion | None
    change: Portion | None
    unified: bool


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit with what its leaders and those below it got together, and its turnout."""

    unit: Unit
    leaders: Aggregate
    turnout: Turnout
    has_below: bool


@dataclass(frozen=True, slots=True)
class UnitPage:
    """A unit's page: `above` the units above it that the reader may open (the root first), `unseen` contests
    that they may not see.

    `compared`: something of the year before stands there to compare with.
    """

    round: RoundFacts
    unit: Unit
    above: tuple[Unit, ...]
    whole: UnitLine
    below: tuple[UnitLine, ...]
    kinds: tuple[str, ...]
    question: Question
    rows: tuple[LeaderRow, ...]
    unseen: int
    compared: bool


def figures_for_unit(
    shelf: Shelf, reader: Reader, code: UnitCode, question: Question, round_id: RoundId = NO_ROUND
) -> UnitPage:
    """The page of a unit (of the root where `code` is empty) in a round (the newest where `survey` is empty).
    Reads only.

    Raises, in this order: NothingPublished or NotPublished, NoSuchUnit, NotYourUnit.
    """
    volume, unit = open_unit(shelf, reader, code, round_id)
    book, sums, standing = volume.book, volume.sums, shelf.standing()
    inside = sums.inside(unit.code)
    seen = visible(reader, sums, inside)
    above = [each for each in upwards(book, unit.code) if each != unit.code and may_open(reader, book, each)]
    earlier = Years(shelf, reader, standing).of_year(volume.year - 1)
    unified = unified_leaders(standing)
    rows = [_row(volume, reader, each, earlier, unified) for each in seen if matches(question.words, each)]
    return UnitPage(
        round=facts(volume),
        unit=unit,
        above=tuple(book.units[each] for each in reversed(above)),
        whole=unit_line(volume, reader, unit),
        below=tuple(unit_line(volume, reader, child) for child in children(volume, unit)),
        kinds=tuple(sorted({each.unit.kind for each in seen})),
        question=question,
        rows=tuple(sorted((row for row in rows if _asked_for(row, question)), key=_order(question.order))),
        unseen=len(inside) - len(seen),
        compared=bool(earlier),
    )


def to_take_along(shelf: Shelf, reader: Reader, code: UnitCode, round_id: RoundId) -> Export:
    """The same leaders as a file, as they are shown: none that the reader may not see. Raises as
    `figures_for_unit`.
    """
    volume, unit = open_unit(shelf, reader, code, round_id)
    seen = visible(reader, volume.sums, volume.sums.inside(unit.code))
    return Export(volume.book, [volume.book.entries[each.number - 1] for each in seen])


def open_unit(shelf: Shelf, reader: Reader, code: UnitCode, round_id: RoundId) -> tuple[Volume, Unit]:
    """A volume and one of its units, for whoever may open the unit's pages. Raises as `figures_for_unit`."""
    volume = find(shelf, round_id)
    book = volume.book
    if code and code not in book.units:
        raise NoSuchUnit(code)
    unit = book.units[code] if code else book.root
    check_unit(reader, book, unit.code)
    return volume, unit


def children(volume: Volume, unit: Unit) -> tuple[Unit, ...]:
    """The units right below, by code, as far as anybody votes or is voted on there."""
    sums = volume.sums
    below = sorted(sums.children.get(unit.code, ()), key=lambda each: each.code.encode())
    return tuple(each for each in below if sums.turnout(each.code).summoned or sums.inside(each.code))


def unit_line(volume: Volume, reader: Reader, unit: Unit) -> UnitLine:
    """A unit's leaders together, from those the reader may see."""
    sums = volume.sums
    seen = visible(reader, sums, sums.inside(unit.code))
    return UnitLine(unit, over(seen), sums.turnout(unit.code), bool(children(volume, unit)))


def unified_leaders(standing: Organisation) -> frozenset[tuple[str, str]]:
    """(unit, person) of every unified post: who holds a party post there and heads the agency. As the
    organisation is now.
    """
    units = unified_units(standing)
    party = {(post.unit, post.person) for post in standing.posts if post.kind == PostKind.PARTY}
    heads = {
        (post.unit, post.person)
        for post in standing.posts
        if post.kind == PostKind.PROFESSIONAL and post.head
    }
    return frozenset(each for each in party & heads if each[0] in units)


def _row(
    volume: Volume,
    reader: Reader,
    seen: Seen,
    earlier: Mapping[tuple[PersonCode, UnitCode], PersonYear],
    unified: frozenset[tuple[str, str]],
) -> LeaderRow:
    then = earlier.get((seen.person, seen.unit.code))
    change = None
    if then is not None and may_see(reader, volume.sums, seen):
        now = of_round(volume, seen, reader, volume.levels)
        changes = step(then, now).changes
        change = changes[0] if changes else None
    return LeaderRow(
        seen,
        volume.book.path(seen.unit),
        seen.portion(0),
        seen.portion(-1),
        change,
        (seen.unit.code, seen.person) in unified,
    )


def _asked_for(row: LeaderRow, question: Question) -> bool:
    if question.kind and row.seen.unit.kind != question.kind:
        return False
    if question.only is Only.FOLLOWS:
        return row.seen.follows
    return question.only is Only.ALL or row.unified == (question.only is Only.UNIFIED)


def _order(order: Order) -> Callable[[LeaderRow], tuple[object, ...]]:
    def key(row: LeaderRow) -> tuple[object, ...]:
        by_name = (name_key(row.seen.name), row.seen.number)
        first: tuple[object, ...] = ()
        if order is Order.LOW:
            first = portion_key(row.low, largest_first=True)
        elif order is Order.HIGH:
            first = portion_key(row.high, largest_first=True)
        elif order is Order.CHANGE:
            first = portion_key(row.change, largest_first=False)
        elif order is Order.UNIT:
            first = (row.seen.unit.code.encode(),)
        return (*first, *by_name)

    return key
