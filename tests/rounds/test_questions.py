"""Questions to the leaders and their answers: bounded, sealed, of one round, and only while voters may still
read them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from surveys.instants import Instant, read_instant
from surveys.names import RoundId
from surveys.protocol.errors import Malformed
from surveys.rounds import calendar, ledger, questions
from surveys.rounds.errors import (
    AnsweredMeanwhile,
    NoSuchQuestion,
    NoSuchRound,
    QuestionAnswered,
    ShownNoMore,
    TooManyQuestions,
    TooMuchToTell,
)
from surveys.rounds.models import questions as table
from surveys.rounds.states import State
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from tests.published import SURVEY, a_definition

AT = read_instant("2026-10-20T01:00:00Z")
LATER = read_instant("2026-10-21T01:00:00Z")


class Round:
    """A frozen round with the verbs on it."""

    def __init__(self, folder: Path) -> None:
        self.stores = Stores(Engines(folder / "stores"), Keyring.fresh())
        self.stores.engines.migrate_app()
        ledger.add(self.stores.app, a_definition())

    @property
    def engine(self) -> Engine:
        return self.stores.engines.app

    def ask(self, contest: int = 0, question: str = "Vì sao?") -> int:
        return questions.ask(self.stores.app, SURVEY, contest, question, AT).number

    def answer(self, number: int, text: str = "Vì thế.", version: int = 0) -> questions.Question:
        return questions.answer(self.stores.app, SURVEY, number, text, LATER, version)

    def all(self) -> tuple[questions.Question, ...]:
        return questions.of_round(self.stores.app, SURVEY)

    def move(self, upto: State) -> None:
        for state in list(State)[2:]:
            ledger.move(self.engine, SURVEY, state, at=AT)
            if state is upto:
                break


@pytest.fixture
def round_(tmp_path: Path) -> Round:
    return Round(tmp_path)


def test_questions_stand_by_leader_in_the_order_asked_and_carry_their_answers(round_: Round) -> None:
    late, first, second = round_.ask(3, "C?"), round_.ask(0, "A?"), round_.ask(0, "B?")
    round_.answer(second, "  Một.\r\n\r\n Hai\u00a0 ba.\n")
    assert [(each.number, each.question, each.paragraphs) for each in round_.all()] == [
        (first, "A?", ()),
        (second, "B?", ("Một.", "Hai ba.")),
        (late, "C?", ()),
    ]
    assert round_.all()[1].answered == LATER
    assert questions.of_round(round_.stores.app, RoundId("00" * 16)) == ()


def test_an_answer_is_corrected_by_whoever_has_seen_the_last_one(round_: Round) -> None:
    number = round_.ask()
    assert round_.answer(number, "Một", 0).version == 1
    for version in (0, 2):
        with pytest.raises(AnsweredMeanwhile):
            round_.answer(number, "Hai", version)
    assert round_.all()[0].answer == "Một"
    assert round_.answer(number, "Hai", 1).answer == "Hai"


def test_of_two_answers_at_once_one_is_told_of_the_other(round_: Round) -> None:
    number = round_.ask()

    def attempt(text: str) -> str:
        try:
            return round_.answer(number, text, 0).answer or ""
        except AnsweredMeanwhile:
            return ""

    with ThreadPoolExecutor(8) as pool:
        written = [text for text in pool.map(attempt, "abcdefgh") if text]
    assert [each.answer for each in round_.all()] == written


def test_a_withdrawn_question_is_gone_and_its_number_is_not_given_again(round_: Round) -> None:
    first, second = round_.ask(question="Nhầm?"), round_.ask(question="Đúng?")
    questions.withdraw(round_.engine, SURVEY, second)
    third = round_.ask(question="Khác?")
    assert len({first, second, third}) == 3
    for verb in (
        lambda: round_.answer(second),
        lambda: questions.withdraw(round_.engine, SURVEY, second),
        lambda: questions.find(round_.stores.app, SURVEY, second),
    ):
        with pytest.raises(NoSuchQuestion):
            verb()
    with round_.engine.connect() as connection:
        assert connection.scalar(select(table.c.question).where(table.c.number == second)) is None
    round_.answer(first)
    with pytest.raises(QuestionAnswered):
        questions.withdraw(round_.engine, SURVEY, first)
    assert [each.question for each in round_.all()] == ["Nhầm?", "Khác?"]


def test_two_who_ask_at_once_get_two_numbers(round_: Round) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda i: round_.ask(0, f"{i}?"), range(8)))
    assert sorted(numbers) == list(range(1, 9))


@pytest.mark.parametrize("text", ["", "a" * 501, "hai\ndòng", "e\u202e", "\u0000"])
def test_a_question_that_voters_clients_would_refuse_is_not_stored(round_: Round, text: str) -> None:
    with pytest.raises(Malformed):
        round_.ask(question=text)
    assert round_.all() == ()


@pytest.mark.parametrize("text", ["", " \n ", "a" * 2001, "\n".join("a" * 21), "a\u0007"])
def test_an_answer_that_voters_clients_would_refuse_is_not_stored(round_: Round, text: str) -> None:
    number = round_.ask()
    with pytest.raises(Malformed):
        round_.answer(number, text)
    assert round_.all()[0].answer is None


def test_a_leader_has_so_many_questions_and_no_more(round_: Round) -> None:
    numbers = [round_.ask() for _ in range(questions.MOST_OF_A_LEADER)]
    with pytest.raises(TooManyQuestions):
        round_.ask()
    round_.ask(1)
    questions.withdraw(round_.engine, SURVEY, numbers[0])
    round_.ask()


def test_all_answers_together_have_a_length_that_a_phone_can_load(round_: Round) -> None:
    fits = 200_000 // 6_090  # three bytes a letter, and what stands around an answer
    numbers = [round_.ask(i % 4) for i in range(fits + 1)]
    for number in numbers[:-1]:
        round_.answer(number, "ệ" * 2000)
    with pytest.raises(TooMuchToTell):
        round_.answer(numbers[-1], "ệ" * 2000)
    assert sum(each.answer is not None for each in round_.all()) == fits
    round_.answer(numbers[0], "ngắn", 1)
    round_.answer(numbers[-1], "ệ" * 2000)


@pytest.mark.parametrize("state", list(State)[1:])
def test_they_change_from_freezing_until_the_polls_close(round_: Round, state: State) -> None:
    number, other = round_.ask(), round_.ask()
    if state is not State.FROZEN:
        round_.move(state)
    verbs = (
        lambda: round_.ask(),
        lambda: round_.answer(number),
        lambda: questions.withdraw(round_.engine, SURVEY, other),
    )
    for verb in verbs:
        if state in (State.FROZEN, State.CONFIRMED, State.OPEN):
            verb()
        else:
            with pytest.raises(ShownNoMore):
                verb()
    assert len(round_.all()) == 2


def test_of_a_round_that_does_not_exist_nothing_is_asked(round_: Round) -> None:
    for verb in (
        lambda: questions.ask(round_.stores.app, RoundId("00" * 16), 0, "?", AT),
        lambda: questions.answer(round_.stores.app, RoundId("00" * 16), 1, "!", AT, 0),
        lambda: questions.withdraw(round_.engine, RoundId("00" * 16), 1),
    ):
        with pytest.raises(NoSuchRound):
            verb()


@pytest.mark.files
def test_question_and_answer_are_sealed_in_the_store(round_: Round) -> None:
    round_.answer(round_.ask(question="Bí mật câu hỏi"), "Bí mật trả lời")
    raw = (round_.stores.engines.root / "app.sqlite").read_bytes()
    assert "Bí mật".encode() not in raw


@pytest.mark.parametrize(
    ("at", "late"),
    [
        (read_instant("2026-10-30T16:59:59Z"), False),  # 23:59:59 on 30 October where voters live
        (read_instant("2026-10-30T17:00:00Z"), True),  # midnight
        (read_instant("2026-10-30T00:00:00Z"), False),
        (read_instant("2026-11-02T01:00:00Z"), True),
    ],
)
def test_days_are_counted_where_voters_live_and_the_last_one_is_in_time(at: Instant, late: bool) -> None:
    definition = a_definition()  # opens on 2 November at 08:00 in Hanoi
    assert str(calendar.last_day(definition, calendar.ANSWERS)) == "2026-10-30"
    assert str(calendar.last_day(definition, calendar.QUESTIONS)) == "2026-10-23"
    assert calendar.is_late(definition, calendar.ANSWERS, at) is late


def test_a_rule_without_deadlines_makes_nothing_late() -> None:
    definition = a_definition()
    bare = replace(definition, rule={**definition.rule, "deadlines": {}})
    assert calendar.last_day(bare, calendar.ANSWERS) is None
    assert not calendar.is_late(bare, calendar.ANSWERS, read_instant("2030-01-01T00:00:00Z"))
