"""An import that waits for its confirmation: sent, read and checked once, kept sealed, imported later or forgotten.

received → waiting (read, and compared with the organisation at a revision) → confirmed → imported; or refused, with its errors. One
an account, for at most a day. `read_waiting` and `import_waiting` take long and are for a job in the background: each may be killed and run
again. Danger: what was shown is what is imported; so the changes themselves are kept, and are refused when the organisation is no
longer the one they were compared with.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from surveys.errors import SurveysError
from surveys.jobs.progress import Progress
from surveys.organisation import models
from surveys.organisation.difference import Difference, difference
from surveys.organisation.errors import (
    BadSheets,
    NoOrganisation,
    NoSuchUnit,
    NoWaitingImport,
    OrganisationChanged,
    Outside,
    SheetError,
    UnusableFile,
)
from surveys.organisation.parts import put_back, require_within, subtree
from surveys.organisation.pieces import RECORDS_A_PIECE, KeptChanges, Pieces
from surveys.organisation.preview import Change, Counts, Kind, SecondLook, counted, second_look
from surveys.organisation.raw_sheets import MAX_UPLOAD, too_large
from surveys.organisation.register import Held, load_held
from surveys.organisation.sheets import check_organisation, read_upload
from surveys.organisation.values import Organisation
from surveys.organisation.workbook import MAX_FILES, Sent, name_of, shown_name
from surveys.organisation.writing import Writer, revision_in
from surveys.stores.columns import Keyring, key_number
from surveys.stores.engines import reading
from surveys.stores.instants import INSTANT

HOURS = 24
_HEAD = ("waiting_imports", "head")


class State(StrEnum):
    """How far an import is."""

    RECEIVED = "received"
    REFUSED = "refused"
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why files were not taken: the refusal's name, what it says of itself in both languages, or the place outside."""

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

    @property
    def number(self) -> int:
        """How many records change."""
        return sum(each.number for each in self.counts)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An import as it stands. `unit` is what whoever sent it looks after, None for everything."""

    id: str
    holder: str
    state: State
    unit: str | None
    revision: int | None
    made: str
    head: Head


def receive(
    engine: Engine, keyring: Keyring, holder: str, sent: Sequence[Sent], unit: str | None, now: datetime
) -> Waiting:
    """Keep what somebody sent, in place of what they sent before. One transaction. Raises UnusableFile; nothing was kept then."""
    if not sent:
        raise UnusableFile("-", "chưa chọn tệp nào", "no file was chosen")
    if len(sent) > MAX_FILES or sum(each.size for each in sent) > MAX_UPLOAD:
        raise too_large(name_of(sent))
    made = Waiting(
        secrets.token_hex(16),
        holder,
        State.RECEIVED,
        unit,
        None,
        now.strftime(INSTANT),
        Head(tuple((shown_name(each.name), each.size) for each in sent)),
    )
    with engine.begin() as connection:
        _forget(connection, models.waiting_imports.c.holder == holder)
        connection.execute(insert(models.waiting_imports).values(**_columns(keyring, made)))
        for index, each in enumerate(sent):
            Pieces(connection, keyring, made.id).put_file(index, each.content())
    return made


def look(engine: Engine, keyring: Keyring, holder: str, now: datetime) -> Waiting | None:
    """The import of this account, if it has one that is not older than a day. Stores nothing."""
    with reading(engine) as connection:
        held = models.waiting_imports
        row = connection.execute(select(held).where(held.c.holder == holder)).one_or_none()
    found = None if row is None else _waiting(keyring, row)
    return None if found is None or found.made < _oldest(now) else found


def find(engine: Engine, keyring: Keyring, waiting: str) -> Waiting:
    """The import of this id, for its job. Raises NoWaitingImport."""
    with reading(engine) as connection:
        return _find(connection, keyring, waiting)


def read_waiting(engine: Engine, keyring: Keyring, waiting: str, progress: Progress) -> Waiting:
    """Read and compare what was received: it waits for its confirmation then, or is refused with its errors.

    Nothing of the files is kept afterwards. Read already: changes nothing. Raises NoWaitingImport.
    """
    found = find(engine, keyring, waiting)
    if found.state is not State.RECEIVED:
        return found
    sent = [
        Sent(name, size, partial(_file, engine, keyring, waiting, index))
        for index, (name, size) in enumerate(found.head.files)
    ]
    held = load_held(engine, keyring, progress)
    try:
        changes = _compared(sent, held, found.unit, progress)
    except (BadSheets, UnusableFile, Outside, NoSuchUnit, NoOrganisation) as error:
        errors = error.errors if isinstance(error, BadSheets) else ()
        head = replace(found.head, refused=_refusal(error))
        read = replace(found, state=State.REFUSED, head=head)
        return _keep(engine, keyring, read, None, errors, progress)
    head = replace(found.head, counts=counted(changes), looks=second_look(held.organisation, changes))
    read = replace(found, state=State.WAITING, revision=held.revision, head=head)
    return _keep(engine, keyring, read, changes, (), progress)


def changes_of(
    engine: Engine, keyring: Keyring, waiting: Waiting, sheet: str, kind: Kind, first: int, most: int
) -> tuple[Change, ...]:
    """Some of what changes in a sheet, from the `first` on. Stores nothing."""
    found: list[Change] = []
    with reading(engine) as connection:
        pieces = Pieces(connection, keyring, waiting.id)
        for number in range(first // RECORDS_A_PIECE, (first + most - 1) // RECORDS_A_PIECE + 1):
            found += [Change(kind, old, new) for old, new in pieces.changes(sheet, kind, number)]
    at = first % RECORDS_A_PIECE
    return tuple(found[at : at + most])


def errors_of(engine: Engine, keyring: Keyring, waiting: Waiting, number: int) -> tuple[SheetError, ...]:
    """One page of what is wrong with the files. Stores nothing."""
    with reading(engine) as connection:
        return Pieces(connection, keyring, waiting.id).errors(number)


def confirm(
    engine: Engine,
    keyring: Keyring,
    holder: str,
    waiting: str,
    by: tuple[str, str],
    reason: str,
    now: datetime,
) -> Waiting:
    """Say that what was shown shall be imported: by whom (id and name) and why. One transaction.

    The same again changes nothing. Raises NoWaitingImport when this very import does not wait any more, OrganisationChanged when it was
    compared with an older revision.
    """
    with engine.begin() as connection:
        found = _find(connection, keyring, waiting)
        if found.holder != holder or found.made < _oldest(now):
            raise NoWaitingImport
        if found.state is State.CONFIRMED:
            return found
        if found.state is not State.WAITING:
            raise NoWaitingImport
        if found.revision != revision_in(connection):
            raise OrganisationChanged
        confirmed = replace(found, state=State.CONFIRMED, head=replace(found.head, by=by, reason=reason))
        _update(connection, keyring, confirmed)
    return confirmed


def import_waiting(engine: Engine, keyring: Keyring, waiting: str, progress: Progress) -> Waiting:
    """Import what was confirmed, in one transaction with the end of the waiting. Imported already: changes nothing.

    Raises NoWaitingImport, or OrganisationChanged; nothing was stored then.
    """
    with engine.begin() as connection:
        found = _find(connection, keyring, waiting)
        if found.state is State.IMPORTED:
            return found
        if found.state is not State.CONFIRMED:
            raise NoWaitingImport
        if found.revision != revision_in(connection):
            raise OrganisationChanged
        pieces, revision = Pieces(connection, keyring, waiting), found.revision
        if found.head.number:
            revision = Writer(connection, keyring, progress).apply(KeptChanges(pieces, found.head.number))
        pieces.drop()
        imported = replace(found, state=State.IMPORTED, revision=revision)
        _update(connection, keyring, imported)
    return imported


def discard(engine: Engine, holder: str) -> None:
    """Forget what this account sent. One transaction; may be run again."""
    with engine.begin() as connection:
        _forget(connection, models.waiting_imports.c.holder == holder)


def forget_old(engine: Engine, now: datetime) -> None:
    """Forget what has waited for more than a day. One transaction; may be run again."""
    with engine.begin() as connection:
        _forget(connection, models.waiting_imports.c.made < _oldest(now))


def reseal_heads(engine: Engine, keyring: Keyring) -> None:
    """Seal what is known of every waiting import with the ring's newest key; may be killed and run again."""
    held = models.waiting_imports
    with engine.begin() as connection:
        for row in connection.execute(select(held.c.id, held.c.head)).all():
            if key_number(row.head) != keyring.current:
                again = keyring.seal(*_HEAD, row.id, keyring.open(*_HEAD, row.id, row.head))
                connection.execute(update(held).where(held.c.id == row.id).values(head=again))


