"""Atoms: the smallest groups whose sums are ever opened (docs/protocol.md §11).

Cells with fewer than k ballots are merged with siblings inside the same parent, deterministically, so that
the server, every trustee and every verifier find the same plan. Danger: an atom under k shows how a few
people voted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from surveys.names import UnitCode
from surveys.rules.errors import AtomsRefused

FLOOR = 3
DEFAULT_K = 5


@dataclass(frozen=True, slots=True)
class Atom:
    """Panels (unit codes in the order of their UTF-8 bytes) and the ballots they returned together."""

    panels: tuple[UnitCode, ...]
    ballots: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """The whole electorate returned fewer than k ballots: nothing is opened."""

    total: int
    k: int


def plan_atoms(
    ballots: Mapping[UnitCode, int], parents: Mapping[UnitCode, UnitCode | None], k: int
) -> tuple[Atom, ...] | Withheld:
    """The atoms of an electorate, sorted by first panel.

    `ballots` maps each panel of the electorate (a unit code) to its ballots, `parents` each unit of the tree
    to its parent. Raises ValueError for k under 3, a negative number of ballots, or a panel that is not under
    a root.
    """
    if k < FLOOR:
        raise ValueError(f"k is at least {FLOOR}")
    if any(number < 0 for number in ballots.values()):
        raise ValueError("a number of ballots is negative")
    children = _children(ballots, parents)
    total = sum(ballots.values())
    if total < k:
        return Withheld(total, k)
    inside: dict[UnitCode | None, list[_Group]] = {}
    left: dict[UnitCode | None, _Group] = {}
    for unit in _from_the_leaves(children):
        below = children.get(unit, [])
        groups = [_Group([unit], ballots[unit])] if unit is not None and unit in ballots else []
        groups += [left.pop(child) for child in below]
        atoms = _joined([inside.pop(child) for child in below])
        inside[unit], left[unit] = _gather(groups, atoms, k)
    found = [Atom(tuple(sorted(group.panels, key=str.encode)), group.ballots) for group in inside[None]]
    return tuple(sorted(found, key=lambda atom: atom.panels[0].encode()))


class _Group:
    """Panels counted together so far. Grows in place: a tree may have a hundred thousand panels."""

    __slots__ = ("ballots", "lowest", "panels")

    def __init__(self, panels: list[UnitCode], ballots: int) -> None:
        self.panels, self.ballots = panels, ballots
        self.lowest = min((panel.encode() for panel in panels), default=b"")

    def take(self, other: _Group) -> None:
        if other.panels:
            self.lowest = min(self.lowest, other.lowest) if self.panels else other.lowest
        self.panels += other.panels
        self.ballots += other.ballots


def _children(
    panels: Collection[UnitCode], parents: Mapping[UnitCode, UnitCode | None]
) -> dict[UnitCode | None, list[UnitCode]]:
    """The children, in order, of each unit above a panel, and under None the roots.

    Other units do not matter: the electorate may be a small part of a large tree.
    """
    needed: set[UnitCode] = set()
    for panel in panels:
        at: UnitCode | None = panel
        while at is not None and at not in needed:
            if at not in parents:
                raise ValueError(f"{at} is not in the tree")
            needed.add(at)
            at = parents[at]
    children: dict[UnitCode | None, list[UnitCode]] = {}
    for unit in sorted(needed, key=str.encode):
        children.setdefault(parents[unit], []).append(unit)
    if sum(1 for _ in _from_the_leaves(children)) != len(needed) + 1:
        raise ValueError("a unit is above itself")
    return children


def _from_the_leaves(children: Mapping[UnitCode | None, Sequence[UnitCode]]) -> Iterator[UnitCode | None]:
    """Every unit after all units under it, None last. No recursion: a manifest may nest units deeper than
    Python calls.
    """
    down: list[UnitCode | None] = [None]
    for unit in down:
        down += children.get(unit, ())
    return reversed(down)


def _joined(lists: list[list[_Group]]) -> list[_Group]:
    longest = max(lists, key=len, default=[])
    for each in lists:
        if each is not longest:
            longest += each
    return longest


def _gather(groups: Sequence[_Group], atoms: list[_Group], k: int) -> tuple[list[_Group], _Group]:
    """The atoms of one unit by 11.1, steps 2 to 4, and what is left over (under k) for the level above.

    The unit's own panel comes first, so one with k ballots is an atom by itself; what children leave over has
    fewer.
    """
    gathered = _Group([], 0)
    for group in groups:
        gathered.take(group)
        if gathered.ballots >= k:
            atoms.append(gathered)
            gathered = _Group([], 0)
    if gathered.panels and atoms:
        min(atoms, key=lambda atom: (atom.ballots, atom.lowest)).take(gathered)
        gathered = _Group([], 0)
    return atoms, gathered


def check_atoms(atoms: Collection[Atom], ballots: Mapping[UnitCode, int], k: int) -> None:
    """Disjoint, complete, each with at least k ballots and as many as it says. Raises AtomsRefused saying
    which is not.
    """
    electorate, seen = set(ballots), set[UnitCode]()
    for atom in atoms:
        named = ", ".join(atom.panels)
        if not seen.isdisjoint(atom.panels) or len(set(atom.panels)) != len(atom.panels):
            raise AtomsRefused(f"{named} overlaps another atom")
        seen.update(atom.panels)
        if not electorate.issuperset(atom.panels):
            raise AtomsRefused(f"{named} holds a panel outside the electorate")
        returned = sum(ballots[panel] for panel in atom.panels)
        if returned < k:
            raise AtomsRefused(f"{named} holds fewer than {k} ballots")
        if returned != atom.ballots:
            raise AtomsRefused(f"{named} holds {returned} ballots, not {atom.ballots}")
    if seen != electorate:
        raise AtomsRefused(f"{min(electorate - seen)} is left out")


def publishable_units(
    atoms: Collection[Atom], parents: Mapping[UnitCode, UnitCode | None], panels: Collection[UnitCode]
) -> dict[UnitCode, frozenset[UnitCode]]:
    """Units whose panels (of the electorate, in their subtree) are exactly a union of atoms → those
    panels.
    """
    below: dict[UnitCode, set[UnitCode]] = {}
    for panel in panels:
        at: UnitCode | None = panel
        while at is not None:
            below.setdefault(at, set()).add(panel)
            at = parents[at]
    whole = [frozenset(atom.panels) for atom in atoms]
    atom_of = {panel: atom for atom in whole for panel in atom}
    return {
        unit: frozenset(inside)
        for unit, inside in below.items()
        if all(atom <= inside for atom in {atom_of[panel] for panel in inside})
    }
