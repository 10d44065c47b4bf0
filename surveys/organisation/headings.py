"""Names of sheets and columns as offices write them: in both languages, with any capitals, blanks and
accents.

All of them stand in `columns.toml`. What was typed for an old font is known by what it says there: "M· c¸n
bé" is Mã cán bộ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from surveys.organisation.columns import COLUMNS, names_of
from surveys.organisation.words import bare, said
from surveys.spreadsheets.encodings import NAMES, read_as


def sheet_named(text: str) -> str | None:
    """The sheet that is meant by this name."""
    return _found(text, _sheets())


def column_named(sheet: str, text: str) -> str | None:
    """The column of a sheet that is meant by this header."""
    return _found(text, _columns(sheet))


def _found(text: str, known: Mapping[str, str]) -> str | None:
    name = bare(text)
    if name in known or text.isascii():
        return known.get(name)
    meanings = (read_as(text, encoding) for encoding in NAMES)
    return next((known[bare(each)] for each in meanings if each is not None and bare(each) in known), None)


@cache
def _sheets() -> Mapping[str, str]:
    return {
        bare(name): sheet
        for sheet in COLUMNS
        for name in (sheet, *said()[sheet]["sheet"].values(), *said()[sheet]["also"])
    }


@cache
def _columns(sheet: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, column in _names_of_columns(sheet):
        if found.setdefault(bare(name), column) != column:
            raise LookupError(f"{name!r} names two columns of {sheet}")
    return found


def _names_of_columns(sheet: str) -> Iterator[tuple[str, str]]:
    for column in names_of(sheet):
        known = said()[sheet]["columns"][column]
        for name in (column, *known["label"].values(), *known["also"]):
            yield name, column
