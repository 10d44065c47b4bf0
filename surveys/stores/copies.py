"""Copies of stores as files, whether the stores are files or schemas of a database; and the way back into a
database (docs/decisions/0042).

Danger: rows are copied in the order of their keys. In any other order a copy would bring along the one in
which they were written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, ForeignKeyConstraint, MetaData, Table, delete, insert, select, text
from sqlalchemy.schema import sort_tables_and_constraints

from surveys.stores.engines import BUSY_SECONDS, Engines, schema_of, sqlite_engine
from surveys.stores.migrating import migrate, migrate_in
from surveys.stores.postgres import Database

ROWS_A_STATEMENT = 200


@contextmanager
def copies(engines: Engines) -> Iterator[Callable[[Path, Path], None]]:
    """What copies a store, by the path that it has or would have, into a new file. Files are each of one
    moment; out of a database all stores are of the same moment. Somebody may be at work meanwhile.
    """
    if not engines.database:
        yield _copy_file
        return
    with Database(engines.database, BUSY_SECONDS).moment() as source:
        yield lambda store, target: _copy_schema(source, schema_of(store), target)


def put_in_database(engines: Engines, file: Path, run: str) -> None:
    """Let the store of this file take the place of the one in the database, in one transaction. That one
    stays, as a schema named by `run`; put in its place by the same run already, nothing happens.
    """
    schema = schema_of(file)
    source = sqlite_engine(file)
    migrate(source, _kind(file))
    store = Database(engines.database, BUSY_SECONDS).engine(schema)
    try:
        with source.connect() as rows, store.begin() as target:
            _take_its_place(rows, target, schema, _kind(file), run)
    finally:
        store.dispose()


def _take_its_place(rows: Connection, target: Connection, schema: str, kind: str, run: str) -> None:
    said = text("SELECT obj_description(to_regnamespace(:schema), 'pg_namespace')")
    if target.scalar(said, {"schema": schema}) == run:
        return
    if target.scalar(text("SELECT to_regnamespace(:schema)"), {"schema": schema}) is not None:
        target.exec_driver_sql(f"ALTER SCHEMA {schema} RENAME TO {run}_{schema}")
    target.exec_driver_sql(f"CREATE SCHEMA {schema}")
    target.exec_driver_sql(f"COMMENT ON SCHEMA {schema} IS '{run}'")
    migrate_in(target, kind)
    _copy_rows(rows, None, target)


def _copy_file(source: Path, target: Path) -> None:
    """By SQLite's own means."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as from_,
        closing(sqlite3.connect(target)) as to,
    ):
        from_.backup(to)
    target.chmod(0o600)


def _copy_schema(source: Connection, schema: str, target: Path) -> None:
    target.touch(mode=0o600)
    file = sqlite_engine(target)
    migrate(file, _kind(target))
    with file.begin() as to:
        _copy_rows(source, schema, to)


def _copy_rows(source: Connection, schema: str | None, target: Connection) -> None:
    """All rows of all tables, each after those that it refers to, in the order of keys; what the migrations
    put there is replaced.
    """
    there = MetaData()
    there.reflect(target)
    tables = sort_tables_and_constraints(  # type: ignore[no-untyped-call]
        there.tables.values(), filter_fn=_waits_for_the_end
    )
    for table, _ in tables:
        if table is None or table.name == "alembic_version":
            continue
        target.execute(delete(table))
        held = Table(table.name, MetaData(), schema=schema, autoload_with=source, resolve_fks=False)
        ordered = select(held).order_by(*(held.c[key.name] for key in table.primary_key))
        found = source.execute(ordered, execution_options={"yield_per": ROWS_A_STATEMENT})
        for rows in found.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in rows])


def _waits_for_the_end(constraint: ForeignKeyConstraint) -> bool | None:
    """Constraints that are looked at when the transaction ends ask for no order (and may go in circles)."""
    return True if constraint.deferrable else None


def _kind(file: Path) -> str:
    return file.stem.partition("-")[0]
