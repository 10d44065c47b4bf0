"""Statements about a round, its committee, and what waits on the desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from surveys.accounts.errors import NoSuchLink
from surveys.accounts.links import Purpose, holder_of
from surveys.accounts.roles import Grant, Role
from surveys.accounts.staff_log import Actor
from surveys.committee.errors import ForeignTrustee
from surveys.rounds import conduct, ledger
from surveys.rounds.errors import IllegalMove, NoSuchComplaint, NoSuchContest
from surveys.stages.overview import overview
from surveys.stages.stating import conference
from tests.desk import Desk, a_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = a_desk(tmp_path_factory.mktemp("stating"))
    yield made
    made.site.stores.close()


def test_everything_stated_stands_in_the_minutes_and_in_the_log(desk: Desk) -> None:
    survey, head = desk.confirmed(1), desk.account(Role.COMMITTEE_HEAD, "A")
    stating = desk.desks.stating
    desk.desks.polls.open(desk.account(Role.ORGANIZER, "A"), survey)
    stating.names(head, survey, "Chủ trì", "Thư ký", "Lưu giữ")
    stating.incident(head, survey, "lost_slip", "Mất giấy ở A2")
    stating.incident(head, survey, "lost_slip", "Mất giấy ở A2")
    stating.freeze_contest(head, survey, 1, "Bị kỷ luật sau khi mở")
    stating.complain(head, survey, "Danh sách thiếu")
    stating.rule_on(head, survey, 0, "Không chấp nhận")
    found = ledger.find(desk.site.stores.app, desk.site.keyring, survey)
    facts = conduct.find(desk.site.stores.app, desk.site.keyring, survey).facts
    said = conference(found, facts, ("A2: below quorum",))
    assert (said.chair, said.secretary, said.custodian) == ("Chủ trì", "Thư ký", "Lưu giữ")
    assert said.incidents == ("A2: below quorum", "Mất giấy mời / Lost slip: Mất giấy ở A2")
    assert [(each.contest, each.reason) for each in said.frozen] == [(1, "Bị kỷ luật sau khi mở")]
    assert [(each.complaint, each.ruling) for each in said.complaints] == [
        ("Danh sách thiếu", "Không chấp nhận")
    ]
    acts = {entry.act for entry in desk.desks.log.entries() if entry.survey == survey}
    assert {"round.incident", "round.contest_frozen", "round.stated"} <= acts


def test_what_is_not_there_is_refused_and_a_frozen_contest_stays(desk: Desk) -> None:
    survey, head = desk.confirmed(2), desk.account(Role.COMMITTEE_HEAD, "A")
    stating = desk.desks.stating
    with pytest.raises(IllegalMove):
        stating.freeze_contest(head, survey, 0, "Trước khi mở: bỏ khỏi phiếu, không đóng băng")
    desk.desks.polls.open(desk.account(Role.ORGANIZER, "A"), survey)
    for number in (-1, 2):
        with pytest.raises(NoSuchContest):
            stating.freeze_contest(head, survey, number, "x")
    with pytest.raises(NoSuchComplaint):
        stating.rule_on(head, survey, 0, "x")
    stating.freeze_contest(head, survey, 0, "lý do đầu")
    assert stating.freeze_contest(head, survey, 0, "lý do khác").frozen[0].reason == "lý do đầu"


def test_a_new_link_ends_the_members_earlier_one(desk: Desk) -> None:
    survey, organizer, committees = desk.frozen(3), desk.account(Role.ORGANIZER, "A"), desk.desks.committees
    engine = desk.site.stores.app
    name, first = committees.link(Actor.of(organizer), survey, 2)
    _, second = committees.link(Actor.of(organizer), survey, 2)
    assert name == "Hai"
    assert holder_of(engine, survey, Purpose.TRUSTEE, second, desk.watch.at) == 2
    with pytest.raises(NoSuchLink):
        holder_of(engine, survey, Purpose.TRUSTEE, first, desk.watch.at)
    with pytest.raises(ForeignTrustee):
        committees.link(Actor.of(organizer), survey, 4)
    # Other members: the links end, the slips stay good.
    committees.restart(Actor.of(organizer), survey, ("Bốn", "Năm", "Sáu"), 2)
    with pytest.raises(NoSuchLink):
        holder_of(engine, survey, Purpose.TRUSTEE, second, desk.watch.at)
    assert [member.name for member in committees.members(_found(desk, survey))] == ["Bốn", "Năm", "Sáu"]
    for entry in desk.desks.log.entries():
        assert first not in str(entry)
        assert second not in str(entry)


def test_the_desk_lists_what_waits_for_whom(desk: Desk) -> None:
    draft, frozen = desk.draft(4), desk.frozen(5)
    by_hand = desk.confirmed(6)
    over = desk.confirmed(7)
    organizer = desk.account(Role.ORGANIZER, "A")
    desk.desks.polls.open(organizer, over)
    desk.watch.at += timedelta(days=30)
    desk.desks.stating.complain(organizer, over, "Chưa phát đủ")

    def waits(role: Role, unit: str) -> dict[str, set[str]]:
        held = overview(desk.desks, desk.account(role, unit))
        return {each.survey: {wait.kind for wait in each.waits} for each in held}

    mine = waits(Role.ORGANIZER, "A")
    assert (mine[draft], mine[frozen], mine[by_hand]) == ({"prepare"}, {"ceremony"}, {"open"})
    assert mine[over] == {"over", "complaints"}
    # The head of the committee has the ceremony and the complaints, not the polls, nor drafts.
    theirs = waits(Role.COMMITTEE_HEAD, "A")
    assert draft not in theirs
    assert (theirs[frozen], theirs[by_hand], theirs[over]) == ({"ceremony"}, set(), {"complaints"})
    # A leader sees that a round is under way, and nothing that waits; another committee sees nothing at all.
    assert waits(Role.LEADER, "A1")[over] == set()
    assert waits(Role.ORGANIZER, "B") == {}


def test_a_question_waits_on_the_desk_of_those_who_may_answer_it(desk: Desk) -> None:
    survey = desk.confirmed(9)
    contests = _found(desk, survey).definition.contests
    theirs = next(c for c, each in enumerate(contests) if each.person == "A1-02")
    other = next(c for c, each in enumerate(contests) if each.person != "A1-02")
    organizer = desk.account(Role.ORGANIZER, "A")
    asked = [
        desk.desks.exhibits.ask(organizer, survey, contest, "Bao giờ?").number for contest in (theirs, other)
    ]

    def waiting(role: Role) -> int:
        held = overview(desk.desks, desk.account(role, "A"))
        return sum(w.number for each in held for w in each.waits if w.kind == "questions")

    assert (waiting(Role.ORGANIZER), waiting(Role.LEADER), waiting(Role.AUDITOR)) == (2, 1, 0)
    desk.desks.exhibits.answer(organizer, survey, asked[0], "Tháng ba.", 0)
    assert (waiting(Role.ORGANIZER), waiting(Role.LEADER)) == (1, 0)


def test_a_four_eyes_request_waits_on_the_desk_of_organizers(desk: Desk) -> None:
    survey = desk.confirmed(8, four_eyes=True)
    second = desk.site.account("second", Grant(Role.ORGANIZER, "A"))
    assert not desk.desks.polls.open(desk.account(Role.ORGANIZER, "A"), survey)
    waiting = {each.survey: {wait.kind for wait in each.waits} for each in overview(desk.desks, second)}
    assert "asked" in waiting[survey]


def _found(desk: Desk, survey: str) -> ledger.Round:
    return ledger.find(desk.site.stores.app, desk.site.keyring, survey)
