"""The drill in PostgreSQL: an instance is backed up and put back, also after a kill; an older copy is
recognised; nothing tells an order.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import MetaData, create_engine, select, text
from sqlalchemy.pool import NullPool

from surveys.box.board import returned
from surveys.instance import backups, restoring
from surveys.instance.backups import Kept
from surveys.instance.held import open_stores
from surveys.instance.restoring import RestoreUnfinished
from surveys.instants import read_instant
from surveys.settings import Settings
from surveys.stages import binding
from surveys.stores.copies import copies, put_in_database
from surveys.stores.engines import Engines
from surveys.stores.stops import Stop, Trouble, Where
from tests.databases.server import Server
from tests.faults.dying import ends, kill_before_step
from tests.restores.history import ROUND, History
from tests.restores.test_backups import PASSPHRASE, Quick

AT = read_instant("2026-11-02T12:00:00Z")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyrage, "passphrase", Quick)


def backed_up(settings: Settings, out: Path) -> dict[str, Kept]:
    """Roll and box of each round: whether they are in it."""
    stores = open_stores(settings)
    made = backups.back_up(settings, stores, out, PASSPHRASE, AT, with_keyring=False)
    stores.close()
    return {each.round_id: each.kept for each in made.rounds}


def put_back(settings: Settings, file: Path) -> None:
    settings.instance.mkdir(parents=True, exist_ok=True)
    restoring.prepare(settings, file, PASSPHRASE)
    restoring.put_back(settings)


def judged(settings: Settings) -> Stop | None:
    """What a server that starts finds about the round."""
    stores = open_stores(settings)
    try:
        binding.take_over(stores)
        return stores.engines.stops.of(ROUND)
    finally:
        stores.close()


def everything(settings: Settings) -> dict[str, list[str]]:
    """Every row of the round's three stores, whatever holds them."""
    engines = Engines(settings.stores, settings.database)
    found = {}
    for name, engine in (("app", engines.app), ("roll", engines.roll(ROUND)), ("box", engines.box(ROUND))):
        tables = MetaData()
        tables.reflect(engine)
        with engine.connect() as connection:
            for each in tables.tables.values():
                found[f"{name}.{each.name}"] = sorted(map(str, connection.execute(select(each))))
    engines.close()
    return found


@pytest.mark.parametrize("into", ["database", "files"])
def test_a_drill_with_nothing_left_but_keyring_witness_and_backup(
    into: str, history: History, server: Server, tmp_path: Path
) -> None:
    settings = history.at("counting", tmp_path)
    before = everything(settings)
    assert backed_up(settings, tmp_path / "a.backup")[ROUND] is Kept.COPIED
    new = server.database() if into == "database" else ""
    settings = replace(settings, instance=tmp_path / "new", database=new)
    put_back(settings, tmp_path / "a.backup")
    assert everything(settings) == before
    assert judged(settings) is None
    assert not list(settings.instance.glob("re*"))


def test_what_is_put_back_lies_in_the_order_of_its_keys(
    history: History, server: Server, tmp_path: Path
) -> None:
    settings = history.at("counting", tmp_path)
    roll, box = f"roll_{ROUND}", f"box_{ROUND}"
    tables = {f"{box}.head": "slot", f"{box}.paper": "slot", f"{roll}.slips": "slip"}

    def tells_an_order() -> dict[str, bool]:
        engine, told = create_engine(settings.database, poolclass=NullPool), {}
        with engine.connect() as connection:
            for table, key in tables.items():
                rows = connection.execute(
                    text(f"SELECT {key}, xmin::text AS xmin FROM {table} ORDER BY ctid")
                ).all()
                assert len(rows) >= 6
                told[table] = rows != sorted(rows) or len({row.xmin for row in rows}) > 1
        return told

    assert not any(tells_an_order().values())
    engine = create_engine(settings.database, poolclass=NullPool)
    for table, key in tables.items():  # the control: stores that tell in which order they were written
        with engine.connect() as connection:
            keys = connection.scalars(text(f"SELECT {key} FROM {table} ORDER BY 1 DESC")).all()
        for each in keys:
            with engine.begin() as connection:
                connection.execute(text(f"UPDATE {table} SET {key} = {key} WHERE {key} = :it"), {"it": each})
    assert all(tells_an_order().values())
    backed_up(settings, tmp_path / "a.backup")
    settings = replace(settings, instance=tmp_path / "new", database=server.database())
    put_back(settings, tmp_path / "a.backup")
    assert not any(tells_an_order().values())


