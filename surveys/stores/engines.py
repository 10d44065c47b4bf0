"""Engines of the three stores: app (one), roll and box (one file a survey each). See docs/protocol.md 9.4.

With a database each file is a schema of it instead (`surveys/stores/postgres.py`). A store is made by
`migrate_app`, `create_roll` and `create_box` alone: a file that is missing is never made anew by opening it,
for it would be an empty roll or box.

Danger: the settings here are what keeps the order of voting out of the files. Roll and box use a rollback
journal (a WAL file would hold every change in order), synchronise the journal's folder entry too, and
overwrite what they delete: with FULL a power cut right after an answer could bring the journal back, and with
it the state before an acknowledged ballot.
"""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from surveys.disk import make_folder
from surveys.errors import SurveysError
from surveys.names import RoundId
from surveys.stores.migrating import migrate, migrate_made
from surveys.stores.postgres import READS, Database
from surveys.stores.stops import Stops
from surveys.stores.witness import Witness

APP = "app.sqlite"
PAGE_BYTES = 16384
BUSY_SECONDS = 30
_FILE = re.compile(r"(?:roll|box)-([0-9a-f]{32})\.sqlite")
_SCHEMA = re.compile(r"(?:roll|box)_([0-9a-f]{32})")
_SURVEY = re.compile(r"[0-9a-f]{32}")


class InstanceBusy(SurveysError):
    """Another process works on these stores, and this one would have to be alone, or the other way round."""

    def __init__(self, root: Path) -> None:
        self.root = root
        super().__init__(
            f"another process is working on {root}; stop it first, or wait until it has finished"
        )


class AnotherServer(SurveysError):
    """Another server works on this instance already."""

    def __init__(self, root: Path) -> None:
        self.root = root
        super().__init__(f"another server is already working on {root}; two would send every letter twice")


class AnotherHost(SurveysError):
    """Another host, or another folder of this one, does the background work on this database."""

    def __init__(self) -> None:
        super().__init__(
            "another host does the background work on this database; two would send every letter twice. "
            "Serve the voters' pages alone here: TIN_NHIEM_SERVE=voter"
        )


class DatabaseBusy(SurveysError):
    """Another host, or another folder of this one, works on this database, and one of the two would have to
    be alone.
    """

    def __init__(self) -> None:
        super().__init__(
            "another host is working on this database; stop its servers and commands first, or wait until "
            "they have finished"
        )


