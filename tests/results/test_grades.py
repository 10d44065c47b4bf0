"""Trust against grades: every unit is counted once, in a band that it certainly stands in."""

from __future__ import annotations

from fractions import Fraction

import pytest

from surveys.names import RoundId, UnitCode
from surveys.organisation.values import Grade
from surveys.results.grades import STEPS, band_of, figures_for_grades
from surveys.results.ranges import Portion
from surveys.results.turnouts import figures_for_turnout
from surveys.results.visibility import Reader
from surveys.results.why import Hidden
from tests.results.shelves import three

ABOVE = Reader(heads=frozenset({UnitCode("K")}))


def test_each_unit_of_a_graded_kind_is_counted_once() -> None:
    page = figures_for_grades(three(), ABOVE, UnitCode(""))
    rows = {row.grade: row for row in page.rows}
    assert page.graded == 4
    assert [unit.unit.code for unit in rows[Grade.EXCELLENT].units] == ["A", "D"]
    assert [unit.unit.code for unit in rows[Grade.GOOD].units] == ["B"]
    assert [unit.unit.code for unit in rows[Grade.COMPLETED].units] == ["C"]
    assert [unit.unit.code for unit in rows[None].units] == ["E"]
    assert rows[Grade.COMPLETED].hidden == 1
    for row in page.rows:
        assert sum(row.bands) + row.unclear + row.hidden == row.number


def test_grades_of_another_year_do_not_count() -> None:
    rows = {
        row.grade: row.number
        for row in figures_for_grades(three(), ABOVE, UnitCode(""), RoundId("25" * 16)).rows
    }
    assert (rows[Grade.GOOD], rows[Grade.EXCELLENT]) == (1, 0)
    assert figures_for_grades(three(), ABOVE, UnitCode(""), RoundId("24" * 16)).rows == () or not any(
        row.number for row in figures_for_grades(three(), ABOVE, UnitCode(""), RoundId("24" * 16)).rows
    )


@pytest.mark.parametrize("step", range(1, len(STEPS)))
def test_a_share_at_a_limit_stands_above_it(step: int) -> None:
    at, below = STEPS[step], STEPS[step] - Fraction(1, 1000)
    assert band_of(Portion(at, at)) == step
    assert band_of(Portion(below, below)) == step - 1
    assert band_of(Portion(below, at)) is None


def test_turnout_goes_down_the_tree_and_says_what_is_merged() -> None:
    page = figures_for_turnout(three(), ABOVE, UnitCode("A"))
    tiles = {tile.turnout.unit.code: tile.turnout for tile in page.tiles}
    assert list(tiles) == ["A1", "A2", "A3", "A4"]
    assert tiles[UnitCode("A1")].returned == 10
    assert tiles[UnitCode("A3")].hidden is Hidden.MERGED
    assert page.whole.returned == 37
    assert figures_for_turnout(three(), ABOVE, UnitCode("A1")).tiles == ()
