"""What voters are shown, on the desk: by whom, until when, what voters are told of it, and that a kill in
between is put right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app import make_site
from surveys.accounts.errors import NotYours
from surveys.accounts.roles import Role, Staff
from surveys.console.exhibits import exhibiting
from surveys.console.exhibits.exhibiting import Exhibiting
from surveys.console.exhibits.telling import told_of
from surveys.instants import read_instant
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.rounds import conduct, ledger, questions
from surveys.rounds.errors import NoSuchContest, NoSuchQuestion, NoSuchRound, ShownNoMore
from surveys.rounds.stated import By, FrozenContest, Polls, PollsAct
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stores.exhibits import NotAPhoto
from surveys.stores.notices import Announcements, Answer
from surveys.stores.reports import NotAReport
from surveys.stores.store import Store
from tests.desk import Desk, a_desk
from tests.faults.dying import ends, kill_before_step
from tests.shown import (
    ELSEWHERE,
    OF_THE_CELL,
    PDF,
    SECRETARY,
    a_picture,
    a_round,
    exhibits,
    files,
    leader,
    shut,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = a_desk(tmp_path_factory.mktemp("exhibiting"))
    yield desk
    desk.site.stores.close()


@pytest.fixture
def desk(made: Desk) -> Desk:
    made.watch.at = made.watch.at.replace(day=2, hour=1)
    return made


def verbs(desk: Desk, round_id: RoundId, contest: int, number: int) -> dict[str, Callable[[Staff], object]]:
    """Everything that can be done about a leader."""
    here = desk.desks.exhibits
    return {
        "look": lambda by: here.one(by, round_id, contest),
        "photo": lambda by: here.keep(by, round_id, contest, "photo", a_picture()),
        "report": lambda by: here.keep(by, round_id, contest, "report", PDF),
        "read": lambda by: here.read(by, round_id, contest, "report"),
        "question": lambda by: here.question(by, round_id, number),
        "answer": lambda by: here.answer(
            by, round_id, number, "Vì thế.", here.question(by, round_id, number).version
        ),
        "ask": lambda by: here.ask(by, round_id, contest, "Vì sao?"),
    }


LEADERS = ["look", "photo", "report", "read", "question", "answer"]
EVERYTHING = [*LEADERS, "ask"]
MAY: list[tuple[str, Callable[[Desk], Staff], list[str], list[str]]] = [
    # who, the account, what it may do about the secretary of A, and about the secretary of the cell A1
    ("organizer of A", lambda d: d.account(Role.ORGANIZER, UnitCode("A")), EVERYTHING, EVERYTHING),
    ("organizer above", lambda d: d.account(Role.ORGANIZER, UnitCode("K")), EVERYTHING, EVERYTHING),
    ("organizer of the cell", lambda d: d.account(Role.ORGANIZER, UnitCode("A1")), [], EVERYTHING),
    ("organizer of another cell", lambda d: d.account(Role.ORGANIZER, UnitCode("A2")), [], []),
    ("organizer elsewhere", lambda d: d.account(Role.ORGANIZER, UnitCode("B")), [], []),
    ("the secretary", lambda d: leader(d, PersonCode("p1"), UnitCode("A")), LEADERS, []),
    ("the cell's secretary", lambda d: leader(d, PersonCode("p2"), UnitCode("A1")), [], LEADERS),
    ("the cell's secretary, role above", lambda d: leader(d, PersonCode("p2"), UnitCode("*")), [], LEADERS),
    ("a voter who is called leader", lambda d: leader(d, PersonCode("p9"), UnitCode("A")), [], []),
    ("a leader without a person", lambda d: leader(d, None, UnitCode("A")), [], []),
    # Whoever gives roles in A1 only could write the secretary's code into an account of theirs.
    ("the secretary's code, role below", lambda d: leader(d, PersonCode("p1"), UnitCode("A1")), [], []),
    ("head of the committee", lambda d: d.account(Role.COMMITTEE_HEAD, UnitCode("A")), [], []),
    ("authority", lambda d: d.account(Role.AUTHORITY, UnitCode("*")), [], []),
    ("auditor", lambda d: d.account(Role.AUDITOR, UnitCode("*")), [], []),
    ("administrator", lambda d: d.account(Role.ADMINISTRATOR, UnitCode("*")), [], []),
]


@pytest.mark.parametrize(
    ("account", "secretary", "cell"), [row[1:] for row in MAY], ids=[row[0] for row in MAY]
)
def test_each_role_reaches_its_own_leaders_and_no_others(
    desk: Desk, account: Callable[[Desk], Staff], secretary: list[str], cell: list[str]
) -> None:
    round_id, by, organizer = a_round(desk), account(desk), desk.account(Role.ORGANIZER, UnitCode("A"))
    for contest, allowed in ((SECRETARY, secretary), (OF_THE_CELL, cell)):
        desk.desks.exhibits.keep(organizer, round_id, contest, "report", PDF)
        number = desk.desks.exhibits.ask(organizer, round_id, contest, "Hỏi?").number
        before, entries = files(desk, round_id), desk.desks.log.head()
        for name, verb in verbs(desk, round_id, contest, number).items():
            if name in allowed:
                verb(by)
            else:
                with pytest.raises(NotYours):
                    verb(by)
        if not allowed:
            assert (files(desk, round_id), desk.desks.log.head()) == (before, entries)
    seen = {each.contest for each in desk.desks.exhibits.look(by, round_id).shown}
    assert seen & {SECRETARY, OF_THE_CELL} == {
        c for c, allowed in ((SECRETARY, secretary), (OF_THE_CELL, cell)) if allowed
    }


def test_without_the_unit_a_code_alone_would_let_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin: matched by the person's code only."""
    round_id, stranger = a_round(desk), leader(desk, PersonCode("p1"), UnitCode("A1"))
    monkeypatch.setattr(exhibiting, "_looks_after", lambda by, contest, _: by.person == contest.person)
    desk.desks.exhibits.keep(stranger, round_id, SECRETARY, "report", PDF)
    assert exhibits(desk, round_id).listed("report") == (SECRETARY,)


