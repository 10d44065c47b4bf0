"""Polls are conducted on the desk: by hand, by the clock, with four eyes; there is no step back, and every
act is in the log.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from surveys.accounts.roles import Role
from surveys.console.home.overview import overview
from surveys.instants import Instant, read_instant
from surveys.names import RoundId, UnitCode
from surveys.papers.conference import conference
from surveys.roll import attendance
from surveys.roll.errors import ImpossibleAttendance
from surveys.roll.state import State as Issuing
from surveys.rounds import conduct, ledger
from surveys.rounds.errors import IllegalMove, NothingAsked, OwnApproval
from surveys.rounds.states import State
from surveys.stages.errors import NoLaterEnd, ReasonNeeded
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


def found(desk: Desk, round_id: RoundId) -> ledger.Round:
    return ledger.find(desk.site.stores.app, round_id)


def state(desk: Desk, round_id: RoundId) -> State:
    return found(desk, round_id).state


def test_polls_open_and_close_once_and_the_log_and_the_minutes_say_by_whom(desk: Desk) -> None:
    round_id, organizer = desk.confirmed(1), desk.account(Role.ORGANIZER, UnitCode("A"))
    assert desk.desks.polls.open(organizer, round_id)
    with pytest.raises((IllegalMove, ReasonNeeded)):
        desk.desks.polls.open(organizer, round_id)
    with pytest.raises((IllegalMove, ReasonNeeded)):
        desk.desks.polls.extend(organizer, round_id, read_instant("2026-11-04T10:00:00Z"), "")
    assert desk.desks.polls.extend(organizer, round_id, read_instant("2026-11-04T10:00:00Z"), "Mất điện")
    with pytest.raises(ReasonNeeded):
        desk.desks.polls.close(organizer, found(desk, round_id), "")
    desk.watch.forward(days=3)
    assert desk.desks.polls.close(organizer, found(desk, round_id), "")
    with pytest.raises(IllegalMove):
        desk.desks.polls.close(organizer, found(desk, round_id), "")
    assert state(desk, round_id) is State.CLOSING
    mine = [entry.act for entry in reversed(desk.desks.log.entries()) if entry.round_id == round_id]
    assert [act for act in mine if act != "refused"] == ["round.opened", "round.extended", "round.closed"]
    facts = conduct.find(desk.site.stores.app, round_id).facts
    said = conference(found(desk, round_id), facts, ()).as_json()
    assert [(act["act"], act["by"], act["until"], act["reason"]) for act in said["log"]] == [
        ("opened", "hand", None, "ngoài giờ đã định / not at the appointed time"),
        ("extended", "hand", "2026-11-04T10:00:00Z", "Mất điện"),
        ("closed", "hand", None, ""),
    ]


@pytest.mark.parametrize(
    "until",
    [
        read_instant("2026-11-03T10:00:00Z"),
        read_instant("2026-11-03T09:00:00Z"),
        read_instant("2026-11-02T00:30:00Z"),
    ],
)
def test_time_is_only_ever_added(desk: Desk, until: Instant) -> None:
    round_id = desk.confirmed(2) if state_of(desk, 2) is None else (RoundId("02" * 16))
    organizer = desk.account(Role.ORGANIZER, UnitCode("A"))
    if state(desk, round_id) is State.CONFIRMED:
        desk.desks.polls.open(organizer, round_id)
    with pytest.raises(NoLaterEnd):
        desk.desks.polls.extend(organizer, round_id, until, "r")
    assert conduct.find(desk.site.stores.app, round_id).facts.extended_to is None


def state_of(desk: Desk, number: int) -> State | None:
    round_id = RoundId((bytes([number]) * 16).hex())
    return state(desk, round_id) if round_id in ledger.round_ids(desk.site.stores.engines.app) else None


def test_with_four_eyes_nothing_happens_before_another_organizer_approves(desk: Desk) -> None:
    round_id = desk.confirmed(3, four_eyes=True)
    one, two = desk.account(Role.ORGANIZER, UnitCode("A")), desk.account(Role.ORGANIZER, UnitCode("K"))
    assert not desk.desks.polls.open(one, round_id)
    assert state(desk, round_id) is State.CONFIRMED
    with pytest.raises(OwnApproval):
        desk.desks.polls.approve(one, round_id, "opened")
    with pytest.raises(NothingAsked):
        desk.desks.polls.approve(two, round_id, "closed")
    desk.desks.polls.approve(two, round_id, "opened")
    assert state(desk, round_id) is State.OPEN
    with pytest.raises(NothingAsked):
        desk.desks.polls.approve(two, round_id, "opened")
    assert not desk.desks.polls.extend(one, round_id, read_instant("2026-11-05T10:00:00Z"), "r")
    page = desk.site.browser(two).get(f"/vi/rounds/{round_id}/polls").text
    assert "17 giờ 00 ngày 05/11/2026" in page, "the end as clocks there show it"
    desk.desks.polls.approve(two, round_id, "extended")
    assert desk.desks.polls.look(round_id).closes == read_instant("2026-11-05T10:00:00Z")
    assert not desk.desks.polls.close(one, found(desk, round_id), "sớm")
    desk.desks.polls.withdraw(one, round_id, "closed")
    with pytest.raises(NothingAsked):
        desk.desks.polls.approve(two, round_id, "closed")
    assert state(desk, round_id) is State.OPEN


def test_closing_in_time_needs_no_second_person(desk: Desk) -> None:
    round_id = desk.confirmed(4, four_eyes=True, closes=read_instant("2026-11-02T03:00:00Z"))
    one, two = desk.account(Role.ORGANIZER, UnitCode("A")), desk.account(Role.ORGANIZER, UnitCode("K"))
    desk.desks.polls.open(one, round_id)
    desk.desks.polls.approve(two, round_id, "opened")
    desk.watch.forward(hours=3)
    assert desk.desks.polls.close(one, found(desk, round_id), "")


def test_the_clock_opens_and_closes_what_lets_it_and_nothing_else(desk: Desk) -> None:
    let, other = desk.confirmed(5, by_clock=True), desk.confirmed(6)
    beat = desk.desks.polls.beat
    beat()
    assert (state(desk, let), state(desk, other)) == (State.CONFIRMED, State.CONFIRMED)
    desk.watch.forward(hours=2)
    beat()
    beat()
    assert (state(desk, let), state(desk, other)) == (State.OPEN, State.CONFIRMED)
    desk.desks.polls.extend(
        desk.account(Role.ORGANIZER, UnitCode("A")), let, read_instant("2026-11-03T12:00:00Z"), "r"
    )
    desk.watch.forward(days=1, hours=8)
    beat()
    assert state(desk, let) is State.OPEN  # the first time of closing is over, the extended one is not
    desk.watch.forward(hours=3)
    beat()
    assert (state(desk, let), state(desk, other)) == (State.CLOSING, State.CONFIRMED)
    log = conduct.find(desk.site.stores.app, let).facts.log
    assert [(act.act, act.by) for act in log] == [
        ("opened", "clock"),
        ("extended", "hand"),
        ("closed", "clock"),
    ]


def test_a_round_that_the_clock_should_have_opened_and_has_not_is_told_to_its_organizer(desk: Desk) -> None:
    round_id, organizer = desk.confirmed(11, by_clock=True), desk.account(Role.ORGANIZER, UnitCode("A"))

    def waits() -> set[str]:
        (mine,) = (each for each in overview(desk.desks, organizer) if each.round_id == round_id)
        return {each.kind for each in mine.waits}

    assert "open" not in waits()
    desk.watch.forward(hours=2)
    assert "open" in waits()  # no beat came: after a jump of the clock none does
    desk.desks.polls.open(organizer, round_id)
    assert "open" not in waits()


def test_the_clock_does_not_open_a_round_whose_time_is_over(desk: Desk) -> None:
    round_id = desk.confirmed(7, by_clock=True)
    desk.watch.forward(days=9)
    desk.desks.polls.beat()
    assert state(desk, round_id) is State.CONFIRMED


def test_below_the_quorum_no_papers_are_issued_until_enough_people_are_there(desk: Desk) -> None:
    round_id, organizer = desk.confirmed(8, presence="recorded"), desk.account(Role.ORGANIZER, UnitCode("A"))
    polls = desk.desks.polls
    panels = [panel.unit for panel in polls.look(round_id).panels]
    polls.record_present(organizer, round_id, panels.index(UnitCode("A1")), 4)  # 6 voters: two thirds
    polls.open(organizer, round_id)
    issuing = {panel.unit: panel.issuing for panel in polls.look(round_id).panels}
    assert issuing == {"A1": True, "A2": False, "A3": False}
    polls.record_present(organizer, round_id, panels.index(UnitCode("A3")), 4)  # 7 voters: below two thirds
    assert not polls.look(round_id).panels[panels.index(UnitCode("A3"))].issuing
    polls.record_present(organizer, round_id, panels.index(UnitCode("A3")), 5)
    there = attendance.attendance(desk.site.stores.engines.roll(round_id))[panels.index(UnitCode("A3"))]
    assert (there.state, there.present) == (Issuing.ISSUING, 5)
    with pytest.raises(ImpossibleAttendance):
        polls.record_present(organizer, round_id, 0, 99)


def test_where_everybody_counts_as_present_papers_are_issued_everywhere(desk: Desk) -> None:
    round_id = desk.confirmed(9)
    desk.desks.polls.open(desk.account(Role.ORGANIZER, UnitCode("A")), round_id)
    assert all(
        panel.issuing and panel.present == panel.summoned for panel in desk.desks.polls.look(round_id).panels
    )


def test_the_turnout_is_of_whole_units_coarse_and_only_while_polls_are_open(desk: Desk) -> None:
    round_id = desk.confirmed(10)
    look, tree = desk.desks.polls.look, desk.desks.scope.parents()
    assert desk.desks.polls.turnout(look(round_id).round, tree, UnitCode("A")) == ()
    desk.desks.polls.open(desk.account(Role.ORGANIZER, UnitCode("A")), round_id)
    rows = {
        row.unit: row.percent for row in desk.desks.polls.turnout(look(round_id).round, tree, UnitCode("A"))
    }
    assert rows == {"A": 0, "A1": 0, "A2": None, "A3": 0}  # A2 has two voters, fewer than k


def test_a_round_that_is_not_confirmed_cannot_be_opened(desk: Desk) -> None:
    round_id = desk.frozen(15)
    with pytest.raises(IllegalMove):
        desk.desks.polls.open(desk.account(Role.ORGANIZER, UnitCode("A")), round_id)
