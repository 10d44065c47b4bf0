"""An instance of the first release, in PostgreSQL with polls open, is brought to this one while another
process goes on issuing papers and taking ballots: whoever comes meanwhile waits, and nothing is lost.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, text

from surveys.box.board import returned
from surveys.instance import voter_service
from surveys.instance.held import open_stores
from surveys.protocol.manifest import Manifest
from surveys.rehearsal.voters import Act, settle
from surveys.roll.attendance import attendance
from surveys.rounds import ledger
from surveys.settings import Settings
from surveys.shipped import MIGRATIONS
from surveys.stages import binding
from surveys.stages import closing as close
from surveys.stores import migrating
from surveys.stores.columns import Keyring
from surveys.stores.copies import _copy_rows
from surveys.stores.engines import Engines, schema_of, sqlite_engine
from surveys.stores.postgres import Database
from surveys.stores.stops import RoundStopped, Stop, Trouble, Where
from tests.databases.server import Server
from tests.databases.voting import vote_all
from tests.releases.__main__ import CLOSED_AT, VOTED
from tests.releases.test_upgrades import HERE, ROUNDS

ROUND = ROUNDS[0]
SECONDS = 60
A_COLUMN_MORE = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "0001"


def upgrade() -> None:
    op.add_column("head", sa.Column("more", sa.LargeBinary, nullable=False, server_default=""))
"""


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Settings:
    """The instance as the release left it, each store in a schema of the form of then."""
    with tarfile.open(HERE / "0.2.0.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    shutil.copytree(tmp_path / "instance", tmp_path / "files")
    folder, address = tmp_path / "instance", server.database()
    for file in (folder / "stores").glob("*.sqlite"):
        as_of_then(file, address)
        file.unlink()
    return Settings(
        instance=folder, keyring=folder / "keyring.json", witness=tmp_path / "witness", database=address
    )


def as_of_then(file: Path, address: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    config = migrating._config(file.stem.partition("-")[0])
    database = Database(address, SECONDS)
    database.make(schema_of(file))
    engine = database.engine(schema_of(file))
    with sqlite_engine(file).connect() as rows, engine.begin() as target:
        config.attributes["connection"] = target
        command.upgrade(config, revision)
        _copy_rows(rows, None, target)
    engine.dispose()


def voters_and_manifest(settings: Settings) -> tuple[list[Act], Manifest]:
    """All who have a slip, and the manifest out of the files of before."""
    slips = json.loads((settings.instance / "secrets.json").read_text("ascii"))[ROUND]["slips"]
    files = settings.instance.with_name("files")
    stores = open_stores(Settings(instance=files, keyring=settings.keyring, witness=files / "witness"))
    manifest = ledger.find(stores.app, ROUND).manifest
    stores.close()
    assert manifest is not None
    contests = [len(panel.contests) for panel in manifest.definition.panels]
    return [Act(panel, bytes.fromhex(code), (0,) * contests[panel]) for panel, _, code in slips], manifest


@contextmanager
def newer_release(folder: Path) -> Iterator[None]:
    """This release with a migration of the box more."""
    shutil.copytree(MIGRATIONS, folder, dirs_exist_ok=True)
    (folder / "box/versions/9999_more.py").write_text(A_COLUMN_MORE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrating, "MIGRATIONS", folder)
        migrating._newest.cache_clear()
        migrating._revisions.cache_clear()
        yield
    migrating._newest.cache_clear()
    migrating._revisions.cache_clear()


def until_somebody_waits(engine: Engine) -> None:
    waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    ends = time.monotonic() + SECONDS
    with engine.connect() as connection:
        while connection.scalar(waits) == 0:
            assert time.monotonic() < ends


def test_stores_are_upgraded_while_papers_are_issued_and_ballots_taken(
    settings: Settings, tmp_path: Path
) -> None:
    acts, manifest = voters_and_manifest(settings)
    keyring, panels = Keyring.load(settings.keyring), len(manifest.definition.panels)
    before = Engines(settings.stores, settings.database)
    there = sum(returned(before.box(ROUND), panels))
    before.close()
    initial = settings.stores, settings.database, keyring, manifest.encode()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context, initializer=settle, initargs=initial) as pool:
        pool.submit(vote_all, []).result()  # it is there
        meanwhile = pool.submit(vote_all, acts[:9])
        stores = open_stores(settings)  # from the first release's form to this one
        binding.take_over(stores)
        assert [stores.engines.stops.of(each) for each in ROUNDS] == [None] * 3
        cast = meanwhile.result()

        with newer_release(tmp_path / "newer"):
            with stores.engines.box(ROUND).begin() as connection:
                late = pool.submit(vote_all, acts[9:])
                until_somebody_waits(stores.engines.app)
                migrating.migrate_in(connection, "box")
            cast += late.result()
            assert binding.look(stores, ROUND) is None

        # A process of the older release is told within a minute.
        assert binding.look(stores, ROUND) == Stop(Trouble.NEWER, Where.BOX)
        with pytest.raises(RoundStopped, match="written by a newer release"):
            voter_service.boxes(stores)[ROUND]

    assert cast == len(acts) - VOTED
    assert sum(panel.issued for panel in attendance(stores.engines.unjudged_roll(ROUND))) == len(acts)
    assert sum(returned(stores.engines.unjudged_box(ROUND), panels)) == there + cast
    with newer_release(tmp_path / "newer"):
        assert binding.look(stores, ROUND) is None
        close.close_polls(stores.engines, manifest, CLOSED_AT)
        assert len(close.seal_box(stores, manifest).ballots) == there + cast
    stores.close()


def test_a_migration_that_breaks_off_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    """And whoever waited goes on."""
    stores = open_stores(settings)
    box = stores.engines.box(ROUND)
    with newer_release(tmp_path / "newer"), box.connect() as connection:
        migrating.migrate_in(connection, "box")
        connection.rollback()
    assert binding.look(stores, ROUND) is None
    stores.close()