def test_what_does_not_exist_is_refused(desk: Desk) -> None:
    round_id, by, here = a_round(desk), desk.account(Role.ORGANIZER, UnitCode("*")), desk.desks.exhibits
    for contest in (-1, 4, 10**9):
        with pytest.raises(NoSuchContest):
            here.keep(by, round_id, contest, "report", PDF)
    with pytest.raises(NoSuchQuestion):
        here.answer(by, round_id, 1, "a", 0)
    with pytest.raises(NoSuchRound):
        here.look(by, RoundId("00" * 16))
    assert not exhibits(desk, RoundId("00" * 16)).folder.exists()


def test_a_file_that_is_none_leaves_the_earlier_one_and_a_refusal_in_the_log(desk: Desk) -> None:
    round_id, by, here = a_round(desk), desk.account(Role.ORGANIZER, UnitCode("A")), desk.desks.exhibits
    here.keep(by, round_id, SECRETARY, "report", PDF)
    here.keep(by, round_id, SECRETARY, "photo", a_picture())
    before = files(desk, round_id)
    with pytest.raises(NotAReport):
        here.keep(by, round_id, SECRETARY, "report", b"<html>")
    with pytest.raises(NotAPhoto):
        here.keep(by, round_id, SECRETARY, "photo", PDF)
    assert files(desk, round_id) == before
    acts = [entry.act for entry in desk.desks.log.entries() if entry.round_id == round_id]
    assert acts == ["refused", "round.exhibit"] * 2 + ["round.exhibit"] * 2


def test_the_log_says_who_asked_answered_and_corrected_and_voters_are_not_told(desk: Desk) -> None:
    round_id, here = a_round(desk), desk.desks.exhibits
    organizer, secretary = (
        desk.account(Role.ORGANIZER, UnitCode("A")),
        leader(desk, PersonCode("p1"), UnitCode("A")),
    )
    number = here.ask(organizer, round_id, SECRETARY, "Vì sao?").number
    other = here.ask(organizer, round_id, SECRETARY, "Nhầm?").number
    here.answer(secretary, round_id, number, "Vì thế.", 0)
    here.answer(organizer, round_id, number, "Vì thế đấy.", 1)
    here.withdraw(organizer, round_id, other)
    entries = [
        e for e in reversed(desk.desks.log.entries()) if e.round_id == round_id and e.act == "round.answer"
    ]
    assert [(e.name, e.facts["what"], e.facts.get("question")) for e in entries] == [
        (organizer.name, "asked", None),
        (organizer.name, "asked", None),
        (secretary.name, "answered", number),
        (organizer.name, "corrected", number),
        (organizer.name, "withdrawn", other),
    ]
    assert exhibits(desk, round_id).announcements() == Announcements(
        (Answer(SECRETARY, "Vì sao?", ("Vì thế đấy.",), True),)
    )
    raw = (exhibits(desk, round_id).folder / "told.json").read_text("utf-8")
    assert organizer.name not in raw
    assert secretary.name not in raw


