"""A round goes forward one step at a time, in code and in the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from surveys.instants import read_instant
from surveys.names import RoundId
from surveys.rounds import ledger
from surveys.rounds.errors import AnotherRound, IllegalMove, NoSuchRound
from surveys.rounds.states import ORDER, State
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Store
from tests.published import SURVEY, a_definition

RING = Keyring.fresh()


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[Engines]:
    made = Engines(tmp_path)
    made.migrate_app()
    ledger.add(Store(made.app, RING), a_definition())
    yield made
    made.close()


def test_a_round_walks_through_every_state(engines: Engines) -> None:
    for state in ORDER[2:]:
        assert ledger.move(engines.app, SURVEY, state, at=read_instant("2026-11-02T01:00:00Z")) is True
        assert ledger.move(engines.app, SURVEY, state) is False
    found = ledger.find(Store(engines.app, RING), SURVEY)
    assert found.state is State.PUBLISHED
    assert found.opened == found.closed == read_instant("2026-11-02T01:00:00Z")


def test_a_step_that_is_skipped_is_refused(engines: Engines) -> None:
    with pytest.raises(IllegalMove):
        ledger.move(engines.app, SURVEY, State.OPEN)
    assert ledger.find(Store(engines.app, RING), SURVEY).state is State.FROZEN


def test_going_back_does_nothing(engines: Engines) -> None:
    ledger.move(engines.app, SURVEY, State.CONFIRMED)
    assert ledger.move(engines.app, SURVEY, State.FROZEN) is False
    assert ledger.find(Store(engines.app, RING), SURVEY).state is State.CONFIRMED


@pytest.mark.files
@pytest.mark.parametrize(("at", "to"), list(permutations([state.value for state in ORDER], 2)))
def test_the_store_itself_refuses_every_other_step(engines: Engines, at: str, to: str) -> None:
    with engines.app.begin() as connection:
        connection.execute(text("DROP TRIGGER rounds_go_forward"))
        connection.execute(text("UPDATE rounds SET state = :at"), {"at": at})
    _trigger_again(engines)
    allowed = (at, to) in {(a.value, b.value) for a, b in pairwise(ORDER)}
    with engines.app.begin() as connection:
        statement = text("UPDATE rounds SET state = :to")
        if allowed:
            connection.execute(statement, {"to": to})
        else:
            with pytest.raises(IntegrityError, match="one step forward"):
                connection.execute(statement, {"to": to})


def _trigger_again(engines: Engines) -> None:
    """The trigger as the migration makes it, taken from a fresh store."""
    fresh = Engines(engines.root / "fresh")
    fresh.migrate_app()
    with fresh.app.connect() as connection:
        made = connection.execute(
            text("SELECT sql FROM sqlite_master WHERE name = 'rounds_go_forward'")
        ).scalar_one()
    fresh.close()
    with engines.app.begin() as connection:
        connection.exec_driver_sql(made)


def test_a_frozen_round_is_never_changed(engines: Engines) -> None:
    ledger.add(Store(engines.app, RING), a_definition())
    with pytest.raises(AnotherRound):
        ledger.add(Store(engines.app, RING), replace(a_definition(), k=6))


@pytest.mark.files
def test_definition_and_manifest_are_not_readable_in_the_file(engines: Engines) -> None:
    name = a_definition().contests[0].name.encode()
    assert name not in (engines.root / "app.sqlite").read_bytes()
    assert ledger.find(Store(engines.app, RING), SURVEY).definition == a_definition()


def test_an_unknown_round_is_said_to_be_unknown(engines: Engines) -> None:
    with pytest.raises(NoSuchRound):
        ledger.find(Store(engines.app, RING), RoundId("00" * 16))
