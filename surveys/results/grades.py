"""Trust against the year's quality grading of units, as a cross table: how many units of each grade stand in
each band of trust.

A unit stands with what its own leaders got together. Danger: a cross table invites to read a cause into it;
it counts units, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from surveys.names import NO_ROUND, RoundId, UnitCode
from surveys.organisation.values import Grade
from surveys.protocol.manifest import Unit
from surveys.results.leaders import RoundFacts, facts
from surveys.results.ranges import Portion
from surveys.results.shelf import Shelf
from surveys.results.sums import Aggregate, Seen, over
from surveys.results.units import open_unit
from surveys.results.visibility import Reader, visible

# Lower ends of the bands of the share at the best level; the last band ends at 1.
STEPS = (Fraction(0), Fraction(1, 2), Fraction(2, 3), Fraction(4, 5))


@dataclass(frozen=True, slots=True)
class GradedUnit:
    """A unit of a grade with its leaders' aggregate; `band` an index of STEPS, None where a range covers two
    or nothing is shown.
    """

    unit: Unit
    leaders: Aggregate
    high: Portion | None
    band: int | None


@dataclass(frozen=True, slots=True)
class GradeRow:
    """A grade (None: not graded): units in each band, those that cannot be placed, and all its leaders
    together.
    """

    grade: Grade | None
    bands: tuple[int, ...]
    unclear: int
    hidden: int
    leaders: Aggregate
    units: tuple[GradedUnit, ...]

    @property
    def number(self) -> int:
        """How many units have the grade."""
        return len(self.units)


@dataclass(frozen=True, slots=True)
class GradesPage:
    """The cross table of a year; `graded` units have a grade in it."""

    round: RoundFacts
    unit: Unit
    rows: tuple[GradeRow, ...]
    graded: int
    unseen: int


def figures_for_grades(
    shelf: Shelf, reader: Reader, code: UnitCode, round_id: RoundId = NO_ROUND
) -> GradesPage:
    """Trust by grade over the units of a subtree that have leaders. Raises as `units.figures_for_unit`. Reads
    only.
    """
    volume, unit = open_unit(shelf, reader, code, round_id)
    inside = volume.sums.inside(unit.code)
    seen = visible(reader, volume.sums, inside)
    of_unit: dict[UnitCode, list[Seen]] = {}
    for each in seen:
        of_unit.setdefault(each.unit.code, []).append(each)
    grades = {row.unit: row.grade for row in shelf.standing().gradings if row.year == volume.year}
    # Without any grade of its kind a unit is not part of the question: cells are not graded where committees
    # are.
    kinds = {volume.book.units[held].kind for held in of_unit if held in grades}
    placed: dict[Grade | None, list[GradedUnit]] = {grade: [] for grade in (*Grade, None)}
    everybody: dict[Grade | None, list[Seen]] = {grade: [] for grade in placed}
    for held, theirs in sorted(of_unit.items()):
        if volume.book.units[held].kind in kinds:
            together = over(theirs)
            high = together.portion(0)
            grade = grades.get(held)
            placed[grade].append(GradedUnit(volume.book.units[held], together, high, band_of(high)))
            everybody[grade] += theirs
    rows = [_row(grade, units, everybody[grade]) for grade, units in placed.items() if units or grade]
    return GradesPage(
        facts(volume),
        unit,
        tuple(rows),
        sum(row.number for row in rows if row.grade),
        len(inside) - len(seen),
    )


def band_of(portion: Portion | None) -> int | None:
    """The band that a share stands in; None where its range covers more than one."""
    if portion is None:
        return None
    low, high = (max(i for i, step in enumerate(STEPS) if step <= end) for end in (portion.low, portion.high))
    return low if low == high else None


def _row(grade: Grade | None, units: list[GradedUnit], theirs: list[Seen]) -> GradeRow:
    hidden = sum(each.high is None for each in units)
    return GradeRow(
        grade=grade,
        bands=tuple(sum(each.band == i for each in units) for i in range(len(STEPS))),
        unclear=sum(each.band is None for each in units) - hidden,
        hidden=hidden,
        leaders=over(theirs),
        units=tuple(units),
    )