@pytest.mark.parametrize(
    ("moment", "why"), [("started", Kept.OPEN), ("closed", Kept.UNSEALED), ("sealed", Kept.COPIED)]
)
def test_roll_and_box_are_copied_only_while_polls_are_closed(
    moment: str, why: Kept, history: History, tmp_path: Path
) -> None:
    settings = history.at(moment, tmp_path)
    assert backed_up(settings, tmp_path / "a.backup")[ROUND] is why
    plan = restoring.prepare(settings, tmp_path / "a.backup", PASSPHRASE)
    names = {f"stores/{kind}-{ROUND}.sqlite" for kind in ("roll", "box")}
    assert plan.contents.files.keys() & names == (names if why is Kept.COPIED else set())
    restoring.discard(settings)


def test_all_copies_are_of_one_moment(history: History, tmp_path: Path) -> None:
    settings = history.at("started", tmp_path)
    engines = Engines(settings.stores, settings.database)
    with copies(engines) as copy:
        copy(settings.stores / "app.sqlite", tmp_path / "app.sqlite")
        with engines.box(ROUND).begin() as connection:
            connection.execute(text("UPDATE head SET used = '\\x00'"))
        copy(engines.box_path(ROUND), tmp_path / engines.box_path(ROUND).name)
    engines.close()
    assert sum(returned(Engines(tmp_path).box(ROUND), 1)) == 6


OLDER = [(Where.APP,), (Where.ROLL,), (Where.BOX,), (Where.APP, Where.ROLL, Where.BOX)]


@pytest.mark.parametrize(
    ("parts", "now"),
    [
        *((parts, "started") for parts in OLDER),
        pytest.param(OLDER[0], "counting", marks=pytest.mark.soak),
        pytest.param(OLDER[-1], "closed", marks=pytest.mark.soak),
    ],
    ids=str,
)
def test_an_older_copy_is_recognised(
    parts: tuple[Where, ...], now: str, history: History, tmp_path: Path
) -> None:
    settings = history.at(now, tmp_path)
    assert judged(settings) is None
    engines = Engines(settings.stores, settings.database)
    paths = {
        Where.APP: settings.stores / "app.sqlite",
        Where.ROLL: engines.roll_path(ROUND),
        Where.BOX: engines.box_path(ROUND),
    }
    beat = Engines(settings.stores, history.databases["beat"])
    with copies(beat) as copy:
        for part in parts:
            copy(paths[part], tmp_path / paths[part].name)
            put_in_database(engines, tmp_path / paths[part].name, "kept")
    beat.close()
    engines.close()
    assert judged(settings) == Stop(Trouble.OLDER, parts[0] if len(parts) == 1 else Where.STORES)


def test_a_newer_roll_and_box_stay_and_what_is_replaced_is_kept(history: History, tmp_path: Path) -> None:
    old, settings = history.at("confirmed", tmp_path / "old"), history.at("started", tmp_path / "now")
    backed_up(old, tmp_path / "a.backup")
    plan = restoring.prepare(settings, tmp_path / "a.backup", PASSPHRASE)
    assert plan.stays == (f"roll of {ROUND}", f"box of {ROUND}")
    assert plan.replaces == (str(settings.stores / "app.sqlite"),)
    restoring.put_back(settings)
    assert judged(settings) == Stop(Trouble.OLDER, Where.APP)
    engines = Engines(settings.stores, settings.database)
    with engines.app.connect() as connection:
        kept = connection.scalars(text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'replaced_%'"))
        (name,) = kept.all()
        assert connection.scalar(text(f"SELECT count(*) FROM {name}.rounds")) == 2
    engines.close()


@pytest.mark.parametrize("step", [3, 150, pytest.param(0, marks=pytest.mark.soak)])
def test_killed_anywhere_a_restore_is_finished_by_the_next(
    step: int, history: History, tmp_path: Path
) -> None:
    old = history.at("counting", tmp_path / "old")
    before = everything(old)
    backed_up(old, tmp_path / "a.backup")
    for number in [step] if step else range(1, 2000, 7):
        settings = history.at("frozen", tmp_path / str(number))
        restoring.prepare(settings, tmp_path / "a.backup", PASSPHRASE)
        ended = ends(partial(restoring.put_back, settings), kill_before_step(number))
        if restoring.is_unfinished(settings):
            with pytest.raises(RestoreUnfinished):
                open_stores(settings)
            restoring.finish(settings)
            assert everything(settings) == before
        elif not ended:
            restoring.discard(settings)
            assert everything(settings) != before
        if ended:
            assert everything(settings) == before
            return
    assert step
