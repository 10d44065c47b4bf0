"""An import that waits for its confirmation: sent, read and checked once, kept sealed, imported later or
forgotten.

received → waiting (read, and compared with the organisation at a revision) → confirmed → imported; or
refused, with its errors. One an account, for at most a day. `read_waiting` and `import_waiting` take long and
are for a job in the background: each may be killed and run again. Danger: what was shown is what is imported;
so the changes themselves are kept, and are refused when the organisation is no longer the one they were
compared with.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, update

from surveys.errors import SurveysError
from surveys.instants import Instant, instant
from surveys.jobs.progress import Progress
from surveys.names import UnitCode
from surveys.organisation import models
from surveys.organisation.difference import Difference, difference
from surveys.organisation.errors import (
    BadSheets,
    LettersNotDecided,
    NoOrganisation,
    NoSuchUnit,
    NoWaitingImport,
    OrganisationChanged,
    Outside,
    SheetError,
)
from surveys.organisation.imports import HEAD, Head, Refused, State, Waiting, columns_of, waiting_of
from surveys.organisation.notes import Note
from surveys.organisation.parts import put_back, require_within, subtree
from surveys.organisation.pieces import RECORDS_A_PIECE, KeptChanges, Pieces
from surveys.organisation.preview import Change, Kind, counted, second_look
from surveys.organisation.register import Held, load_held
from surveys.organisation.sheets import Letters, check_organisation, read_upload
from surveys.organisation.writing import Writer, revision_in
from surveys.spreadsheets.errors import UnusableFile
from surveys.spreadsheets.files import MAX_FILES, Sent, name_of, shown_name
from surveys.spreadsheets.rows import MAX_UPLOAD, too_large
from surveys.stores.columns import Keyring, key_number
from surveys.stores.store import Store

HOURS = 24


def receive(store: Store, holder: str, sent: Sequence[Sent], unit: UnitCode | None, now: datetime) -> Waiting:
    """Keep what somebody sent, in place of what they sent before. One transaction. Raises UnusableFile;
    nothing was kept then.
    """
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
        instant(now),
        Head(tuple((shown_name(each.name), each.size) for each in sent)),
    )
    with store.begin() as connection:
        _forget(connection, models.waiting_imports.c.holder == holder)
        connection.execute(insert(models.waiting_imports).values(**columns_of(store.keyring, made)))
        for index, each in enumerate(sent):
            Pieces(connection, store.keyring, made.id).put_file(index, each.content())
    return made


def look(store: Store, holder: str, now: datetime) -> Waiting | None:
    """The import of this account, if it has one that is not older than a day. Stores nothing."""
    with store.reading() as connection:
        held = models.waiting_imports
        row = connection.execute(select(held).where(held.c.holder == holder)).one_or_none()
    found = None if row is None else waiting_of(store.keyring, row)
    return None if found is None or found.made < _oldest(now) else found


def find(store: Store, waiting: str) -> Waiting:
    """The import of this id, for its job. Raises NoWaitingImport."""
    with store.reading() as connection:
        return _find(connection, store.keyring, waiting)


def read_waiting(store: Store, waiting: str, progress: Progress) -> Waiting:
    """Read and compare what was received: it waits for its confirmation then, or is refused with its errors.

    Nothing of the files is kept afterwards. Read already: changes nothing. Raises NoWaitingImport.
    """
    found = find(store, waiting)
    if found.state is not State.RECEIVED:
        return found
    sent = [
        Sent(name, size, partial(_file, store, waiting, index))
        for index, (name, size) in enumerate(found.head.files)
    ]
    held = load_held(store, progress)
    try:
        changes, notes = _compared(sent, held, found.unit, found.head.letters, progress)
    except (BadSheets, UnusableFile, Outside, NoSuchUnit, NoOrganisation) as error:
        errors = error.errors if isinstance(error, BadSheets) else ()
        head = replace(found.head, refused=_refusal(error))
        read = replace(found, state=State.REFUSED, head=head)
        return _keep(store, read, None, errors, progress)
    looks = second_look(held.organisation, changes)
    head = replace(found.head, counts=counted(changes), looks=looks, notes=notes)
    read = replace(found, state=State.WAITING, revision=held.revision, head=head)
    return _keep(store, read, changes, (), progress)


def changes_of(
    store: Store, waiting: Waiting, sheet: str, kind: Kind, first: int, most: int
) -> tuple[Change, ...]:
    """Some of what changes in a sheet, from the `first` on. Stores nothing."""
    found: list[Change] = []
    with store.reading() as connection:
        pieces = Pieces(connection, store.keyring, waiting.id)
        for number in range(first // RECORDS_A_PIECE, (first + most - 1) // RECORDS_A_PIECE + 1):
            found += [Change(kind, old, new) for old, new in pieces.changes(sheet, kind, number)]
    at = first % RECORDS_A_PIECE
    return tuple(found[at : at + most])


def errors_of(store: Store, waiting: Waiting, number: int) -> tuple[SheetError, ...]:
    """One page of what is wrong with the files. Stores nothing."""
    with store.reading() as connection:
        return Pieces(connection, store.keyring, waiting.id).errors(number)


def confirm(
    store: Store,
    holder: str,
    waiting: str,
    by: tuple[str, str],
    reason: str,
    now: datetime,
) -> Waiting:
    """Say that what was shown shall be imported: by whom (id and name) and why. One transaction.

    The same again changes nothing. Raises NoWaitingImport when this very import does not wait any more,
    OrganisationChanged when it was compared with an older revision, LettersNotDecided when text in old
    encodings is still to be decided about.
    """
    with store.begin() as connection:
        found = _find(connection, store.keyring, waiting)
        if found.holder != holder or found.made < _oldest(now):
            raise NoWaitingImport
        if found.state is State.CONFIRMED:
            return found
        if found.state is not State.WAITING:
            raise NoWaitingImport
        if found.head.undecided:
            raise LettersNotDecided
        if found.revision != revision_in(connection):
            raise OrganisationChanged
        confirmed = replace(found, state=State.CONFIRMED, head=replace(found.head, by=by, reason=reason))
        _update(connection, store.keyring, confirmed)
    return confirmed


def choose_letters(store: Store, holder: str, waiting: str, letters: Letters, now: datetime) -> Waiting:
    """Say whether text in old encodings is converted or kept as it is: the files are read again so. One
    transaction.

    The same again changes nothing. Raises NoWaitingImport when this very import does not wait, or nothing was
    asked about it.
    """
    with store.begin() as connection:
        found = _find(connection, store.keyring, waiting)
        if found.holder != holder or found.made < _oldest(now) or found.state is not State.WAITING:
            raise NoWaitingImport
        if found.head.letters == letters:
            return found
        if not any(note.kind == "old_letters" for note in found.head.notes):
            raise NoWaitingImport
        if letters == Letters.CONVERT:  # which is how it was read
            chosen = replace(found, head=replace(found.head, letters=letters))
        else:
            head = Head(found.head.files, letters=letters)
            chosen = replace(found, state=State.RECEIVED, revision=None, head=head)
        _update(connection, store.keyring, chosen)
    return chosen


def import_waiting(store: Store, waiting: str, progress: Progress) -> Waiting:
    """Import what was confirmed, in one transaction with the end of the waiting. Imported already: changes
    nothing.

    Raises NoWaitingImport, or OrganisationChanged; nothing was stored then.
    """
    with store.begin() as connection:
        found = _find(connection, store.keyring, waiting)
        if found.state is State.IMPORTED:
            return found
        if found.state is not State.CONFIRMED:
            raise NoWaitingImport
        if found.revision != revision_in(connection):
            raise OrganisationChanged
        pieces, revision = Pieces(connection, store.keyring, waiting), found.revision
        if found.head.number:
            revision = Writer(connection, store.keyring, progress).apply(
                KeptChanges(pieces, found.head.number)
            )
        pieces.drop()
        imported = replace(found, state=State.IMPORTED, revision=revision)
        _update(connection, store.keyring, imported)
    return imported


def discard(engine: Engine, holder: str) -> None:
    """Forget what this account sent. One transaction; may be run again."""
    with engine.begin() as connection:
        _forget(connection, models.waiting_imports.c.holder == holder)


def forget_old(engine: Engine, now: datetime) -> None:
    """Forget what has waited for more than a day. One transaction; may be run again."""
    with engine.begin() as connection:
        _forget(connection, models.waiting_imports.c.made < _oldest(now))


def reseal_heads(store: Store) -> None:
    """Seal what is known of every waiting import with the ring's newest key; may be killed and run again."""
    held = models.waiting_imports
    with store.begin() as connection:
        for row in connection.execute(select(held.c.id, held.c.head)).all():
            if key_number(row.head) != store.keyring.current:
                again = store.keyring.seal(*HEAD, row.id, store.keyring.open(*HEAD, row.id, row.head))
                connection.execute(update(held).where(held.c.id == row.id).values(head=again))


