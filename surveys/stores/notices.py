"""What is told to all voters of a vote: leaders' answers, notices of the organizers, a later time of closing
(docs/protocol.md 15.7).

Danger: every voter gets the same bytes. A document made for one voter or one unit would tell who is asking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surveys.instants import Instant, instant_text
from surveys.json_types import JsonObject
from surveys.protocol import canonical
from surveys.protocol.canonical import MAX_INTEGER, Fields

CHECK = "15.7"
MOST_QUESTION = 500
MOST_PARAGRAPHS = 20
MOST_PARAGRAPH = 2000
MOST_NOTICE = 2000
MOST_OCTETS = 200_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A question to the leader of a contest and the answer, paragraph by paragraph; `late`: written after the
    rule's last day for answers.
    """

    contest: int
    question: str
    answer: tuple[str, ...]
    late: bool

    def as_json(self) -> JsonObject:
        """As it stands in the document."""
        return {
            "contest": self.contest,
            "question": self.question,
            "answer": list(self.answer),
            "late": self.late,
        }


@dataclass(frozen=True, slots=True)
class Notice:
    """What the organizers say to all voters; about the leader of a contest, or (None) about the whole
    vote.
    """

    contest: int | None
    vi: str
    en: str

    def as_json(self) -> JsonObject:
        """As it stands in the document."""
        return {"contest": self.contest, "vi": self.vi, "en": self.en}


@dataclass(frozen=True, slots=True)
class Announcements:
    """Everything that is told. `closes` is when polls close by the last extension."""

    answers: tuple[Answer, ...] = ()
    notices: tuple[Notice, ...] = ()
    closes: Instant | None = None

    def as_json(self) -> JsonObject:
        """Its part of the answer of 15.7."""
        return {
            "answers": [each.as_json() for each in self.answers],
            "notices": [each.as_json() for each in self.notices],
            "closes": None if self.closes is None else instant_text(self.closes),
        }

    def encode(self) -> bytes:
        """The document. Raises Malformed for one that a client would refuse."""
        raw = canonical.encode(self.as_json())
        Announcements.decode(raw)
        return raw

    @classmethod
    def decode(cls, raw: bytes) -> Announcements:
        """Read it strictly. Raises Malformed."""
        fields = Fields(canonical.decode(raw, check=CHECK, where="told"), check=CHECK, where="told")
        answers = tuple(_answer(each) for each in fields.objects("answers", MAX_INTEGER))
        if [each.contest for each in answers] != sorted(each.contest for each in answers):
            fields.refuse("answers", "not by ascending contest")
        if octets(answers) > MOST_OCTETS:
            fields.refuse("answers", f"more than {MOST_OCTETS} bytes")
        notices = tuple(_notice(each) for each in fields.objects("notices", MAX_INTEGER))
        places = [-1 if each.contest is None else each.contest for each in notices]
        if places != sorted(set(places)):
            fields.refuse("notices", "not one for each contest, in order")
        closes = fields.optional_instant("closes")
        fields.done()
        return cls(answers, notices, closes)


def octets(answers: Sequence[Answer]) -> int:
    """How large the answers are in the document."""
    return len(canonical.encode([each.as_json() for each in answers]))


def _answer(fields: Fields) -> Answer:
    read = Answer(
        contest=fields.integer("contest", 0, MAX_INTEGER),
        question=fields.text("question", MOST_QUESTION),
        answer=tuple(fields.texts("answer", MOST_PARAGRAPHS, MOST_PARAGRAPH)),
        late=fields.boolean("late"),
    )
    if not read.answer:
        fields.refuse("answer", "has no paragraph")
    fields.done()
    return read


def _notice(fields: Fields) -> Notice:
    read = Notice(
        contest=fields.optional_integer("contest", 0, MAX_INTEGER),
        vi=fields.text("vi", MOST_NOTICE),
        en=fields.text("en", MOST_NOTICE),
    )
    fields.done()
    return read
