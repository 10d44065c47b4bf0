"""The sealed pieces of an import that waits: files as they were sent, changes and errors in parts that a page
can open alone.

Danger: these are names and addresses of people. Each piece is sealed for its place, so that none can be put
in another's, and all go with the import that they belong to.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from surveys.organisation import models
from surveys.organisation.difference import Difference
from surveys.organisation.errors import SheetError
from surveys.organisation.preview import KINDS, Kind
from surveys.organisation.values import Grading, PaperResult, Person, Post, Record, Unit
from surveys.stores.columns import Keyring, key_number
from surveys.stores.store import Store

RECORDS_A_PIECE = 500
BYTES_A_PIECE = 1024 * 1024
_TABLE, _COLUMN = "waiting_pieces", "content"
_KINDS: Mapping[str, Callable[..., Record]] = {
    "units": Unit,
    "people": Person,
    "posts": Post,
    "grading": Grading,
    "history": PaperResult,
}


class Pieces:
    """The pieces of one import, within a transaction."""

    def __init__(self, connection: Connection, keyring: Keyring, waiting: str) -> None:
        self._connection, self._keyring, self._waiting = connection, keyring, waiting

    def put(self, part: str, number: int, content: bytes) -> None:
        """Keep a piece."""
        self._connection.execute(
            insert(models.waiting_pieces).values(
                waiting=self._waiting,
                part=part,
                number=number,
                content=self._keyring.seal(_TABLE, _COLUMN, self._place(part, number), content),
            )
        )

    def get(self, part: str, number: int) -> bytes | None:
        """A piece, if there is one."""
        pieces = models.waiting_pieces.c
        sealed = self._connection.scalar(
            select(pieces.content).where(
                pieces.waiting == self._waiting, pieces.part == part, pieces.number == number
            )
        )
        return (
            None if sealed is None else self._keyring.open(_TABLE, _COLUMN, self._place(part, number), sealed)
        )

    def all(self, part: str) -> Iterator[bytes]:
        """The pieces of a part, one after the other."""
        number = 0
        while (content := self.get(part, number)) is not None:
            yield content
            number += 1

    def drop(self, *, files: bool = True) -> None:
        """Forget every piece; or all but the files as they were sent, which may have to be read once more."""
        pieces = models.waiting_pieces
        which = [pieces.c.waiting == self._waiting]
        if not files:
            which.append(pieces.c.part.not_like("file:%"))
        self._connection.execute(delete(pieces).where(*which))

    def put_file(self, index: int, content: bytes) -> None:
        """Keep a file as it was sent."""
        for number, at in enumerate(range(0, max(len(content), 1), BYTES_A_PIECE)):
            self.put(f"file:{index}", number, content[at : at + BYTES_A_PIECE])

    def file(self, index: int) -> bytes:
        """A file as it was sent."""
        return b"".join(self.all(f"file:{index}"))

    def put_changes(self, changes: Difference, told: Callable[[int], None]) -> None:
        """Keep what changes, sheet by sheet."""
        for sheet, each in changes.sheets():
            for kind in KINDS:
                rows = _rows(each.changed) if kind == "changed" else map(_values, getattr(each, kind))
                for number, part in enumerate(_batches(rows, RECORDS_A_PIECE)):
                    self.put(f"{sheet}:{kind}", number, _packed(part))
                    told(len(part))

    def changes(self, sheet: str, kind: Kind, number: int) -> tuple[tuple[Record | None, Record | None], ...]:
        """(before, after) of one piece's changes; empty where there is no such piece."""
        return _changes(sheet, kind, self.get(f"{sheet}:{kind}", number))

    def put_errors(self, errors: Sequence[SheetError]) -> None:
        """Keep what is wrong with the files."""
        rows = ([getattr(error, field.name) for field in fields(error)] for error in errors)
        for number, part in enumerate(_batches(rows, RECORDS_A_PIECE)):
            self.put("errors", number, _packed(part))

    def errors(self, number: int) -> tuple[SheetError, ...]:
        """One piece of the errors; empty where there is none."""
        raw = self.get("errors", number)
        return () if raw is None else tuple(SheetError(*row) for row in json.loads(zlib.decompress(raw)))

    def _place(self, part: str, number: int) -> str:
        return f"{self._waiting}/{part}/{number}"


class KeptChanges:
    """The changes that were kept, piece by piece, for the writer (`writing.Source`)."""

    def __init__(self, pieces: Pieces, number: int) -> None:
        self._pieces, self._number = pieces, number

    @property
    def number(self) -> int:
        """How many records change."""
        return self._number

    def added(self, sheet: str) -> Iterator[Record]:
        """New records."""
        return (new for _, new in self._all(sheet, "added") if new is not None)

    def changed(self, sheet: str) -> Iterator[tuple[Record, Record]]:
        """Pairs (before, after)."""
        pairs = self._all(sheet, "changed")
        return ((old, new) for old, new in pairs if old is not None and new is not None)

    def removed(self, sheet: str) -> Iterator[Record]:
        """Records that go."""
        return (old for old, _ in self._all(sheet, "removed") if old is not None)

    def _all(self, sheet: str, kind: Kind) -> Iterator[tuple[Record | None, Record | None]]:
        for raw in self._pieces.all(f"{sheet}:{kind}"):
            yield from _changes(sheet, kind, raw)


def reseal_pieces(store: Store) -> None:
    """Seal every piece with the ring's newest key, one a transaction; may be killed and run again."""
    pieces = models.waiting_pieces
    with store.reading() as connection:
        held = connection.execute(select(pieces.c.waiting, pieces.c.part, pieces.c.number)).all()
    for row in held:
        place = (_TABLE, _COLUMN, f"{row.waiting}/{row.part}/{row.number}")
        here = (
            pieces.c.waiting == row.waiting,
            pieces.c.part == row.part,
            pieces.c.number == row.number,
        )
        with store.begin() as connection:
            sealed = connection.scalar(select(pieces.c.content).where(*here))
            if sealed is not None and key_number(sealed) != store.keyring.current:
                again = store.keyring.seal(*place, store.keyring.open(*place, sealed))
                connection.execute(update(pieces).where(*here).values(content=again))


def _changes(sheet: str, kind: Kind, raw: bytes | None) -> tuple[tuple[Record | None, Record | None], ...]:
    if raw is None:
        return ()
    made = _KINDS[sheet]
    rows: list[Any] = json.loads(zlib.decompress(raw))
    if kind == "changed":
        return tuple((made(*old), made(*new)) for old, new in rows)
    return tuple((None, made(*row)) if kind == "added" else (made(*row), None) for row in rows)


def _rows(pairs: Iterable[tuple[Record, Record]]) -> Iterator[list[list[object]]]:
    return ([_values(old), _values(new)] for old, new in pairs)


def _values(record: Record) -> list[object]:
    return [getattr(record, field.name) for field in fields(record)]


def _packed(rows: Sequence[object]) -> bytes:
    return zlib.compress(json.dumps(rows, ensure_ascii=False).encode(), 1)


def _batches(rows: Iterable[object], most: int) -> Iterator[list[object]]:
    waiting = iter(rows)
    while part := list(islice(waiting, most)):
        yield part
