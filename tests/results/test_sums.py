"""Sums after publication: equal to the results file, and no more than what is shown."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from surveys.names import UnitCode
from surveys.results.book import Book, open_book
from surveys.results.errors import ForeignResults
from surveys.results.ranges import Range
from surveys.results.shown import hidden_groups, shown
from surveys.results.sums import Sums, over
from surveys.results.why import Hidden
from tests.audit.build import a_vote
from tests.results.books import Marks, a_book
from tests.three_years import YEARS, the_year

GROUP = st.tuples(*[st.integers(0, 6)] * 4).filter(lambda marks: sum(marks) >= 5)
AGREEING = st.builds(
    lambda n, odd, at: tuple((n if i == at else odd if i == (at + 1) % 4 else 0) for i in range(4)),
    st.integers(5, 12),
    st.integers(0, 1),
    st.integers(0, 3),
)
GROUPS = st.lists(st.one_of(GROUP, AGREEING), min_size=2, max_size=7)


@cache
def of_year(year: int) -> Sums:
    made = the_year(year)
    return Sums(open_book(made.manifest, made.results))


@pytest.mark.parametrize("year", YEARS)
def test_totals_and_percentages_are_those_of_the_results_file(year: int) -> None:
    sums = of_year(year)
    looked_at = 0
    for seen, entry in zip(sums.contests, sums.book.entries, strict=True):
        if entry.count is None:
            assert (seen.marks, seen.returned, seen.groups) == (None, None, ())
            continue
        assert seen.marks is not None
        truth = (*entry.count.counts, entry.count.not_marked)
        assert all(r.low <= count <= r.high for r, count in zip(seen.marks, truth, strict=True))
        if seen.exact:
            assert seen.marks == tuple(map(Range.of, truth))
            said = [p.ends[0] for i in range(len(truth) - 1) if (p := seen.portion(i))]
            assert tuple(said) == entry.count.percent
            looked_at += 1
    assert looked_at > 5


def test_the_totals_of_a_verified_bundle_are_those_of_the_sums() -> None:
    vote = a_vote()
    book = open_book(vote.manifest, vote.members["results.json"])
    for seen, entry in zip(Sums(book).contests, book.entries, strict=True):
        if entry.count is not None and seen.exact:
            assert seen.marks == tuple(map(Range.of, (*entry.count.counts, entry.count.not_marked)))


@pytest.mark.parametrize("field", ["counts", "returned", "not_marked", "n"])
def test_a_total_that_is_not_the_sum_of_its_atoms_is_refused(field: str) -> None:
    book = a_book([(5, 3, 1, 0), (4, 4, 2, 1)])
    count = book.entries[0].count
    assert count is not None
    other: dict[str, Any] = {field: (10, 7, 3) if field == "counts" else getattr(count, field) + 1}
    wrong = replace(book.entries[0], count=replace(count, **other))
    with pytest.raises(ForeignResults):
        Sums(replace(book, entries=(wrong,)))


@settings(deadline=None)
@given(GROUPS)
def test_a_unit_is_exact_only_where_what_is_shown_gives_it_away_anyway(groups: list[Marks]) -> None:
    sums = Sums(a_book(groups))
    hidden = hidden_groups(groups)
    total_shown = sums.contests[0].exact
    for figures in sums.by_unit(1):
        inside = {i for i in range(len(groups)) if figures.unit.code in ("R", "LM"[i % 2], f"P{i:02}")}
        truth = [sum(groups[i][level] for i in inside) for level in range(4)]
        if figures.marks is not None:
            assert all(r.low <= n <= r.high for r, n in zip(figures.marks, truth, strict=True))
            if all(r.exact for r in figures.marks):
                assert not inside & hidden or (hidden <= inside and total_shown)
        else:
            assert figures.hidden in (Hidden.OTHERS, Hidden.AGREEING)
            assert inside & hidden
        assert figures.returned == sum(truth)


def _everything_shown(book: Book) -> list[object]:
    sums = Sums(book)
    units = [sums.by_unit(seen.number) for seen in sums.contests]
    return [sums.contests, units, over(sums.contests), [sums.turnout(code) for code in book.units]]


@st.composite
def two_truths(draw: st.DrawFn) -> tuple[list[Marks], list[Marks]]:
    """Two sets of groups with the same total: in one a group is unanimous, in the other one of its ballots
    differs, and a second group makes up for it."""
    at = draw(st.integers(0, 3))
    other = (at + draw(st.integers(1, 3))) % 4
    size = draw(st.integers(5, 12))
    unanimous = [size if i == at else 0 for i in range(4)]
    second = list(draw(st.tuples(*[st.integers(2, 6)] * 4)))
    rest = draw(st.lists(st.one_of(GROUP, AGREEING), max_size=4))
    one = [tuple(unanimous), tuple(second), *rest]
    unanimous[at] -= 1
    unanimous[other] += 1
    second[at] += 1
    second[other] -= 1
    order = draw(st.permutations(range(len(one))))
    made = [tuple(unanimous), tuple(second), *rest]
    return [one[i] for i in order], [made[i] for i in order]


@settings(deadline=None)
@given(two_truths())
def test_two_truths_that_are_shown_alike_are_summed_alike(pair: tuple[list[Marks], list[Marks]]) -> None:
    one, other = (a_book(groups) for groups in pair)
    count_of_one, count_of_other = one.entries[0].count, other.entries[0].count
    assert count_of_one is not None
    assert count_of_other is not None
    assume(shown(count_of_one) == shown(count_of_other))
    assert _everything_shown(one) == _everything_shown(other)


def test_a_sum_over_the_exact_figures_would_tell_the_two_truths_apart() -> None:
    one = [(10, 0, 0, 0), (5, 3, 1, 0), (9, 9, 2, 0)]
    other = [(9, 1, 0, 0), (6, 2, 1, 0), (9, 9, 2, 0)]
    books = [a_book(groups) for groups in (one, other)]
    assert _everything_shown(books[0]) == _everything_shown(books[1])
    naive = [[sum(column) for column in zip(*(groups[0], groups[2]), strict=True)] for groups in (one, other)]
    assert naive[0] != naive[1]


def test_an_aggregate_takes_a_contest_that_agrees_as_its_range_and_counts_what_it_leaves_out() -> None:
    sums = Sums(a_book([(6, 2, 1, 1)], [(10, 0, 0, 0)]))
    together = over(sums.contests)
    assert (together.leaders, together.n) == (2, 20)
    assert together.marks == (Range(15, 16), Range(2, 3), Range(1, 2), Range(1, 2))
    held = of_year(2026)
    everybody = over(held.contests)
    assert everybody.withheld == sum(seen.marks is None for seen in held.contests) == 3
    assert everybody.without_effect == 3  # the leader excluded, and two without quorum
    assert everybody.leaders == len(held.contests) - 6


def test_nothing_together_is_nothing() -> None:
    assert over(()).portion(0) is None


def test_a_unit_that_was_counted_with_a_neighbour_is_hidden() -> None:
    sums = of_year(2026)
    number = next(seen.number for seen in sums.contests if seen.unit.code == "A")
    by_unit = {figures.unit.code: figures for figures in sums.by_unit(number)}
    assert next(iter(by_unit)) == "A"
    assert by_unit[UnitCode("A3")].hidden is Hidden.MERGED
    assert by_unit[UnitCode("A3")].returned is None


def test_turnout_is_what_contests_and_atoms_say_and_no_finer() -> None:
    sums = of_year(2026)
    whole = sums.turnout(UnitCode("K"))
    assert (whole.summoned, whole.returned) == (106, 86)
    cell = sums.turnout(UnitCode("B1"))
    assert (cell.summoned, cell.present, cell.issued, cell.returned) == (20, 18, 18, 18)
    assert sums.turnout(UnitCode("A3")).hidden is Hidden.MERGED
    assert sums.turnout(UnitCode("A3")).returned is None


def test_turnout_of_a_unit_without_a_contest_comes_from_its_parts() -> None:
    sums = Sums(a_book([(5, 3, 1, 0), (4, 4, 2, 1), (6, 1, 1, 1)]))
    left = sums.turnout(UnitCode("L"))
    assert (left.summoned, left.returned, left.present) == (20, 18, None)
