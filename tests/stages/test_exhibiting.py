"""What voters are shown, on the desk: by whom, until when, what voters are told of it, and that a kill in between is put right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app import make_site
from surveys.accounts.errors import NotYours
from surveys.accounts.roles import Role, Staff
from surveys.rounds import conduct, ledger, questions
from surveys.rounds.conduct import FrozenContest, PollsAct
from surveys.rounds.errors import NoSuchContest, NoSuchQuestion, NoSuchRound, ShownNoMore
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stages import exhibiting
from surveys.stages.exhibiting import ExhibitDesk
from surveys.stages.telling import told_of
from surveys.stores.exhibits import NotAPhoto, NotAReport
from surveys.stores.told import Answer, Told
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


def verbs(desk: Desk, survey: str, contest: int, number: int) -> dict[str, Callable[[Staff], object]]:
    """Everything that can be done about a leader."""
    here = desk.desks.exhibits
    return {
        "look": lambda by: here.one(by, survey, contest),
        "photo": lambda by: here.keep(by, survey, contest, "photo", a_picture()),
        "report": lambda by: here.keep(by, survey, contest, "report", PDF),
        "read": lambda by: here.read(by, survey, contest, "report"),
        "question": lambda by: here.question(by, survey, number),
        "answer": lambda by: here.answer(
            by, survey, number, "Vì thế.", here.question(by, survey, number).version
        ),
        "ask": lambda by: here.ask(by, survey, contest, "Vì sao?"),
    }


LEADERS = ["look", "photo", "report", "read", "question", "answer"]
EVERYTHING = [*LEADERS, "ask"]
MAY: list[tuple[str, Callable[[Desk], Staff], list[str], list[str]]] = [
    # who, the account, what it may do about the secretary of A, and about the secretary of the cell A1
    ("organizer of A", lambda d: d.account(Role.ORGANIZER, "A"), EVERYTHING, EVERYTHING),
    ("organizer above", lambda d: d.account(Role.ORGANIZER, "K"), EVERYTHING, EVERYTHING),
    ("organizer of the cell", lambda d: d.account(Role.ORGANIZER, "A1"), [], EVERYTHING),
    ("organizer of another cell", lambda d: d.account(Role.ORGANIZER, "A2"), [], []),
    ("organizer elsewhere", lambda d: d.account(Role.ORGANIZER, "B"), [], []),
    ("the secretary", lambda d: leader(d, "p1", "A"), LEADERS, []),
    ("the cell's secretary", lambda d: leader(d, "p2", "A1"), [], LEADERS),
    ("the cell's secretary, role above", lambda d: leader(d, "p2", "*"), [], LEADERS),
    ("a voter who is called leader", lambda d: leader(d, "p9", "A"), [], []),
    ("a leader without a person", lambda d: leader(d, None, "A"), [], []),
    # Whoever gives roles in A1 only could write the secretary's code into an account of theirs.
    ("the secretary's code, role below", lambda d: leader(d, "p1", "A1"), [], []),
    ("head of the committee", lambda d: d.account(Role.COMMITTEE_HEAD, "A"), [], []),
    ("authority", lambda d: d.account(Role.AUTHORITY, "*"), [], []),
    ("auditor", lambda d: d.account(Role.AUDITOR, "*"), [], []),
    ("administrator", lambda d: d.account(Role.ADMINISTRATOR, "*"), [], []),
]


@pytest.mark.parametrize(
    ("account", "secretary", "cell"), [row[1:] for row in MAY], ids=[row[0] for row in MAY]
)
def test_each_role_reaches_its_own_leaders_and_no_others(
    desk: Desk, account: Callable[[Desk], Staff], secretary: list[str], cell: list[str]
) -> None:
    survey, by, organizer = a_round(desk), account(desk), desk.account(Role.ORGANIZER, "A")
    for contest, allowed in ((SECRETARY, secretary), (OF_THE_CELL, cell)):
        desk.desks.exhibits.keep(organizer, survey, contest, "report", PDF)
        number = desk.desks.exhibits.ask(organizer, survey, contest, "Hỏi?").number
        before, entries = files(desk, survey), desk.desks.log.head()
        for name, verb in verbs(desk, survey, contest, number).items():
            if name in allowed:
                verb(by)
            else:
                with pytest.raises(NotYours):
                    verb(by)
        if not allowed:
            assert (files(desk, survey), desk.desks.log.head()) == (before, entries)
    seen = {each.contest for each in desk.desks.exhibits.look(by, survey).shown}
    assert seen & {SECRETARY, OF_THE_CELL} == {
        c for c, allowed in ((SECRETARY, secretary), (OF_THE_CELL, cell)) if allowed
    }


def test_without_the_unit_a_code_alone_would_let_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin: matched by the person's code only."""
    survey, stranger = a_round(desk), leader(desk, "p1", "A1")
    monkeypatch.setattr(exhibiting, "_looks_after", lambda by, contest, _: by.person == contest.person)
    desk.desks.exhibits.keep(stranger, survey, SECRETARY, "report", b"%PDF-1.7 forged")
    assert exhibits(desk, survey).read("report", SECRETARY) == b"%PDF-1.7 forged"


