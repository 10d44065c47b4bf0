"""What a round's log, its frozen contests and its complaints hold, as values (docs/protocol.md 13.1).

The same values are kept while the vote runs, told by the minutes, and read again from a published bundle. The
verifier has its own reader of them, on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from surveys.instants import Instant, instant_text, read_instant
from surveys.protocol.canonical import Fields
from surveys.protocol.files import Act, Complained, Frozen

Word = TypeVar("Word", bound=StrEnum)


class Polls(StrEnum):
    """What is done with the polls."""

    OPENED = "opened"
    EXTENDED = "extended"
    CLOSED = "closed"


class By(StrEnum):
    """Who did it: a person, or the clock."""

    HAND = "hand"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class PollsAct:
    """What was done with the polls."""

    at: Instant
    act: Polls
    by: By = By.HAND
    until: Instant | None = None
    reason: str = ""

    def as_json(self) -> Act:
        """The same entry."""
        until = None if self.until is None else instant_text(self.until)
        return {
            "at": instant_text(self.at),
            "act": self.act,
            "by": self.by,
            "until": until,
            "reason": self.reason,
        }

    @classmethod
    def of(cls, entry: Act) -> PollsAct:
        """The act that gave this entry."""
        until = entry["until"]
        return cls(
            at=read_instant(entry["at"]),
            act=Polls(entry["act"]),
            by=By(entry["by"]),
            until=None if until is None else read_instant(until),
            reason=entry["reason"],
        )

    @classmethod
    def read(cls, fields: Fields) -> PollsAct:
        """An entry of `log`. Raises Malformed."""
        return cls(
            at=fields.instant("at"),
            act=_word(fields, "act", Polls),
            by=_word(fields, "by", By),
            until=fields.optional_instant("until"),
            reason=fields.text("reason", 1000, empty=True),
        )


@dataclass(frozen=True, slots=True)
class FrozenContest:
    """A contest (by index) whose leader was excluded after the polls opened."""

    contest: int
    reason: str

    def as_json(self) -> Frozen:
        """The same entry."""
        return {"contest": self.contest, "reason": self.reason}

    @classmethod
    def read(cls, fields: Fields, contests: int) -> FrozenContest:
        """An entry of `frozen`, of so many contests. Raises Malformed."""
        return cls(fields.integer("contest", 0, contests - 1), fields.text("reason", 1000))


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint and what was ruled on it; the ruling may be empty."""

    complaint: str
    ruling: str

    def as_json(self) -> Complained:
        """The same entry."""
        return {"complaint": self.complaint, "ruling": self.ruling}

    @classmethod
    def read(cls, fields: Fields) -> Complaint:
        """An entry of `complaints`. Raises Malformed."""
        return cls(fields.text("complaint", 1000), fields.text("ruling", 1000, empty=True))


def _word(fields: Fields, name: str, words: type[Word]) -> Word:
    text = fields.text(name, 20)
    if text not in set(words):
        fields.refuse(name, f"not one of {', '.join(words)}")
    return words(text)
