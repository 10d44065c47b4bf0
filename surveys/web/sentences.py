"""Refusals in words: one table, `sentences.toml`, gives every leaf error a status and a sentence in both
languages.

A sentence says what happened, what was kept, and what to do. The table is keyed by the error's place in the
house (`box.errors.PollsClosed`), because this room must not import the rooms above it; a test holds it
against every error class there is. Danger: an error's own text is for logs and may name a place in a file; it
is never shown on a page.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from surveys.errors import SurveysError

TABLE = Path(__file__).with_name("sentences.toml")


@dataclass(frozen=True, slots=True)
class Words:
    """A heading and what stands under it."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a person is told, in both languages, and the HTTP status that goes with it."""

    status: int
    words: Mapping[str, Words]


def key(kind: type[SurveysError]) -> str:
    """The error's name in the table."""
    return f"{kind.__module__.removeprefix('surveys.')}.{kind.__qualname__}"


@cache
def table() -> Mapping[str, Sentence]:
    """The whole table. A row that is not complete raises KeyError at the first use, so at the start of every
    test run.
    """
    read = tomllib.loads(TABLE.read_text("utf-8"))
    headings = read.pop("headings")
    return {
        name: Sentence(
            row["status"],
            {
                language: Words(headings[str(row["status"])][language], row[language])
                for language in ("vi", "en")
            },
        )
        for room, rows in read.items()
        for name, row in ((f"{room}.{error}", value) for error, value in rows.items())
    }


def sentence(error: SurveysError) -> Sentence:
    """What to say about this error: of its class, or of the nearest class above it."""
    rows = table()
    for kind in type(error).__mro__:
        if issubclass(kind, SurveysError) and key(kind) in rows:
            return rows[key(kind)]
    raise LookupError(f"no sentence for {key(type(error))}")
