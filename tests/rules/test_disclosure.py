"""The proof that figures single nobody out: against brute force, against planners that are wrong, and on the
demo.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.names import UnitCode
from surveys.rehearsal.demo_organisation import demo_organisation
from surveys.rounds.contests import plan_electorate
from surveys.rules.atoms import Withheld, check_atoms, plan_atoms
from surveys.rules.disclosure import MOST_SETS, coarse_turnout, prove, published_figures
from surveys.rules.errors import Leak, Unproved
from tests.codes import by_unit, tree, units
from tests.pace import within
from tests.rules.spans import Panel, combined, isolated, rank

PARENTS = tree({"root": None, "a": "root", "b": "root", "c": "root", "d": "root"})


def _prove(figures: Sequence[Iterable[str]], weights: Mapping[Panel, int], k: int) -> None:
    """The proof of figures written as words, each letter a panel, or as lists of panels."""
    prove([units(*figure) for figure in figures], by_unit(weights), k)


def _leak(figures: Sequence[str], given: Mapping[str, int], k: int) -> Leak:
    """The leak found in figures written as words, each letter a panel."""
    weights = by_unit(given)
    with pytest.raises(Leak) as refusal:
        _prove(figures, weights, k)
    leak = refusal.value
    assert leak.k == k
    assert leak.ballots == sum(weights[UnitCode(panel)] for panel in leak.panels) < k
    assert frozenset(leak.panels) in isolated(figures, weights, k)
    return leak


@st.composite
def systems(draw: st.DrawFn, panels: int, figures: int) -> tuple[list[str], dict[str, int], int]:
    """Figures over a few panels, many of them small and some without a ballot."""
    k = draw(st.integers(3, 6))
    letters = "abcdefg"[: draw(st.integers(1, panels))]
    weights = {panel: draw(st.sampled_from([0, 1, 1, 2, 3, k - 1, k])) for panel in letters}
    sets = st.sets(st.sampled_from(letters), min_size=1).map(lambda held: "".join(sorted(held)))
    return draw(st.lists(sets, min_size=1, max_size=figures)), weights, k


@given(systems(7, 6))
def test_the_proof_agrees_with_brute_force(system: tuple[list[str], dict[str, int], int]) -> None:
    figures, weights, k = system
    if isolated(figures, weights, k):
        _leak(figures, weights, k)
    else:
        _prove(figures, weights, k)


@given(systems(5, 4))
def test_what_can_be_reached_by_adding_and_subtracting_is_a_leak(
    system: tuple[list[str], dict[str, int], int],
) -> None:
    figures, weights, k = system
    reached = combined(figures, weights, k)
    assert reached <= isolated(figures, weights, k)
    if reached:
        _leak(figures, weights, k)


def test_thousands_of_seeded_systems_agree_with_brute_force() -> None:
    draw, leaks = random.Random(11), 0
    for _ in range(2000):
        k, letters = draw.randint(3, 6), "abcdefgh"[: draw.randint(2, 8)]
        weights = {panel: draw.choice([0, 1, 2, k - 1, k]) for panel in letters}
        # Large figures, so that small groups come out only by subtraction, if at all.
        figures = [
            "".join(p for p in letters if draw.random() < 0.7) or letters
            for _ in range(draw.randint(1, len(letters)))
        ]
        if isolated(figures, weights, k):
            leaks += 1
            _leak(figures, weights, k)
        else:
            _prove(figures, weights, k)
    assert 400 < leaks < 1600


def test_brute_force_knows_the_rank_of_what_is_easy() -> None:
    assert rank([]) == rank([[], []]) == rank([[0, 0]]) == 0
    assert rank([[1, 1, 0], [0, 1, 1], [1, 0, -1]]) == 2
    assert rank([[0, 2, 4], [1, 0, 1], [1, 1, 0]]) == 3
    assert isolated(["abc", "ab"], {"a": 5, "b": 5, "c": 4}, 5) == {frozenset("c")}


def test_the_complement_of_a_figure_is_a_leak_too() -> None:
    weights = {"a": 9, "b": 9, "c": 2}
    assert _leak(["abc", "ab"], weights, 5).panels == ("c",)
    _prove(["abc"], weights, 5)


def test_figures_that_overlap_in_a_chain_leak_by_their_alternating_sum() -> None:
    weights = {"a": 6, "b": 2, "c": 6}
    assert _leak(["ab", "bc", "c"], weights, 5).panels == ("b",)
    assert _leak(["ab", "bc", "abc"], weights, 5).panels == ("b",)
    _prove(["ab", "bc"], weights, 5)
    odd = {"a": 4, "b": 4, "c": 4}
    # (ab + bc + ca) / 2 - bc is a: a combination with fractions.
    assert _leak(["ab", "bc", "ac"], odd, 5).ballots == 4
    _prove(["ab", "bc"], odd, 5)


def test_a_leak_of_two_panels_that_no_figure_tells_apart_is_found() -> None:
    weights = {"a": 9, "b": 9, "c": 2, "d": 2}
    assert _leak(["abcd", "ab"], weights, 5).panels == ("c", "d")
    _prove(["abcd", "ab"], {**weights, "d": 3}, 5)


def test_a_leak_that_no_single_figure_or_difference_shows_is_found() -> None:
    """A difference of weights 1, 1 and -2: not a sum over any group, but it tells of only four ballots."""
    weights = {"a": 9, "b": 9, "x": 1, "y": 1, "z": 2}
    figures = ["axz", "az", "ab", "bx", "by", "bxyz", "ay"]
    assert _leak(figures, weights, 5).ballots < 5


def test_panels_without_a_ballot_hide_nothing() -> None:
    """Nobody voted in z, so a figure with z is the figure without: the difference of these two is c."""
    weights = {"a": 9, "c": 2, "z": 0}
    assert _leak(["ac", "az"], weights, 5).panels == ("c",)
    assert _leak(["acz", "a"], weights, 5).panels == ("c",)
    assert _leak(["cz"], weights, 5).panels == ("c",)


def test_a_panel_without_a_ballot_may_stand_alone() -> None:
    weights = {"a": 9, "b": 9, "y": 0, "z": 0}
    _prove(["abyz", "ab", "z", "y", "yz", "ay", "bz"], weights, 5)
    _prove(["y", "yz"], weights, 5)


def test_no_figures_prove_nothing_wrong() -> None:
    _prove([], {"a": 1}, 5)
    _prove([[]], {"a": 1}, 5)


def test_a_figure_over_an_unknown_panel_is_refused() -> None:
    with pytest.raises(ValueError, match="without a number"):
        _prove(["ab"], {"a": 9}, 5)
    with pytest.raises(ValueError, match="negative"):
        _prove(["ab"], {"a": 9, "b": -1}, 5)


def test_a_planner_that_does_not_merge_is_caught() -> None:
    ballots = by_unit({"a": 9, "b": 2, "c": 4, "d": 7})
    planned = plan_atoms(ballots, PARENTS, 5)
    assert not isinstance(planned, Withheld)
    _prove(published_figures(planned, PARENTS, set(ballots)), ballots, 5)
    unmerged = [[panel] for panel in ballots]
    with pytest.raises(Leak) as refusal:
        _prove([*unmerged, ballots], ballots, 5)
    assert refusal.value.panels in {("b",), ("c",)}


def test_one_figure_more_for_a_small_cell_is_caught() -> None:
    ballots = by_unit({"a": 9, "b": 2, "c": 4, "d": 7})
    planned = plan_atoms(ballots, PARENTS, 5)
    assert not isinstance(planned, Withheld)
    figures = published_figures(planned, PARENTS, set(ballots))
    for panel in ("b", "c"):
        with pytest.raises(Leak) as refusal:
            _prove([*figures, frozenset([panel])], ballots, 5)
        assert set(refusal.value.panels) <= {"b", "c"}


def test_a_second_plan_over_the_same_board_is_caught() -> None:
    """Each plan alone is allowed; opened both, they differ in two ballots."""
    ballots = {"a": 6, "b": 2, "c": 6, "d": 8}
    plans = [["ab", "c", "d"], ["a", "bc", "d"]]
    for plan in plans:
        _prove([*plan, "abcd"], ballots, 5)
    assert _leak([*plans[0], *plans[1], "abcd"], ballots, 5).panels == ("b",)


def test_plans_for_two_k_over_the_same_board_are_caught() -> None:
    ballots = by_unit({"a": 6, "b": 4, "c": 3, "d": 4})
    figures = []
    for k in (3, 5):
        planned = plan_atoms(ballots, PARENTS, k)
        assert not isinstance(planned, Withheld)
        figures.append(published_figures(planned, PARENTS, set(ballots)))
        _prove(figures[-1], ballots, k)
    with pytest.raises(Leak):
        _prove([*figures[0], *figures[1]], ballots, 5)


def test_many_cells_each_too_small_are_caught_at_once() -> None:
    """300 cells of one ballot have 330 million sets of four; the leak stands in the first row that is looked
    at.
    """
    ballots = {f"p{i:03}": 1 for i in range(300)}
    with within(5), pytest.raises(Leak):
        _prove([[panel] for panel in ballots], ballots, 5)


def test_overlapping_groups_in_a_ring_are_caught_or_passed_in_no_time() -> None:
    ring = [f"p{i:02}" for i in range(61)]
    ballots = dict.fromkeys(ring, 2)
    pairs = [[ring[i], ring[(i + 1) % 61]] for i in range(61)]
    # Two times 2 ballots are one short; around an odd ring the alternating sum leaves a single panel.
    with pytest.raises(Leak):
        _prove(pairs, ballots, 5)
    triples = dict.fromkeys(ring, 3)
    with pytest.raises(Leak):
        _prove(pairs, triples, 5)
    _prove(pairs[:-1], triples, 5)


def test_figures_that_overlap_too_much_are_refused_not_passed() -> None:
    """Random halves of 60 panels: no group of 4 is isolated, but the sets to try are too many to say so."""
    draw = random.Random(5)
    ballots = {f"p{i:02}": 1 for i in range(60)}
    figures = [[panel for panel in ballots if draw.random() < 0.5] for _ in range(12)]
    with within(30), pytest.raises(Unproved) as refusal:
        _prove(figures, ballots, 5)
    assert refusal.value.parts > 50
    assert MOST_SETS < 60 * 59 * 58 * 57 // 24


def test_the_figures_of_the_demo_single_nobody_out() -> None:
    organisation = demo_organisation()
    electorate = plan_electorate(organisation, 2025, ("high", "plain", "low"))
    parents = {unit.code: unit.parent for unit in organisation.units}
    draw = random.Random(2025)
    # One in four stays away, and some cells as good as whole.
    returned = {
        unit: sum(draw.random() < draw.choice([0.05, 0.75, 0.95]) for _ in voters)
        for unit, voters in electorate.panels.items()
    }
    assert (len(electorate.panels), len(electorate.contests)) == (410, 657)
    planned = leaked = 0
    for contest in electorate.contests:
        ballots = {unit: returned[unit] for unit in contest.electorate}
        atoms = plan_atoms(ballots, parents, 5)
        if isinstance(atoms, Withheld):
            assert atoms.total == sum(ballots.values()) < 5
            continue
        planned += 1
        check_atoms(atoms, ballots, 5)
        figures = published_figures(atoms, parents, set(ballots))
        _prove(figures, ballots, 5)
        small = [panel for panel, n in ballots.items() if 0 < n < 5]
        if small and leaked < 40:
            leaked += 1
            with pytest.raises(Leak):
                _prove([*figures, frozenset(small[:1])], ballots, 5)
    assert planned > 300
    assert leaked == 40


@pytest.mark.parametrize(
    ("returned", "summoned", "k", "shown"),
    [
        (0, 100, 5, 0),
        (9, 100, 5, 0),
        (10, 100, 5, 10),
        (99, 100, 5, 90),
        (4, 20, 5, 0),
        (5, 20, 5, 25),
        (4, 4, 5, None),
    ],
)
def test_the_turnout_while_open_moves_in_steps_of_at_least_k_ballots(
    returned: int, summoned: int, k: int, shown: int | None
) -> None:
    assert coarse_turnout(returned, summoned, k) == shown
