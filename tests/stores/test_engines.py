"""The settings of each store's connections are really on; odd folders work; what is no survey id names no file."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from surveys.stores.engines import PAGE_BYTES, Stores, reading

SURVEY = "ab" * 16
WANTED = {
    "journal_mode": "delete",
    "synchronous": 2,
    "secure_delete": 1,
    "page_size": PAGE_BYTES,
    "foreign_keys": 1,
    "auto_vacuum": 0,
}


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    stores = Stores(tmp_path / "stores")
    stores.migrate_app()
    stores.create_roll(SURVEY)
    stores.create_box(SURVEY)
    return stores


def test_the_settings_are_on_in_every_store_on_every_connection(stores: Stores) -> None:
    for engine in (stores.app, stores.roll(SURVEY), stores.box(SURVEY)):
        for _ in range(2):
            with engine.connect() as connection:
                for name, value in WANTED.items():
                    assert connection.execute(text(f"PRAGMA {name}")).scalar() == value, name


def test_a_plain_engine_would_have_other_settings(tmp_path: Path) -> None:
    with create_engine(f"sqlite:///{tmp_path / 'plain.sqlite'}").connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in WANTED}
    assert {"page_size", "foreign_keys"} <= {name for name in WANTED if found[name] != WANTED[name]}


def test_what_is_deleted_is_overwritten_in_the_file(stores: Stores) -> None:
    with stores.app.begin() as connection:
        connection.execute(text("INSERT INTO units (code, name, kind) VALUES ('K', 'Kỷ niệm xưa', 'x')"))
    file = stores.root / "app.sqlite"
    assert "Kỷ niệm xưa".encode() in file.read_bytes()
    with stores.app.begin() as connection:
        connection.execute(text("DELETE FROM units"))
    assert "Kỷ niệm xưa".encode() not in file.read_bytes()


def test_a_second_writer_waits_from_the_beginning_of_its_transaction(stores: Stores) -> None:
    with stores.app.begin() as connection:
        connection.execute(text("SELECT 1"))
        raw = stores.app.raw_connection()
        raw.cursor().execute("PRAGMA busy_timeout = 0")
        with pytest.raises(Exception, match="database is locked"):
            raw.cursor().execute("BEGIN IMMEDIATE")
        raw.close()


def test_whoever_only_reads_waits_for_no_writer_however_much_is_written(stores: Stores) -> None:
    with stores.app.begin() as connection:
        for number in range(3000):
            row = {"code": f"U{number}", "name": "x" * 2000}
            connection.execute(text("INSERT INTO units (code, name, kind) VALUES (:code, :name, 'x')"), row)
        with reading(stores.app) as reader:
            assert reader.execute(text("SELECT count(*) FROM units")).scalar() == 0
    with reading(stores.app) as reader:
        assert reader.execute(text("SELECT count(*) FROM units")).scalar() == 3000


def test_an_ordinary_connection_would_wait_for_the_writer(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("surveys.stores.engines.BUSY_SECONDS", 0)
    other = Stores(stores.root)
    with (
        stores.app.begin(),
        pytest.raises(OperationalError, match="locked"),
        other.app.connect() as connection,
    ):
        connection.execute(text("SELECT 1"))


def test_the_folder_is_for_its_owner_alone(stores: Stores) -> None:
    assert stat.S_IMODE(stores.root.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["a b", "100%", "what?mode=memory", "#1", "kỷ", "a;b", "file:x"])
def test_a_folder_may_have_any_name(name: str, tmp_path: Path) -> None:
    stores = Stores(tmp_path / name)
    stores.migrate_app()
    stores.create_box(SURVEY)
    assert sorted(path.name for path in (tmp_path / name).iterdir()) == ["app.sqlite", f"box-{SURVEY}.sqlite"]


@pytest.mark.parametrize("survey", ["", "ab" * 15, "AB" * 16, "../" + "a" * 29, "ab" * 16 + "\n", "ｆ" * 32])
def test_what_is_no_survey_id_names_no_file(survey: str, tmp_path: Path) -> None:
    stores = Stores(tmp_path)
    for verb in (stores.roll, stores.box, stores.create_roll, stores.create_box):
        with pytest.raises(ValueError, match="32 hex digits"):
            verb(survey)
    assert list(tmp_path.iterdir()) == []


def test_surveys_are_found_by_their_files(stores: Stores) -> None:
    stores.create_box("cd" * 16)
    for name in ("roll-x.sqlite", f"box-{'ef' * 16}.sqlite.bak", f"box-{'EF' * 16}.sqlite"):
        (stores.root / name).touch()
    assert stores.surveys() == (SURVEY, "cd" * 16)


def test_closed_stores_open_again(stores: Stores) -> None:
    stores.close()
    with stores.app.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM units")).scalar() == 0
