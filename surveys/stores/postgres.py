"""The three stores in one PostgreSQL database: a schema for the app store and one for each roll and box. See
docs/decisions/0038.

One writer at a time for each store, as in SQLite: whoever may write takes the store's advisory lock before
reading anything, so that what one has read still holds when it writes. Danger: PostgreSQL keeps versions of
rows and a log of changes. Until `rewrite` has written a roll or box anew, who reads the system columns or the
files learns in which order people came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    CreateTableAs,
    Engine,
    SelectBase,
    Table,
    create_engine,
    event,
    insert,
    make_url,
    select,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import DropTable

from surveys.errors import SurveysError

READS = "tin_nhiem_reads"
# What would lose what was acknowledged, or keep for long which change came when.
_WANTED: Mapping[str, tuple[str, ...]] = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "archive_mode": ("off",),
    "track_commit_timestamp": ("off",),
    "wal_level": ("minimal", "replica"),
    "log_statement": ("none", "ddl"),
    "log_duration": ("off",),
    "log_min_duration_statement": ("-1",),
    "log_min_duration_sample": ("-1",),
    "log_transaction_sample_rate": ("0",),
    "log_parameter_max_length_on_error": ("0",),
    "server_encoding": ("UTF8",),
}
_ORDERS_BY_CODE_POINT = ("C", "POSIX", "C.UTF-8", "C.utf8")


class UnsuitableDatabase(SurveysError):
    """A setting of the database would lose ballots, show the order of voting, or sort otherwise than the
    files do.
    """

    def __init__(self, name: str, found: str, wanted: str) -> None:
        self.name, self.found, self.wanted = name, found, wanted
        super().__init__(f"the database has {name} = {found}; wanted: {wanted} (docs/operations.md)")


class DatabaseUnreachable(SurveysError):
    """No connection to the database, or no driver for it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"no connection to the database of TIN_NHIEM_DATABASE: {why}")


class Database:
    """One database, whose schemas are the stores. Nothing is opened before it is used."""

    def __init__(self, url: str, busy_seconds: int) -> None:
        self.url = url
        self._url, self._busy = make_url(url), busy_seconds
        self._held: dict[str, Connection] = {}
        self._plain_engine: Engine | None = None

    def engine(self, schema: str) -> Engine:
        """An engine that sees this schema alone; each transaction but that of a reader holds the schema's
        lock.
        """
        engine = _engine(self._url, schema, self._busy)

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            if connection.get_execution_options().get(READS, False):
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            else:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_key(schema)})")

        return engine

    def schemas(self) -> frozenset[str]:
        """The names of all schemas that are there. Raises DatabaseUnreachable or UnsuitableDatabase."""
        with self._plain() as connection:
            return frozenset(connection.scalars(text("SELECT nspname FROM pg_namespace")))

    @contextmanager
    def moment(self) -> Iterator[Connection]:
        """A connection that sees all schemas as they are at one moment, and writes nothing."""
        with self._plain() as connection:
            yield connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def make(self, schema: str) -> None:
        """Make a schema where it is missing."""
        with self._plain() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({_key('schemas')})")
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_key('schemas')})")

    def drop(self, schema: str) -> None:
        """Drop a schema and all that is in it."""
        with self._plain() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")

    def take(self, name: str, *, shared: bool) -> bool:
        """Take a lock over all hosts until `give_back`; False where somebody else has it. Lost when the
        database is restarted.
        """
        connection = self._plain()
        verb = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
        if not connection.exec_driver_sql(f"SELECT {verb}({_key(name)})").scalar():
            connection.close()
            return False
        self._held[name] = connection
        return True

    def give_back(self, name: str) -> None:
        """Let go of a lock; nothing happens where it is not held."""
        if name in self._held:
            self._held.pop(name).close()

    def close(self) -> None:
        """Let go of all locks and connections."""
        for name in list(self._held):
            self.give_back(name)

    def _plain(self) -> Connection:
        if self._plain_engine is None:
            self._plain_engine = _engine(self._url, "pg_catalog", self._busy, poolclass=NullPool)
        try:
            return self._plain_engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        except OperationalError as error:
            raise DatabaseUnreachable(str(error.orig).strip().splitlines()[0]) from None


def rewrite(connection: Connection, tables: Mapping[Table, SelectBase]) -> None:
    """Write tables anew, each as the rows of its query in the order of its primary key, within this
    transaction.

    New files, indexes and TOAST values, all rows with one transaction's number, so nothing that can be asked
    tells which row was changed when. VACUUM FULL or CLUSTER would not do: they keep each row's transaction
    and TOAST values.
    """
    beside = {
        table: CreateTableAs(query, f"new_{table.name}", temporary=True) for table, query in tables.items()
    }
    for each in beside.values():
        connection.execute(each)
    connection.exec_driver_sql(f"TRUNCATE {', '.join(table.name for table in tables)}")
    for table, each in beside.items():
        rows = each.table.c
        ordered = select(each.table).order_by(*(rows[column.name] for column in table.primary_key))
        connection.execute(insert(table).from_select([column.name for column in rows], ordered))
        connection.exec_driver_sql(f"ANALYZE {table.name}")
        connection.execute(DropTable(each.table))


def _engine(url: URL, schema: str, busy_seconds: int, **pool: Any) -> Engine:
    options = f"-c search_path={schema} -c synchronous_commit=on -c lock_timeout={busy_seconds * 1000}"
    # Nothing is prepared: a migration while polls are open would break prepared statements.
    arguments = {"options": options, "prepare_threshold": None}
    pool = pool or {"pool_size": 2, "max_overflow": -1, "pool_pre_ping": True}
    try:
        engine = create_engine(url, connect_args=arguments, hide_parameters=True, **pool)
    except ModuleNotFoundError:
        raise DatabaseUnreachable("the driver is missing: pip install 'tin-nhiem[postgres]'") from None
    event.listen(engine, "first_connect", _check)
    return engine


def _check(connection: DBAPIConnection, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT name, setting FROM pg_settings")
    found = dict(cursor.fetchall())
    cursor.execute("SELECT datlocprovider, datcollate FROM pg_database WHERE datname = current_database()")
    ((provider, collation),) = cursor.fetchall()
    cursor.close()
    connection.rollback()
    for name, wanted in _WANTED.items():
        if found[name] not in wanted:
            raise UnsuitableDatabase(name, found[name], " or ".join(wanted))
    if provider == "i" or (provider == "c" and collation not in _ORDERS_BY_CODE_POINT):
        raise UnsuitableDatabase("LC_COLLATE", "of ICU" if provider == "i" else collation, "C")


def _key(name: str) -> int:
    """The number of an advisory lock; such locks are of one database."""
    return int.from_bytes(sha256(f"tin-nhiem/{name}".encode()).digest()[:8], "big", signed=True)
