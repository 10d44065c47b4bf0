"""The organisation in the app store: loaded whole, changed only by a confirmed difference, all or nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Engine, delete, insert, select, update

from surveys.organisation import models
from surveys.organisation.difference import Difference, difference
from surveys.organisation.errors import DifferenceNotConfirmed, NoOrganisation
from surveys.organisation.values import Grading, Organisation, PaperResult, Person, Post, Unit
from surveys.stores.columns import Keyring, key_number

Progress = Callable[[int], None]
_SEALED = ("code", "name", "email")
_BATCH = 2000


def load_organisation(engine: Engine, keyring: Keyring) -> Organisation:
    """The organisation as it stands. Raises NoOrganisation."""
    organisation = _load(engine, keyring)
    if not organisation.units:
        raise NoOrganisation
    return organisation


def unit_tree(engine: Engine) -> dict[str, str | None]:
    """Every unit → its parent, None for the root."""
    with engine.connect() as connection:
        rows = connection.execute(select(models.units.c.code, models.units.c.parent))
        return {row.code: row.parent for row in rows}


def unit_names(engine: Engine) -> dict[str, str]:
    """Every unit → its name."""
    with engine.connect() as connection:
        return dict(connection.execute(select(models.units.c.code, models.units.c.name)).all())


def compare(engine: Engine, keyring: Keyring, organisation: Organisation) -> Difference:
    """What importing this organisation would change. Stores nothing."""
    return difference(_load(engine, keyring), organisation)


def import_organisation(
    engine: Engine,
    keyring: Keyring,
    organisation: Organisation,
    *,
    confirmed: bool,
    on_written: Progress | None = None,
) -> Difference:
    """Make the store hold this organisation, in one transaction; returns what has changed.

    The same organisation again changes nothing, not a byte. Where something is stored already and differs, it is
    imported only with `confirmed`; else DifferenceNotConfirmed, and nothing was stored. A first import needs none.
    """
    before = _load(engine, keyring)
    changes = difference(before, organisation)
    if changes.number == 0:
        return changes
    if before.units and not confirmed:
        raise DifferenceNotConfirmed(changes.number)
    with engine.begin() as connection:
        if _read(connection, keyring) != before:
            raise DifferenceNotConfirmed(changes.number)
        _Writer(connection, keyring, on_written or (lambda _: None)).apply(changes)
    return changes


def reseal_organisation(engine: Engine, keyring: Keyring, on_done: Progress | None = None) -> int:
    """Seal every personal column with the ring's newest key; returns how many rows were changed.

    In batches of one transaction each, so it can be killed and run again: what is sealed with the newest key is left alone.
    """
    people = models.people
    with engine.connect() as connection:
        ids = connection.scalars(select(people.c.id).order_by(people.c.id)).all()
    changed = 0
    for first in range(0, len(ids), _BATCH):
        part = ids[first : first + _BATCH]
        with engine.begin() as connection:
            for row in connection.execute(select(people).where(people.c.id.in_(part))).all():
                values = {
                    name: keyring.seal("people", name, row.id, keyring.open("people", name, row.id, sealed))
                    for name in _SEALED
                    if (sealed := getattr(row, name)) is not None and key_number(sealed) != keyring.current
                }
                if values:
                    connection.execute(update(people).where(people.c.id == row.id).values(**values))
                    changed += 1
        if on_done is not None:
            on_done(len(part))
    return changed


def _load(engine: Engine, keyring: Keyring) -> Organisation:
    with engine.connect() as connection:
        return _read(connection, keyring)


def _read(connection: Connection, keyring: Keyring) -> Organisation:
    codes: dict[str, str] = {}
    people = []
    for row in connection.execute(select(models.people)):
        code = keyring.open("people", "code", row.id, row.code).decode()
        codes[row.id] = code
        name = keyring.open("people", "name", row.id, row.name).decode()
        email = keyring.open_text("people", "email", row.id, row.email)
        people.append(Person(code, name, row.unit, email, row.votes))
    post = models.posts.c
    columns = (post.unit, post.person, post.title, post.kind, post.head, post.subject, post.electorate)
    return Organisation.of(
        [Unit(*row) for row in connection.execute(select(models.units))],
        people,
        [Post(unit, codes[person], *rest) for unit, person, *rest in connection.execute(select(*columns))],
        [Grading(*row) for row in connection.execute(select(models.gradings))],
        [
            PaperResult(year, codes[person], *rest)
            for year, person, *rest in connection.execute(select(models.paper_results))
        ],
    )


class _Writer:
    """Applies a difference: removals from the leaves up, additions from the root down; references are checked at commit."""

    def __init__(self, connection: Connection, keyring: Keyring, tell: Progress) -> None:
        self._connection, self._keyring, self._tell = connection, keyring, tell
        people = models.people.c
        self._ids: dict[bytes, str] = {
            index: row for row, index in connection.execute(select(people.id, people.code_index))
        }

    def apply(self, changes: Difference) -> None:
        for paper in (*changes.history.removed, *(old for old, _ in changes.history.changed)):
            self._remove_result(paper)
        for grading in (*changes.gradings.removed, *(old for old, _ in changes.gradings.changed)):
            self._remove_grading(grading)
        for post in (*changes.posts.removed, *(old for old, _ in changes.posts.changed)):
            self._remove_post(post)
        self._many(models.units, [_unit_row(unit) for unit in changes.units.added])
        for _, unit in changes.units.changed:
            row = _unit_row(unit)
            self._connection.execute(
                update(models.units).where(models.units.c.code == unit.code).values(**row)
            )
        self._many(models.people, [self._new_person(person) for person in changes.people.added])
        for old, new in changes.people.changed:
            self._change_person(old, new)
        self._many(
            models.posts,
            [self._post_row(p) for p in (*changes.posts.added, *(n for _, n in changes.posts.changed))],
        )
        gradings = (*changes.gradings.added, *(new for _, new in changes.gradings.changed))
        self._many(models.gradings, [{"unit": g.unit, "year": g.year, "grade": g.grade} for g in gradings])
        results = (*changes.history.added, *(new for _, new in changes.history.changed))
        self._many(models.paper_results, [self._result_row(result) for result in results])
        for person in changes.people.removed:
            self._connection.execute(delete(models.people).where(models.people.c.id == self._id(person.code)))
        for unit in changes.units.removed:
            self._connection.execute(delete(models.units).where(models.units.c.code == unit.code))

    def _many(self, table: object, rows: list[dict[str, object]]) -> None:
        for first in range(0, len(rows), _BATCH):
            part = rows[first : first + _BATCH]
            self._connection.execute(insert(table), part)  # type: ignore[arg-type]
            self._tell(len(part))

    def _index(self, code: str) -> bytes:
        return self._keyring.blind_index("people", "code", code)

    def _id(self, code: str) -> str:
        return self._ids[self._index(code)]

    def _new_person(self, person: Person) -> dict[str, object]:
        row = secrets.token_hex(16)
        index = self._index(person.code)
        self._ids[index] = row
        return {
            "id": row,
            "code_index": index,
            "code": self._keyring.seal("people", "code", row, person.code.encode()),
            **self._person_values(row, person),
        }

    def _person_values(self, row: str, person: Person) -> dict[str, object]:
        return {
            "name": self._keyring.seal("people", "name", row, person.name.encode()),
            "unit": person.unit,
            "email": self._keyring.seal_text("people", "email", row, person.email),
            "votes": person.votes,
        }

    def _change_person(self, old: Person, new: Person) -> None:
        row = self._id(old.code)
        values = self._person_values(row, new)
        self._connection.execute(update(models.people).where(models.people.c.id == row).values(**values))

    def _post_row(self, post: Post) -> dict[str, object]:
        return {
            "id": secrets.token_hex(16),
            "unit": post.unit,
            "person": self._id(post.person),
            "title": post.title,
            "kind": post.kind,
            "head": post.head,
            "subject": post.subject,
            "electorate": post.electorate,
        }

    def _remove_post(self, post: Post) -> None:
        c = models.posts.c
        self._connection.execute(
            delete(models.posts).where(
                c.unit == post.unit,
                c.person == self._id(post.person),
                c.title == post.title,
                c.kind == post.kind,
            )
        )

    def _remove_grading(self, grading: Grading) -> None:
        c = models.gradings.c
        self._connection.execute(
            delete(models.gradings).where(c.unit == grading.unit, c.year == grading.year)
        )

    def _result_row(self, result: PaperResult) -> dict[str, object]:
        return {
            "year": result.year,
            "person": self._id(result.person),
            "unit": result.unit,
            "summoned": result.summoned,
            "returned": result.returned,
            "high": result.high,
            "plain": result.plain,
            "low": result.low,
            "not_marked": result.not_marked,
        }

    def _remove_result(self, result: PaperResult) -> None:
        c = models.paper_results.c
        self._connection.execute(
            delete(models.paper_results).where(
                c.year == result.year, c.person == self._id(result.person), c.unit == result.unit
            )
        )


def _unit_row(unit: Unit) -> dict[str, object]:
    row: Mapping[str, object] = {
        "code": unit.code,
        "parent": unit.parent,
        "name": unit.name,
        "name_en": unit.name_en,
        "kind": unit.kind,
    }
    return dict(row)
