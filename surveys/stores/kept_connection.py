"""One connection to a store that is kept between requests, and whether somebody else has written since it
last looked.

SQLite's data_version changes when another connection commits, never through commits of this one. Sealing puts
another file in a box's place (`surveys/box/sealing.py`) and overwrites the old one, so the file is looked
up anew before every transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

from surveys.stores.postgres import READS


class KeptConnection:
    """Used by one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._file: tuple[int, int] | None = None
        self._version: int | None = None

    @property
    def possible(self) -> bool:
        """Whether this is a SQLite file, which tells who has written."""
        return self._engine.dialect.name == "sqlite" and bool(self._engine.url.database)

    @contextmanager
    def transaction(self, *, reads: bool = False) -> Iterator[Connection]:
        """A transaction that holds off other writers; committed at the end, taken back on an exception. One
        that only reads holds off nobody, and sees one moment.
        """
        file = self._present_file()
        if self._connection is None or file != self._file:
            self.close()
            self._connection, self._file = self._engine.connect(), file
        self._connection.execution_options(**{READS: reads})
        with self._connection.begin():
            yield self._connection

    @property
    def is_new(self) -> bool:
        """Whether `has_changed` has not been asked of this file yet: nothing that is known is of it."""
        return self._version is None

    def has_changed(self) -> bool:
        """Whether another connection has written since this was asked last; to be asked within a
        transaction.
        """
        assert self._connection is not None
        before = self._version
        raw = self._connection.connection.driver_connection
        assert raw is not None
        self._version = raw.execute("PRAGMA data_version").fetchone()[0]
        return self._version != before

    def is_of_another_file(self) -> bool:
        """Whether a file is held that is no longer the box."""
        return self._connection is not None and self._file != self._present_file()

    def close(self) -> None:
        """Let go of the file; what was known of it is forgotten."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._file = self._version = None

    def _present_file(self) -> tuple[int, int]:
        database = self._engine.url.database
        assert database is not None
        found = Path(database).stat()
        return found.st_dev, found.st_ino
