"""The staff log is a chain: what was written stays, and a change of any entry is seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import IntegrityError

from surveys.accounts.errors import LogBroken, NotYours
from surveys.accounts.models import staff_log
from surveys.accounts.staff_log import BEGINNING, Act, Actor, StaffLog
from surveys.names import UnitCode
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Store

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
SOMEBODY = Actor("1" * 32, "Nguyễn Văn An")


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[Engines]:
    made = Engines(tmp_path / "stores")
    made.migrate_app()
    yield made
    made.close()


@pytest.fixture
def log(engines: Engines, tmp_path: Path) -> StaffLog:
    return StaffLog(Store(engines.app, Keyring.load_or_create(tmp_path / "keyring.json")), lambda: NOW)


def three(log: StaffLog) -> None:
    for act in (Act.ROUND_CREATED, Act.ROUND_FROZEN, Act.ROUND_OPENED):
        log.write(SOMEBODY, act, unit=UnitCode("A"), round_id="ab" * 16, reason="Quyết định số 1", voters=12)


def test_entries_hold_what_was_done_and_the_hash_of_the_one_before(log: StaffLog) -> None:
    three(log)
    last, middle, first = log.entries()
    assert [each.number for each in (first, middle, last)] == [1, 2, 3]
    assert first.previous == BEGINNING
    assert (middle.previous, last.previous) == (first.hash, middle.hash)
    assert (last.act, last.name, last.unit, last.facts) == (
        "round.opened",
        "Nguyễn Văn An",
        "A",
        {"voters": 12},
    )
    assert (last.at, last.reason) == (NOW, "Quyết định số 1")
    assert log.check() == 3
    assert log.head() == (3, last.hash)


def test_a_refused_act_leaves_two_entries_and_the_refusal_goes_on(log: StaffLog) -> None:
    with pytest.raises(NotYours), log.acting(SOMEBODY, Act.ROUND_OPENED, round_id="ab" * 16):
        raise NotYours(("organizer",), UnitCode("A"))
    refused, ordered = log.entries()
    assert (ordered.act, refused.act) == ("round.opened", "refused")
    assert refused.facts == {"entry": 1, "refusal": "NotYours"}


def test_an_act_that_is_cut_off_stands_in_the_log(log: StaffLog) -> None:
    with pytest.raises(KeyboardInterrupt), log.acting(SOMEBODY, Act.ROUND_OPENED):
        raise KeyboardInterrupt
    assert [each.act for each in log.entries()] == ["round.opened"]


@pytest.mark.parametrize(
    "values", [{"at": "2026-11-02T00:00:00Z"}, {"previous": bytes(32)}, {"hash": bytes(32)}, {"number": 9}]
)
def test_the_store_lets_no_entry_be_changed_or_removed(
    log: StaffLog, engines: Engines, values: dict[str, object]
) -> None:
    three(log)
    for statement in (update(staff_log).where(staff_log.c.number == 2).values(**values), delete(staff_log)):
        with (
            pytest.raises(IntegrityError, match="only written at its end"),
            engines.app.begin() as connection,
        ):
            connection.execute(statement)
    assert log.check() == 3


def _without_guards(engines: Engines, statement: object) -> None:
    """What somebody with the database in hand can do."""
    with engines.app.begin() as connection:
        for name in ("staff_log_keeps_delete", "staff_log_keeps_update"):
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(statement)  # type: ignore[call-overload]


def test_an_entry_taken_out_behind_the_store_is_seen(log: StaffLog, engines: Engines) -> None:
    three(log)
    _without_guards(engines, delete(staff_log).where(staff_log.c.number == 2))
    with pytest.raises(LogBroken) as broken:
        log.check()
    assert broken.value.number == 2


@pytest.mark.parametrize(
    "values", [{"at": "2026-11-02T00:00:00Z"}, {"previous": b"\1" * 32}, {"hash": bytes(32)}]
)
def test_an_entry_changed_behind_the_store_is_seen(
    log: StaffLog, engines: Engines, values: dict[str, object]
) -> None:
    three(log)
    _without_guards(engines, update(staff_log).where(staff_log.c.number == 2).values(**values))
    with pytest.raises(LogBroken) as broken:
        log.check()
    assert broken.value.number == 2


def test_what_an_entry_says_cannot_be_exchanged_for_another_with_the_keyring_in_hand(
    log: StaffLog, engines: Engines, tmp_path: Path
) -> None:
    three(log)
    keyring = Keyring.load(tmp_path / "keyring.json")
    said = keyring.seal("staff_log", "entry", "2", b'{"act":"round.closed"}')
    _without_guards(engines, update(staff_log).where(staff_log.c.number == 2).values(entry=said))
    with pytest.raises(LogBroken):
        log.check()


def test_an_end_that_was_cut_off_is_seen_by_whoever_noted_the_head(log: StaffLog, engines: Engines) -> None:
    three(log)
    noted = log.head()
    _without_guards(engines, delete(staff_log).where(staff_log.c.number == 3))
    assert log.check() == 2
    assert log.head() != noted
