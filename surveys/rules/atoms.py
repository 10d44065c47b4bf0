"""Atoms: the smallest groups whose sums are ever opened (docs/protocol.md §11).

Cells with fewer than k ballots are merged with siblings inside the same parent, deterministically, so that the server,
every trustee and every verifier find the same plan. Danger: an atom under k shows how a few people voted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from surveys.rules.errors import AtomsRefused

FLOOR = 3
DEFAULT_K = 5


@dataclass(frozen=True, slots=True)
class Atom:
    """Panels (unit codes in the order of their UTF-8 bytes) and the ballots they returned together."""

    panels: tuple[str, ...]
    ballots: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """The whole electorate returned fewer than k ballots: nothing is opened."""

    total: int
    k: int


def plan_atoms(
    ballots: Mapping[str, int], parents: Mapping[str, str | None], k: int
) -> tuple[Atom, ...] | Withheld:
    """The atoms of an electorate, sorted by first panel.

    `ballots` maps each panel of the electorate (a unit code) to its ballots, `parents` each unit of the tree to its
    parent. Raises ValueError for k under 3 or a panel outside the tree.
    """
    if k < FLOOR:
        raise ValueError(f"k is at least {FLOOR}")
    if not set(ballots) <= set(parents):
        raise ValueError("a panel is not in the tree")
    total = sum(ballots.values())
    if total < k:
        return Withheld(total, k)
    atoms, _ = _Planner(ballots, parents, k).plan()
    return tuple(sorted(atoms, key=_first))


@dataclass(frozen=True, slots=True)
class _Group:
    panels: tuple[str, ...]
    ballots: int

    def with_(self, other: _Group) -> _Group:
        return _Group((*self.panels, *other.panels), self.ballots + other.ballots)


_NOTHING = _Group((), 0)


class _Planner:
    def __init__(self, ballots: Mapping[str, int], parents: Mapping[str, str | None], k: int) -> None:
        self._ballots, self._k = ballots, k
        self._children: dict[str | None, list[str]] = {}
        # Only units above a panel matter: the electorate may be a small part of a large tree.
        needed: set[str] = set()
        for panel in ballots:
            at: str | None = panel
            while at is not None and at not in needed:
                needed.add(at)
                at = parents[at]
        for unit in sorted(needed, key=str.encode):
            self._children.setdefault(parents[unit], []).append(unit)

    def plan(self) -> tuple[list[Atom], _Group]:
        atoms, rest = self._units(self._children.get(None, []), [])
        return [Atom(tuple(sorted(a.panels, key=str.encode)), a.ballots) for a in atoms], rest

    def _unit(self, unit: str) -> tuple[list[_Group], _Group]:
        own = [_Group((unit,), self._ballots[unit])] if unit in self._ballots else []
        return self._units(self._children.get(unit, []), own)

    def _units(self, children: Sequence[str], own: list[_Group]) -> tuple[list[_Group], _Group]:
        """Atoms inside these siblings, and what is left over (under k) for the level above."""
        atoms: list[_Group] = [group for group in own if group.ballots >= self._k]
        small = [group for group in own if group.ballots < self._k]
        for child in children:
            below, rest = self._unit(child)
            atoms += below
            if rest.panels:
                small.append(rest)
        gathered = _NOTHING
        for group in small:
            gathered = gathered.with_(group)
            if gathered.ballots >= self._k:
                atoms.append(gathered)
                gathered = _NOTHING
        if gathered.panels and atoms:
            smallest = min(range(len(atoms)), key=lambda i: (atoms[i].ballots, _lowest(atoms[i])))
            atoms[smallest] = atoms[smallest].with_(gathered)
            gathered = _NOTHING
        return atoms, gathered


def _lowest(group: _Group) -> bytes:
    return min(panel.encode() for panel in group.panels)


def _first(atom: Atom) -> bytes:
    return atom.panels[0].encode()


def check_atoms(atoms: Collection[Atom], ballots: Mapping[str, int], k: int) -> None:
    """Disjoint, complete, each with at least k ballots. Raises AtomsRefused saying which is not."""
    seen: set[str] = set()
    for atom in atoms:
        named = ", ".join(atom.panels)
        if not seen.isdisjoint(atom.panels) or len(set(atom.panels)) != len(atom.panels):
            raise AtomsRefused(f"{named} overlaps another atom")
        seen.update(atom.panels)
        if not seen <= set(ballots):
            raise AtomsRefused(f"{named} holds a panel outside the electorate")
        if sum(ballots[panel] for panel in atom.panels) < k:
            raise AtomsRefused(f"{named} holds fewer than {k} ballots")
    if seen != set(ballots):
        raise AtomsRefused(f"{min(set(ballots) - seen)} is left out")


def publishable_units(
    atoms: Collection[Atom], parents: Mapping[str, str | None], panels: Collection[str]
) -> dict[str, frozenset[str]]:
    """Units whose panels (of the electorate, in their subtree) are exactly a union of atoms → those panels."""
    below: dict[str, set[str]] = {}
    for panel in panels:
        at: str | None = panel
        while at is not None:
            below.setdefault(at, set()).add(panel)
            at = parents[at]
    atom_of = {panel: frozenset(atom.panels) for atom in atoms for panel in atom.panels}
    return {
        unit: frozenset(inside)
        for unit, inside in below.items()
        if all(atom_of[panel] <= inside for panel in inside)
    }