def test_an_answer_is_late_after_the_rules_last_day_and_so_is_a_late_correction(desk: Desk) -> None:
    round_id, here, by = a_round(desk), desk.desks.exhibits, desk.account(Role.ORGANIZER, UnitCode("A"))
    desk.watch.at = desk.watch.at.replace(
        month=10, day=30, hour=16
    )  # 23:00 on the last day, three before voting
    number = here.ask(by, round_id, SECRETARY, "Vì sao?").number
    here.answer(by, round_id, number, "Vì thế.", 0)
    assert [each.late for each in exhibits(desk, round_id).announcements().answers] == [False]
    desk.watch.forward(hours=1)
    here.answer(by, round_id, number, "Vì thế.", 1)
    assert [each.late for each in exhibits(desk, round_id).announcements().answers] == [True]
    desk.watch.at = desk.watch.at.replace(month=11)


def test_a_question_without_an_answer_is_not_told(desk: Desk) -> None:
    round_id, here, by = a_round(desk), desk.desks.exhibits, desk.account(Role.ORGANIZER, UnitCode("A"))
    here.ask(by, round_id, SECRETARY, "Vì sao?")
    here.tell(ledger.find(desk.site.stores.app, round_id))
    assert exhibits(desk, round_id).announcements() == Announcements()


def test_extension_and_exclusion_are_told_in_both_languages(desk: Desk) -> None:
    round_id, by = a_round(desk, State.OPEN), desk.account(Role.ORGANIZER, UnitCode("A"))
    assert exhibits(desk, round_id).announcements() == Announcements()
    desk.desks.polls.extend(by, round_id, read_instant("2026-11-04T10:00:00Z"), "Mất điện")
    desk.desks.polls.extend(by, round_id, read_instant("2026-11-05T10:00:00Z"), "Bão số 9")
    desk.desks.stating.freeze_contest(by, round_id, ELSEWHERE, "Nghỉ hưu")
    told = exhibits(desk, round_id).announcements()
    assert told.closes == read_instant("2026-11-05T10:00:00Z")
    assert [(each.contest, each.vi, each.en) for each in told.notices] == [
        (
            None,
            "Thời gian bỏ phiếu được gia hạn đến 17 giờ 00 ngày 05/11/2026. Lý do: Bão số 9",
            "The time to vote is extended until 17:00 on 5 November 2026. Reason: Bão số 9",
        ),
        (
            ELSEWHERE,
            "Trần Thị Hằng (Chi bộ Ngân sách) được đưa ra khỏi danh sách lấy phiếu sau khi đã mở bỏ phiếu. "
            "Lý do: Nghỉ hưu",
            "Trần Thị Hằng (Chi bộ Ngân sách) was excluded from the vote after the polls had opened. "
            "Reason: Nghỉ hưu",
        ),
    ]
    shut(desk, round_id)
    desk.desks.exhibits.tell(ledger.find(desk.site.stores.app, round_id))
    assert exhibits(desk, round_id).announcements() == told


@pytest.mark.parametrize("reason", ["", "a\nb\u2028c\u0000", "ệ" * 5000, "e\u0302"])
def test_no_reason_keeps_a_notice_from_the_voters(desk: Desk, reason: str) -> None:
    found = ledger.find(desk.site.stores.app, a_round(desk))
    act = PollsAct(
        read_instant("2026-11-02T02:00:00Z"),
        Polls.EXTENDED,
        By.HAND,
        read_instant("2026-11-09T10:00:00Z"),
        reason,
    )
    facts = conduct.Facts(log=(act,), frozen=(FrozenContest(0, reason),))
    told = told_of(found.definition, facts, ())
    assert Announcements.decode(told.encode()) == told
    assert len(told.notices) == 2


