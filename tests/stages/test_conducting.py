"""Polls are conducted on the desk: by hand, by the clock, with four eyes; there is no step back, and every act is in the log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from surveys.accounts.roles import Role
from surveys.roll import attendance
from surveys.roll.errors import ImpossibleAttendance
from surveys.roll.state import State as Issuing
from surveys.rounds import conduct, ledger
from surveys.rounds.errors import IllegalMove, NothingAsked, OwnApproval
from surveys.rounds.states import State
from surveys.stages.errors import NoLaterEnd, ReasonNeeded
from surveys.stages.stating import conference
from tests.desk import Desk, a_desk


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = a_desk(tmp_path_factory.mktemp("conducting"))
    yield desk
    desk.site.stores.close()


@pytest.fixture
def desk(made: Desk) -> Desk:
    made.watch.at = made.watch.at.replace(day=2, hour=1)
    return made


def state(desk: Desk, survey: str) -> State:
    return ledger.find(desk.site.stores.app, desk.site.keyring, survey).state


def test_polls_open_and_close_once_and_the_log_and_the_minutes_say_by_whom(desk: Desk) -> None:
    survey, organizer = desk.confirmed(1), desk.account(Role.ORGANIZER, "A")
    assert desk.desks.polls.open(organizer, survey)
    for step in (
        lambda: desk.desks.polls.open(organizer, survey),
        lambda: desk.desks.polls.extend(organizer, survey, "2026-11-04T10:00:00Z", ""),
    ):
        with pytest.raises((IllegalMove, ReasonNeeded)):
            step()
    assert desk.desks.polls.extend(organizer, survey, "2026-11-04T10:00:00Z", "Mất điện")
    with pytest.raises(ReasonNeeded):
        desk.desks.polls.close(organizer, survey, "")
    desk.watch.forward(days=3)
    assert desk.desks.polls.close(organizer, survey, "")
    with pytest.raises(IllegalMove):
        desk.desks.polls.close(organizer, survey, "")
    assert state(desk, survey) is State.CLOSING
    mine = [entry.act for entry in reversed(desk.desks.log.entries()) if entry.survey == survey]
    assert [act for act in mine if act != "refused"] == ["round.opened", "round.extended", "round.closed"]
    found = ledger.find(desk.site.stores.app, desk.site.keyring, survey)
    facts = conduct.find(desk.site.stores.app, desk.site.keyring, survey).facts
    said = conference(found, facts, ()).as_json()
    assert [(act["act"], act["by"], act["until"], act["reason"]) for act in said["log"]] == [
        ("opened", "hand", None, ""),
        ("extended", "hand", "2026-11-04T10:00:00Z", "Mất điện"),
        ("closed", "hand", None, ""),
    ]


@pytest.mark.parametrize("until", ["2026-11-03T10:00:00Z", "2026-11-03T09:00:00Z", "2026-11-02T00:30:00Z"])
def test_time_is_only_ever_added(desk: Desk, until: str) -> None:
    survey = desk.confirmed(2) if state_of(desk, 2) is None else ("02" * 16)
    organizer = desk.account(Role.ORGANIZER, "A")
    if state(desk, survey) is State.CONFIRMED:
        desk.desks.polls.open(organizer, survey)
    with pytest.raises(NoLaterEnd):
        desk.desks.polls.extend(organizer, survey, until, "r")
    assert conduct.find(desk.site.stores.app, desk.site.keyring, survey).facts.extended_to is None


def state_of(desk: Desk, number: int) -> State | None:
    survey = (bytes([number]) * 16).hex()
    return state(desk, survey) if survey in ledger.surveys(desk.site.stores.app) else None


def test_with_four_eyes_nothing_happens_before_another_organizer_approves(desk: Desk) -> None:
    survey = desk.confirmed(3, four_eyes=True)
    one, two = desk.account(Role.ORGANIZER, "A"), desk.account(Role.ORGANIZER, "K")
    assert not desk.desks.polls.open(one, survey)
    assert state(desk, survey) is State.CONFIRMED
    with pytest.raises(OwnApproval):
        desk.desks.polls.approve(one, survey, "opened")
    with pytest.raises(NothingAsked):
        desk.desks.polls.approve(two, survey, "closed")
    desk.desks.polls.approve(two, survey, "opened")
    assert state(desk, survey) is State.OPEN
    with pytest.raises(NothingAsked):
        desk.desks.polls.approve(two, survey, "opened")
    assert not desk.desks.polls.extend(one, survey, "2026-11-05T10:00:00Z", "r")
    desk.desks.polls.approve(two, survey, "extended")
    assert desk.desks.polls.look(survey).closes == "2026-11-05T10:00:00Z"
    assert not desk.desks.polls.close(one, survey, "sớm")
    desk.desks.polls.withdraw(one, survey, "closed")
    with pytest.raises(NothingAsked):
        desk.desks.polls.approve(two, survey, "closed")
    assert state(desk, survey) is State.OPEN


def test_closing_in_time_needs_no_second_person(desk: Desk) -> None:
    survey = desk.confirmed(4, four_eyes=True, closes="2026-11-02T03:00:00Z")
    one, two = desk.account(Role.ORGANIZER, "A"), desk.account(Role.ORGANIZER, "K")
    desk.desks.polls.open(one, survey)
    desk.desks.polls.approve(two, survey, "opened")
    desk.watch.forward(hours=3)
    assert desk.desks.polls.close(one, survey, "")


def test_the_clock_opens_and_closes_what_lets_it_and_nothing_else(desk: Desk) -> None:
    let, other = desk.confirmed(5, by_clock=True), desk.confirmed(6)
    beat = desk.desks.polls.beat
    beat()
    assert (state(desk, let), state(desk, other)) == (State.CONFIRMED, State.CONFIRMED)
    desk.watch.forward(hours=2)
    beat()
    beat()
    assert (state(desk, let), state(desk, other)) == (State.OPEN, State.CONFIRMED)
    desk.desks.polls.extend(desk.account(Role.ORGANIZER, "A"), let, "2026-11-03T12:00:00Z", "r")
    desk.watch.forward(days=1, hours=8)
    beat()
    assert state(desk, let) is State.OPEN  # the first time of closing is over, the extended one is not
    desk.watch.forward(hours=3)
    beat()
    assert (state(desk, let), state(desk, other)) == (State.CLOSING, State.CONFIRMED)
    log = conduct.find(desk.site.stores.app, desk.site.keyring, let).facts.log
    assert [(act.act, act.by) for act in log] == [
        ("opened", "clock"),
        ("extended", "hand"),
        ("closed", "clock"),
    ]


def test_the_clock_does_not_open_a_round_whose_time_is_over(desk: Desk) -> None:
    survey = desk.confirmed(7, by_clock=True)
    desk.watch.forward(days=9)
    desk.desks.polls.beat()
    assert state(desk, survey) is State.CONFIRMED


def test_below_the_quorum_no_papers_are_issued_until_enough_people_are_there(desk: Desk) -> None:
    survey, organizer = desk.confirmed(8, presence="recorded"), desk.account(Role.ORGANIZER, "A")
    polls = desk.desks.polls
    panels = [panel.unit for panel in polls.look(survey).panels]
    polls.record_present(organizer, survey, panels.index("A1"), 4)  # 6 voters: two thirds
    polls.open(organizer, survey)
    issuing = {panel.unit: panel.issuing for panel in polls.look(survey).panels}
    assert issuing == {"A1": True, "A2": False, "A3": False}
    polls.record_present(organizer, survey, panels.index("A3"), 4)  # 7 voters: below two thirds
    assert not polls.look(survey).panels[panels.index("A3")].issuing
    polls.record_present(organizer, survey, panels.index("A3"), 5)
    there = attendance.attendance(desk.site.stores.roll(survey))[panels.index("A3")]
    assert (there.state, there.present) == (Issuing.ISSUING, 5)
    with pytest.raises(ImpossibleAttendance):
        polls.record_present(organizer, survey, 0, 99)


def test_where_everybody_counts_as_present_papers_are_issued_everywhere(desk: Desk) -> None:
    survey = desk.confirmed(9)
    desk.desks.polls.open(desk.account(Role.ORGANIZER, "A"), survey)
    assert all(
        panel.issuing and panel.present == panel.summoned for panel in desk.desks.polls.look(survey).panels
    )


def test_the_turnout_is_of_whole_units_coarse_and_only_while_polls_are_open(desk: Desk) -> None:
    survey = desk.confirmed(10)
    look, tree = desk.desks.polls.look, desk.desks.land.parents()
    assert desk.desks.polls.turnout(look(survey).round, tree, "A") == ()
    desk.desks.polls.open(desk.account(Role.ORGANIZER, "A"), survey)
    rows = {row.unit: row.percent for row in desk.desks.polls.turnout(look(survey).round, tree, "A")}
    assert rows == {"A": 0, "A1": 0, "A2": None, "A3": 0}  # A2 has two voters, fewer than k


def test_a_round_that_is_not_confirmed_cannot_be_opened(desk: Desk) -> None:
    survey = desk.frozen(11)
    with pytest.raises(IllegalMove):
        desk.desks.polls.open(desk.account(Role.ORGANIZER, "A"), survey)
