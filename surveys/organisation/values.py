"""An organisation as a value: what a file holds and what the store gives back. Immutable, in one canonical order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

PostKind = Literal["party", "professional"]
Scope = Literal["subtree", "unit"]
Grade = Literal["excellent", "good", "completed", "not_completed"]
POST_KINDS: tuple[PostKind, ...] = ("party", "professional")
SCOPES: tuple[Scope, ...] = ("subtree", "unit")
GRADES: tuple[Grade, ...] = ("excellent", "good", "completed", "not_completed")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the tree; `parent` is a code, None for the root; `kind` any word (bloc, committee, cell …)."""

    code: str
    parent: str | None
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

    code: str
    name: str
    unit: str
    email: str | None
    votes: bool

    @property
    def key(self) -> tuple[str, ...]:
        """By what two versions of this person are the same person."""
        return (self.code,)


@dataclass(frozen=True, slots=True)
class Post:
    """A post that a person holds in a unit; `subject`: voted on this year, by the `electorate`."""

    unit: str
    person: str
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

    unit: str
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
    person: str
    unit: str
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


def unified_posts(organisation: Organisation) -> frozenset[tuple[str, str]]:
    """(unit, person) wherever one person holds a party post and heads the agency or department (a unified post)."""
    party = {(post.unit, post.person) for post in organisation.posts if post.kind == "party"}
    heads = {
        (post.unit, post.person) for post in organisation.posts if post.kind == "professional" and post.head
    }
    return frozenset(party & heads)


def unified_units(organisation: Organisation) -> frozenset[str]:
    """The units that have a unified post."""
    return frozenset(unit for unit, _ in unified_posts(organisation))
