"""The organisation in the app store: loaded whole, changed only by a confirmed difference, all or nothing.

Every verb that changes it raises its revision in the same transaction: whoever compared, or keeps a catalogue
in memory, sees by the number that what they know is old, in whatever process they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select, update

from surveys.jobs.progress import Progress, Silent
from surveys.names import PersonCode, UnitCode
from surveys.organisation import models
from surveys.organisation.difference import Difference, difference
from surveys.organisation.errors import DifferenceNotConfirmed, NoOrganisation, OrganisationChanged
from surveys.organisation.preview import another_root
from surveys.organisation.values import (
    Grade,
    Grading,
    Organisation,
    PaperResult,
    Person,
    Post,
    PostKind,
    Scope,
    Unit,
)
from surveys.organisation.writing import BATCH, Writer, revision_in
from surveys.stores.columns import Keyring, key_number
from surveys.stores.engines import reading
from surveys.stores.origin import forbid_demonstration
from surveys.stores.store import Store

_SEALED = ("code", "name", "email")


@dataclass(frozen=True, slots=True)
class Held:
    """What the store holds: the organisation, empty before the first import, and its revision."""

    organisation: Organisation
    revision: int


@dataclass(frozen=True, slots=True)
class Compared:
    """The changes from what was stored at this revision."""

    before: Organisation
    changes: Difference
    revision: int

    @property
    def first(self) -> bool:
        """Whether nothing was stored before."""
        return not self.before.units


def load_organisation(store: Store) -> Organisation:
    """The organisation as it stands. Raises NoOrganisation."""
    organisation = load_held(store).organisation
    if not organisation.units:
        raise NoOrganisation
    return organisation


def unit_tree(engine: Engine) -> dict[UnitCode, UnitCode | None]:
    """Every unit → its parent, None for the root."""
    with reading(engine) as connection:
        rows = connection.execute(select(models.units.c.code, models.units.c.parent))
        return {row.code: row.parent for row in rows}


def unit_names(engine: Engine) -> dict[UnitCode, str]:
    """Every unit → its name."""
    with reading(engine) as connection:
        return dict(connection.execute(select(models.units.c.code, models.units.c.name)).all())


def load_held(store: Store, progress: Progress | None = None) -> Held:
    """The organisation, if there is one, with its revision."""
    with store.reading() as connection:
        return held_in(connection, store.keyring, progress)


def revision(engine: Engine) -> int:
    """The organisation's revision: the same number means that nothing has changed."""
    with reading(engine) as connection:
        return revision_in(connection)


def compare(store: Store, organisation: Organisation, progress: Progress | None = None) -> Compared:
    """What importing this organisation would change. Stores nothing."""
    held = load_held(store, progress)
    return Compared(held.organisation, difference(held.organisation, organisation), held.revision)


def import_organisation(
    store: Store,
    organisation: Organisation,
    *,
    confirmed: bool,
    progress: Progress | None = None,
    by_demonstration: bool = False,
) -> Difference:
    """Make the store hold this organisation, in one transaction; returns what has changed.

    The same organisation again changes nothing, not a byte. Where something is stored already and differs, it
    is imported only with `confirmed`; else DifferenceNotConfirmed. A first import needs none. Raises
    OrganisationChanged when somebody changed it while this was compared. Nothing was stored then.
    """
    compared = compare(store, organisation, progress)
    if compared.changes.number and not compared.first and not confirmed:
        raise DifferenceNotConfirmed(compared.changes.number)
    import_compared(store, compared, progress, by_demonstration)
    return compared.changes


def import_compared(
    store: Store,
    compared: Compared,
    progress: Progress | None = None,
    by_demonstration: bool = False,
) -> None:
    """Make the changes that were shown, in one transaction. Without changes nothing is written.

    Raises OrganisationChanged when the organisation is no longer what it was compared with, and
    TheDemonstrations where another organisation would come into the demonstration's instance than its own;
    nothing was stored then.
    """
    if compared.changes.number == 0:
        return
    if not by_demonstration and (compared.first or another_root(compared.changes)):
        forbid_demonstration(store.engine)
    with store.begin() as connection:
        if revision_in(connection) != compared.revision:
            raise OrganisationChanged
        Writer(connection, store.keyring, progress or Silent()).apply(compared.changes)


def reseal_organisation(store: Store, on_done: Callable[[int], None] | None = None) -> int:
    """Seal every personal column with the ring's newest key; returns how many rows were changed.

    In batches of one transaction each, so it can be killed and run again: what is sealed with the newest key
    is left alone.
    """
    people = models.people
    with store.reading() as connection:
        ids = connection.scalars(select(people.c.id).order_by(people.c.id)).all()
    changed = 0
    for first in range(0, len(ids), BATCH):
        part = ids[first : first + BATCH]
        with store.begin() as connection:
            for row in connection.execute(select(people).where(people.c.id.in_(part))).all():
                values = {
                    name: store.keyring.seal(
                        "people", name, row.id, store.keyring.open("people", name, row.id, sealed)
                    )
                    for name in _SEALED
                    if (sealed := getattr(row, name)) is not None
                    and key_number(sealed) != store.keyring.current
                }
                if values:
                    connection.execute(update(people).where(people.c.id == row.id).values(**values))
                    changed += 1
        if on_done is not None:
            on_done(len(part))
    return changed


def held_in(connection: Connection, keyring: Keyring, progress: Progress | None = None) -> Held:
    """The same within a transaction."""
    told = progress or Silent()
    units = [Unit(*row) for row in connection.execute(select(models.units))]
    # One text for each unit's code, not one for each person who names it.
    known = {unit.code: unit.code for unit in units}
    codes: dict[str, PersonCode] = {}
    people = []
    told.begin("compare", 0 if not units else _number_of_people(connection))
    for part in connection.execute(select(models.people)).partitions(BATCH):
        for row in part:
            code = PersonCode(keyring.open("people", "code", row.id, row.code).decode())
            codes[row.id] = code
            name = keyring.open("people", "name", row.id, row.name).decode()
            email = keyring.open_text("people", "email", row.id, row.email)
            people.append(Person(code, name, known[row.unit], email, row.votes))
        told.step(len(part))
    post = models.posts.c
    columns = (post.unit, post.person, post.title, post.kind, post.head, post.subject, post.electorate)
    organisation = Organisation.of(
        units,
        people,
        [
            Post(known[unit], codes[person], title, PostKind(kind), head, subject, Scope(over))
            for unit, person, title, kind, head, subject, over in connection.execute(select(*columns))
        ],
        [
            Grading(known[unit], year, Grade(grade))
            for unit, year, grade in connection.execute(select(models.gradings))
        ],
        [
            PaperResult(year, codes[person], known[unit], *rest)
            for year, person, unit, *rest in connection.execute(select(models.paper_results))
        ],
    )
    return Held(organisation, revision_in(connection))


def _number_of_people(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(models.people)).scalar_one())