def test_after_the_polls_close_nothing_changes_and_everything_can_be_read(desk: Desk) -> None:
    round_id, by, here = (
        a_round(desk, State.OPEN),
        desk.account(Role.ORGANIZER, UnitCode("A")),
        desk.desks.exhibits,
    )
    here.keep(by, round_id, SECRETARY, "report", PDF)
    number = here.ask(by, round_id, SECRETARY, "Vì sao?").number
    shut(desk, round_id)
    for name, verb in verbs(desk, round_id, SECRETARY, number).items():
        if name in ("look", "read", "question"):
            verb(by)
        else:
            with pytest.raises(ShownNoMore):
                verb(by)
    with pytest.raises(ShownNoMore):
        here.withdraw(by, round_id, number)


def test_killed_between_act_and_notice_the_next_change_or_start_tells(desk: Desk) -> None:
    """Wherever the server dies in an extension, voters are told of it after the next start."""
    by, told = desk.account(Role.ORGANIZER, UnitCode("A")), []
    round_id = a_round(desk, State.OPEN)
    for number in range(1, 200, 7):
        until = read_instant(f"2026-12-{1 + number // 24:02}T{number % 24:02}:00:00Z")
        ended = ends(lambda: desk.desks.polls.extend(by, round_id, until, "r"), kill_before_step(number))
        done = conduct.find(desk.site.stores.app, round_id).facts.extended_to
        told.append((done == until, exhibits(desk, round_id).announcements().closes == until))
        desk.desks.exhibits.tell_all()
        assert exhibits(desk, round_id).announcements().closes == done
        if ended:
            break
    assert ended
    assert (True, False) in told, "no kill fell between the act and the notice"


def test_a_server_that_starts_tells_what_a_killed_one_left_untold(desk: Desk) -> None:
    round_id = a_round(desk, State.OPEN)
    act = PollsAct(
        read_instant("2026-11-02T02:00:00Z"),
        Polls.EXTENDED,
        By.HAND,
        read_instant("2026-11-09T10:00:00Z"),
        "r",
    )
    conduct.note_act(desk.site.stores.app, round_id, act)
    assert exhibits(desk, round_id).announcements().closes is None
    settings = Settings(instance=desk.site.stores.engines.root.parent)
    make_site(settings, desk.site.stores).close()
    assert exhibits(desk, round_id).announcements().closes == act.until


def test_at_the_start_only_rounds_that_voters_come_to_are_told_of(desk: Desk) -> None:
    round_id, draft = a_round(desk), desk.draft(200)
    desk.desks.exhibits.tell_all()
    assert exhibits(desk, round_id).announcements() == Announcements()
    assert (exhibits(desk, round_id).folder / "told.json").exists()
    assert not exhibits(desk, draft).folder.exists()


def test_what_is_stored_is_what_is_told_however_often(desk: Desk) -> None:
    round_id, here, by = a_round(desk), desk.desks.exhibits, desk.account(Role.ORGANIZER, UnitCode("A"))
    questions_ = questions.of_round(desk.site.stores.app, round_id)
    assert questions_ == ()
    here.answer(by, round_id, here.ask(by, round_id, SECRETARY, "?").number, "!", 0)
    before = files(desk, round_id)
    for _ in range(3):
        here.tell(ledger.find(desk.site.stores.app, round_id))
    assert files(desk, round_id) == before


def test_without_the_lock_on_versions_an_answer_would_be_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: whoever writes is taken to have seen the last answer."""
    round_id, here, by = a_round(desk), desk.desks.exhibits, desk.account(Role.ORGANIZER, UnitCode("A"))
    number = here.ask(by, round_id, SECRETARY, "?").number
    here.answer(by, round_id, number, "Của lãnh đạo.", 0)
    real = questions.answer

    def blind(store: Store, round_id: RoundId, number: int, *given: Any) -> Any:
        text, at, _ = given
        return real(store, round_id, number, text, at, questions.find(store, round_id, number).version)

    monkeypatch.setattr(questions, "answer", blind)
    here.answer(by, round_id, number, "Của bộ phận tổ chức.", 0)
    assert exhibits(desk, round_id).announcements().answers[0].answer == ("Của bộ phận tổ chức.",)


def test_the_desk_is_wired_to_what_changes(desk: Desk) -> None:
    assert isinstance(desk.desks.exhibits, Exhibiting)
    assert desk.desks.polls.on_change == desk.desks.stating.on_change == desk.desks.exhibits.tell
