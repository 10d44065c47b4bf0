"""An organisation as a value: what a file holds and what the store gives back. Immutable, in one canonical
order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from surveys.names import PersonCode, UnitCode


class PostKind(StrEnum):
    """In which line a post stands."""

    PARTY = "party"
    PROFESSIONAL = "professional"


class Scope(StrEnum):
    """Who votes on a leader: the unit and everything below it, or the unit alone."""

    SUBTREE = "subtree"
    UNIT = "unit"


class Grade(StrEnum):
    """The quality grading of a unit in a year, the best first."""

    EXCELLENT = "excellent"
    GOOD = "good"
    COMPLETED = "completed"
    NOT_COMPLETED = "not_completed"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the tree; `parent` is a code, None for the root; `kind` any word (bloc, committee,
    cell …).
    """

    code: UnitCode
    parent: UnitCode | None
    name: str
    name_en: str | None
    kind: str

    @property
    def key(self) -> tuple[str, ...]:
        """By what two versions of this unit are the same unit."""
        return (self.code,)


@dataclass(frozen=True, slots=True)
class Person:
    """A member; `unit` is where they vote, if they do."""

    code: PersonCode
    name: str
    unit: UnitCode
    email: str | None
    votes: bool

    @property
    def key(self) -> tuple[str, ...]:
        """By what two versions of this person are the same person."""
        return (self.code,)


@dataclass(frozen=True, slots=True)
class Post:
    """A post that a person holds in a unit; `subject`: voted on this year, by the `electorate`."""

    unit: UnitCode
    person: PersonCode
    title: str
    kind: PostKind
    head: bool
    subject: bool
    electorate: Scope

    @property
    def key(self) -> tuple[str, ...]:
        """By what two versions of this post are the same post."""
        return (self.unit, self.person, self.title, self.kind)


@dataclass(frozen=True, slots=True)
class Grading:
    """A unit's quality grading in a year."""

    unit: UnitCode
    year: int
    grade: Grade

    @property
    def key(self) -> tuple[str, ...]:
        """By what two versions of this grading are the same one."""
        return (self.unit, str(self.year))


@dataclass(frozen=True, slots=True)
class PaperResult:
    """A result of an earlier year that was counted on paper; `title` is the post held in that year."""

    year: int
    person: PersonCode
    unit: UnitCode
    summoned: int | None
    returned: int
    high: int
    plain: int
    low: int
    not_marked: int
    title: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """By what two versions of this result are the same one."""
        return (str(self.year), self.person, self.unit)


Record = Unit | Person | Post | Grading | PaperResult
T = TypeVar("T", Unit, Person, Post, Grading, PaperResult)


def _sorted(records: Iterable[T]) -> tuple[T, ...]:
    # By code points, which is the order of their UTF-8 bytes too.
    return tuple(sorted(records, key=lambda record: record.key))


@dataclass(frozen=True, slots=True)
class Organisation:
    """Everything, each part sorted by key: two organisations with the same content are equal."""

    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    posts: tuple[Post, ...]
    gradings: tuple[Grading, ...]
    history: tuple[PaperResult, ...]

    @classmethod
    def of(
        cls,
        units: Iterable[Unit],
        people: Iterable[Person],
        posts: Iterable[Post],
        gradings: Iterable[Grading] = (),
        history: Iterable[PaperResult] = (),
    ) -> Organisation:
        """The organisation of these records, in canonical order."""
        return cls(_sorted(units), _sorted(people), _sorted(posts), _sorted(gradings), _sorted(history))

    @property
    def top(self) -> UnitCode:
        """The code of the unit at the top: the only one without a parent (`relations` sees to it)."""
        return next(unit.code for unit in self.units if unit.parent is None)


def unified_posts(organisation: Organisation) -> frozenset[tuple[UnitCode, PersonCode]]:
    """(unit, person) wherever one person holds a party post and heads the agency or department (a unified
    post).
    """
    party = {(post.unit, post.person) for post in organisation.posts if post.kind == PostKind.PARTY}
    heads = {
        (post.unit, post.person)
        for post in organisation.posts
        if post.kind == PostKind.PROFESSIONAL and post.head
    }
    return frozenset(party & heads)


def unified_units(organisation: Organisation) -> frozenset[UnitCode]:
    """The units that have a unified post."""
    return frozenset(unit for unit, _ in unified_posts(organisation))
