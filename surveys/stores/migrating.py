"""Stores are brought to the newest schema by Alembic (`migrations/`, a folder for each kind of store).

A migration runs in one transaction that may write, so whoever else works on the store waits for it, and
whoever is killed in it has changed nothing.
"""

from __future__ import annotations

import sqlite3
from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, NoResultFound

from surveys.errors import SurveysError
from surveys.shipped import MIGRATIONS
from surveys.stores.postgres import READS

_DAMAGED = frozenset(
    {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB}
)
_UNDEFINED = frozenset({"42P01", "42703", "3F000"})  # table, column, schema


class StoreTooNew(SurveysError):
    """A newer release has written this store: this one does not know what it means."""

    def __init__(self, store: str) -> None:
        self.store = store
        super().__init__(f"the {store} store was written by a newer release; install that one")


def migrate(engine: Engine, store: str) -> None:
    """Run Alembic's migrations of one store (app, roll or box) to the newest, in one transaction. Raises
    StoreTooNew; nothing was changed then.
    """
    with engine.begin() as connection:
        migrate_in(connection, store)


def migrate_in(connection: Connection, store: str) -> None:
    """The same within a transaction of the caller's."""
    config = _config(store)
    found = MigrationContext.configure(connection).get_current_heads()
    if found == (_newest(store),):
        return
    if not _revisions(store).issuperset(found):
        raise StoreTooNew(store)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def migrate_made(engine: Engine, store: str) -> None:
    """Bring a store that was made to the newest schema; on one that is there nothing is written. Raises
    StoreTooNew, and what SQLAlchemy raises where it is no store.
    """
    with engine.connect().execution_options(**{READS: True}) as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    if found != _newest(store):
        migrate(engine, store)


def _config(store: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS / store).replace("%", "%%"))
    return config


@cache
def _newest(store: str) -> str | None:
    return ScriptDirectory.from_config(_config(store)).get_current_head()


@cache
def _revisions(store: str) -> frozenset[str]:
    scripts = ScriptDirectory.from_config(_config(store))
    return frozenset(each.revision for each in scripts.walk_revisions())


def is_damage(error: Exception) -> bool:
    """Whether what went wrong with a store is the store itself: it cannot be opened, is no database, or lacks
    tables and rows. A store that is only busy, or a database that is away, is not damaged.
    """
    if isinstance(error, NoResultFound):
        return True
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _DAMAGED
    return getattr(error.orig, "sqlstate", None) in _UNDEFINED