def test_what_does_not_exist_is_refused(desk: Desk) -> None:
    survey, by, here = a_round(desk), desk.account(Role.ORGANIZER, "*"), desk.desks.exhibits
    for contest in (-1, 4, 10**9):
        with pytest.raises(NoSuchContest):
            here.keep(by, survey, contest, "report", PDF)
    with pytest.raises(NoSuchQuestion):
        here.answer(by, survey, 1, "a", 0)
    with pytest.raises(NoSuchRound):
        here.look(by, "00" * 16)
    with pytest.raises(NoSuchRound):
        here.tell("00" * 16)
    assert not exhibits(desk, "00" * 16).folder.exists()


def test_a_file_that_is_none_leaves_the_earlier_one_and_a_refusal_in_the_log(desk: Desk) -> None:
    survey, by, here = a_round(desk), desk.account(Role.ORGANIZER, "A"), desk.desks.exhibits
    here.keep(by, survey, SECRETARY, "report", PDF)
    here.keep(by, survey, SECRETARY, "photo", a_picture())
    before = files(desk, survey)
    with pytest.raises(NotAReport):
        here.keep(by, survey, SECRETARY, "report", b"<html>")
    with pytest.raises(NotAPhoto):
        here.keep(by, survey, SECRETARY, "photo", PDF)
    assert files(desk, survey) == before
    acts = [entry.act for entry in desk.desks.log.entries() if entry.survey == survey]
    assert acts == ["refused", "round.exhibit"] * 2 + ["round.exhibit"] * 2


def test_the_log_says_who_asked_answered_and_corrected_and_voters_are_not_told(desk: Desk) -> None:
    survey, here = a_round(desk), desk.desks.exhibits
    organizer, secretary = desk.account(Role.ORGANIZER, "A"), leader(desk, "p1", "A")
    number = here.ask(organizer, survey, SECRETARY, "Vì sao?").number
    other = here.ask(organizer, survey, SECRETARY, "Nhầm?").number
    here.answer(secretary, survey, number, "Vì thế.", 0)
    here.answer(organizer, survey, number, "Vì thế đấy.", 1)
    here.withdraw(organizer, survey, other)
    entries = [
        e for e in reversed(desk.desks.log.entries()) if e.survey == survey and e.act == "round.answer"
    ]
    assert [(e.name, e.facts["what"], e.facts.get("question")) for e in entries] == [
        (organizer.name, "asked", None),
        (organizer.name, "asked", None),
        (secretary.name, "answered", number),
        (organizer.name, "corrected", number),
        (organizer.name, "withdrawn", other),
    ]
    assert exhibits(desk, survey).told() == Told((Answer(SECRETARY, "Vì sao?", ("Vì thế đấy.",), True),))
    raw = (exhibits(desk, survey).folder / "told.json").read_text("utf-8")
    assert organizer.name not in raw
    assert secretary.name not in raw


