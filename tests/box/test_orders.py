"""Control layouts: each way in which SQLite tells the order of writing is caught by the function that judges
ours.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from hashlib import shake_256
from pathlib import Path

import pytest

from surveys.stores.engines import PAGE_BYTES
from tests.box.orders import files_left

pytestmark = pytest.mark.files

VOTERS = tuple(range(160))


def a_value(voter: int) -> bytes:
    return shake_256(f"value {voter}".encode()).digest(300)


def a_file(folder: Path, schema: str, empty: bytes | None, *, preallocated: bool = True) -> Path:
    folder.mkdir()
    connection = sqlite3.connect(folder / "store.sqlite", isolation_level=None)
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.execute("BEGIN")
    connection.executescript(schema)
    if preallocated:
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(voter, empty) for voter in VOTERS])
    connection.close()
    return folder


def write(statement: str, journal: str = "DELETE") -> Callable[[Path, list[int]], None]:
    def do(folder: Path, order: list[int]) -> None:
        connection = sqlite3.connect(folder / "store.sqlite", isolation_level=None)
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = OFF")
        for voter in order:
            connection.execute(statement, {"voter": voter, "value": a_value(voter)})
        if journal == "WAL":
            # What a crash or a backup of a running server finds.
            for path in list(folder.iterdir()):
                path.with_name(f"copy-{path.name}").write_bytes(path.read_bytes())
        connection.close()

    return do


UPDATE = "UPDATE t SET value = :value WHERE voter = :voter"
INSERT = "INSERT INTO t VALUES (:voter, :value)"
TABLE = "CREATE TABLE t (voter INTEGER PRIMARY KEY, value BLOB)"


def test_fixed_width_values_written_in_place_tell_no_order(tmp_path: Path) -> None:
    start = a_file(tmp_path / "start", TABLE, bytes(300))
    assert len(files_left(start, VOTERS, write(UPDATE))) == 1


@pytest.mark.parametrize(
    ("schema", "empty", "statement", "journal"),
    [
        pytest.param(TABLE, None, UPDATE, "DELETE", id="null becomes a value"),
        pytest.param(TABLE, b"", UPDATE, "DELETE", id="a value grows"),
        pytest.param(
            TABLE + "; CREATE INDEX i ON t (value)",
            bytes(300),
            UPDATE,
            "DELETE",
            id="index on a changing column",
        ),
        pytest.param(TABLE, bytes(300), UPDATE, "WAL", id="write-ahead log"),
        pytest.param(TABLE, bytes(300), UPDATE, "PERSIST", id="journal that stays"),
    ],
)
def test_a_control_layout_tells_the_order(
    tmp_path: Path, schema: str, empty: bytes | None, statement: str, journal: str
) -> None:
    start = a_file(tmp_path / "start", schema, empty)
    assert len(files_left(start, VOTERS, write(statement, journal))) > 1


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param("CREATE TABLE t (voter INTEGER, value BLOB)", id="row numbers"),
        pytest.param("CREATE TABLE t (voter INTEGER PRIMARY KEY, value BLOB)", id="rows inserted by key"),
    ],
)
def test_inserting_a_row_for_each_vote_tells_the_order(tmp_path: Path, schema: str) -> None:
    start = a_file(tmp_path / "start", schema, None, preallocated=False)
    assert len(files_left(start, VOTERS, write(INSERT))) > 1
