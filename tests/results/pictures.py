"""Every picture of the results pages, in both languages, over the small bloc and over shapes that are hard to
draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

from surveys.names import PersonCode, UnitCode
from surveys.pictures.drawing import Figure
from surveys.results.charts.cross import grades_figure
from surveys.results.charts.heat import heat_figure
from surveys.results.charts.intervals import comparison_figure
from surveys.results.charts.levels import levels_figure
from surveys.results.charts.lists import leaders_figure
from surveys.results.charts.tiles import turnout_figure
from surveys.results.charts.years import trend_figure
from surveys.results.compare import Comparison, figures_for_comparison, welch
from surveys.results.grades import figures_for_grades
from surveys.results.heat import figures_for_years
from surveys.results.leaders import figures_for_leader
from surveys.results.ranges import Portion, Range
from surveys.results.turnouts import figures_for_turnout
from surveys.results.units import Question, figures_for_unit
from surveys.results.visibility import Reader
from surveys.rules.preset import Preset, names
from surveys.web.languages import Language, Voice, voice_of
from tests.published import MARKUP
from tests.results.shelves import three

ABOVE = Reader(heads=frozenset({UnitCode("K")}))
TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"
LONG = "Nguyễn Đặng Hoàng Thùy Quỳnh Trâm Anh"


@cache
def voice(language: str) -> Voice:
    """The voice of a language."""
    return voice_of(Language(language), TRANSLATIONS)


@cache
def figures(language: str) -> dict[str, Figure]:
    """Name → figure."""
    return dict(_figures(voice(language)))


def _figures(said: Voice) -> Iterator[tuple[str, Figure]]:
    shelf = three()
    unit = figures_for_unit(shelf, ABOVE, UnitCode(""), Question())
    for row in unit.rows:
        if drawn := levels_figure(said, unit.round.preset, row.seen):
            yield f"levels {row.seen.number}", drawn
    exact = next(row.seen for row in unit.rows if row.seen.exact)
    for name in names():
        rule = Preset.load(name)
        many = len(rule.levels)
        marks = tuple(map(Range.of, [11] * many + [3]))
        seen = replace(
            exact, name=LONG, marks=marks, denominator=rule.denominator, n=485, summoned=485, returned=90
        )
        yield f"levels {name}", _there(levels_figure(said, rule, seen))
        yield (
            f"leaders {name}",
            _there(leaders_figure(said, rule, [replace(unit.rows[0], seen=seen)] * 3, compared=True)),
        )
    yield "leaders", _there(leaders_figure(said, unit.round.preset, unit.rows, compared=True))
    markup = replace(unit.rows[0], seen=replace(exact, name=MARKUP, titles=(MARKUP,)))
    yield "markup", _there(leaders_figure(said, unit.round.preset, [markup], compared=True))
    for person in (PersonCode("A1-01"), PersonCode("B1-02"), PersonCode("E1-01"), PersonCode("B1-01")):
        page = figures_for_leader(shelf, ABOVE, person)
        yield f"years {person}", _there(trend_figure(said, page.trend, 5))
    yield "heat", heat_figure(said, figures_for_years(shelf, ABOVE, UnitCode("")))
    yield "grades", _there(grades_figure(said, figures_for_grades(shelf, ABOVE, UnitCode(""))))
    yield "turnout", turnout_figure(said, figures_for_turnout(shelf, ABOVE, UnitCode("")))
    yield "turnout of one", turnout_figure(said, figures_for_turnout(shelf, ABOVE, UnitCode("B1")))
    compared = figures_for_comparison(shelf, ABOVE, UnitCode(""))
    yield "too few to compare", comparison_figure(said, compared)
    one = [Portion(Fraction(i % 7, 10), Fraction(i % 7 + i % 2, 10)) for i in range(14)]
    other = [Portion(Fraction(i % 5, 9), Fraction(i % 5, 9)) for i in range(12)]
    line = Comparison("đảng ủy", 1234, 1234, 7, welch(0, one, other), welch(-1, other, one))
    yield "compared", comparison_figure(said, replace(compared, lines=(replace(line, kind=""), line)))


def _there(figure: Figure | None) -> Figure:
    assert figure is not None
    return figure
