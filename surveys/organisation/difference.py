"""What a file would change: added, changed and removed records of each sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Generic, TypeVar

from surveys.organisation.values import Grading, Organisation, PaperResult, Person, Post, Record, Unit

T = TypeVar("T", Unit, Person, Post, Grading, PaperResult)
EMPTY = Organisation((), (), (), (), ())


@dataclass(frozen=True, slots=True)
class Changes(Generic[T]):
    """One sheet's changes; `changed` are pairs (before, after)."""

    added: tuple[T, ...]
    changed: tuple[tuple[T, T], ...]
    removed: tuple[T, ...]

    @property
    def number(self) -> int:
        """How many records change."""
        return len(self.added) + len(self.changed) + len(self.removed)


@dataclass(frozen=True, slots=True)
class Difference:
    """The changes from one organisation to another."""

    units: Changes[Unit]
    people: Changes[Person]
    posts: Changes[Post]
    gradings: Changes[Grading]
    history: Changes[PaperResult]

    @property
    def number(self) -> int:
        """How many records change."""
        return sum(changes.number for _, changes in self.sheets())

    def added(self, sheet: str) -> tuple[Record, ...]:
        """New records of this sheet."""
        return dict(self.sheets())[sheet].added

    def changed(self, sheet: str) -> tuple[tuple[Record, Record], ...]:
        """Pairs (before, after) of this sheet."""
        return dict(self.sheets())[sheet].changed

    def removed(self, sheet: str) -> tuple[Record, ...]:
        """Records of this sheet that go."""
        return dict(self.sheets())[sheet].removed

    def sheets(
        self,
    ) -> tuple[
        tuple[str, Changes[Unit] | Changes[Person] | Changes[Post] | Changes[Grading] | Changes[PaperResult]],
        ...,
    ]:
        """(sheet, changes), in the order of the file."""
        return (
            ("units", self.units),
            ("people", self.people),
            ("posts", self.posts),
            ("grading", self.gradings),
            ("history", self.history),
        )


def difference(before: Organisation, after: Organisation) -> Difference:
    """What changes from `before` to `after`."""
    return Difference(
        _changes(before.units, after.units),
        _changes(before.people, after.people),
        _changes(before.posts, after.posts),
        _changes(before.gradings, after.gradings),
        _changes(before.history, after.history),
    )


def altered_fields(before: Record, after: Record) -> tuple[tuple[str, object, object], ...]:
    """(field, before, after) of every field that differs."""
    named = ((each.name, getattr(before, each.name), getattr(after, each.name)) for each in fields(before))
    return tuple((name, old, new) for name, old, new in named if old != new)


def _changes(before: Sequence[T], after: Sequence[T]) -> Changes[T]:
    old = {record.key: record for record in before}
    new = {record.key: record for record in after}
    return Changes(
        tuple(record for key, record in new.items() if key not in old),
        tuple((old[key], record) for key, record in new.items() if key in old and old[key] != record),
        tuple(record for key, record in old.items() if key not in new),
    )
