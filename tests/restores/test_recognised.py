"""Whichever store is put back from whichever earlier moment: the round is stopped, for the right reason, and
the other one goes on (docs/decisions/0041).
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from surveys.accounts.staff_log import StaffLog
from surveys.box.board import returned
from surveys.cli import main
from surveys.instance import voter_service
from surveys.instance.checking import look
from surveys.instance.held import open_stores
from surveys.protocol.manifest import Manifest
from surveys.rehearsal.voters import Place, vote
from surveys.rounds import conduct
from surveys.settings import Settings
from surveys.stages import binding, closing, opening
from surveys.stages.errors import NotTheWholeVote
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.stops import RoundStopped, Stop, Stops, Trouble, Where
from surveys.stores.store import Stores
from surveys.stores.witness import Witness
from tests.faults.dying import ends, kill_before_step, until_it_ends
from tests.restores.history import AT, MOMENTS, OTHER, ROUND, VOTERS, History

NOW = datetime(2026, 11, 3, tzinfo=UTC)
FILES: dict[Where, tuple[str, ...]] = {
    Where.APP: ("instance/stores/app.sqlite",),
    Where.ROLL: (f"instance/stores/roll-{ROUND}.sqlite",),
    Where.BOX: (f"instance/stores/box-{ROUND}.sqlite",),
    Where.WITNESS: ("keys/witness",),
}
FILES[Where.STORES] = (*FILES[Where.APP], *FILES[Where.ROLL], *FILES[Where.BOX])
PRESENT = ("started", "closed", "counting")
RESTORES = [
    (where, before, now) for where, now in product(FILES, PRESENT) for before in MOMENTS[: MOMENTS.index(now)]
]


def put_back(history: History, where: Where, before: str, folder: Path) -> None:
    for name in FILES[where]:
        shutil.copy(history.moments[before] / name, folder / name)


def judged(settings: Settings) -> tuple[Stop | None, Stop | None]:
    """What a server that starts finds about the round, and about the other."""
    stores = open_stores(settings)
    try:
        binding.take_over(stores)
        other = stores.engines.stops.of(OTHER)
        if other is None:
            assert returned(stores.engines.box(OTHER), 1) == (0,)
        return stores.engines.stops.of(ROUND), other
    finally:
        stores.close()


def test_there_are_more_than_fifty_restores() -> None:
    assert len(RESTORES) >= 50


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_was_not_put_back_goes_on(moment: str, history: History, tmp_path: Path) -> None:
    settings = history.at(moment, tmp_path)
    for _ in range(3):
        assert judged(settings) == (None, None)


@pytest.mark.parametrize(("where", "before", "now"), RESTORES)
def test_an_older_copy_stops_its_round_and_no_other(
    where: Where, before: str, now: str, history: History, tmp_path: Path
) -> None:
    settings = history.at(now, tmp_path)
    put_back(history, where, before, tmp_path)
    found, other = judged(settings)
    assert found == Stop(Trouble.OLDER, where)
    if where in (Where.ROLL, Where.BOX):
        assert other is None


@pytest.mark.parametrize("where", [Where.ROLL, Where.BOX, Where.STORES])
def test_without_the_witness_only_what_differs_is_recognised(
    where: Where, history: History, tmp_path: Path
) -> None:
    """The twin: stores that are put back together agree, and only the value outside them tells."""
    history.at("started", tmp_path)
    put_back(history, where, "beat", tmp_path)
    engines = Engines(tmp_path / "instance" / "stores")
    stores = Stores(engines, Keyring.load(tmp_path / "keys" / "keyring.json"))
    assert binding.look(stores, ROUND) == (None if where is Where.STORES else Stop(Trouble.OLDER, where))


def test_an_older_roll_gives_no_second_paper(history: History, tmp_path: Path) -> None:
    settings = history.at("started", tmp_path)
    put_back(history, Where.ROLL, "opened", tmp_path)
    stores = open_stores(settings)
    with pytest.raises(RoundStopped):
        voter_service.desks(stores)[ROUND]
    with pytest.raises(RoundStopped):
        voter_service.boxes(stores)[ROUND]
    assert voter_service.desks(stores)[OTHER] is not None
    stores.close()


def test_without_that_the_same_slip_would_take_a_second_paper(history: History, tmp_path: Path) -> None:
    """The twin, past everything that judges: ten people cast fifteen ballots."""
    settings = history.at("started", tmp_path)
    put_back(history, Where.ROLL, "opened", tmp_path)
    place = Place(settings.stores, Keyring.load(settings.keyring), there(history.manifest))
    for number in range(2):
        vote(place, history.act(number))
    assert returned(place.box, 1) == (8,)


def test_a_copy_of_the_last_minute_shows_by_its_numbers_alone(history: History, tmp_path: Path) -> None:
    """Nothing was bound since polls opened: the older roll shows, for the box holds more than it issued; the
    older box does not.
    """
    settings = history.at("papers", tmp_path / "roll")
    put_back(history, Where.ROLL, "opened", tmp_path / "roll")
    assert judged(settings)[0] == Stop(Trouble.BALLOTS, Where.BOX)
    settings = history.at("papers", tmp_path / "box")
    put_back(history, Where.BOX, "opened", tmp_path / "box")
    assert judged(settings)[0] is None


@pytest.mark.parametrize(
    ("where", "statement"),
    [
        (Where.ROLL, "UPDATE slips SET blinded = zeroblob(256)"),
        (Where.BOX, "UPDATE head SET used = x'00'"),
    ],
)
def test_rows_that_are_gone_are_missed(
    where: Where, statement: str, history: History, tmp_path: Path
) -> None:
    settings = history.at("beat", tmp_path)
    with sqlite3.connect(tmp_path / FILES[where][0]) as connection:
        connection.execute(statement)
    assert judged(settings)[0] == Stop(Trouble.FEWER, where)


def test_what_is_put_right_goes_on_by_itself_and_what_goes_wrong_meanwhile_stops(
    history: History, tmp_path: Path
) -> None:
    stores = open_stores(history.at("started", tmp_path))
    minute = [0.0]
    stores.engines.stops = Stops(lambda: minute[0])
    desks = voter_service.desks(stores)
    assert desks[ROUND] is not None
    put_back(history, Where.ROLL, "opened", tmp_path)
    assert desks[ROUND] is not None  # within the minute after a look
    minute[0] += 61
    with pytest.raises(RoundStopped):
        desks[ROUND]
    put_back(history, Where.ROLL, "started", tmp_path)
    minute[0] += 61
    assert desks[ROUND] is not None
    stores.close()


@pytest.mark.parametrize("act", ["bind", "open", "close", "seal"])
def test_no_act_binds_an_older_copy(act: str, history: History, tmp_path: Path) -> None:
    """Whoever acts without having judged, as a command does, is refused and has changed nothing."""
    now = {"bind": "started", "open": "confirmed", "close": "started", "seal": "closed"}[act]
    stores = open_stores(history.at(now, tmp_path))
    put_back(history, Where.BOX, "confirmed" if act != "open" else "frozen", tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "instance" / "stores").glob("*.sqlite")}
    manifest = there(history.manifest)
    acts: dict[str, Callable[[], object]] = {
        "bind": lambda: binding.bind(stores.engines, ROUND),
        "open": lambda: opening.open_polls(stores.engines, manifest, [VOTERS], AT),
        "close": lambda: closing.close_polls(stores.engines, manifest, AT),
        "seal": lambda: closing.seal_box(stores, manifest),
    }
    with pytest.raises(RoundStopped):
        acts[act]()
    assert {path: path.read_bytes() for path in (tmp_path / "instance" / "stores").glob("*.sqlite")} == before
    stores.close()


def test_killed_anywhere_while_it_binds_the_round_goes_on(history: History, tmp_path: Path) -> None:
    def work(number: int) -> bool:
        settings = history.at("started", tmp_path / str(number))

        def bind() -> None:
            engines = Engines(settings.stores)
            engines.witness = Witness(settings.witness_file, Keyring.load(settings.keyring).witness_key())
            binding.bind(engines, ROUND, there(history.manifest).definition)

        ended = ends(bind, kill_before_step(number))
        assert judged(settings) == (None, None)
        return ended

    assert until_it_ends(work) > 20


def test_neither_paper_nor_ballot_changes_what_is_kept_outside(history: History, tmp_path: Path) -> None:
    settings = history.at("started", tmp_path)
    before = settings.witness_file.read_bytes(), settings.witness_file.stat().st_mtime_ns
    place = Place(settings.stores, Keyring.load(settings.keyring), there(history.manifest))
    vote(place, history.act(7))
    assert (settings.witness_file.read_bytes(), settings.witness_file.stat().st_mtime_ns) == before


def test_what_is_kept_outside_is_sealed_coarse_and_of_one_length(history: History, tmp_path: Path) -> None:
    assert len({(history.moments[each] / "keys" / "witness").stat().st_size for each in MOMENTS}) == 1
    settings = history.at("started", tmp_path)
    raw = settings.witness_file.read_bytes()
    assert ROUND.encode() not in raw
    assert bytes.fromhex(ROUND) not in raw
    with Witness(settings.witness_file, Keyring.load(settings.keyring).witness_key()).alone() as book:
        held = book.rounds[ROUND]
    # Four of each were in the box when the hour was over: in steps of k = 3.
    assert (held.papers, held.ballots) == ((3,), (3,))


@pytest.mark.parametrize("damage", ["missing", "foreign key", "damaged"])
def test_a_witness_that_says_nothing_stops_what_is_under_way(
    damage: str, history: History, tmp_path: Path
) -> None:
    settings = history.at("started", tmp_path)
    if damage == "missing":
        settings.witness_file.unlink()
    elif damage == "foreign key":
        Witness(settings.witness_file, bytes(32)).write({})
    else:
        settings.witness_file.write_bytes(settings.witness_file.read_bytes()[:-1] + b"?")
    trouble = Trouble.MISSING if damage == "missing" else Trouble.DAMAGED
    assert judged_both(settings) == [Stop(trouble, Where.WITNESS)] * 2


def judged_both(settings: Settings) -> list[Stop | None]:
    stores = open_stores(settings)
    binding.take_over(stores)
    found = [stores.engines.stops.of(each) for each in (ROUND, OTHER)]
    stores.close()
    return found


ACCEPTED = [
    # what is put back, from when, when it is; whether it may be accepted
    (Where.WITNESS, "beat", "started", True),
    (Where.APP, "closed", "sealed", True),
    (Where.APP, "started", "counting", True),
    (Where.STORES, "closed", "counting", True),
    (Where.STORES, "sealed", "counting", True),
    (Where.ROLL, "opened", "started", False),
    (Where.BOX, "beat", "started", False),
    (Where.STORES, "beat", "started", False),
    (Where.STORES, "started", "closed", False),
    (Where.ROLL, "started", "closed", False),
    (Where.BOX, "started", "sealed", False),
]


@pytest.mark.parametrize(("where", "before", "now", "good"), ACCEPTED)
def test_stores_are_accepted_only_where_nothing_of_the_vote_can_be_missing(
    where: Where, before: str, now: str, good: bool, history: History, tmp_path: Path
) -> None:
    settings = history.at(now, tmp_path)
    put_back(history, where, before, tmp_path)
    stores = open_stores(settings)
    assert binding.look(stores, ROUND) is not None
    if not good:
        with pytest.raises(NotTheWholeVote):
            binding.accept(stores, ROUND)
        assert binding.look(stores, ROUND) is not None
    else:
        binding.accept(stores, ROUND)
        assert binding.look(stores, ROUND) is None
        binding.take_over(stores)
        assert binding.look(stores, ROUND) is None
    stores.close()


def test_why_stores_were_accepted_stands_in_the_minutes(history: History, tmp_path: Path) -> None:
    settings = history.at("counting", tmp_path)
    put_back(history, Where.STORES, "sealed", tmp_path)
    command = ["round", "accept", ROUND, "--because", "Hỏng ổ đĩa", "--instance", str(settings.instance)]
    environment = {f"TIN_NHIEM_{name}": str(value) for name, value in (("KEYRING", settings.keyring),)}
    (settings.instance / "settings.env").write_text(
        f"TIN_NHIEM_KEYRING={settings.keyring}\nTIN_NHIEM_WITNESS={settings.witness_file}\n"
    )
    answer = CliRunner().invoke(main, command, env=environment)
    assert answer.exit_code == 0, answer.output
    stores = open_stores(settings)
    assert binding.look(stores, ROUND) is None
    incidents = conduct.find(stores.app, ROUND).facts.incidents
    assert [(each.kind, each.text) for each in incidents] == [("restored", "Hỏng ổ đĩa")]
    (entry,) = (each for each in StaffLog(stores.app, lambda: NOW).entries() if each.act == "round.restored")
    assert (entry.reason, entry.round_id) == ("Hỏng ổ đĩa", ROUND)
    stores.close()


def there(value: Manifest | None) -> Manifest:
    assert value is not None
    return value


def test_the_check_names_what_is_stopped_and_what_only_the_witness_knows(
    history: History, tmp_path: Path
) -> None:
    settings = history.at("started", tmp_path)
    put_back(history, Where.ROLL, "opened", tmp_path)
    stores = open_stores(settings)
    said = [each.says for each in look(settings, stores) if each.what == "stores"]
    assert len(said) == 1
    assert ROUND in said[0]
    assert "an older copy of its roll" in said[0]
    with stores.app.begin() as connection:
        connection.execute(text("DELETE FROM rounds WHERE survey = :round"), {"round": ROUND})
    said = [each.says for each in look(settings, stores) if each.what == "stores"]
    assert said == [f"the app store knows nothing of the round {ROUND}: an older copy was put back"]
    stores.close()
