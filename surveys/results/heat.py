"""Units by years: what the leaders of each unit below got together, each year from what may be shown of it.

The subtree is the one of that year's round; for paper results, which hold no tree, the newest one's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from surveys.names import NO_ROUND, RoundId, UnitCode
from surveys.protocol.manifest import Unit
from surveys.results.leaders import RoundFacts, facts
from surveys.results.ranges import Portion, Range, total
from surveys.results.shelf import Shelf
from surveys.results.units import children, open_unit
from surveys.results.visibility import Reader
from surveys.results.why import Hidden
from surveys.results.years import PersonYear, Years


@dataclass(frozen=True, slots=True)
class Cell:
    """A unit in a year: `leaders` were counted, `left_out` were not (hidden, or without effect); `hidden`
    where none was.
    """

    year: int
    leaders: int
    left_out: int
    n: int
    marks: tuple[Range, ...]
    hidden: Hidden | None
    on_paper: bool

    def portion(self, level: int) -> Portion | None:
        """The share at a level; None where nothing was counted."""
        return self.marks[:-1][level].of_n(self.n) if self.marks else None


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A unit with its years."""

    unit: Unit
    cells: tuple[Cell, ...]
    has_below: bool


@dataclass(frozen=True, slots=True)
class HeatPage:
    """The unit's own row first, then those below it; years from the oldest to the newest."""

    round: RoundFacts
    unit: Unit
    years: tuple[int, ...]
    rows: tuple[HeatRow, ...]


def figures_for_years(shelf: Shelf, reader: Reader, code: UnitCode, round_id: RoundId = NO_ROUND) -> HeatPage:
    """All years of a round's units (of the newest round where `survey` is empty), for whoever may open the
    unit's pages. Raises as `units.figures_for_unit`. Reads only.
    """
    volume, unit = open_unit(shelf, reader, code, round_id)
    held = Years(shelf, reader)
    numbers = sorted({v.year for v in held.volumes} | {row.year for row in held.standing.history})
    by_year = {year: tuple(held.of_year(year).values()) for year in numbers}
    trees = {each.year: each for each in held.volumes}
    rows = []
    for each in (unit, *children(volume, unit)):
        cells = tuple(
            cell(by_year[year], trees.get(year, volume).sums.within(each.code), year) for year in numbers
        )
        rows.append(HeatRow(each, cells, bool(children(volume, each))))
    return HeatPage(facts(volume), unit, tuple(numbers), tuple(rows))


def cell(results: Iterable[PersonYear], units: frozenset[UnitCode], year: int) -> Cell:
    """The results of these units in a year together. A result that is hidden or has no effect is left out,
    and counted so.
    """
    inside = [each for each in results if each.unit in units]
    counted = [each for each in inside if each.marks is not None and each.effective]
    if not counted:
        reason = next(
            (each.hidden for each in inside if each.hidden), Hidden.EFFECT if inside else Hidden.NOBODY
        )
        return Cell(year, 0, len(inside), 0, (), reason, False)
    # One sum has one denominator: where a round and paper results of a year differ, the round's stands.
    named = next((each.denominator for each in counted if each.round_id), counted[0].denominator)
    counted = [each for each in counted if each.denominator == named]
    columns = zip(*(each.marks for each in counted if each.marks is not None), strict=True)
    return Cell(
        year,
        len(counted),
        len(inside) - len(counted),
        sum(each.n for each in counted),
        tuple(total(column) for column in columns),
        None,
        all(each.round_id is None for each in counted),
    )