def _compared(sent: Sequence[Sent], held: Held, unit: str | None, progress: Progress) -> Difference:
    """What the files change. A part is read as an organisation of its own and put back in its place."""
    whole = held.organisation
    if unit is None:
        return difference(whole, read_upload(sent, lambda: whole if whole.units else None, progress))
    if not whole.units:
        raise NoOrganisation
    base = subtree(whole, unit)
    read = read_upload(sent, lambda: base, progress)
    after = read if _root(read) == _root(whole) else put_back(whole, unit, read)
    check_organisation(after, name_of(sent))
    changes = difference(whole, after)
    require_within(whole, after, changes, unit)
    return changes


def _root(organisation: Organisation) -> str:
    return next(unit.code for unit in organisation.units if unit.parent is None)


def _keep(
    engine: Engine,
    keyring: Keyring,
    read: Waiting,
    changes: Difference | None,
    errors: Sequence[SheetError],
    progress: Progress,
) -> Waiting:
    """The files go, what they say comes. One transaction. Discarded meanwhile: raises NoWaitingImport."""
    with engine.begin() as connection:
        found = _find(connection, keyring, read.id)
        if found.state is not State.RECEIVED:  # another run of the same job was first
            return found
        pieces = Pieces(connection, keyring, read.id)
        pieces.drop()
        if changes is not None:
            progress.begin("compare", changes.number)
            pieces.put_changes(changes, progress.step)
        pieces.put_errors(errors)
        _update(connection, keyring, read)
    return read


