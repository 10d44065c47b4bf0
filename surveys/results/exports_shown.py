"""A reader's own export of result pages: .xlsx, .csv, .json (docs/shown.schema.json). It holds what the page
shows, not more.

Where the page shows a range, the export holds the range; what the page hides is hidden here. Exact figures of
such groups stand only in the certified minutes (`exports`, `surveys.papers`). Danger: the caller chooses the
entries, so it must have asked whether this reader may see them; a contest left out here is not known to this
module at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from surveys.json_types import JsonObject
from surveys.results.book import Book, Count, Entry
from surveys.results.exports import as_csv, percentage
from surveys.results.shown import Row, shown
from surveys.spreadsheets.tables import Cell, Sheet, workbook

SHOWN_FORMAT = "tin-nhiem/shown/1"
HIDDEN = "ẩn / hidden"


@dataclass(frozen=True, slots=True)
class Export:
    """What a reader takes along: entries of one book, in the order of the page."""

    book: Book
    entries: Sequence[Entry]

    def json(self) -> bytes:
        """UTF-8 JSON in the form of docs/shown.schema.json."""
        definition, preset = self.book.definition, self.book.preset
        document = {
            "format": SHOWN_FORMAT,
            "survey": definition.round_id,
            "title": definition.title,
            "year": definition.year,
            "rule": preset.name,
            "k": definition.k,
            "levels": [{"id": level.id, **level.words} for level in preset.levels],
            "contests": [contest_document(self.book, entry) for entry in self.entries],
        }
        return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"

    def csv(self) -> str:
        """A row for each contest (`units` empty), then one for each of its groups."""
        rows = ([_text(cell) for cell in row] for row in self._rows())
        return as_csv([[name for name, _ in self._columns()], *rows])

    def xlsx(self) -> bytes:
        """The same table as a workbook of one sheet; counts and percentages are numbers, ranges are text."""
        title = self.book.definition.title_vi
        return workbook(title, self.book.definition.closes, [Sheet("Kết quả", self._columns(), self._rows())])

    def _columns(self) -> list[tuple[str, int]]:
        levels = self.book.preset.levels
        return [
            ("number", 8),
            ("name", 28),
            ("titles", 34),
            ("unit", 36),
            ("units", 44),
            ("summoned", 10),
            ("present", 10),
            ("issued", 10),
            ("returned", 10),
            *((level.id, 12) for level in levels),
            ("not_marked", 12),
            ("denominator", 12),
            ("n", 8),
            *((f"{level.id}_percent", 12) for level in levels),
            ("outcome", 40),
            ("watch", 30),
            ("withheld", 40),
        ]

    def _rows(self) -> Iterator[list[Cell]]:
        for entry in self.entries:
            yield from _table(entry, len(self.book.preset.levels))


def _table(entry: Entry, levels: int) -> Iterator[list[Cell]]:
    contest, count = entry.contest, entry.count
    who: list[Cell] = [entry.number, contest.name, "; ".join(contest.titles), entry.unit.name]
    nothing: list[Cell] = [None] * levels
    if count is None:
        why = None if entry.withheld is None else entry.withheld["vi"]
        yield [*who, None, entry.summoned, *[None] * 3, *nothing, *[None] * 3, *nothing, None, None, why]
        return
    may_show = shown(count)
    turnout = (entry.summoned, count.present, count.issued, count.returned)
    exact = may_show.total.counts is not None
    yield [
        *who,
        None,
        *turnout,
        *_marks(may_show.total, levels),
        *(count.denominator, count.n),
        *(map(percentage, count.percent) if exact else nothing),
        count.outcome.words["vi"],
        "; ".join(flag.words["vi"] for flag in count.watch),
        None,
    ]
    # As on the page: one group alone is the whole contest again.
    for row in may_show.groups if len(may_show.groups) > 1 else ():
        units = "; ".join(unit.name for unit in row.units)
        marks = _marks(row, levels)
        yield [*who, units, *[None] * 3, row.returned, *marks, None, None, *nothing, *[None] * 3]


def _marks(row: Row, levels: int) -> Sequence[Cell]:
    """Levels, then not marked: numbers, ranges, or that they are hidden."""
    if row.counts is not None:
        return row.counts
    return (HIDDEN,) * (levels + 1) if row.bands is None else tuple(map(str, row.bands))


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else str(cell)


def contest_document(book: Book, entry: Entry) -> JsonObject:
    """One contest as the export holds it, for whoever may see it."""
    contest, count = entry.contest, entry.count
    return {
        "number": entry.number,
        "name": contest.name,
        "titles": list(contest.titles),
        "unit": {"code": entry.unit.code, "name": entry.unit.name},
        "summoned": entry.summoned,
        "withheld": None if entry.withheld is None else dict(entry.withheld),
        "result": None if count is None else _result(book, count),
    }


def _result(book: Book, count: Count) -> JsonObject:
    levels = book.preset.level_ids
    may_show = shown(count)
    exact = may_show.total.counts is not None
    return {
        "present": count.present,
        "issued": count.issued,
        "returned": count.returned,
        "denominator": {"name": count.denominator, "n": count.n},
        "marks": _named(may_show.total, levels),
        "percent": dict(zip(levels, count.percent, strict=True)) if exact else None,
        "outcome": {"id": count.outcome.id, **count.outcome.words},
        "watch": [{"id": flag.id, **flag.words} for flag in count.watch],
        "groups": [
            {
                "units": [{"code": unit.code, "name": unit.name} for unit in row.units],
                "returned": row.returned,
                "marks": _named(row, levels),
            }
            for row in (may_show.groups if len(may_show.groups) > 1 else ())
        ],
    }


def _named(row: Row, levels: Sequence[str]) -> JsonObject:
    """`shown` says how: exact (integers), range (texts such as "≥ 90 %"), or hidden (nothing)."""
    names = (*levels, "not_marked")
    if row.counts is not None:
        return {"shown": "exact", "values": dict(zip(names, row.counts, strict=True))}
    if row.bands is not None:
        return {"shown": "range", "values": dict(zip(names, map(str, row.bands), strict=True))}
    return {"shown": "hidden", "values": None}
