"""How numbers, dates, hashes and foreign text are written on paper: Vietnamese office style (docs/protocol.md
13.7).

Danger: names come from anybody. A letter the typesetter's font does not have would stop the minutes, a mark
that turns the direction of writing or piles up over the next line would falsify them: both are written as
their number, `[U+202E]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from unicodedata import category, combining

from surveys.instants import Instant

# What Libertinus Serif has of the Latin, Greek and Cyrillic letters, of punctuation and of signs (a test sets
# them all).
RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x24F),
    (0x300, 0x36F),
    (0x384, 0x3CE),
    (0x400, 0x45F),
    (0x1E00, 0x1EFF),
    (0x2010, 0x2037),
    (0x2039, 0x203A),
    (0x2070, 0x209C),
    (0x20AB, 0x20AC),
    (0x2190, 0x2193),
    (0x2212, 0x2212),
    (0x2248, 0x2248),
    (0x2260, 0x2260),
    (0x2264, 0x2265),
)
_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
MOST_MARKS = 2
LONGEST_WORD = 24
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
BREAK_HERE = "\u200b"
NO_BREAK = "\u00a0"
DASH = "–"
HEX_GROUP = 8


def has(letter: str) -> bool:
    """Whether this letter is set as it is."""
    code = ord(letter)
    return category(letter) not in _INVISIBLE and any(low <= code <= high for low, high in RANGES)


def plain(text: str) -> str:
    """Foreign text as it is set: every letter that cannot be shown by its number; a line may break inside an
    endless word.
    """
    written, marks = [], 0
    for letter in text:
        marks = marks + 1 if combining(letter) else 0
        written.append(letter if has(letter) and marks <= MOST_MARKS else f"[U+{ord(letter):04X}]")
    return _LONG_WORD.sub(_breakable, "".join(written))


def _breakable(word: re.Match[str]) -> str:
    return BREAK_HERE.join(_cut(word.group(), LONGEST_WORD))


def _cut(text: str, length: int) -> list[str]:
    return [text[i : i + length] for i in range(0, len(text), length)]


def words(text: Mapping[str, str]) -> dict[str, str]:
    """Both languages of a text."""
    return {language: plain(text[language]) for language in ("vi", "en")}


def number(n: int) -> str:
    """5000 is 5.000."""
    return f"{n:,}".replace(",", ".")


def percent(text: str | None) -> str:
    """The percentage of 13.2 with a decimal comma; a dash where there is none."""
    return DASH if text is None else f"{text.replace('.', ',')}{NO_BREAK}%"


def hash_groups(raw: bytes) -> str:
    """A hash in hex, in groups that can be read out and compared."""
    return " ".join(_cut(raw.hex(), HEX_GROUP))


def local(instant: Instant, offset: int) -> datetime:
    """An instant in the hours that the paper names, so many minutes ahead of UTC (4.1).

    Not in those of a table of zones: that would be another one on another machine or in another year, and
    where clocks are changed while polls are open an hour would stand under the wrong name.
    """
    return instant.astimezone(timezone(timedelta(minutes=offset)))


def ahead(minutes: int) -> str:
    """How far a zone is ahead of UTC: 420 is UTC+7, -210 is UTC-3:30."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def moment(instant: Instant, offset: int) -> str:
    """`2026-11-24T14:16:47Z` is 21 giờ 16 phút, ngày 24 tháng 11 năm 2026."""
    at = local(instant, offset)
    return f"{at:%H} giờ {at:%M} phút, {day(at)}"


def day(at: datetime) -> str:
    """ngày 24 tháng 11 năm 2026; days below ten and the first two months with a zero, as offices
    write them.
    """
    month = f"{at.month:02}" if at.month < 3 else str(at.month)
    return f"ngày {at:%d} tháng {month} năm {at.year}"
