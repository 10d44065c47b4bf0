"""Words in cells, and what they mean: in both languages, with any capitals, blanks and accents
(`columns.toml`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from surveys.spreadsheets.lookalikes import meant
from surveys.web.fields import plain

TABLE = Path(__file__).with_name("columns.toml")


@lru_cache(maxsize=20_000)
def bare(text: str) -> str:
    """A name without what people write differently: "Mã đơn vị*", "MÃ  ĐƠN VỊ" and "ma don vi" are one."""
    return "".join(letter for letter in plain(meant(text)) if letter.isalnum())


@lru_cache(maxsize=10_000)
def word_named(words: str, text: str) -> str | None:
    """What a word in a cell means, of the `words` of flag, kind, electorate or grade."""
    return _words(words).get(bare(text) or text)


def first_word(words: str, meaning: str, language: str) -> str:
    """How a meaning is written in this language."""
    found: str = said()["words"][words][meaning][language][0]
    return found


@cache
def said() -> Mapping[str, Any]:
    """The table, as it stands."""
    return tomllib.loads(TABLE.read_text("utf-8"))


@cache
def _words(words: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for meaning, written in said()["words"][words].items():
        for word in (meaning, *written["vi"], *written["en"], *written["also"]):
            if found.setdefault(bare(word) or word, meaning) != meaning:
                raise LookupError(f"{word!r} has two meanings")
    return found
