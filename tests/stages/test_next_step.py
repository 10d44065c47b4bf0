"""On top of a round's page stands one next step, with whom it waits for; what makes no sense any more is not
offered.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from surveys.accounts.roles import Role
from surveys.console.polls.next_step import StepKind, next_step
from surveys.names import RoundId, UnitCode
from surveys.rounds import ledger
from surveys.rounds.states import ORDER, State
from tests.desk import Desk, a_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = a_desk(Path(tmp_path_factory.mktemp("next")))
    yield desk
    desk.site.stores.close()


def step_of(desk: Desk, round_id: RoundId) -> tuple[StepKind, tuple[str, ...]]:
    there = desk.desks.polls.look(round_id)
    step = next_step(there, desk.desks.committees.members(there.round), desk.watch())
    return step.kind, step.people


def links(desk: Desk, round_id: RoundId) -> set[str]:
    """Where the round's page leads below the round."""
    page = desk.browser(Role.ORGANIZER, UnitCode("*")).get(f"/en/rounds/{round_id}").get_data(as_text=True)
    return {part.split('"')[0] for part in page.split(f"/rounds/{round_id}/")[1:]}


def moved(desk: Desk, round_id: RoundId, to: State) -> None:
    found = ledger.find(desk.site.stores.app, round_id).state
    for state in ORDER[ORDER.index(found) + 1 : ORDER.index(to) + 1]:
        ledger.move(desk.site.stores.engines.app, round_id, state)


def test_each_stage_has_its_next_step_and_says_for_whom_it_waits(desk: Desk) -> None:
    frozen = desk.frozen(1)
    assert step_of(desk, frozen) == (StepKind.CEREMONY, ("Một", "Hai", "Ba"))
    confirmed = desk.confirmed(2)
    assert step_of(desk, confirmed) == (StepKind.OPEN, ())
    assert step_of(desk, desk.confirmed(3, by_clock=True))[0] is StepKind.CLOCK
    conference = desk.confirmed(4, presence="recorded", four_eyes=True)
    assert step_of(desk, conference)[0] is StepKind.PRESENT
    organizer = desk.account(Role.ORGANIZER, UnitCode("A"))
    desk.desks.polls.open(organizer, conference)
    assert step_of(desk, conference)[0] is StepKind.APPROVE
    desk.desks.polls.open(organizer, confirmed)
    assert step_of(desk, confirmed)[0] is StepKind.VOTERS
    desk.watch.forward(days=3)
    assert step_of(desk, confirmed)[0] is StepKind.OVER
    desk.watch.forward(days=-3)


def test_after_publication_only_what_is_on_record_is_offered(desk: Desk) -> None:
    round_id = desk.confirmed(5)
    assert links(desk, round_id) >= {"polls", "attendance", "letters", "exhibits", "slips-link", "committee"}
    desk.desks.polls.open(desk.account(Role.ORGANIZER, UnitCode("A")), round_id)
    for state, kind in [
        (State.SEALED, StepKind.SEALING),
        (State.COUNTING, StepKind.COUNT),
        (State.CERTIFIED, StepKind.PUBLISH),
        (State.PUBLISHED, StepKind.READ),
    ]:
        moved(desk, round_id, state)
        assert step_of(desk, round_id)[0] is kind
        assert links(desk, round_id) & {"letters", "exhibits", "slips-link"} == set()
    assert links(desk, round_id) == {"polls", "attendance", "incidents", "statement"}