class Engines:
    """The stores of one instance, without the keys of their sealed columns. Made on first use and closed by
    `close`.

    Files under `root`, or, where a database is named, its schemas; `root` then holds this host's locks only.
    Roll and box of a round that is stopped are not handed out.
    """

    def __init__(self, root: Path, database: str = "", witness: Witness | None = None) -> None:
        self.root = root
        self.witness = witness or Witness()
        self.stops = Stops()
        self._database = Database(database, BUSY_SECONDS) if database else None
        self._engines: dict[Path, Engine] = {}
        self._held: int | None = None
        self._serving: int | None = None

    def hold(self, *, alone: bool) -> None:
        """Hold these stores until `close` or the end of the process, with others or alone.

        Does not wait: raises InstanceBusy where somebody else holds them alone, or, for `alone`, at all, and
        DatabaseBusy where that is on another host.
        """
        make_folder(self.root, 0o700)
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise InstanceBusy(self.root) from None
        if self._database is not None and not self._database.take("instance", shared=not alone):
            os.close(descriptor)
            raise DatabaseBusy
        self._held = descriptor

    def serve_alone(self) -> None:
        """Be the one server with background work and clock, until `close` or the end of the process; asked
        again, nothing happens.

        Does not wait: raises AnotherServer where there is one already, AnotherHost where it is on another
        host. A killed server leaves nothing behind that holds it up.
        """
        if self._serving is not None:
            return
        make_folder(self.root, 0o700)
        descriptor = os.open(self.root / "server", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise AnotherServer(self.root) from None
        if self._database is not None and not self._database.take("server", shared=False):
            os.close(descriptor)
            raise AnotherHost
        self._serving = descriptor

    def is_served(self) -> bool:
        """Whether some process on this host does the background work. To ask, the lock is shared for a
        moment; whoever takes it up at that very moment has to try again.
        """
        if self._serving is not None:
            return True
        try:
            descriptor = os.open(self.root / "server", os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def serve_no_more(self) -> None:
        """Let another server work."""
        if self._database is not None:
            self._database.give_back("server")
        if self._serving is not None:
            os.close(self._serving)
            self._serving = None

    @property
    def database(self) -> str:
        """The address of the database, with its password; empty where the stores are files."""
        return self._database.url if self._database else ""

    @property
    def app(self) -> Engine:
        """Organisation, rounds, committee, results, staff."""
        return self._engine(self.root / APP)

    def roll(self, round_id: RoundId) -> Engine:
        """The roll of one survey (id in hex). Raises RoundStopped."""
        self.stops.check(round_id)
        return self.unjudged_roll(round_id)

    def box(self, round_id: RoundId) -> Engine:
        """The box of one survey (id in hex). Raises RoundStopped."""
        self.stops.check(round_id)
        return self.unjudged_box(round_id)

    def unjudged_roll(self, round_id: RoundId) -> Engine:
        """The roll, stopped or not: for whoever judges it."""
        return self._engine(self.roll_path(round_id))

    def unjudged_box(self, round_id: RoundId) -> Engine:
        """The box, stopped or not: for whoever judges it."""
        return self._engine(self.box_path(round_id))

    def roll_path(self, round_id: RoundId) -> Path:
        """The roll's file. Raises ValueError for what is not a round's id."""
        return self.root / f"roll-{_checked(round_id)}.sqlite"

    def box_path(self, round_id: RoundId) -> Path:
        """The box's file. Raises ValueError for what is not a round's id."""
        return self.root / f"box-{_checked(round_id)}.sqlite"

    def has_app(self) -> bool:
        """Whether the app store is there. Asking makes none."""
        return self.has(self.root / APP)

    def has_roll(self, round_id: RoundId) -> bool:
        """Whether a survey has a roll here. Asking makes none."""
        return self.has(self.roll_path(round_id))

    def has_box(self, round_id: RoundId) -> bool:
        """Whether a survey has a box here. Asking makes none."""
        return self.has(self.box_path(round_id))

    def discard(self, round_id: RoundId) -> None:
        """Remove roll and box of a survey with whatever lies beside them; nothing happens where there are
        none.
        """
        for path in (self.roll_path(round_id), self.box_path(round_id)):
            if self._database:
                self._database.drop(schema_of(path))
            for left in path.parent.glob(f"{path.name}*"):
                left.unlink()

    def round_ids(self) -> tuple[RoundId, ...]:
        """The ids of all surveys that have a roll or a box here, whether or not a round of theirs is
        entered.
        """
        pattern, names = (
            (_SCHEMA, self._database.schemas())
            if self._database
            else (_FILE, [path.name for path in self.root.glob("*.sqlite")])
        )
        return tuple(sorted({RoundId(match[1]) for name in names if (match := pattern.fullmatch(name))}))

    def are_made(self) -> bool:
        """Whether any store is there, however little it holds."""
        if self._database:
            return "app" in (there := self._database.schemas()) or any(map(_SCHEMA.fullmatch, there))
        return any(path.stat().st_size for path in self.root.glob("*.sqlite"))

    def migrate_app(self) -> None:
        """Bring the app store to the newest schema; safe to run again."""
        self._make(self.root / APP)
        migrate(self.app, "app")

    def create_roll(self, round_id: RoundId) -> Engine:
        """Make the roll's file, or bring it to the newest schema."""
        self._make(self.roll_path(round_id))
        migrate(self.roll(round_id), "roll")
        return self.roll(round_id)

    def create_box(self, round_id: RoundId) -> Engine:
        """Make the box's file, or bring it to the newest schema."""
        self._make(self.box_path(round_id))
        migrate(self.box(round_id), "box")
        return self.box(round_id)

    def migrate_roll(self, round_id: RoundId) -> None:
        """Bring a roll that was made to the newest schema; on one that is there nothing is written. Raises
        StoreTooNew, and what SQLAlchemy raises where it is no store.
        """
        migrate_made(self.unjudged_roll(round_id), "roll")

    def migrate_box(self, round_id: RoundId) -> None:
        """Bring a box that was made to the newest schema, as `migrate_roll` does."""
        migrate_made(self.unjudged_box(round_id), "box")

    def close(self) -> None:
        """Let go of all files and connections."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        if self._held is not None:
            os.close(self._held)
            self._held = None
        self.serve_no_more()
        if self._database is not None:
            self._database.close()

    def _engine(self, path: Path) -> Engine:
        if path not in self._engines:
            if self._database is not None:
                self._engines[path] = self._database.engine(schema_of(path))
            else:
                self._engines[path] = sqlite_engine(path, spill=path.name != APP)
        return self._engines[path]

    def has(self, path: Path) -> bool:
        """Whether the store of this path is there, as a file or a schema. Asking makes none."""
        return schema_of(path) in self._database.schemas() if self._database else path.is_file()

    def _make(self, path: Path) -> None:
        """An empty store; what is there stays. An empty file is one that SQLite takes for a new database."""
        if self._database is not None:
            self._database.make(schema_of(path))
            return
        make_folder(path.parent, 0o700)
        path.touch(mode=0o600)


def sqlite_engine(path: Path, *, spill: bool = True) -> Engine:
    """An engine on one SQLite file, which must be there, with the settings of this house; each transaction
    but that of `reading` begins IMMEDIATE.

    IMMEDIATE, so that two writers queue up at the start of a transaction and what one has read still holds
    when it writes. Without `spill` a large transaction is kept in memory until it commits, and until then
    nobody who reads has to wait.
    """
    url = URL.create("sqlite", database=str(path))
    # What a statement was given never reaches a log: a slot beside the time of its line would tell whose.
    engine = create_engine(
        url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True
    )

    @event.listens_for(engine, "do_connect")
    def existing(_: object, __: object, arguments: list[object], named: dict[str, object]) -> None:
        arguments[0], named["uri"] = f"{path.absolute().as_uri()}?mode=rw", True

    @event.listens_for(engine, "connect")
    def settings(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"page_size = {PAGE_BYTES}",
            "journal_mode = DELETE",
            "synchronous = EXTRA",
            "secure_delete = ON",
            "foreign_keys = ON",
            f"cache_spill = {'ON' if spill else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(READS, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def reading(engine: Engine) -> Connection:
    """A connection that only reads, and so waits for nobody who writes, except while they commit. What is
    read is of one moment.
    """
    return engine.connect().execution_options(**{READS: True})


def schema_of(path: Path) -> str:
    """The schema that stands for a file."""
    return path.stem.replace("-", "_")


def _checked(round_id: RoundId) -> str:
    if not _SURVEY.fullmatch(round_id):
        raise ValueError("a round's id has 32 hex digits")
    return round_id
