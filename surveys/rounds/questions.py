"""Questions to the leaders of a round, and their answers (docs/operations.md, "A round on the desk").

From freezing until the polls close; each verb looks at the round's state in its own transaction. Who asked
and who wrote an answer stands in the staff log only. Danger: voters read what is answered here, and the same
for all; so an answer that voters' clients would refuse is refused before it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from unicodedata import normalize

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from surveys.instants import Instant
from surveys.names import RoundId
from surveys.rounds.errors import (
    AnsweredMeanwhile,
    NoSuchQuestion,
    NoSuchRound,
    QuestionAnswered,
    ShownNoMore,
    TooManyQuestions,
    TooMuchToTell,
)
from surveys.rounds.models import questions, rounds
from surveys.rounds.states import State
from surveys.stores.columns import Keyring, key_number
from surveys.stores.notices import MOST_OCTETS, Announcements, Answer, octets
from surveys.stores.store import Store

MOST_OF_A_LEADER = 20
CHANGEABLE = (State.FROZEN, State.CONFIRMED, State.OPEN)
_TABLE = "questions"


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the leader of a contest; `answer` is None until there is one.

    `version` is 0 until it is answered and grows with each answer.
    """

    number: int
    contest: int
    asked: Instant
    question: str
    answered: Instant | None
    answer: str | None
    version: int

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The answer, paragraph by paragraph."""
        return paragraphs(self.answer or "")


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a text: its lines that are not blank, in Unicode's composed form, with single blanks
    between words.
    """
    lines = (" ".join(line.split()) for line in normalize("NFC", text).splitlines())
    return tuple(line for line in lines if line)


def of_round(store: Store, round_id: RoundId) -> tuple[Question, ...]:
    """All questions, by contest, then as they were asked; withdrawn ones are gone."""
    with store.reading() as connection:
        return _all(connection, store.keyring, round_id)


def find(store: Store, round_id: RoundId, number: int) -> Question:
    """One question. Raises NoSuchQuestion."""
    with store.reading() as connection:
        return _question(_row(connection, round_id, number), store.keyring)


def ask(store: Store, round_id: RoundId, contest: int, question: str, at: Instant) -> Question:
    """Enter a question; voters do not see it before it is answered. One transaction.

    Raises NoSuchRound, ShownNoMore, TooManyQuestions, or Malformed for a text that is none; nothing is stored
    then.
    """
    Announcements(answers=(Answer(contest, question, ("?",), late=False),)).encode()
    with store.begin() as connection:
        _check_changeable(connection, round_id)
        held = [each.contest for each in _all(connection, store.keyring, round_id)]
        if held.count(contest) >= MOST_OF_A_LEADER:
            raise TooManyQuestions(contest, MOST_OF_A_LEADER)
        last = connection.scalar(select(func.max(questions.c.number)).where(questions.c.survey == round_id))
        made = Question((last or 0) + 1, contest, at, question, None, None, 0)
        connection.execute(
            insert(questions).values(
                survey=round_id,
                number=made.number,
                contest=contest,
                asked=at,
                question=store.keyring.seal_text(_TABLE, "question", _id(round_id, made.number), question),
                answered=None,
                answer=None,
                version=0,
            )
        )
    return made


def answer(store: Store, round_id: RoundId, number: int, text: str, at: Instant, version: int) -> Question:
    """Write the answer, or correct it; voters see the new one from now on. `version` is the one that the
    writer saw. One transaction.

    Raises NoSuchRound, ShownNoMore, NoSuchQuestion, AnsweredMeanwhile, TooMuchToTell, or Malformed for a text
    that is none; nothing is stored then.
    """
    with store.begin() as connection:
        _check_changeable(connection, round_id)
        held = _question(_row(connection, round_id, number), store.keyring)
        if held.version != version:
            raise AnsweredMeanwhile(number)
        written = "\n".join(paragraphs(text))
        made = Question(number, held.contest, held.asked, held.question, at, written, version + 1)
        Announcements(answers=_as_told([made])).encode()
        others = [each for each in _all(connection, store.keyring, round_id) if each.number != number]
        if octets(_as_told([*others, made])) > MOST_OCTETS:
            raise TooMuchToTell(MOST_OCTETS)
        sealed = store.keyring.seal_text(_TABLE, "answer", _id(round_id, number), written)
        connection.execute(
            update(questions)
            .where(questions.c.survey == round_id, questions.c.number == number)
            .values(answered=at, answer=sealed, version=made.version)
        )
    return made


