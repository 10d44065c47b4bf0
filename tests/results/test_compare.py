"""Unified against separate posts: Welch's interval against arithmetic of another kind, and ranges that only
widen it.
"""

from __future__ import annotations

import math
import random
import statistics
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.names import PersonCode, UnitCode
from surveys.organisation.values import Organisation, Person, Post, PostKind, Scope, Unit
from surveys.rehearsal.demo_organisation import demo_organisation
from surveys.results.compare import FEWEST, figures_for_comparison, heads, welch
from surveys.results.quantiles import t_quantile
from surveys.results.ranges import Portion
from surveys.results.visibility import Reader
from tests.results.shelves import Held, a_volume, three
from tests.three_years import NEWEST, a_year, an_organisation

ABOVE = Reader(heads=frozenset({UnitCode("K")}))
# Quantiles at 0.975 as tables of Student's t print them.
PRINTED = {9: 2.262, 10: 2.228, 12: 2.179, 15: 2.131, 20: 2.086, 30: 2.042, 60: 2.000, 120: 1.980}


@pytest.mark.parametrize("freedom", PRINTED)
def test_quantiles_are_those_of_the_tables(freedom: int) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(PRINTED[freedom], abs=6e-4)


@pytest.mark.parametrize("freedom", [9, 13.7, 25, 100])
@pytest.mark.parametrize("p", [0.9, 0.975, 0.995])
def test_a_quantile_leaves_its_part_of_the_density_below_it(freedom: float, p: float) -> None:
    def density(x: float) -> float:
        scale = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
        return (
            math.exp(scale) / math.sqrt(freedom * math.pi) * math.pow(1 + x * x / freedom, -(freedom + 1) / 2)
        )

    end, steps = t_quantile(p, freedom), 2000
    width = end / steps
    inner = sum((4 if i % 2 else 2) * density(i * width) for i in range(1, steps))
    below = 0.5 + width / 3 * (density(0) + density(end) + inner)
    assert below == pytest.approx(p, abs=2e-4)


def test_too_few_degrees_of_freedom_are_refused_rather_than_wrong() -> None:
    with pytest.raises(ValueError, match="degrees of freedom"):
        t_quantile(0.975, 8.9)


def exact(values: list[Fraction]) -> list[Portion]:
    return [Portion(value, value) for value in values]


FORTIETHS = st.integers(0, 40).map(lambda n: Fraction(n, 40))
SHARES = st.lists(FORTIETHS, min_size=FEWEST, max_size=25)


@settings(deadline=None)
@given(SHARES, SHARES)
def test_the_interval_is_welchs(one: list[Fraction], other: list[Fraction]) -> None:
    found = welch(0, exact(one), exact(other))
    a, b = ([float(value) for value in values] for values in (one, other))
    va, vb = statistics.variance(a) / len(a), statistics.variance(b) / len(b)
    middle = statistics.mean(a) - statistics.mean(b)
    assert found.interval is not None
    if va + vb == 0:
        assert found.interval.low == found.interval.high == pytest.approx(middle)
        return
    freedom = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    half = t_quantile(0.975, freedom) * math.sqrt(va + vb)
    assert found.interval.low == pytest.approx(middle - half)
    assert found.interval.high == pytest.approx(middle + half)


RANGES = st.lists(
    st.tuples(FORTIETHS, FORTIETHS).map(lambda pair: Portion(min(pair), max(pair))),
    min_size=FEWEST,
    max_size=16,
)


@settings(deadline=None)
@given(RANGES, RANGES, st.integers(0, 2**32))
def test_the_interval_of_ranges_covers_that_of_every_truth_behind_them(
    one: list[Portion], other: list[Portion], seed: int
) -> None:
    draw = random.Random(seed)

    def truth(sample: list[Portion]) -> list[Portion]:
        return exact(
            [p.low + (p.high - p.low) * Fraction(draw.choice([0, 1, draw.random()])) for p in sample]
        )

    known = welch(0, one, other).interval
    real = welch(0, truth(one), truth(other)).interval
    assert known is not None
    assert real is not None
    assert known.low <= real.low + 1e-9
    assert real.high <= known.high + 1e-9


def test_taking_a_range_by_its_middle_would_claim_too_much() -> None:
    wide = [Portion(Fraction(0), Fraction(1))] * FEWEST
    narrow = exact([Fraction(1, 2)] * FEWEST)
    middles = welch(0, narrow, narrow).interval
    assert middles is not None
    assert middles.low == middles.high == 0
    known = welch(0, wide, narrow).interval
    assert known is not None
    assert known.low < -0.5
    assert known.high > 0.5


def test_under_ten_on_a_side_nothing_is_said() -> None:
    many, few = exact([Fraction(1, 2)] * 30), exact([Fraction(1, 3)] * (FEWEST - 1))
    for pair in ((many, few), (few, many)):
        assert welch(0, *pair).interval is None
        assert welch(0, *pair).unified is None
    page = figures_for_comparison(three(), ABOVE, UnitCode(""))
    assert not page.lines[0].enough
    assert page.lines[0].high.interval is None


def test_whoever_heads_is_taken_from_the_posts_and_an_unclear_one_is_left_out() -> None:
    sides = heads(an_organisation(2026))
    assert sides["A", "A1-01"] is True
    assert sides["B", "B1-01"] is False
    assert sides["B", "B1-02"] is False
    assert ("K", "B1-01") not in sides  # no head of an agency: not compared
    demo = heads(demo_organisation())
    assert sum(side is True for side in demo.values()) == 40 + 356
    assert (
        sum(side is None for side in demo.values()) == 17 * 3
    )  # nobody says which of three heads the committee
    assert sum(side is False for side in demo.values()) == 17 + 54 * 2


def test_a_large_bloc_is_compared_by_kind_of_unit_and_says_what_it_leaves_out() -> None:
    cells = [UnitCode(f"X{i:02}") for i in range(24)]
    units = [
        Unit(UnitCode("K"), None, "Khối", None, "bloc"),
        *(Unit(c, UnitCode("K"), f"Chi bộ {c}", None, "cell") for c in cells),
    ]
    people = [
        Person(PersonCode(f"{c}-{n}"), f"Người {c} {n}", c, None, True) for c in cells for n in range(9)
    ]
    posts = []
    for i, c in enumerate(cells):
        posts.append(Post(c, PersonCode(f"{c}-0"), "Bí thư chi bộ", PostKind.PARTY, False, True, Scope.UNIT))
        head = PersonCode(f"{c}-0") if i < 12 else PersonCode(f"{c}-1")
        posts.append(Post(c, head, "Trưởng phòng", PostKind.PROFESSIONAL, True, i >= 12, Scope.UNIT))
    bloc = Organisation.of(units, people, posts)

    def mark(person: str, unit: str, panel: str, returned: int) -> tuple[int, ...]:
        high = 6 if int(unit[1:]) < 12 else 4
        return high - int(unit[1:]) % 2, 1, returned - high - 1 + int(unit[1:]) % 2

    made = a_year(bloc, 2026, NEWEST, mark, dict.fromkeys(cells, 9))
    page = figures_for_comparison(Held([a_volume(made)], bloc), ABOVE, UnitCode(""))
    (line,) = page.lines
    assert (line.unified, line.separate, line.ranges) == (12, 24, 0)
    difference = line.high.difference
    assert difference is not None
    assert difference.low == pytest.approx(2 / 9)
    assert line.high.interval is not None
    assert 0 < line.high.interval.low < 2 / 9 < line.high.interval.high
