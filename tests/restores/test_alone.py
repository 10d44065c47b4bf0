"""One round's trouble stays its own: a store that is missing, damaged, another round's or too new stops its
round; every other one is served, and nothing is made anew.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import put_together
from surveys.accounts.staff_log import StaffLog
from surveys.box.open_box import OpenBox
from surveys.console.polls.conducting import Conducting
from surveys.instance import keyrings, voter_service
from surveys.instance.held import AppStoreDamaged, AppStoreMissing, open_stores
from surveys.instance.totals import _turnouts
from surveys.roll.issuing import Issuer
from surveys.settings import Settings
from surveys.stages import binding
from surveys.stores.columns import KeyringMissing
from surveys.stores.engines import Engines
from surveys.stores.migrating import StoreTooNew
from surveys.stores.stops import RoundStopped, Stop, Trouble, Where
from tests.restores.history import OTHER, ROUND, History

NOW = datetime(2026, 11, 3, tzinfo=UTC)
NEWEST = "UPDATE alembic_version SET version_num = '9999'"


def gone(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def overwritten(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be read as one" * 500)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def of_the_other_round(path: Path) -> None:
    shutil.copy(path.with_name(path.name.replace(ROUND, OTHER)), path)


def newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(NEWEST)


TROUBLES = [
    (gone, Trouble.MISSING),
    (emptied, Trouble.DAMAGED),
    (overwritten, Trouble.DAMAGED),
    (cut, Trouble.DAMAGED),
    (of_the_other_round, Trouble.FOREIGN),
    (newer, Trouble.NEWER),
]


@pytest.mark.parametrize("where", [Where.ROLL, Where.BOX])
@pytest.mark.parametrize(("harm", "trouble"), TROUBLES)
def test_one_store_in_trouble_stops_its_round_alone(
    harm: Callable[[Path], None], trouble: Trouble, where: Where, history: History, tmp_path: Path
) -> None:
    settings = history.at("started", tmp_path)
    file = settings.stores / f"{where}-{ROUND}.sqlite"
    harm(file)
    held = file.read_bytes() if file.exists() else None
    stores = open_stores(settings)
    binding.take_over(stores)
    assert stores.engines.stops.of(ROUND) == Stop(trouble, where)
    assert stores.engines.stops.of(OTHER) is None
    assert isinstance(voter_service.desks(stores)[OTHER], Issuer)
    assert isinstance(voter_service.boxes(stores)[OTHER], OpenBox)
    with pytest.raises(RoundStopped):
        voter_service.boxes(stores)[ROUND]
    stores.close()
    assert (file.read_bytes() if file.exists() else None) == held


@pytest.mark.parametrize("where", [Where.ROLL, Where.BOX])
def test_the_whole_site_starts_beside_a_damaged_store(where: Where, history: History, tmp_path: Path) -> None:
    settings = replace(history.at("started", tmp_path), hosts=("localhost",))
    overwritten(settings.stores / f"{where}-{ROUND}.sqlite")
    stores = open_stores(settings)
    site = put_together(settings, stores)
    assert site.duty is not None
    site.duty.take_up()
    try:
        client = site.front.test_client()
        assert client.get("/vi/", base_url="http://localhost").status_code == 200
        assert stores.engines.stops.of(OTHER) is None
        assert stores.engines.stops.of(ROUND) == Stop(Trouble.DAMAGED, where)
    finally:
        site.close()
        stores.close()


def test_opening_a_store_never_makes_one(tmp_path: Path) -> None:
    engines = Engines(tmp_path)
    for engine in (engines.app, engines.roll(ROUND), engines.box(ROUND)):
        with pytest.raises(Exception, match="unable to open"), engine.connect():
            pass
    assert list(tmp_path.iterdir()) == []


def test_no_app_store_is_made_beside_what_belongs_to_one(history: History, tmp_path: Path) -> None:
    settings = history.at("started", tmp_path)
    (settings.stores / "app.sqlite").unlink()
    with pytest.raises(AppStoreMissing):
        open_stores(settings)
    for path in settings.stores.glob("*.sqlite"):
        path.unlink()
    with pytest.raises(AppStoreMissing):  # the witness knows rounds
        open_stores(settings)
    assert not list(settings.stores.glob("*.sqlite"))
    settings.witness_file.unlink()
    open_stores(settings).close()


def test_a_damaged_app_store_is_named(history: History, tmp_path: Path) -> None:
    settings = history.at("started", tmp_path)
    overwritten(settings.stores / "app.sqlite")
    with pytest.raises(AppStoreDamaged):
        open_stores(settings)


def test_an_app_store_of_a_newer_release_is_left_alone(history: History, tmp_path: Path) -> None:
    settings = history.at("started", tmp_path)
    newer(settings.stores / "app.sqlite")
    before = (settings.stores / "app.sqlite").read_bytes()
    with pytest.raises(StoreTooNew):
        open_stores(settings)
    assert (settings.stores / "app.sqlite").read_bytes() == before


def test_a_keyring_is_made_with_an_empty_app_store_only(history: History, tmp_path: Path) -> None:
    settings = history.at("started", tmp_path)
    settings.keyring.unlink()
    with pytest.raises(KeyringMissing):
        open_stores(settings)
    assert not settings.keyring.exists()
    fresh = Settings(
        instance=tmp_path / "fresh",
        keyring=tmp_path / "k" / "keyring.json",
        witness=tmp_path / "k" / "witness",
    )
    open_stores(fresh).close()
    assert fresh.keyring.exists()


def test_keys_are_not_rotated_past_a_store_that_may_be_put_back(history: History, tmp_path: Path) -> None:
    settings = history.at("started", tmp_path)
    (settings.stores / f"roll-{ROUND}.sqlite").unlink()
    before = settings.keyring.read_bytes()
    stores = open_stores(settings)
    with pytest.raises(RoundStopped):
        keyrings.rotate(settings.keyring, stores.engines)
    stores.close()
    assert settings.keyring.read_bytes() == before
    assert not (settings.stores / f"roll-{ROUND}.sqlite").exists()


def test_the_clock_goes_on_with_the_other_rounds(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = open_stores(history.at("started", tmp_path))
    looked: list[str] = []
    clock = Conducting(stores, StaffLog(stores.app, lambda: NOW), lambda: NOW)

    def beat(_: Conducting, round_id: str) -> None:
        looked.append(round_id)
        raise RuntimeError(round_id)

    monkeypatch.setattr(Conducting, "_beat", beat)
    clock.beat()
    assert sorted(looked) == [ROUND, OTHER]
    stores.engines.stops.note(ROUND, Stop(Trouble.OLDER, Where.BOX))
    looked.clear()
    clock.beat()
    assert looked == [OTHER]
    stores.close()


def test_the_figures_of_operation_are_told_beside_a_stopped_round(history: History, tmp_path: Path) -> None:
    settings = history.at("started", tmp_path)
    gone(settings.stores / f"box-{ROUND}.sqlite")
    stores = open_stores(settings)
    assert set(_turnouts(stores)) == {OTHER}
    stores.close()