def test_an_answer_is_late_after_the_rules_last_day_and_so_is_a_late_correction(desk: Desk) -> None:
    survey, here, by = a_round(desk), desk.desks.exhibits, desk.account(Role.ORGANIZER, "A")
    desk.watch.at = desk.watch.at.replace(
        month=10, day=30, hour=16
    )  # 23:00 on the last day, three before voting
    number = here.ask(by, survey, SECRETARY, "Vì sao?").number
    here.answer(by, survey, number, "Vì thế.", 0)
    assert [each.late for each in exhibits(desk, survey).told().answers] == [False]
    desk.watch.forward(hours=1)
    here.answer(by, survey, number, "Vì thế.", 1)
    assert [each.late for each in exhibits(desk, survey).told().answers] == [True]
    desk.watch.at = desk.watch.at.replace(month=11)


def test_a_question_without_an_answer_is_not_told(desk: Desk) -> None:
    survey, here, by = a_round(desk), desk.desks.exhibits, desk.account(Role.ORGANIZER, "A")
    here.ask(by, survey, SECRETARY, "Vì sao?")
    here.tell(survey)
    assert exhibits(desk, survey).told() == Told()


def test_extension_and_exclusion_are_told_in_both_languages(desk: Desk) -> None:
    survey, by = a_round(desk, State.OPEN), desk.account(Role.ORGANIZER, "A")
    assert exhibits(desk, survey).told() == Told()
    desk.desks.polls.extend(by, survey, "2026-11-04T10:00:00Z", "Mất điện")
    desk.desks.polls.extend(by, survey, "2026-11-05T10:00:00Z", "Bão số 9")
    desk.desks.stating.freeze_contest(by, survey, ELSEWHERE, "Nghỉ hưu")
    told = exhibits(desk, survey).told()
    assert told.closes == "2026-11-05T10:00:00Z"
    assert [(each.contest, each.vi, each.en) for each in told.notices] == [
        (
            None,
            "Thời gian bỏ phiếu được gia hạn đến 05/11/2026 17:00 (Asia/Ho_Chi_Minh). Lý do: Bão số 9",
            "The time to vote is extended until 05 November 2026, 17:00 (Asia/Ho_Chi_Minh). Reason: Bão số 9",
        ),
        (
            ELSEWHERE,
            "Trần Thị Hằng (Chi bộ Ngân sách) được đưa ra khỏi danh sách lấy phiếu sau khi đã mở bỏ phiếu. Lý do: Nghỉ hưu",
            "Trần Thị Hằng (Chi bộ Ngân sách) was excluded from the vote after the polls had opened. Reason: Nghỉ hưu",
        ),
    ]
    shut(desk, survey)
    desk.desks.exhibits.tell(survey)
    assert exhibits(desk, survey).told() == told


@pytest.mark.parametrize("reason", ["", "a\nb\u2028c\u0000", "ệ" * 5000, "e\u0302"])
def test_no_reason_keeps_a_notice_from_the_voters(desk: Desk, reason: str) -> None:
    found = ledger.find(desk.site.stores.app, desk.site.keyring, a_round(desk))
    act = PollsAct("2026-11-02T02:00:00Z", "extended", "hand", "2026-11-09T10:00:00Z", reason)
    facts = conduct.Facts(log=(act,), frozen=(FrozenContest(0, reason),))
    told = told_of(found.definition, facts, ())
    assert Told.decode(told.encode()) == told
    assert len(told.notices) == 2


