"""Random electorates, and clause 11.1 of docs/protocol.md a second time, written from its text alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from surveys.names import UnitCode
from tests.codes import units

Found = set[tuple[frozenset[UnitCode], int]]
LETTERS = "abcxyzABCđơâ-0123456789"


@dataclass(frozen=True)
class Tree:
    """Units with their parents, the ballots of the panels of one electorate, and k."""

    parents: dict[UnitCode, UnitCode | None]
    ballots: dict[UnitCode, int]
    k: int

    def shuffled(self, draw: Random) -> Tree:
        """The same, told in another order."""
        nodes, panels = list(self.parents.items()), list(self.ballots.items())
        draw.shuffle(nodes)
        draw.shuffle(panels)
        return Tree(dict(nodes), dict(panels), self.k)


def random_tree(draw: Random) -> Tree:
    """Any shape: a bush, a chain of up to 60 units, or both; panels in leaves and above, some of them without
    a ballot.
    """
    k = draw.randint(3, 10)
    size = draw.choice([1, 2, 5, 10, 20])
    codes = set(
        units(*(f"{draw.choice(LETTERS)}{draw.choice(LETTERS)}{draw.randint(0, 99)}" for _ in range(size)))
    )
    order = sorted(codes, key=lambda _: draw.random())
    if draw.random() < 0.1:
        order = list(units(*(f"{draw.choice(LETTERS)}{i}" for i in range(draw.randint(20, 60)))))
    reach = draw.choice([1, 1, 2, 100]) if len(order) > 20 else draw.choice([1, 3, 100])
    parents: dict[UnitCode, UnitCode | None] = {order[0]: None}
    for i, unit in enumerate(order[1:], start=1):
        parents[unit] = order[draw.randint(max(0, i - reach), i - 1)]
    # The electorate is a subtree, from which some units are missing, as units without voters are.
    top = draw.choice([order[0], draw.choice(order)])
    inside = [unit for unit in order if under(unit, top, parents)]
    kept = draw.choice([0.3, 0.7, 1.0])
    panels = [unit for unit in inside if draw.random() < kept] or [top]
    most = draw.choice([1, k - 1, k, 3 * k])
    ballots = {unit: 0 if draw.random() < 0.2 else draw.randint(0, most) for unit in panels}
    return Tree(parents, ballots, k)


def under(unit: UnitCode, top: UnitCode, parents: Mapping[UnitCode, UnitCode | None]) -> bool:
    """Whether a unit is `top` or below it."""
    at: UnitCode | None = unit
    while at is not None and at != top:
        at = parents[at]
    return at == top


def atoms_by_the_text(tree: Tree) -> Found | None:
    """11.1: None for a withheld contest, else the atoms with their ballots."""
    if sum(tree.ballots.values()) < tree.k:  # step 1
        return None

    def size(group: frozenset[UnitCode]) -> int:
        return sum(tree.ballots[panel] for panel in group)

    def lowest(group: frozenset[UnitCode]) -> bytes:
        return sorted(panel.encode("utf-8") for panel in group)[0]

    def walk(unit: UnitCode) -> tuple[list[frozenset[UnitCode]], frozenset[UnitCode]]:
        atoms: list[frozenset[UnitCode]] = []
        groups: list[frozenset[UnitCode]] = []
        if unit in tree.ballots:  # step 2
            own = frozenset([unit])
            (atoms if size(own) >= tree.k else groups).append(own)
        for child in sorted(
            (u for u, p in tree.parents.items() if p == unit), key=lambda u: u.encode("utf-8")
        ):
            of_child, left = walk(child)
            atoms.extend(of_child)
            if left:
                groups.append(left)
        gathered: frozenset[UnitCode] = frozenset()
        for group in groups:  # step 3
            gathered |= group
            if size(gathered) >= tree.k:
                atoms.append(gathered)
                gathered = frozenset()
        if gathered and atoms:  # step 4
            fewest = sorted(atoms, key=lambda atom: (size(atom), lowest(atom)))[0]
            atoms.remove(fewest)
            atoms.append(fewest | gathered)
            gathered = frozenset()
        return atoms, gathered

    root = next(unit for unit, parent in tree.parents.items() if parent is None)
    atoms, left = walk(root)
    assert not left
    return {(atom, size(atom)) for atom in atoms}
