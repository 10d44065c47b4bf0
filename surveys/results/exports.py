"""Results as a table for a spreadsheet (results.csv). The same figures as everywhere else; and files written
whole.

Danger: a name that begins like a formula would be run by a spreadsheet: such cells get an apostrophe in
front.
"""

from __future__ import annotations

import csv
import io
import os
import threading
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from surveys import disk
from surveys.results.book import Book, Entry

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is at any time the old one or the whole new one; a second run replaces it.
    Raises OSError.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        disk.write_whole(part, path, content)
    finally:
        part.unlink(missing_ok=True)


def percentage(text: str | None) -> Decimal | None:
    """The percentage of 13.2 as a share; None where there is none."""
    return None if text is None else Decimal(text) / 100


def neutral(text: str) -> str:
    """The text as a spreadsheet shows it and never runs it."""
    return "'" + text if text.startswith(_FORMULA) else text


def results_csv(book: Book) -> str:
    """UTF-8 text with a header; a row for each contest (`units` empty), then a row for each of its atoms.
    Exact figures.
    """
    levels = book.preset.level_ids
    header = [
        *("person", "name", "unit", "units", "summoned", "present", "issued", "returned"),
        *levels,
        *("not_marked", "denominator", "n"),
        *(f"{level}_percent" for level in levels),
        *("outcome", "watch", "withheld"),
    ]
    return as_csv([header, *(row for entry in book.entries for row in _rows(entry, len(levels)))])


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV with a byte order mark, so that a spreadsheet reads it as UTF-8; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _rows(entry: Entry, levels: int) -> list[list[str]]:
    who = [entry.contest.person, entry.contest.name, entry.contest.unit]
    count, blank = entry.count, [""] * levels
    if count is None:
        withheld = "" if entry.withheld is None else entry.withheld["vi"]
        return [[*who, "", str(entry.summoned), *blank, *blank, *[""] * 8, withheld]]
    turnout = (entry.summoned, count.present, count.issued, count.returned)
    rows = [
        [
            *(*who, "", *map(str, turnout)),
            *map(str, (*count.counts, count.not_marked)),
            *(count.denominator, str(count.n)),
            *(percent or "" for percent in count.percent),
            *(count.outcome.id, " ".join(flag.id for flag in count.watch), ""),
        ]
    ]
    for group in count.groups:
        units = " ".join(unit.code for unit in group.units)
        marks = map(str, (*group.counts, group.not_marked))
        rows.append([*who, units, "", "", "", str(group.returned), *marks, "", "", *blank, "", "", ""])
    return rows
