"""All three stores in PostgreSQL: a whole verified round, migrations, locks over hosts, and which servers are
refused.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from surveys.audit.verifier import verify
from surveys.instance.checking import Standing, look
from surveys.instance.held import open_stores
from surveys.instants import read_instant
from surveys.names import RoundId
from surveys.protocol.definition import Visibility
from surveys.rehearsal import random_script, rehearse
from surveys.rounds import ledger
from surveys.rounds.contests import plan_electorate
from surveys.rounds.definition import Terms
from surveys.rounds.states import ORDER
from surveys.rules.preset import Preset
from surveys.settings import BadSetting, Settings, read_settings
from surveys.stores.columns import Keyring, KeyringMissing
from surveys.stores.engines import AnotherHost, DatabaseBusy, Engines
from surveys.stores.origin import claim_for_demonstration, is_demonstration
from surveys.stores.postgres import DatabaseUnreachable, UnsuitableDatabase
from surveys.stores.store import Stores
from tests.databases.server import Server
from tests.organisations import one_hall
from tests.stores.test_migrations import STORES, differences

ENTER = text(
    "INSERT INTO rounds (survey, year, preset, title_vi, title_en, state, attempt, definition) "
    "VALUES ('x', 2026, 'p', 't', 't', :state, 1, :none)"
)
SURVEY, OTHER = RoundId("ab" * 16), RoundId("cd" * 16)


def test_a_whole_round_is_verified(engines: Engines, tmp_path: Path) -> None:
    engines.migrate_app()
    rule = Preset.load("local-annual")
    organisation = one_hall(8)
    electorate = plan_electorate(organisation, 2026, rule.level_ids)
    terms = Terms(
        survey=bytes.fromhex(SURVEY),
        title_vi="Lấy phiếu",
        title_en="Vote",
        number="",
        place="",
        year=2026,
        opens=read_instant("2026-01-01T00:00:00Z"),
        closes=read_instant("2026-12-31T23:59:59Z"),
        preset=rule,
        trustees=("A", "B", "C"),
        threshold=2,
        k=3,
        visibility=Visibility.PUBLIC,
    )
    bundle = tmp_path / "bundle.zip"
    script = random_script(electorate, rule, 1)
    stores = Stores(engines, Keyring.fresh())
    rehearse(stores, terms, organisation, electorate, script, bundle, jobs=1, typeset=False)
    assert verify(bundle).good
    assert ledger.round_ids(engines.app) == (SURVEY,)
    assert engines.round_ids() == (SURVEY,)
    assert engines.has_box(SURVEY)
    engines.discard(SURVEY)
    assert engines.round_ids() == ()
    assert not engines.has_box(SURVEY)


@pytest.mark.parametrize("store", STORES)
def test_the_migrations_build_what_the_tables_say(store: str, engines: Engines) -> None:
    make, metadata = STORES[store]
    for _ in range(2):
        assert differences(make(engines), metadata) == []


def test_a_round_goes_one_step_forward_and_nowhere_else(engines: Engines) -> None:
    engines.migrate_app()
    steps = set(pairwise(ORDER)) | {(state, state) for state in ORDER}
    move = text("UPDATE rounds SET state = :state WHERE survey = 'x'")
    for one, other in product(ORDER[:3], [*ORDER, "burnt"]):
        with engines.app.connect() as connection:
            connection.execute(ENTER, {"state": one, "none": b""})
            if (one, other) in steps:
                connection.execute(move, {"state": other})
            else:
                with pytest.raises(DBAPIError, match="one step forward"):
                    connection.execute(move, {"state": other})


def test_what_is_asked_makes_no_store(engines: Engines) -> None:
    assert not engines.are_made()
    assert not engines.has_box(SURVEY)
    engines.create_box(SURVEY)
    engines.create_roll(OTHER)
    assert engines.are_made()
    assert engines.round_ids() == (SURVEY, OTHER)
    assert (engines.has_box(SURVEY), engines.has_box(OTHER)) == (True, False)


def test_what_is_committed_is_synchronised_and_each_store_sees_itself_alone(
    database: str, tmp_path: Path
) -> None:
    engines = Engines(tmp_path, database)
    engines.migrate_app()
    for engine in (engines.app, engines.create_roll(SURVEY), engines.create_box(SURVEY)):
        with engine.connect() as connection:
            assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"
    with engines.box(SURVEY).connect() as connection:
        assert connection.execute(text("SELECT to_regclass('slips')")).scalar() is None
    engines.close()


def test_the_demonstration_claims_an_empty_store(engines: Engines) -> None:
    engines.migrate_app()
    claim_for_demonstration(engines.app)
    assert is_demonstration(engines.app)


def test_two_hosts_hold_and_serve_one_database_as_two_processes_do(database: str, tmp_path: Path) -> None:
    one, other = Engines(tmp_path / "one", database), Engines(tmp_path / "other", database)
    one.hold(alone=False)
    with pytest.raises(DatabaseBusy):
        other.hold(alone=True)
    other.hold(alone=False)
    one.serve_alone()
    with pytest.raises(AnotherHost):
        other.serve_alone()
    one.close()
    other.serve_alone()
    other.close()
    one.hold(alone=True)
    one.close()


def test_an_instance_opens_its_database_and_makes_no_keyring_beside_data(
    database: str, tmp_path: Path
) -> None:
    def settings(folder: str) -> Settings:
        return read_settings({"TIN_NHIEM_DATABASE": database, "TIN_NHIEM_INSTANCE": str(tmp_path / folder)})

    stores = open_stores(settings("one"))
    said = {each.what: each.standing for each in look(settings("one"), stores)}
    assert said["database"] is Standing.UNSAFE
    assert "database" not in {each.what for each in look(replace(settings("one"), database=""), stores)}
    stores.close()
    assert not list((tmp_path / "one" / "stores").glob("*.sqlite"))
    with pytest.raises(KeyringMissing):
        open_stores(settings("another"))
    assert database not in repr(settings("one"))


@pytest.mark.parametrize("address", ["sqlite:///x", "postgresql://a@b/c", "postgresql+psycopg://a@b", "x"])
def test_another_address_is_refused_and_not_shown(address: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_settings({"TIN_NHIEM_DATABASE": address})
    assert address not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"), [("log_statement", "all"), ("log_min_duration_statement", "0"), ("log_duration", "on")]
)
def test_a_server_that_would_keep_the_order_is_refused(
    name: str, value: str, server: Server, database: str, tmp_path: Path
) -> None:
    server.run(f"ALTER DATABASE {database.split('/')[3].split('?')[0]} SET {name} = '{value}'")
    with pytest.raises(UnsuitableDatabase, match=name):
        Engines(tmp_path, database).are_made()


def test_a_database_that_sorts_otherwise_is_refused(server: Server, tmp_path: Path) -> None:
    try:
        address = server.database("LOCALE_PROVIDER icu ICU_LOCALE 'vi'")
    except DBAPIError:
        pytest.skip("this PostgreSQL knows no other way of sorting")
    with pytest.raises(UnsuitableDatabase, match="LC_COLLATE"):
        Engines(tmp_path, address).are_made()


def test_no_server_is_said_without_the_password(tmp_path: Path) -> None:
    gone = Engines(tmp_path, "postgresql+psycopg://u:secret@127.0.0.1:1/x")
    with pytest.raises(DatabaseUnreachable) as refused:
        gone.are_made()
    assert "secret" not in str(refused.value)
