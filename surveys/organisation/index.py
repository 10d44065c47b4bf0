"""The look-ups under a catalogue: made once of an organisation, shared by every part of it that somebody
sees.

Units stand in the order of a walk down the tree, so that a unit and everything below it is one piece of that
order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

from surveys.names import PersonCode, UnitCode
from surveys.organisation.values import (
    Grading,
    Organisation,
    PaperResult,
    Person,
    Post,
    T,
    Unit,
    unified_posts,
)
from surveys.web.fields import plain


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many there are in a unit and everything below it. `unified` are the units with a unified post."""

    units: int
    people: int
    voters: int
    posts: int
    contests: int
    unified: int


@dataclass(frozen=True, slots=True)
class Index:
    """Everything by what it is looked up by. `ends` is where in the order a unit's part ends; `sums` count up
    to each place.
    """

    order: Sequence[UnitCode]
    places: Mapping[UnitCode, int]
    ends: Mapping[UnitCode, int]
    sums: Sequence[Sequence[int]]
    units: Mapping[UnitCode, Unit]
    children: Mapping[UnitCode, tuple[UnitCode, ...]]
    people: Mapping[PersonCode, Person]
    people_in: Mapping[UnitCode, tuple[Person, ...]]
    posts_in: Mapping[UnitCode, tuple[Post, ...]]
    posts_of: Mapping[PersonCode, tuple[Post, ...]]
    gradings_of: Mapping[UnitCode, tuple[Grading, ...]]
    results_in: Mapping[UnitCode, tuple[PaperResult, ...]]
    results_of: Mapping[PersonCode, tuple[PaperResult, ...]]
    unified: frozenset[tuple[UnitCode, PersonCode]]
    unit_texts: Mapping[UnitCode, str]
    person_texts: Mapping[PersonCode, str]

    @classmethod
    def of(cls, organisation: Organisation) -> Index:
        """The look-ups of an organisation that has a root."""
        units = {unit.code: unit for unit in organisation.units}
        below: dict[UnitCode | None, list[UnitCode]] = {}
        for unit in organisation.units:
            below.setdefault(unit.parent, []).append(unit.code)
        order, ends = _walk(below)
        people_in = _by((each.unit, each) for each in organisation.people)
        posts_in = _by((each.unit, each) for each in organisation.posts)
        unified = unified_posts(organisation)
        united = {unit for unit, _ in unified}
        contests = {
            unit: len({each.person for each in held if each.subject}) for unit, held in posts_in.items()
        }
        counts = (
            (len(people_in.get(code, ())) for code in order),
            (sum(each.votes for each in people_in.get(code, ())) for code in order),
            (len(posts_in.get(code, ())) for code in order),
            (contests.get(code, 0) for code in order),
            (code in united for code in order),
        )
        return cls(
            order=order,
            places={code: i for i, code in enumerate(order)},
            ends=ends,
            sums=tuple((0, *accumulate(numbers)) for numbers in counts),
            units=units,
            children={parent: tuple(codes) for parent, codes in below.items() if parent is not None},
            people={each.code: each for each in organisation.people},
            people_in=people_in,
            posts_in=posts_in,
            posts_of=_by((each.person, each) for each in organisation.posts),
            gradings_of=_by((each.unit, each) for each in organisation.gradings),
            results_in=_by((each.unit, each) for each in organisation.history),
            results_of=_by((each.person, each) for each in organisation.history),
            unified=unified,
            unit_texts={
                each.code: plain(f"{each.code} {each.name} {each.name_en or ''}")
                for each in organisation.units
            },
            person_texts={each.code: plain(f"{each.code} {each.name}") for each in organisation.people},
        )

    def covers(self, above: UnitCode, unit: UnitCode) -> bool:
        """Whether the second unit is the first, or lies below it."""
        return self.places[above] <= self.places[unit] < self.ends[above]

    def below(self, unit: UnitCode) -> Sequence[UnitCode]:
        """The unit and everything below it, each after its parent."""
        return self.order[self.places[unit] : self.ends[unit]]

    def voters_in(self, unit: UnitCode) -> tuple[Person, ...]:
        """Who votes in this very unit."""
        return tuple(each for each in self.people_in.get(unit, ()) if each.votes)

    def numbers(self, unit: UnitCode) -> Numbers:
        """How many there are in the unit and below it."""
        first, end = self.places[unit], self.ends[unit]
        people, voters, posts, contests, unified = (each[end] - each[first] for each in self.sums)
        return Numbers(end - first, people, voters, posts, contests, unified)


def _walk(
    below: Mapping[UnitCode | None, Sequence[UnitCode]],
) -> tuple[list[UnitCode], dict[UnitCode, int]]:
    """The units from the root down, those of one parent by code, and where each one's part ends."""
    order: list[UnitCode] = []
    ends: dict[UnitCode, int] = {}
    waiting: list[tuple[UnitCode, bool]] = [(code, False) for code in reversed(below.get(None, ()))]
    while waiting:
        code, done = waiting.pop()
        if done:
            ends[code] = len(order)
            continue
        order.append(code)
        waiting.append((code, True))
        waiting.extend((child, False) for child in reversed(below.get(code, ())))
    return order, ends


K = TypeVar("K")


def _by(pairs: Iterable[tuple[K, T]]) -> dict[K, tuple[T, ...]]:
    found: dict[K, list[T]] = {}
    for key, each in pairs:
        found.setdefault(key, []).append(each)
    return {key: tuple(each) for key, each in found.items()}