def test_after_the_polls_close_nothing_changes_and_everything_can_be_read(desk: Desk) -> None:
    survey, by, here = a_round(desk, State.OPEN), desk.account(Role.ORGANIZER, "A"), desk.desks.exhibits
    here.keep(by, survey, SECRETARY, "report", PDF)
    number = here.ask(by, survey, SECRETARY, "Vì sao?").number
    shut(desk, survey)
    for name, verb in verbs(desk, survey, SECRETARY, number).items():
        if name in ("look", "read", "question"):
            verb(by)
        else:
            with pytest.raises(ShownNoMore):
                verb(by)
    with pytest.raises(ShownNoMore):
        here.withdraw(by, survey, number)


def test_killed_between_act_and_notice_the_next_change_or_start_tells(desk: Desk) -> None:
    """Wherever the server dies in an extension, voters are told of it after the next start."""
    by, told = desk.account(Role.ORGANIZER, "A"), []
    survey = a_round(desk, State.OPEN)
    for number in range(1, 200, 7):
        until = f"2026-12-{1 + number // 24:02}T{number % 24:02}:00:00Z"
        ended = ends(lambda: desk.desks.polls.extend(by, survey, until, "r"), kill_before_step(number))
        done = conduct.find(desk.site.stores.app, desk.site.keyring, survey).facts.extended_to
        told.append((done == until, exhibits(desk, survey).told().closes == until))
        desk.desks.exhibits.tell_all()
        assert exhibits(desk, survey).told().closes == done
        if ended:
            break
    assert ended
    assert (True, False) in told, "no kill fell between the act and the notice"


def test_a_server_that_starts_tells_what_a_killed_one_left_untold(desk: Desk) -> None:
    survey = a_round(desk, State.OPEN)
    act = PollsAct("2026-11-02T02:00:00Z", "extended", "hand", "2026-11-09T10:00:00Z", "r")
    conduct.note_act(desk.site.stores.app, desk.site.keyring, survey, act)
    assert exhibits(desk, survey).told().closes is None
    settings = Settings(instance=desk.site.stores.root.parent)
    make_site(settings, desk.site.stores, desk.site.keyring).close()
    assert exhibits(desk, survey).told().closes == act.until


def test_at_the_start_only_rounds_that_voters_come_to_are_told_of(desk: Desk) -> None:
    survey, draft = a_round(desk), desk.draft(200)
    desk.desks.exhibits.tell_all()
    assert exhibits(desk, survey).told() == Told()
    assert (exhibits(desk, survey).folder / "told.json").exists()
    assert not exhibits(desk, draft).folder.exists()


def test_what_is_stored_is_what_is_told_however_often(desk: Desk) -> None:
    survey, here, by = a_round(desk), desk.desks.exhibits, desk.account(Role.ORGANIZER, "A")
    questions_ = questions.of_round(desk.site.stores.app, desk.site.keyring, survey)
    assert questions_ == ()
    here.answer(by, survey, here.ask(by, survey, SECRETARY, "?").number, "!", 0)
    before = files(desk, survey)
    for _ in range(3):
        here.tell(survey)
    assert files(desk, survey) == before


def test_without_the_lock_on_versions_an_answer_would_be_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: whoever writes is taken to have seen the last answer."""
    survey, here, by = a_round(desk), desk.desks.exhibits, desk.account(Role.ORGANIZER, "A")
    number = here.ask(by, survey, SECRETARY, "?").number
    here.answer(by, survey, number, "Của lãnh đạo.", 0)
    real = questions.answer

    def blind(*given: Any) -> Any:
        return real(*given[:-1], questions.find(*given[:4]).version)

    monkeypatch.setattr(questions, "answer", blind)
    here.answer(by, survey, number, "Của ban tổ chức.", 0)
    assert exhibits(desk, survey).told().answers[0].answer == ("Của ban tổ chức.",)


def test_the_desk_is_wired_to_what_changes(desk: Desk) -> None:
    assert isinstance(desk.desks.exhibits, ExhibitDesk)
    assert desk.desks.polls.on_change == desk.desks.stating.on_change == desk.desks.exhibits.tell
