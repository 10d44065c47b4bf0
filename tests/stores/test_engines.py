"""The settings of each store's connections are really on; odd folders work; what is no survey id names no
file.
"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from surveys.names import RoundId
from surveys.stores.engines import PAGE_BYTES, Engines, reading

# Stores in PostgreSQL: tests/databases/test_the_stores.py.
pytestmark = pytest.mark.files

SURVEY = RoundId("ab" * 16)
WANTED = {
    "journal_mode": "delete",
    "synchronous": 3,
    "secure_delete": 1,
    "page_size": PAGE_BYTES,
    "foreign_keys": 1,
    "auto_vacuum": 0,
}


@pytest.fixture
def engines(tmp_path: Path) -> Engines:
    engines = Engines(tmp_path / "stores")
    engines.migrate_app()
    engines.create_roll(SURVEY)
    engines.create_box(SURVEY)
    return engines


def test_the_settings_are_on_in_every_store_on_every_connection(engines: Engines) -> None:
    for engine in (engines.app, engines.roll(SURVEY), engines.box(SURVEY)):
        for _ in range(2):
            with engine.connect() as connection:
                for name, value in WANTED.items():
                    assert connection.execute(text(f"PRAGMA {name}")).scalar() == value, name


def test_a_plain_engine_would_have_other_settings(tmp_path: Path) -> None:
    with create_engine(f"sqlite:///{tmp_path / 'plain.sqlite'}").connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in WANTED}
    assert {"page_size", "foreign_keys"} <= {name for name in WANTED if found[name] != WANTED[name]}


def test_what_is_deleted_is_overwritten_in_the_file(engines: Engines) -> None:
    with engines.app.begin() as connection:
        connection.execute(text("INSERT INTO units (code, name, kind) VALUES ('K', 'Kỷ niệm xưa', 'x')"))
    file = engines.root / "app.sqlite"
    assert "Kỷ niệm xưa".encode() in file.read_bytes()
    with engines.app.begin() as connection:
        connection.execute(text("DELETE FROM units"))
    assert "Kỷ niệm xưa".encode() not in file.read_bytes()


def test_a_second_writer_waits_from_the_beginning_of_its_transaction(engines: Engines) -> None:
    with engines.app.begin() as connection:
        connection.execute(text("SELECT 1"))
        raw = engines.app.raw_connection()
        raw.cursor().execute("PRAGMA busy_timeout = 0")
        with pytest.raises(Exception, match="database is locked"):
            raw.cursor().execute("BEGIN IMMEDIATE")
        raw.close()


def test_whoever_only_reads_waits_for_no_writer_however_much_is_written(engines: Engines) -> None:
    with engines.app.begin() as connection:
        for number in range(3000):
            row = {"code": f"U{number}", "name": "x" * 2000}
            connection.execute(text("INSERT INTO units (code, name, kind) VALUES (:code, :name, 'x')"), row)
        with reading(engines.app) as reader:
            assert reader.execute(text("SELECT count(*) FROM units")).scalar() == 0
    with reading(engines.app) as reader:
        assert reader.execute(text("SELECT count(*) FROM units")).scalar() == 3000


def test_an_ordinary_connection_would_wait_for_the_writer(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("surveys.stores.engines.BUSY_SECONDS", 0)
    other = Engines(engines.root)
    with (
        engines.app.begin(),
        pytest.raises(OperationalError, match="locked"),
        other.app.connect() as connection,
    ):
        connection.execute(text("SELECT 1"))


def test_the_folder_is_for_its_owner_alone(engines: Engines) -> None:
    assert stat.S_IMODE(engines.root.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["a b", "100%", "what?mode=memory", "#1", "kỷ", "a;b", "file:x"])
def test_a_folder_may_have_any_name(name: str, tmp_path: Path) -> None:
    engines = Engines(tmp_path / name)
    engines.migrate_app()
    engines.create_box(SURVEY)
    assert sorted(path.name for path in (tmp_path / name).iterdir()) == ["app.sqlite", f"box-{SURVEY}.sqlite"]


@pytest.mark.parametrize(
    "round_id", ["", "ab" * 15, "AB" * 16, "../" + "a" * 29, "ab" * 16 + "\n", "ｆ" * 32]
)
def test_what_is_no_survey_id_names_no_file(round_id: RoundId, tmp_path: Path) -> None:
    engines = Engines(tmp_path)
    for verb in (engines.roll, engines.box, engines.create_roll, engines.create_box):
        with pytest.raises(ValueError, match="32 hex digits"):
            verb(round_id)
    assert list(tmp_path.iterdir()) == []


def test_surveys_are_found_by_their_files(engines: Engines) -> None:
    engines.create_box(RoundId("cd" * 16))
    for name in ("roll-x.sqlite", f"box-{'ef' * 16}.sqlite.bak", f"box-{'EF' * 16}.sqlite"):
        (engines.root / name).touch()
    assert engines.round_ids() == (SURVEY, "cd" * 16)


def test_closed_stores_open_again(engines: Engines) -> None:
    engines.close()
    with engines.app.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM units")).scalar() == 0
