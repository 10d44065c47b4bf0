"""What the migrations build is what the rooms' tables say; run twice they change nothing; a round goes
forward only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise, product
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, text
from sqlalchemy.exc import IntegrityError

from surveys.accounts.models import metadata as accounts
from surveys.box.models import metadata as box
from surveys.committee.models import metadata as committee
from surveys.letters.models import metadata as letters
from surveys.names import RoundId
from surveys.organisation.models import metadata as organisation
from surveys.results.models import metadata as results
from surveys.roll.models import metadata as roll
from surveys.rounds.models import metadata as rounds
from surveys.rounds.states import ORDER
from surveys.shipped import MIGRATIONS
from surveys.stores.engines import Engines
from surveys.stores.origin import metadata as origin
from tests.faults.dying import rows

# Stores in PostgreSQL: tests/databases/test_the_stores.py.
pytestmark = pytest.mark.files

HERE = Path(__file__).parent
SURVEY = RoundId("ab" * 16)


def app_store(engines: Engines) -> Engine:
    engines.migrate_app()
    return engines.app


def merged(*parts: MetaData) -> MetaData:
    whole = MetaData()
    for part in parts:
        for table in part.sorted_tables:
            table.to_metadata(whole)
    return whole


STORES: dict[str, tuple[Callable[[Engines], Engine], MetaData]] = {
    "app": (app_store, merged(organisation, rounds, committee, results, letters, accounts, origin)),
    "roll": (lambda stores: stores.create_roll(SURVEY), roll),
    "box": (lambda stores: stores.create_box(SURVEY), box),
}
each_store = pytest.mark.parametrize(("make", "metadata"), STORES.values(), ids=list(STORES))


def differences(engine: Engine, metadata: MetaData) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def shape(connection: Connection) -> dict[str, set[str]]:
    """The parts of every CREATE statement, without names and order: what `compare_metadata` does not
    look at.
    """
    found = connection.execute(
        text(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type = 'table' AND name <> "
            "'alembic_version'"
        )
    )
    return {
        name: {
            part.strip().removesuffix(",").upper()
            # A column that was added later stands on the line of the one before it.
            for part in re.sub(r", (?=[a-z_]+ [A-Z]+)", ",\n", sql.replace('"', "")).splitlines()[1:]
            if part.strip()
        }
        for name, sql in found
    }


@each_store
def test_the_migrations_build_what_the_tables_say(
    make: Callable[[Engines], Engine], metadata: MetaData, tmp_path: Path
) -> None:
    assert differences(make(Engines(tmp_path)), metadata) == []


@each_store
def test_a_table_that_was_not_migrated_is_noticed(
    make: Callable[[Engines], Engine], metadata: MetaData, tmp_path: Path
) -> None:
    more = merged(metadata)
    Table("forgotten", more, Column("id", Integer, primary_key=True))
    assert len(differences(make(Engines(tmp_path)), more)) == 1


@each_store
def test_checks_keys_and_rowids_are_the_same_too(
    make: Callable[[Engines], Engine], metadata: MetaData, tmp_path: Path
) -> None:
    from surveys.stores.engines import sqlite_engine

    (tmp_path / "created.sqlite").touch()
    migrated, created = make(Engines(tmp_path)), sqlite_engine(tmp_path / "created.sqlite")
    metadata.create_all(created)
    with migrated.connect() as one, created.connect() as other:
        assert shape(one) == shape(other)


@each_store
def test_run_twice_the_migrations_change_nothing(
    make: Callable[[Engines], Engine], metadata: MetaData, tmp_path: Path
) -> None:
    make(Engines(tmp_path))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    make(Engines(tmp_path))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    (file,) = tmp_path.iterdir()
    assert rows(file)


def enter(connection: Connection, state: str) -> None:
    connection.execute(text("DELETE FROM rounds"))
    connection.execute(
        text(
            "INSERT INTO rounds (survey, year, preset, title_vi, title_en, state, attempt, definition) "
            "VALUES ('x', 2026, 'p', 't', 't', :state, 1, x'00')"
        ),
        {"state": state},
    )


def test_the_store_lets_a_round_go_one_step_forward_and_nowhere_else(tmp_path: Path) -> None:
    engine = app_store(Engines(tmp_path))
    steps = set(pairwise(ORDER)) | {(state, state) for state in ORDER}
    for one, other in product(ORDER, [*ORDER, "burnt", ""]):
        with engine.begin() as connection:
            enter(connection, one)
            move = text("UPDATE rounds SET state = :state WHERE survey = 'x'")
            if (one, other) in steps:
                connection.execute(move, {"state": other})
            else:
                with pytest.raises(IntegrityError, match="one step forward"):
                    connection.execute(move, {"state": other})


def test_without_the_trigger_a_round_would_go_back(tmp_path: Path) -> None:
    with app_store(Engines(tmp_path)).begin() as connection:
        enter(connection, "published")
        connection.execute(text("DROP TRIGGER rounds_go_forward"))
        connection.execute(text("UPDATE rounds SET state = 'open'"))
        assert connection.execute(text("SELECT state FROM rounds")).scalar() == "open"


def test_a_migration_that_is_committed_is_never_edited_again() -> None:
    """Stores that have run it would differ from those that are made now: what is wrong is put right by
    another migration. A new one is added to the list with `sha256sum`.
    """
    lines = (HERE / "migrations.sha256").read_text("ascii").splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    found = {
        str(path.relative_to(MIGRATIONS)): sha256(path.read_bytes()).hexdigest()
        for path in MIGRATIONS.glob("*/versions/*.py")
    }
    assert found == listed