def withdraw(engine: Engine, round_id: RoundId, number: int) -> None:
    """Forget a question that is not answered; its number is not given again, so that no answer goes to
    another question.

    One transaction. Raises NoSuchRound, ShownNoMore, NoSuchQuestion or QuestionAnswered; nothing is changed
    then.
    """
    with engine.begin() as connection:
        _check_changeable(connection, round_id)
        if _row(connection, round_id, number).answer is not None:
            raise QuestionAnswered(number)
        connection.execute(
            update(questions)
            .where(questions.c.survey == round_id, questions.c.number == number)
            .values(question=None)
        )


def _check_changeable(connection: Connection, round_id: RoundId) -> None:
    """Raises NoSuchRound, or ShownNoMore unless the round is frozen and its polls are not closed."""
    state = connection.scalar(select(rounds.c.state).where(rounds.c.survey == round_id))
    if state is None:
        raise NoSuchRound(round_id)
    if State(state) not in CHANGEABLE:
        raise ShownNoMore(round_id, state)


def reseal_questions(store: Store) -> None:
    """Seal questions and answers with the ring's newest key, one a transaction; may be killed and run
    again.
    """
    with store.reading() as connection:
        places = connection.execute(select(questions.c.survey, questions.c.number)).all()
    for round_id, number in places:
        with store.begin() as connection:
            here = (questions.c.survey == round_id, questions.c.number == number)
            row = connection.execute(select(questions).where(*here)).one()
            values = {}
            for column in ("question", "answer"):
                sealed, place = getattr(row, column), (_TABLE, column, _id(round_id, number))
                if sealed is not None and key_number(sealed) != store.keyring.current:
                    values[column] = store.keyring.seal(*place, store.keyring.open(*place, sealed))
            if values:
                connection.execute(update(questions).where(*here).values(**values))


def _as_told(found: list[Question]) -> tuple[Answer, ...]:
    """The answers as voters get them; none is called late, which is the longer way to write it."""
    return tuple(
        Answer(each.contest, each.question, each.paragraphs, late=False)
        for each in found
        if each.answer is not None
    )


def _all(connection: Connection, keyring: Keyring, round_id: RoundId) -> tuple[Question, ...]:
    wanted = (
        select(questions)
        .where(questions.c.survey == round_id, questions.c.question.is_not(None))
        .order_by(questions.c.contest, questions.c.number)
    )
    return tuple(_question(row, keyring) for row in connection.execute(wanted))


def _row(connection: Connection, round_id: RoundId, number: int) -> Row[tuple[object, ...]]:
    row = connection.execute(
        select(questions).where(
            questions.c.survey == round_id, questions.c.number == number, questions.c.question.is_not(None)
        )
    ).one_or_none()
    if row is None:
        raise NoSuchQuestion(number)
    return row


def _question(row: Row[tuple[object, ...]], keyring: Keyring) -> Question:
    place = _id(row.survey, row.number)
    return Question(
        number=row.number,
        contest=row.contest,
        asked=row.asked,
        question=keyring.open(_TABLE, "question", place, row.question).decode(),
        answered=row.answered,
        answer=keyring.open_text(_TABLE, "answer", place, row.answer),
        version=row.version,
    )


def _id(round_id: RoundId, number: int) -> str:
    return f"{round_id}/{number}"
