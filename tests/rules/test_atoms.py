"""Atoms by clause 11.1 of docs/protocol.md: examples worked out by hand, and the refusals."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from surveys.names import UnitCode
from surveys.rules.atoms import DEFAULT_K, FLOOR, Atom, Withheld, check_atoms, plan_atoms, publishable_units
from surveys.rules.disclosure import prove, published_figures
from surveys.rules.errors import AtomsRefused
from tests.codes import by_unit, tree, units

FLAT = tree({"root": None, "a": "root", "b": "root", "c": "root", "d": "root", "e": "root"})
# root > A > {a1, a2}, root > B > {b1, b2}
TWO = tree(
    {
        "root": None,
        "A": "root",
        "B": "root",
        "a1": "A",
        "a2": "A",
        "b1": "B",
        "b2": "B",
    }
)


def _plan(given: Mapping[str, int], above: Mapping[str, str | None], k: int = 5) -> dict[str, int]:
    """The atoms, each written as its panels with spaces between, in order."""
    ballots, parents = by_unit(given), tree(above)
    planned = plan_atoms(ballots, parents, k)
    assert not isinstance(planned, Withheld)
    check_atoms(planned, ballots, k)
    prove(published_figures(planned, parents, set(ballots)), ballots, k)
    return {" ".join(atom.panels): atom.ballots for atom in planned}


BY_HAND = {
    "panels of k ballots are atoms by themselves": ({"a": 5, "b": 6}, FLAT, {"a": 5, "b": 6}),
    "small ones are gathered in order until they have k": (
        {"a": 2, "b": 2, "c": 1, "d": 4, "e": 4},
        FLAT,
        {"a b c": 5, "d e": 8},
    ),
    "the large one between small ones is not gathered": (
        {"a": 3, "b": 9, "c": 3},
        FLAT,
        {"a c": 6, "b": 9},
    ),
    "what is over joins the atom with the fewest ballots": (
        {"a": 9, "b": 6, "c": 7, "d": 2},
        FLAT,
        {"a": 9, "b d": 8, "c": 7},
    ),
    "of equal atoms the one with the lowest code takes what is over": (
        {"e": 6, "c": 6, "a": 2},
        FLAT,
        {"a c": 8, "e": 6},
    ),
    "what has just been gathered may take what is over": (
        {"a": 2, "b": 3, "c": 9, "d": 1},
        FLAT,
        {"a b d": 6, "c": 9},
    ),
    "a unit's own panel comes before its children": (
        {"A": 2, "a1": 3, "a2": 4, "b1": 5},
        TWO,
        {"A a1 a2": 9, "b1": 5},
    ),
    "a unit's own panel is an atom if it is large enough": (
        {"A": 5, "a1": 3, "a2": 4},
        TWO,
        {"A": 5, "a1 a2": 7},
    ),
    "small cells stay inside their parent where it has an atom": (
        {"a1": 9, "a2": 1, "b1": 9, "b2": 1},
        TWO,
        {"a1 a2": 10, "b1 b2": 10},
    ),
    "a unit without an atom leaves its cells to the parent, together": (
        {"a1": 2, "a2": 2, "b1": 3, "b2": 1},
        TWO,
        {"a1 a2 b1 b2": 8},
    ),
    "what a child leaves over is not taken apart": (
        {"root": 4, "a1": 2, "a2": 2, "b1": 9},
        TWO,
        {"a1 a2 root": 8, "b1": 9},
    ),
    "what is left over may join an atom of another child": (
        {"a1": 4, "b1": 9, "b2": 6},
        TWO,
        {"a1 b2": 10, "b1": 9},
    ),
    "a panel without a ballot is gathered too": ({"a": 0, "b": 5, "c": 0}, FLAT, {"a b c": 5}),
    "the root's own panel is compared by code like any other": (
        {"root": 7, "a": 7, "b": 0},
        FLAT,
        {"a b": 7, "root": 7},
    ),
}


@pytest.mark.parametrize(("ballots", "parents", "atoms"), BY_HAND.values(), ids=BY_HAND)
def test_by_hand(ballots: dict[str, int], parents: dict[str, str | None], atoms: dict[str, int]) -> None:
    assert _plan(ballots, parents) == atoms
    assert list(_plan(ballots, parents)) == list(atoms)
    backwards = dict(reversed(ballots.items())), dict(reversed(parents.items()))
    assert _plan(*backwards) == atoms


def test_no_group_under_three_is_ever_asked_for_and_five_is_what_an_office_is_offered() -> None:
    assert (FLOOR, DEFAULT_K) == (3, 5)


def test_units_are_compared_by_their_bytes() -> None:
    """In UTF-8 Z < a < đ, and U+FF5E before U+1F600, which UTF-16 has the other way round."""
    parents: dict[str, str | None] = {
        "r": None,
        "Z": "r",
        "a": "r",
        "đ": "r",
        "\uff5e": "r",
        "\U0001f600": "r",
    }
    ballots = {"\U0001f600": 3, "\uff5e": 3, "đ": 3, "a": 3, "Z": 3}
    assert _plan(ballots, parents) == {"Z a \U0001f600": 9, "đ \uff5e": 6}


def test_a_whole_electorate_under_k_is_withheld() -> None:
    assert plan_atoms(by_unit({"a": 2, "b": 2}), FLAT, 5) == Withheld(4, 5)
    assert plan_atoms(by_unit({"a": 0}), FLAT, 3) == Withheld(0, 3)
    assert plan_atoms(by_unit({"a": 2, "b": 3}), FLAT, 5) == (Atom(units("a", "b"), 5),)


def test_nested_deeper_than_python_calls() -> None:
    """A manifest may nest its units in any depth; recursion would end in a traceback."""
    nested = units(*(f"u{i:05}" for i in range(20_000)))
    parents: dict[UnitCode, UnitCode | None] = dict(zip(nested, [None, *nested], strict=False))
    ballots = {nested[0]: 4, nested[10_000]: 7, nested[-1]: 3}
    assert plan_atoms(ballots, parents, 5) == (Atom((nested[0], nested[10_000], nested[-1]), 14),)


def test_what_is_no_electorate_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 3"):
        plan_atoms(by_unit({"a": 9}), FLAT, 2)
    with pytest.raises(ValueError, match="z is not in the tree"):
        plan_atoms(by_unit({"z": 9}), FLAT, 5)
    with pytest.raises(ValueError, match="y is not in the tree"):
        plan_atoms(by_unit({"z": 9}), tree({"z": "y"}), 5)
    with pytest.raises(ValueError, match="negative"):
        plan_atoms(by_unit({"a": 9, "b": -1}), FLAT, 5)
    with pytest.raises(ValueError, match="above itself"):
        plan_atoms(by_unit({"a": 9, "x": 9}), tree(tree({**FLAT, "x": "y", "y": "x"})), 5)


BALLOTS = by_unit({"a": 5, "b": 2, "c": 4})
REFUSED = {
    "overlaps": [Atom(units("a", "b"), 7), Atom(units("b", "c"), 6)],
    "a overlaps": [Atom(units("a"), 5), Atom(units("b", "c"), 6), Atom(units("a"), 5)],
    "b, b, c overlaps": [Atom(units("a"), 5), Atom(units("b", "b", "c"), 8)],
    "c is left out": [Atom(units("a", "b"), 7)],
    "outside the electorate": [Atom(units("a"), 5), Atom(units("b", "c", "d"), 6)],
    "fewer than 5": [Atom(units("a", "b"), 7), Atom(units("c"), 4)],
    " holds fewer than 5": [Atom(units("a"), 5), Atom(units("b", "c"), 6), Atom((), 0)],
    "6 ballots, not 7": [Atom(units("a"), 5), Atom(units("b", "c"), 7)],
    "a is left out": [],
}


@pytest.mark.parametrize(("why", "atoms"), REFUSED.items(), ids=REFUSED)
def test_wrong_atoms_are_refused(why: str, atoms: list[Atom]) -> None:
    check_atoms([Atom(units("b", "c"), 6), Atom(units("a"), 5)], BALLOTS, 5)
    with pytest.raises(AtomsRefused, match=why):
        check_atoms(atoms, BALLOTS, 5)


def test_units_are_published_only_if_atoms_make_them_up() -> None:
    ballots = by_unit({"a1": 4, "b1": 9, "b2": 6})
    planned = plan_atoms(ballots, TWO, 5)
    assert not isinstance(planned, Withheld)
    whole = frozenset(ballots)
    assert publishable_units(planned, TWO, set(ballots)) == {"b1": frozenset(["b1"]), "root": whole}
    assert published_figures(planned, TWO, set(ballots)) == [
        frozenset(["b1"]),
        frozenset(["a1", "b2"]),
        whole,
    ]
