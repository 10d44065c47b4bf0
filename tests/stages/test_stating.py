"""Statements about a round, its committee, and what waits on the desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from surveys.accounts.errors import NoSuchLink
from surveys.accounts.links import Purpose, holder_of
from surveys.accounts.roles import Grant, Role
from surveys.accounts.staff_log import Actor
from surveys.committee.errors import ForeignTrustee
from surveys.console.home.overview import overview
from surveys.names import RoundId, UnitCode
from surveys.papers.conference import conference
from surveys.rounds import conduct, ledger
from surveys.rounds.conduct import IncidentKind
from surveys.rounds.errors import IllegalMove, NoSuchComplaint, NoSuchContest
from tests.desk import Desk, a_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = a_desk(tmp_path_factory.mktemp("stating"))
    yield made
    made.site.stores.close()


def test_everything_stated_stands_in_the_minutes_and_in_the_log(desk: Desk) -> None:
    round_id, head = desk.confirmed(1), desk.account(Role.COMMITTEE_HEAD, UnitCode("A"))
    stating = desk.desks.stating
    desk.desks.polls.open(desk.account(Role.ORGANIZER, UnitCode("A")), round_id)
    stating.names(head, round_id, "Chủ trì", "Thư ký", "Lưu giữ")
    stating.incident(head, round_id, IncidentKind.LOST_SLIP, "Mất giấy ở A2")
    stating.incident(head, round_id, IncidentKind.LOST_SLIP, "Mất giấy ở A2")
    stating.freeze_contest(head, round_id, 1, "Bị kỷ luật sau khi mở")
    stating.complain(head, round_id, "Danh sách thiếu")
    stating.rule_on(head, round_id, 0, "Không chấp nhận")
    found = ledger.find(desk.site.stores.app, round_id)
    facts = conduct.find(desk.site.stores.app, round_id).facts
    with pytest.raises(IllegalMove):
        conference(found, facts, ())  # the polls are open
    found = replace(found, closed=found.definition.closes)
    said = conference(found, facts, ("A2: below quorum",))
    assert (said.chair, said.secretary, said.custodian) == ("Chủ trì", "Thư ký", "Lưu giữ")
    assert said.incidents == ("A2: below quorum", "Mất giấy mời / Lost slip: Mất giấy ở A2")
    assert [(each.contest, each.reason) for each in said.frozen] == [(1, "Bị kỷ luật sau khi mở")]
    assert [(each.complaint, each.ruling) for each in said.complaints] == [
        ("Danh sách thiếu", "Không chấp nhận")
    ]
    acts = {entry.act for entry in desk.desks.log.entries() if entry.round_id == round_id}
    assert {"round.incident", "round.contest_frozen", "round.stated"} <= acts


def test_what_is_not_there_is_refused_and_a_frozen_contest_stays(desk: Desk) -> None:
    round_id, head = desk.confirmed(2), desk.account(Role.COMMITTEE_HEAD, UnitCode("A"))
    stating = desk.desks.stating
    with pytest.raises(IllegalMove):
        stating.freeze_contest(head, round_id, 0, "Trước khi mở: bỏ khỏi phiếu, không đóng băng")
    desk.desks.polls.open(desk.account(Role.ORGANIZER, UnitCode("A")), round_id)
    for number in (-1, 2):
        with pytest.raises(NoSuchContest):
            stating.freeze_contest(head, round_id, number, "x")
    with pytest.raises(NoSuchComplaint):
        stating.rule_on(head, round_id, 0, "x")
    stating.freeze_contest(head, round_id, 0, "lý do đầu")
    assert stating.freeze_contest(head, round_id, 0, "lý do khác").frozen[0].reason == "lý do đầu"


def test_a_new_link_ends_the_members_earlier_one(desk: Desk) -> None:
    round_id, organizer, committees = (
        desk.frozen(3),
        desk.account(Role.ORGANIZER, UnitCode("A")),
        desk.desks.committees,
    )
    engine = desk.site.stores.engines.app
    name, first = committees.link(Actor.of(organizer), round_id, 2)
    _, second = committees.link(Actor.of(organizer), round_id, 2)
    assert name == "Hai"
    assert holder_of(engine, round_id, Purpose.TRUSTEE, second, desk.watch.at) == 2
    with pytest.raises(NoSuchLink):
        holder_of(engine, round_id, Purpose.TRUSTEE, first, desk.watch.at)
    with pytest.raises(ForeignTrustee):
        committees.link(Actor.of(organizer), round_id, 4)
    # Other members: the links end, the slips stay good.
    committees.restart(Actor.of(organizer), round_id, ("Bốn", "Năm", "Sáu"), 2)
    with pytest.raises(NoSuchLink):
        holder_of(engine, round_id, Purpose.TRUSTEE, second, desk.watch.at)
    assert [member.name for member in committees.members(_found(desk, round_id))] == ["Bốn", "Năm", "Sáu"]
    for entry in desk.desks.log.entries():
        assert first not in str(entry)
        assert second not in str(entry)


def test_the_desk_lists_what_waits_for_whom(desk: Desk) -> None:
    draft, frozen = desk.draft(4), desk.frozen(5)
    by_hand = desk.confirmed(6)
    over = desk.confirmed(7)
    organizer = desk.account(Role.ORGANIZER, UnitCode("A"))
    desk.desks.polls.open(organizer, over)
    desk.watch.at += timedelta(days=30)
    desk.desks.stating.complain(organizer, over, "Chưa phát đủ")

    def waits(role: Role, unit: UnitCode) -> dict[str, set[str]]:
        held = overview(desk.desks, desk.account(role, unit))
        return {each.round_id: {wait.kind for wait in each.waits} for each in held}

    mine = waits(Role.ORGANIZER, UnitCode("A"))
    assert (mine[draft], mine[frozen], mine[by_hand]) == ({"prepare"}, {"ceremony"}, {"open"})
    assert mine[over] == {"over", "complaints"}
    # The head of the committee has the ceremony and the complaints, not the polls, nor drafts.
    theirs = waits(Role.COMMITTEE_HEAD, UnitCode("A"))
    assert draft not in theirs
    assert (theirs[frozen], theirs[by_hand], theirs[over]) == ({"ceremony"}, set(), {"complaints"})
    # A leader sees that a round is under way, and nothing that waits; another committee sees nothing at all.
    assert waits(Role.LEADER, UnitCode("A1"))[over] == set()
    assert waits(Role.ORGANIZER, UnitCode("B")) == {}


def test_a_clock_that_has_jumped_is_told_on_the_desk_until_it_is_back(desk: Desk) -> None:
    organizer = desk.browser(Role.ORGANIZER, UnitCode("A"))
    told = "đã nhảy 61 phút"
    desk.desks.standstill.begin(-3650)
    assert told in organizer.get("/vi/").text
    desk.desks.standstill.end()
    assert told not in organizer.get("/vi/").text


def test_a_question_waits_on_the_desk_of_those_who_may_answer_it(desk: Desk) -> None:
    round_id = desk.confirmed(9)
    contests = _found(desk, round_id).definition.contests
    theirs = next(c for c, each in enumerate(contests) if each.person == "A1-02")
    other = next(c for c, each in enumerate(contests) if each.person != "A1-02")
    organizer = desk.account(Role.ORGANIZER, UnitCode("A"))
    asked = [
        desk.desks.exhibits.ask(organizer, round_id, contest, "Bao giờ?").number
        for contest in (theirs, other)
    ]

    def waiting(role: Role) -> int:
        held = overview(desk.desks, desk.account(role, UnitCode("A")))
        return sum(w.number for each in held for w in each.waits if w.kind == "questions")

    assert (waiting(Role.ORGANIZER), waiting(Role.LEADER), waiting(Role.AUDITOR)) == (2, 1, 0)
    desk.desks.exhibits.answer(organizer, round_id, asked[0], "Tháng ba.", 0)
    assert (waiting(Role.ORGANIZER), waiting(Role.LEADER)) == (1, 0)


def test_a_four_eyes_request_waits_on_the_desk_of_organizers(desk: Desk) -> None:
    round_id = desk.confirmed(8, four_eyes=True)
    second = desk.site.account("second", Grant(Role.ORGANIZER, UnitCode("A")))
    assert not desk.desks.polls.open(desk.account(Role.ORGANIZER, UnitCode("A")), round_id)
    waiting = {each.round_id: {wait.kind for wait in each.waits} for each in overview(desk.desks, second)}
    assert "asked" in waiting[round_id]


def _found(desk: Desk, round_id: RoundId) -> ledger.Round:
    return ledger.find(desk.site.stores.app, round_id)
