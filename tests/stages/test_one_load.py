"""Closing the polls loads the round once: definition and manifest are long, and what was loaded is
passed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from surveys.accounts.roles import Role
from surveys.names import RoundId, UnitCode
from surveys.rounds import ledger
from surveys.rounds.states import State
from tests.desk import Desk, a_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = a_desk(tmp_path_factory.mktemp("loads"))
    yield desk
    desk.site.stores.close()


@contextmanager
def loads(desk: Desk) -> Iterator[list[str]]:
    """The statements that read a round's definition while the block runs."""
    engine, seen = desk.site.stores.engines.app, list[str]()

    def note(*given: object) -> None:
        statement = str(given[2])
        if statement.startswith("SELECT") and "rounds.definition" in statement.split("FROM")[0]:
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def state(desk: Desk, round_id: RoundId) -> State:
    return ledger.heading(desk.site.stores.engines.app, round_id).state


def test_the_desk_loads_the_round_once_to_close_it(desk: Desk) -> None:
    round_id = desk.confirmed(1)
    desk.desks.polls.open(desk.account(Role.ORGANIZER, UnitCode("A")), round_id)
    desk.watch.forward(days=30)
    browser = desk.browser(Role.ORGANIZER, UnitCode("A"))
    with loads(desk) as seen:
        answer = browser.post(f"/s/vi/rounds/{round_id}/close", {})
    assert answer.status_code == 303
    assert state(desk, round_id) is State.CLOSING
    assert len(seen) == 2  # once for the page that asks, once for the answer


def test_the_clock_loads_the_round_once_to_close_it(desk: Desk) -> None:
    desk.watch.at = desk.watch.at.replace(day=2, hour=1, month=11)
    round_id = desk.confirmed(2, by_clock=True)
    desk.watch.forward(hours=2)
    desk.desks.polls.beat()
    assert state(desk, round_id) is State.OPEN
    desk.watch.forward(days=30)
    with loads(desk) as seen:
        desk.desks.polls.beat()
    assert state(desk, round_id) is State.CLOSING
    assert len(seen) == 1


def test_whoever_sits_at_the_server_loads_it_once(desk: Desk) -> None:
    desk.watch.at = desk.watch.at.replace(day=2, hour=3, month=11)
    round_id = desk.confirmed(3)
    desk.desks.polls.open_at_the_server(round_id)
    with loads(desk) as seen:
        desk.desks.polls.close_at_the_server(round_id)
    assert len(seen) == 1
    with loads(desk) as seen:
        ledger.find(desk.site.stores.app, round_id)
        ledger.find(desk.site.stores.app, round_id)
    assert len(seen) == 2
