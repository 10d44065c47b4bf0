"""Changes written into the store's tables: called by the verbs of this room, inside their transaction.

Danger: whoever writes here must raise the revision in the same transaction, or pages of other processes go on
showing what was; `Writer.apply` is the only way in, and does.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from surveys.jobs.progress import Progress
from surveys.names import UnitCode
from surveys.organisation import models
from surveys.organisation.values import Grading, PaperResult, Person, Post, Record, Unit
from surveys.stores.columns import Keyring

BATCH = 1000
Row = dict[str, object]
Item = TypeVar("Item")


class Source(Protocol):
    """Where the changes come from, sheet by sheet; each may be asked for more than once."""

    @property
    def number(self) -> int:
        """How many records change."""

    def added(self, sheet: str) -> Iterable[Record]:
        """New records."""

    def changed(self, sheet: str) -> Iterable[tuple[Record, Record]]:
        """Pairs (before, after)."""

    def removed(self, sheet: str) -> Iterable[Record]:
        """Records that go."""


def revision_in(connection: Connection) -> int:
    """Which revision of the organisation this transaction sees."""
    return int(connection.execute(select(models.revisions.c.revision)).scalar_one())


class Writer:
    """Applies changes: references between the rows are checked by the store at the commit."""

    def __init__(self, connection: Connection, keyring: Keyring, progress: Progress) -> None:
        self._connection, self._keyring, self._progress = connection, keyring, progress

    def apply(self, source: Source) -> int:
        """Write everything and raise the revision, which is returned.

        Progress is told inside the transaction: whoever listens must not write to the same store meanwhile.
        """
        self._progress.begin("write", source.number)
        for sheet in ("history", "grading", "posts"):
            # What has changed is counted when its new row is written.
            self._remove(source.removed(sheet))
            self._remove((old for old, _ in source.changed(sheet)), told=False)
        self._add(_root_down(source.added("units")))
        self._change(new for _, new in source.changed("units"))
        self._add(source.added("people"))
        self._change(new for _, new in source.changed("people"))
        for sheet in ("posts", "grading", "history"):
            self._add(chain(source.added(sheet), (new for _, new in source.changed(sheet))))
        self._remove(source.removed("people"))
        self._remove(source.removed("units"))
        revisions = models.revisions
        self._connection.execute(update(revisions).values(revision=revisions.c.revision + 1))
        return revision_in(self._connection)

    def _add(self, records: Iterable[Record]) -> None:
        for part in _batches(records):
            ids = self._ids_of(part) if isinstance(part[0], (Post, PaperResult)) else {}
            self._connection.execute(insert(_table(part[0])), [self._row(record, ids) for record in part])
            self._progress.step(len(part))

    def _change(self, records: Iterable[Record]) -> None:
        """Units and people keep their row: others refer to it."""
        for part in _batches(records):
            table, key = _table(part[0]), "code" if isinstance(part[0], Unit) else "id"
            ids = {} if isinstance(part[0], Unit) else self._ids_of(part)
            rows = [self._changed_row(record, ids) for record in part]
            changes = update(table).where(table.c[key] == bindparam(f"new_{key}"))
            values: Row = {name: bindparam(f"new_{name}") for name in rows[0] if name != key}
            named = [{f"new_{name}": value for name, value in row.items()} for row in rows]
            self._connection.execute(changes.values(values), named)
            self._progress.step(len(part))

    def _changed_row(self, record: Record, ids: Mapping[str, str]) -> Row:
        if isinstance(record, Person):
            row = ids[record.code]
            return {"id": row, **self._personal(row, record)}
        return self._row(record, ids)

    def _remove(self, records: Iterable[Record], *, told: bool = True) -> None:
        for part in _batches(records):
            ids = {} if isinstance(part[0], (Unit, Grading)) else self._ids_of(part)
            keys = [_key(record, ids) for record in part]
            table = _table(part[0])
            same = [table.c[name] == bindparam(f"old_{name}") for name in keys[0]]
            rows = [{f"old_{name}": value for name, value in key.items()} for key in keys]
            self._connection.execute(delete(table).where(*same), rows)
            if told:
                self._progress.step(len(part))

    def _index(self, code: str) -> bytes:
        return self._keyring.blind_index("people", "code", code)

    def _ids_of(self, part: Sequence[Record]) -> Mapping[str, str]:
        """Code → row id, of the people these records are about."""
        codes = {_person_of(record) for record in part}
        wanted = {self._index(code): code for code in codes}
        people = models.people.c
        found = select(people.id, people.code_index).where(people.code_index.in_(list(wanted)))
        return {wanted[index]: row for row, index in self._connection.execute(found)}

    def _row(self, record: Record, ids: Mapping[str, str]) -> Row:
        if isinstance(record, Unit):
            return _fields(record, ("code", "parent", "name", "name_en", "kind"))
        if isinstance(record, Person):
            row = secrets.token_hex(16)
            code = self._keyring.seal("people", "code", row, record.code.encode())
            index = self._index(record.code)
            return {"id": row, "code_index": index, "code": code, **self._personal(row, record)}
        if isinstance(record, Post):
            names = ("unit", "title", "kind", "head", "subject", "electorate")
            return {"id": secrets.token_hex(16), "person": ids[record.person], **_fields(record, names)}
        if isinstance(record, Grading):
            return _fields(record, ("unit", "year", "grade"))
        counts = ("summoned", "returned", "high", "plain", "low", "not_marked")
        return {"person": ids[record.person], **_fields(record, ("year", "unit", *counts, "title"))}

    def _personal(self, row: str, person: Person) -> Row:
        return {
            "name": self._keyring.seal("people", "name", row, person.name.encode()),
            "unit": person.unit,
            "email": self._keyring.seal_text("people", "email", row, person.email),
            "votes": person.votes,
        }


def _fields(record: Record, names: Collection[str]) -> Row:
    return {name: getattr(record, name) for name in names}


def _key(record: Record, ids: Mapping[str, str]) -> Row:
    """The columns by which a record's row is found."""
    if isinstance(record, Unit):
        return {"code": record.code}
    if isinstance(record, Person):
        return {"id": ids[record.code]}
    if isinstance(record, Post):
        return {"person": ids[record.person], **_fields(record, ("unit", "title", "kind"))}
    if isinstance(record, Grading):
        return _fields(record, ("unit", "year"))
    return {"person": ids[record.person], **_fields(record, ("year", "unit"))}


def _person_of(record: Record) -> str:
    if isinstance(record, Person):
        return record.code
    assert isinstance(record, (Post, PaperResult))
    return record.person


def _table(record: Record) -> Table:
    tables: Mapping[type[Record], Table] = {
        Unit: models.units,
        Person: models.people,
        Post: models.posts,
        Grading: models.gradings,
        PaperResult: models.paper_results,
    }
    return tables[type(record)]


def _root_down(units: Iterable[Record]) -> list[Unit]:
    """Parents before children: as long as a parent is missing, the store looks for orphans after
    every row.
    """
    waiting = {unit.code: unit for unit in units if isinstance(unit, Unit)}
    ordered: list[Unit] = []
    while waiting:
        path = []
        code: UnitCode | None = next(iter(waiting))
        while code is not None and (unit := waiting.pop(code, None)) is not None:
            path.append(unit)
            code = unit.parent
        ordered += reversed(path)
    return ordered


def _batches(records: Iterable[Item]) -> Iterator[list[Item]]:
    waiting = iter(records)
    while part := list(islice(waiting, BATCH)):
        yield part
