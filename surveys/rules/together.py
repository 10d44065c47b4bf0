"""Contests on one person are cut together (docs/protocol.md 11.1): what one of them opens tells of another.

A voter marks a person alike in every contest on that person, or nearly so. If the contests were cut each by
itself, the difference of two published figures could be a group of fewer than k voters. Danger: a contest
that is planned outside of this page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from surveys.names import PersonCode, UnitCode
from surveys.rules.atoms import Withheld, plan_atoms

Atoms = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Electorates:
    """Who is voted on by whom: a person and the ascending indices of panels for each contest, a unit for each
    panel.
    """

    contests: Sequence[tuple[PersonCode, Sequence[int]]]
    units: Sequence[UnitCode]
    parents: Mapping[UnitCode, UnitCode | None]
    k: int


@dataclass(slots=True)
class _Class:
    """Panels that list the same kept contests, a bit for each, and the ballots they returned together."""

    contests: int
    panels: list[int]
    ballots: int


@dataclass(slots=True)
class _Group:
    panels: list[int]
    ballots: int


def plan_round(electorates: Electorates, ballots: Sequence[int]) -> tuple[Atoms | None, ...]:
    """For each contest its atoms, as panels' indices, or None where it is withheld. `ballots` counts by
    panel.
    """
    of_person: dict[PersonCode, list[int]] = {}
    for c, (person, _) in enumerate(electorates.contests):
        of_person.setdefault(person, []).append(c)
    planned: list[Atoms | None] = [None] * len(electorates.contests)
    for contests in of_person.values():
        for c, atoms in _plan_person(contests, electorates, ballots).items():
            planned[c] = atoms
    return tuple(planned)


def _plan_person(contests: Sequence[int], round_: Electorates, ballots: Sequence[int]) -> dict[int, Atoms]:
    electorate = {c: round_.contests[c][1] for c in contests}
    returned = {c: sum(ballots[p] for p in panels) for c, panels in electorate.items()}
    lists = _Lists({c: electorate[c] for c in contests if returned[c] >= round_.k}, ballots)
    lists.take_out(returned, round_.k)
    groups: dict[int, list[_Group]] = {c: [] for c in lists.kept}
    classes = lists.classes(lists.panels)
    index = {round_.units[p]: p for p in lists.panels}
    for each in classes:
        if each.ballots:
            cast = {round_.units[p]: ballots[p] for p in each.panels}
            atoms = plan_atoms(cast, round_.parents, round_.k)
            assert not isinstance(atoms, Withheld)  # what is left has k ballots or more
            for c in lists.named(each.contests):
                groups[c] += [_Group([index[unit] for unit in atom.panels], atom.ballots) for atom in atoms]
    # A class that returned nothing lowers an atom's first index at most, so the one it joins stays the same.
    smallest = {
        c: min(found, key=lambda group: (group.ballots, min(group.panels))) for c, found in groups.items()
    }
    for each in classes:
        if not each.ballots:
            for c in lists.named(each.contests):
                smallest[c].panels += each.panels
    return {c: tuple(sorted(tuple(sorted(group.panels)) for group in found)) for c, found in groups.items()}


class _Lists:
    """Which panel lists which of a person's contests: a number for each panel, with a bit for each contest. A
    person has at most a hundred contests (4.2), but they may be on many thousand panels.
    """

    def __init__(self, electorate: Mapping[int, Sequence[int]], ballots: Sequence[int]) -> None:
        self._ballots = ballots
        self._bits = {c: 1 << i for i, c in enumerate(electorate)}
        self._listing: dict[int, int] = {}
        for c, panels in electorate.items():
            for p in panels:
                self._listing[p] = self._listing.get(p, 0) | self._bits[c]
        # For each contest those that some panel lists beside it.
        self._beside = dict.fromkeys(electorate, 0)
        for c, panels in electorate.items():
            for p in panels:
                self._beside[c] |= self._listing[p]
        self._kept = (1 << len(electorate)) - 1

    @property
    def panels(self) -> list[int]:
        """All that list one of the contests, ascending."""
        return sorted(self._listing)

    @property
    def kept(self) -> list[int]:
        """The contests that have not been taken out."""
        return self.named(self._kept)

    def named(self, bits: int) -> list[int]:
        """The contests that these bits stand for."""
        return [c for c, bit in self._bits.items() if bit & bits]

    def take_out(self, returned: Mapping[int, int], k: int) -> None:
        """Step 3: until no class has between 1 and k − 1 ballots."""
        voted = [p for p in self.panels if self._ballots[p]]
        while small := next((each for each in self.classes(voted) if each.ballots < k), None):
            near = 0
            for c in self.named(small.contests):
                near |= self._beside[c]
            out = min(self.named(near & self._kept), key=lambda c: (returned[c], -c))
            self._kept &= ~self._bits[out]

    def classes(self, panels: Iterable[int]) -> list[_Class]:
        """The classes of these panels, which ascend, in the order of their first panels."""
        found: dict[int, _Class] = {}
        for p in panels:
            contests = self._listing[p] & self._kept
            if not contests:
                continue
            if contests not in found:
                found[contests] = _Class(contests, [], 0)
            found[contests].panels.append(p)
            found[contests].ballots += self._ballots[p]
        return list(found.values())