def _compared(
    sent: Sequence[Sent], held: Held, unit: UnitCode | None, letters: Letters, progress: Progress
) -> tuple[Difference, tuple[Note, ...]]:
    """What the files change, and what must be seen. A part is read as an organisation of its own and put back
    in its place.
    """
    whole = held.organisation
    if unit is None:
        read = read_upload(sent, lambda: whole if whole.units else None, progress, letters)
        return difference(whole, read.organisation), read.notes
    if not whole.units:
        raise NoOrganisation
    base = subtree(whole, unit)
    read = read_upload(sent, lambda: base, progress, letters)
    part = read.organisation
    after = part if part.top == whole.top else put_back(whole, unit, part)
    check_organisation(after, name_of(sent))
    changes = difference(whole, after)
    require_within(whole, after, changes, unit)
    return changes, read.notes


def _keep(
    store: Store,
    read: Waiting,
    changes: Difference | None,
    errors: Sequence[SheetError],
    progress: Progress,
) -> Waiting:
    """The files go, what they say comes. One transaction. Discarded meanwhile: raises NoWaitingImport."""
    with store.begin() as connection:
        found = _find(connection, store.keyring, read.id)
        if found.state is not State.RECEIVED:  # another run of the same job was first
            return found
        pieces = Pieces(connection, store.keyring, read.id)
        pieces.drop(files=not any(note.kind == "old_letters" for note in read.head.notes))
        if changes is not None:
            progress.begin("compare", changes.number)
            pieces.put_changes(changes, progress.step)
        pieces.put_errors(errors)
        _update(connection, store.keyring, read)
    return read


def _file(store: Store, waiting: str, index: int) -> bytes:
    with store.reading() as connection:
        return Pieces(connection, store.keyring, waiting).file(index)


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
    return waiting_of(keyring, row)


def _forget(connection: Connection, which: ColumnElement[bool]) -> None:
    held, pieces = models.waiting_imports, models.waiting_pieces
    gone = select(held.c.id).where(which)
    connection.execute(delete(pieces).where(pieces.c.waiting.in_(gone)))
    connection.execute(delete(held).where(which))


def _update(connection: Connection, keyring: Keyring, waiting: Waiting) -> None:
    held = models.waiting_imports
    connection.execute(update(held).where(held.c.id == waiting.id).values(**columns_of(keyring, waiting)))


def _oldest(now: datetime) -> Instant:
    return instant(now - timedelta(hours=HOURS))
