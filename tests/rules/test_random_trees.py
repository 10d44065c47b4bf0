"""Ten thousand seeded trees: the plan is the one of the text, and its figures single nobody out."""

from __future__ import annotations

from random import Random

import pytest

from surveys.rules.atoms import Withheld, check_atoms, plan_atoms, publishable_units
from surveys.rules.disclosure import prove, published_figures
from surveys.rules.errors import Leak
from tests.rules.spans import isolated
from tests.rules.trees import Tree, atoms_by_the_text, random_tree, under

TREES = 10_000


def _facts(tree: Tree) -> int:
    """Everything that must hold of one tree; the number of its atoms, 0 if it is withheld."""
    planned = plan_atoms(tree.ballots, tree.parents, tree.k)
    total = sum(tree.ballots.values())
    right = atoms_by_the_text(tree)
    if isinstance(planned, Withheld):
        assert total < tree.k
        assert planned == Withheld(total, tree.k)
        assert right is None
        return 0
    assert total >= tree.k
    assert {(frozenset(atom.panels), atom.ballots) for atom in planned} == right
    assert sum(atom.ballots for atom in planned) == total
    for atom in planned:
        assert list(atom.panels) == sorted(atom.panels, key=str.encode)
    firsts = [atom.panels[0].encode() for atom in planned]
    assert firsts == sorted(firsts)
    check_atoms(planned, tree.ballots, tree.k)
    figures = published_figures(planned, tree.parents, set(tree.ballots))
    prove(figures, tree.ballots, tree.k)
    for unit, panels in publishable_units(planned, tree.parents, set(tree.ballots)).items():
        assert panels == {panel for panel in tree.ballots if under(panel, unit, tree.parents)}
        assert panels in figures
    return len(planned)


def test_ten_thousand_trees() -> None:
    draw, atoms, deepest = Random(96), [], 0
    for _ in range(TREES):
        tree = random_tree(draw)
        atoms.append(_facts(tree))
        deepest = max(deepest, len(tree.parents))
        if draw.random() < 0.2:
            again = tree.shuffled(draw)
            assert plan_atoms(again.ballots, again.parents, again.k) == plan_atoms(
                tree.ballots, tree.parents, tree.k
            )
    # The trees are worth something only if they are of all kinds.
    assert len(atoms) == TREES
    assert atoms.count(0) > 500
    assert atoms.count(1) > 500
    assert sum(n > 5 for n in atoms) > 400
    assert deepest == 60


def test_one_ballot_more_never_withholds_what_was_told() -> None:
    draw = Random(23)
    for _ in range(500):
        tree = random_tree(draw)
        before = plan_atoms(tree.ballots, tree.parents, tree.k)
        panel = draw.choice(sorted(tree.ballots))
        after = plan_atoms({**tree.ballots, panel: tree.ballots[panel] + 1}, tree.parents, tree.k)
        assert isinstance(before, Withheld) or not isinstance(after, Withheld)
        if isinstance(before, Withheld):
            assert isinstance(after, Withheld) == (before.total + 1 < tree.k)


def test_every_panel_told_by_itself_leaks_wherever_one_is_small() -> None:
    """The twin: without merging the same proof refuses, exactly where brute force finds a small group."""
    draw, caught = Random(57), 0
    for _ in range(400):
        tree = random_tree(draw)
        if len(tree.ballots) > 8 or sum(tree.ballots.values()) < tree.k:
            continue
        figures = [frozenset([panel]) for panel in tree.ballots]
        if isolated(figures, tree.ballots, tree.k):
            caught += 1
            with pytest.raises(Leak):
                prove(figures, tree.ballots, tree.k)
        else:
            prove(figures, tree.ballots, tree.k)
    assert caught > 50
