"""An import that waits, as a value: how far it is, what is known of it, and as a row of the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from surveys.instants import Instant
from surveys.names import UnitCode
from surveys.organisation.notes import Example, Note
from surveys.organisation.preview import Counts, SecondLook
from surveys.organisation.sheets import Letters
from surveys.stores.columns import Keyring

HEAD = ("waiting_imports", "head")


class State(StrEnum):
    """How far an import is."""

    RECEIVED = "received"
    REFUSED = "refused"
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why files were not taken: the refusal's name, what it says of itself in both languages, or the place
    outside.
    """

    error: str
    vi: str = ""
    en: str = ""
    place: str = ""
    errors: int = 0
    all_counted: bool = True


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of an import beside its pieces. `by` and `reason` are there once it is confirmed."""

    files: tuple[tuple[str, int], ...]
    counts: tuple[Counts, ...] = ()
    looks: tuple[SecondLook, ...] = ()
    refused: Refused | None = None
    by: tuple[str, str] = ("", "")
    reason: str = ""
    notes: tuple[Note, ...] = ()
    letters: Letters = Letters.ASK

    @property
    def number(self) -> int:
        """How many records change."""
        return sum(each.number for each in self.counts)

    @property
    def undecided(self) -> bool:
        """Whether somebody must still say what to do with text in old encodings."""
        return self.letters == Letters.ASK and any(note.kind == "old_letters" for note in self.notes)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An import as it stands. `unit` is what whoever sent it looks after, None for everything."""

    id: str
    holder: str
    state: State
    unit: UnitCode | None
    revision: int | None
    made: Instant
    head: Head


def columns_of(keyring: Keyring, waiting: Waiting) -> dict[str, object]:
    """An import as a row of the store, its head sealed."""
    head = json.dumps(asdict(waiting.head), ensure_ascii=False).encode()
    return {
        "holder": waiting.holder,
        "id": waiting.id,
        "state": waiting.state.value,
        "unit": waiting.unit,
        "revision": waiting.revision,
        "made": waiting.made,
        "head": keyring.seal(*HEAD, waiting.id, head),
    }


def waiting_of(keyring: Keyring, row: Row[Any]) -> Waiting:
    """The import that a row of the store holds."""
    said: Mapping[str, Any] = json.loads(keyring.open(*HEAD, row.id, row.head))
    head = Head(
        tuple((name, size) for name, size in said["files"]),
        tuple(Counts(**each) for each in said["counts"]),
        tuple(SecondLook(**{**each, "examples": tuple(each["examples"])}) for each in said["looks"]),
        None if said["refused"] is None else Refused(**said["refused"]),
        (said["by"][0], said["by"][1]),
        said["reason"],
        tuple(
            Note(**{**each, "examples": tuple(Example(**one) for one in each["examples"])})
            for each in said.get("notes", ())
        ),
        Letters(said.get("letters", Letters.ASK)),
    )
    return Waiting(row.id, row.holder, State(row.state), row.unit, row.revision, row.made, head)