def _file(engine: Engine, keyring: Keyring, waiting: str, index: int) -> bytes:
    with reading(engine) as connection:
        return Pieces(connection, keyring, waiting).file(index)


def _refusal(error: SurveysError) -> Refused:
    name = type(error).__name__
    if isinstance(error, BadSheets):
        return Refused(name, errors=error.count, all_counted=error.all_counted)
    if isinstance(error, UnusableFile):
        return Refused(name, vi=error.vi, en=error.en)
    return Refused(name, place=error.place if isinstance(error, Outside) else "")


def _find(connection: Connection, keyring: Keyring, waiting: str) -> Waiting:
    held = models.waiting_imports
    row = connection.execute(select(held).where(held.c.id == waiting)).one_or_none()
    if row is None:
        raise NoWaitingImport
    return _waiting(keyring, row)


def _forget(connection: Connection, which: Any) -> None:
    held, pieces = models.waiting_imports, models.waiting_pieces
    gone = select(held.c.id).where(which)
    connection.execute(delete(pieces).where(pieces.c.waiting.in_(gone)))
    connection.execute(delete(held).where(which))


def _update(connection: Connection, keyring: Keyring, waiting: Waiting) -> None:
    held = models.waiting_imports
    connection.execute(update(held).where(held.c.id == waiting.id).values(**_columns(keyring, waiting)))


def _columns(keyring: Keyring, waiting: Waiting) -> dict[str, Any]:
    head = json.dumps(asdict(waiting.head), ensure_ascii=False).encode()
    return {
        "holder": waiting.holder,
        "id": waiting.id,
        "state": waiting.state.value,
        "unit": waiting.unit,
        "revision": waiting.revision,
        "made": waiting.made,
        "head": keyring.seal(*_HEAD, waiting.id, head),
    }


def _waiting(keyring: Keyring, row: Row[Any]) -> Waiting:
    said: Mapping[str, Any] = json.loads(keyring.open(*_HEAD, row.id, row.head))
    head = Head(
        tuple((name, size) for name, size in said["files"]),
        tuple(Counts(**each) for each in said["counts"]),
        tuple(SecondLook(**{**each, "examples": tuple(each["examples"])}) for each in said["looks"]),
        None if said["refused"] is None else Refused(**said["refused"]),
        (said["by"][0], said["by"][1]),
        said["reason"],
    )
    return Waiting(row.id, row.holder, State(row.state), row.unit, row.revision, row.made, head)


def _oldest(now: datetime) -> str:
    return (now - timedelta(hours=HOURS)).strftime(INSTANT)
