"""Groups that all but agree get ranges, and nothing shown lets them be worked out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from surveys.results.shown import all_but_agree, bands, hidden_groups

MARKS = st.tuples(*[st.integers(0, 6)] * 4).filter(lambda marks: sum(marks) >= 3)
AGREEING = st.builds(lambda n, odd: (n, odd, 0, 0), st.integers(3, 30), st.integers(0, 1))


def _sum(groups: list[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sum(column) for column in zip(*groups, strict=True))


@given(st.lists(st.one_of(MARKS, AGREEING), min_size=1, max_size=8))
def test_what_is_left_over_never_all_but_agrees(groups: list[tuple[int, ...]]) -> None:
    hidden = hidden_groups(groups)
    assert {i for i, marks in enumerate(groups) if all_but_agree(marks)} <= hidden
    if hidden and not all_but_agree(_sum(groups)):
        assert not all_but_agree(_sum([groups[i] for i in hidden]))


@given(st.lists(st.one_of(MARKS, AGREEING), min_size=1, max_size=8))
def test_nothing_is_hidden_without_need(groups: list[tuple[int, ...]]) -> None:
    assert bool(hidden_groups(groups)) == any(all_but_agree(marks) for marks in groups)


def test_hiding_only_the_group_itself_would_let_it_be_worked_out() -> None:
    agreeing, other = (10, 0, 0, 0), (5, 4, 2, 1)
    total = _sum([agreeing, other])
    assert tuple(a - b for a, b in zip(total, other, strict=True)) == agreeing
    assert hidden_groups([agreeing, other]) == {0, 1}


def test_the_smallest_other_group_is_hidden_first() -> None:
    assert hidden_groups([(10, 0, 0, 0), (9, 9, 9, 9), (3, 2, 1, 0)]) == {0, 2}


def test_two_agreeing_groups_that_differ_need_no_third() -> None:
    assert hidden_groups([(10, 0, 0, 0), (0, 9, 0, 0), (3, 2, 1, 0)]) == {0, 1}


def test_a_range_does_not_say_whether_all_agreed() -> None:
    for n in range(3, 200):
        assert bands((n, 0, 0, 0)) == bands((n - 1, 1, 0, 0)) == bands((n - 1, 0, 0, 1))


def test_a_range_is_true_of_the_figures_behind_it() -> None:
    for n in range(3, 200):
        for marks in ((n - 1, 1, 0, 0), (n, 0, 0, 0), (n - 1, 0, 0, 1)):
            for band, count in zip(bands(marks), marks, strict=True):
                meant = band.of(n)
                assert 0 <= meant.low <= count <= meant.high <= n
                assert 100 * count >= band.least * n
                assert 100 * count <= band.most * n
        assert bands((n - 1, 1, 0, 0))[0].least >= 60


def test_a_range_is_written_by_its_open_end() -> None:
    assert [str(band) for band in bands((10, 0, 0, 0))] == ["≥ 90 %", "≤ 10 %", "≤ 10 %", "≤ 10 %"]


def test_agreeing_is_all_or_all_but_one() -> None:
    assert all_but_agree((5, 0, 0, 0))
    assert all_but_agree((0, 4, 0, 1))
    assert not all_but_agree((0, 4, 1, 1))
    assert not all_but_agree((0, 0, 0, 0))
