"""Engines of the three stores: app (one), roll and box (one file a survey each). See docs/protocol.md 9.4.

Danger: the settings here are what keeps the order of voting out of the files. Roll and box use a rollback journal (a WAL
file would hold every change in order), full synchronisation, and overwrite what they delete.
"""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from surveys.errors import SurveysError

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
APP = "app.sqlite"
PAGE_BYTES = 16384
BUSY_SECONDS = 30
_READS = "tin_nhiem_reads"
_FILE = re.compile(r"(?:roll|box)-([0-9a-f]{32})\.sqlite")
_SURVEY = re.compile(r"[0-9a-f]{32}")


class InstanceBusy(SurveysError):
    """Another process works on these stores, and this one would have to be alone, or the other way round."""

    def __init__(self, root: Path) -> None:
        self.root = root
        super().__init__(
            f"another process is working on {root}; stop it first, or wait until it has finished"
        )


class Stores:
    """The stores under one folder. Engines are made on first use and closed by `close`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._engines: dict[Path, Engine] = {}
        self._held: int | None = None

    def hold(self, *, alone: bool) -> None:
        """Hold these stores until `close` or the end of the process, with others or alone.

        Does not wait: raises InstanceBusy where somebody else holds them alone, or, for `alone`, at all.
        """
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise InstanceBusy(self.root) from None
        self._held = descriptor

    @property
    def app(self) -> Engine:
        """Organisation, rounds, committee, results, staff."""
        return self._engine(self.root / APP)

    def roll(self, survey: str) -> Engine:
        """The roll of one survey (id in hex)."""
        return self._engine(self.roll_path(survey))

    def box(self, survey: str) -> Engine:
        """The box of one survey (id in hex)."""
        return self._engine(self.box_path(survey))

    def roll_path(self, survey: str) -> Path:
        """The roll's file. Raises ValueError for what is not a survey id."""
        return self.root / f"roll-{_checked(survey)}.sqlite"

    def box_path(self, survey: str) -> Path:
        """The box's file. Raises ValueError for what is not a survey id."""
        return self.root / f"box-{_checked(survey)}.sqlite"

    def surveys(self) -> tuple[str, ...]:
        """The ids of all surveys that have a roll or a box here, whether or not a round of theirs is entered."""
        found = {match[1] for path in self.root.glob("*.sqlite") if (match := _FILE.fullmatch(path.name))}
        return tuple(sorted(found))

    def migrate_app(self) -> None:
        """Bring the app store to the newest schema; safe to run again."""
        migrate(self.app, "app")

    def create_roll(self, survey: str) -> Engine:
        """Make the roll's file, or bring it to the newest schema."""
        migrate(self.roll(survey), "roll")
        return self.roll(survey)

    def create_box(self, survey: str) -> Engine:
        """Make the box's file, or bring it to the newest schema."""
        migrate(self.box(survey), "box")
        return self.box(survey)

    def close(self) -> None:
        """Let go of all files."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _engine(self, path: Path) -> Engine:
        if path not in self._engines:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._engines[path] = sqlite_engine(path, spill=path.name != APP)
        return self._engines[path]


def sqlite_engine(path: Path, *, spill: bool = True) -> Engine:
    """An engine on one SQLite file with the settings of this house; each transaction but that of `reading` begins IMMEDIATE.

    IMMEDIATE, so that two writers queue up at the start of a transaction and what one has read still holds when it writes. Without
    `spill` a large transaction is kept in memory until it commits, and until then nobody who reads has to wait.
    """
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def settings(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"page_size = {PAGE_BYTES}",
            "journal_mode = DELETE",
            "synchronous = FULL",
            "secure_delete = ON",
            "foreign_keys = ON",
            f"cache_spill = {'ON' if spill else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        reads = connection.get_execution_options().get(_READS, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def reading(engine: Engine) -> Connection:
    """A connection that only reads, and so waits for nobody who writes, except while they commit. What is read is of one moment."""
    return engine.connect().execution_options(**{_READS: True})


def migrate(engine: Engine, store: str) -> None:
    """Run Alembic's migrations of one store (app, roll or box) to the newest, in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS / store).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _checked(survey: str) -> str:
    if not _SURVEY.fullmatch(survey):
        raise ValueError("a survey id has 32 hex digits")
    return survey
