"""The one language of a paper: its words, numbers, hours, and the half of what minutes.json says in both.

Danger: what people wrote stays as they wrote it; only texts that this house put into both languages are
halved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from surveys.instants import Instant
from surveys.papers.conference import KINDS
from surveys.papers.minutes import BELOW_QUORUM, OFF_THE_CALENDAR
from surveys.papers.typeset import letters
from surveys.protocol.stationery import PaperLanguage

_BOTH = (*KINDS.values(), OFF_THE_CALENDAR, BELOW_QUORUM)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tongue:
    """Says things in one language."""

    language: PaperLanguage

    @property
    def english(self) -> bool:
        """Whether it is English; otherwise it is Vietnamese."""
        return self.language is PaperLanguage.EN

    def __call__(self, vi: str, en: str) -> str:
        """One of the two."""
        return en if self.english else vi

    def of(self, words: Mapping[str, str]) -> str:
        """The words of a rule or level, as they are set."""
        return letters.plain(words[self.language.value])

    def half(self, text: str) -> str:
        """Text of minutes.json, as it is set, with what it has in both languages in one."""
        for both in _BOTH:
            vi, _, en = both.partition(" / ")
            text = text.replace(both, self(vi, en))
        return letters.plain(text)

    def number(self, n: int) -> str:
        """5000 is 5.000, in English 5,000."""
        return f"{n:,}" if self.english else letters.number(n)

    def percent(self, text: str | None) -> str:
        """The percentage of 13.2; a dash where there is none."""
        if text is None or not self.english:
            return letters.percent(text)
        return f"{text}%"

    def day(self, at: datetime) -> str:
        """ngày 24 tháng 11 năm 2026, in English 24 November 2026."""
        return f"{at.day} {_MONTHS[at.month - 1]} {at.year}" if self.english else letters.day(at)

    def moment(self, instant: Instant, offset: int) -> str:
        """Hour and day, so many minutes ahead of UTC."""
        if not self.english:
            return letters.moment(instant, offset)
        at = letters.local(instant, offset)
        return f"{at:%H:%M}, {self.day(at)}"
