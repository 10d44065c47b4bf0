"""What an import would change, for somebody who must decide on it: changes page by page, and what deserves a
second look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from surveys.names import UnitCode
from surveys.organisation.difference import Difference, altered_fields
from surveys.organisation.values import Organisation, Record
from surveys.web.fields import plain

Kind = Literal["added", "changed", "removed"]
KINDS: tuple[Kind, ...] = ("added", "changed", "removed")
Warned = Literal["people_go", "holders_go", "units_move", "names_change", "root_changes", "history_goes"]
MANY = 10  # per cent of the people
MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Change:
    """One record that changes; `fields` are (field, before, after) where both are there."""

    kind: Kind
    before: Record | None
    after: Record | None

    @property
    def record(self) -> Record:
        """The record as it will be, or as it was."""
        found = self.before if self.after is None else self.after
        assert found is not None
        return found

    @property
    def fields(self) -> tuple[tuple[str, object, object], ...]:
        """(field, before, after) of every field that changes."""
        if self.before is None or self.after is None:
            return ()
        return altered_fields(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records of a sheet change."""

    sheet: str
    added: int
    changed: int
    removed: int

    @property
    def number(self) -> int:
        """All of them."""
        return self.added + self.changed + self.removed

    def of(self, kind: Kind) -> int:
        """Those of one kind."""
        numbers: dict[Kind, int] = {"added": self.added, "changed": self.changed, "removed": self.removed}
        return numbers[kind]


@dataclass(frozen=True, slots=True)
class SecondLook:
    """Something legal that is often a mistake: how many, of how many (where that says something), and some of
    them.
    """

    kind: Warned
    number: int
    total: int
    examples: tuple[str, ...]


def counted(changes: Difference) -> tuple[Counts, ...]:
    """How much changes, sheet by sheet."""
    return tuple(
        Counts(sheet, len(each.added), len(each.changed), len(each.removed))
        for sheet, each in changes.sheets()
    )


def second_look(before: Organisation, changes: Difference) -> tuple[SecondLook, ...]:
    """What deserves a second look before this is imported. Nothing for a first import."""
    if not before.units:
        return ()
    gone = {person.code: person.name for person in changes.people.removed}
    holders = sorted({post.person for post in before.posts if post.person in gone})
    moved = [
        f"{new.name}: {old.parent or '–'} → {new.parent or '–'}"
        for old, new in changes.units.changed
        if old.parent != new.parent
    ]
    renamed = [
        f"{old.code}: {old.name} → {new.name}"
        for old, new in changes.people.changed
        if not _same_words(old.name, new.name)
    ]
    (root,) = [unit.code for unit in before.units if unit.parent is None]
    new_root = _new_roots(changes)
    found = [
        _look("people_go", list(gone.values()), len(before.people))
        if len(gone) * 100 > MANY * len(before.people)
        else None,
        _look("holders_go", [f"{gone[code]} ({code})" for code in holders]),
        _look("units_move", moved),
        _look("names_change", renamed),
        _look("root_changes", [f"{root} → {code}" for code in new_root]),
        _look("history_goes", [f"{row.year}: {row.person}, {row.unit}" for row in changes.history.removed]),
    ]
    return tuple(each for each in found if each is not None)


def another_root(changes: Difference) -> bool:
    """Whether the root becomes another unit, or gets a name that shares no word with the old one."""
    return bool(_new_roots(changes)) or any(
        new.parent is None and not _same_words(old.name, new.name) for old, new in changes.units.changed
    )


def _new_roots(changes: Difference) -> list[UnitCode]:
    added = [unit.code for unit in changes.units.added if unit.parent is None]
    return added + [
        new.code for old, new in changes.units.changed if new.parent is None and old.parent is not None
    ]


def _look(kind: Warned, each: Sequence[str], total: int = 0) -> SecondLook | None:
    return SecondLook(kind, len(each), total, tuple(each[:MOST_EXAMPLES])) if each else None


def _same_words(one: str, other: str) -> bool:
    """Whether two names share a word, accents left aside: a code that has been given to somebody else shows
    here.
    """
    return bool(set(plain(one).split()) & set(plain(other).split()))
