"""The sheets of an .ods workbook (ISO/IEC 26300-3): a zip of XML, read in one pass like an .xlsx.

Each cell says both what it holds and what it shows, so what differs is seen without knowing its format.
Danger: a row or cell may say that it is repeated a million times. What holds nothing is passed over at once;
what holds something is counted each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from surveys.jobs.progress import Progress
from surveys.spreadsheets.fonts import encoding_of
from surveys.spreadsheets.packed import Damaged, Package, refused
from surveys.spreadsheets.rows import MAX_MERGED, Budget, Range, RowTaker, Takers, with_password
from surveys.spreadsheets.shown import EXACT, Mark, judged
from surveys.spreadsheets.tags import Tags, parsed

MAX_MANIFEST = 256 * 1024
_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")
_ERROR = re.compile(r"#[A-Z/0]+[!?]?|Err:[0-9]+")
_OF_NUMBERS = frozenset({"float", "currency", "percentage"})
_OF_TIMES = frozenset({"date", "time"})
RawRow = tuple[int, dict[int, str], dict[int, Mark], bool]


class _Found(NamedTuple):
    """What has been found of one sheet: its name, whether it is hidden; then its columns, rows and merged
    cells.
    """

    name: str
    hidden: bool
    rows: Sequence[RawRow] = ()
    hides: Sequence[tuple[int, int]] = ()
    merged: Sequence[Range] = ()


def read_ods(name: str, package: Package, takers: Takers, budget: Budget, progress: Progress) -> None:
    """Hand on the rows of the sheets that have a taker. Raises UnusableFile."""
    with refused(name, "ods"):
        if _is_encrypted(package):
            raise with_password(name)
        reader = _Content(budget)
        packed = ((len(each), each) for each in package.blocks("content.xml"))
        blocks = parsed(name, packed, reader)
        progress.begin("read", package.claimed("content.xml"))
    chosen: dict[str, RowTaker | None] = {}
    while True:
        with refused(name, "ods"):
            size = next(blocks, None)
        # What the takers and the bar raise is no fault of the file: it passes outside of `refused`.
        for found in reader.found():
            if found.name not in chosen:
                chosen[found.name] = takers.taker(found.name, found.hidden)
            taker = chosen[found.name]
            if taker is None or taker.enough:
                reader.leave(found.name)
            else:
                for columns in found.hides:
                    taker.hides(*columns)
                for row in found.rows:
                    taker.row(*row)
                for merged in found.merged:
                    taker.merged(merged)
        if size is None:
            return
        progress.step(size)


def _is_encrypted(package: Package) -> bool:
    if "META-INF/manifest.xml" not in package:
        return False
    raw = bytearray()
    for block in package.blocks("META-INF/manifest.xml"):
        raw += block
        if len(raw) > MAX_MANIFEST:
            return False
    return b"encryption-data" in raw


class _Content(Tags):
    """Takes the tags of `content.xml`: styles first, then the sheets."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self._found: list[_Found] = []
        self._names: set[str] = set()
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._fonts: dict[str, str] = {}
        self._sheet, self._is_hidden, self._left = "", False, ""
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._rows: list[RawRow] = []
        self._hides: list[tuple[int, int]] = []
        self._merged: list[Range] = []
        self._arrays: list[Range] = []
        self._column_fonts: list[tuple[int, str]] = []
        self._row = self._column = self._columns = 0
        self._row_repeated = 1
        self._row_hidden = False
        self._cells: list[tuple[int, int, str, Mark | None]] = []
        self._at: dict[str, str] | None = None
        self._pieces: list[str] = []
        self._length = self._aside = self._paragraphs = 0
        self._reading = False

    def leave(self, name: str) -> None:
        """The rest of this sheet does not matter."""
        self._left = name

    def found(self) -> Iterator[_Found]:
        """What was found since this was asked last."""
        found, self._found = self._found, []
        if self._sheet and (self._rows or self._hides):
            found.append(_Found(self._sheet, self._is_hidden, self._rows, self._hides))
            self._rows, self._hides = [], []
        return iter(found)

    def start(self, name: str, at: dict[str, str]) -> None:
        """A style, a sheet, a row, a cell, or what is in it begins."""
        self.counted(at)
        name = self._shorts[name]
        if self._at is not None:
            self._inside(name, at)
        elif name in ("table-cell", "covered-table-cell") and self._sheet and self._sheet != self._left:
            self._at = {key[key.rfind(" ") + 1 :]: value for key, value in at.items()}
            self._pieces, self._length, self._paragraphs = [], 0, 0
        elif name == "table-row" and self._sheet:
            self._begin_row(at)
        elif name == "table-column" and self._sheet:
            self._take_columns(at)
        elif name == "table" and not self._sheet:
            self._sheet = _of(at, "name", "")
            if not self._sheet or self._sheet in self._names:
                raise Damaged
            self._names.add(self._sheet)
            self._is_hidden = _of(at, "style-name", "") in self._hidden_styles
            self._begin_sheet_named()
        elif name == "style":
            self._style = _of(at, "name", "")
        elif name == "table-properties" and _of(at, "display", "") == "false":
            self._hidden_styles.add(self._style)
        elif name == "text-properties":
            font = encoding_of(_of(at, "font-name", "") or _of(at, "font-family", "").strip("'\""))
            if font:
                self._fonts[self._style] = font

    def _begin_sheet_named(self) -> None:
        self._begin_sheet()
        self._found.append(_Found(self._sheet, self._is_hidden))

    def text(self, data: str) -> None:
        """A piece of what a cell shows."""
        if self._reading and not self._aside:
            self._length += len(data)
            self._budget.bound(self._length)
            self._pieces.append(data)

    def end(self, name: str) -> None:
        """A cell, a row or a sheet ends."""
        name = self._shorts[name]
        if self._at is not None:
            if name in ("table-cell", "covered-table-cell"):
                self._end_cell(self._at)
                self._at = None
            elif name in ("annotation", "frame", "shape", "shapes"):
                self._aside -= 1
            elif name == "p":
                self._reading = False
        elif name == "table-row" and self._sheet:
            self._end_row()
        elif name == "table" and self._sheet:
            self._found.append(
                _Found(self._sheet, self._is_hidden, self._rows, self._hides, tuple(self._merged))
            )
            self._sheet = ""
            self._begin_sheet()

    def _inside(self, name: str, at: dict[str, str]) -> None:
        if name in ("annotation", "frame", "shape", "shapes"):
            self._aside += 1
        elif self._aside:
            return
        elif name == "p":
            self._reading = True
            self._paragraphs += 1
            if self._paragraphs > 1:
                self._pieces.append("\n")
        elif name in ("s", "tab", "line-break") and self._reading:
            self.text({"s": " " * min(_number(at, "c", 1), 1000), "tab": "\t", "line-break": "\n"}[name])

    def _take_columns(self, at: dict[str, str]) -> None:
        number = _number(at, "number-columns-repeated", 1)
        first, self._columns = self._columns + 1, self._columns + number
        if _of(at, "visibility", "visible") != "visible":
            self._hides.append((first, self._columns))
        self._column_fonts.append(
            (self._columns, self._fonts.get(_of(at, "default-cell-style-name", ""), ""))
        )

    def _begin_row(self, at: dict[str, str]) -> None:
        self._row += self._row_repeated
        self._row_repeated = _number(at, "number-rows-repeated", 1)
        self._row_hidden = _of(at, "visibility", "visible") != "visible"
        self._column = 0
        self._cells = []

    def _end_cell(self, at: dict[str, str]) -> None:
        number = int(at.get("number-columns-repeated", "1"))
        if not 0 < number < 100_000:
            raise Damaged
        first, self._column = self._column + 1, self._column + number
        down, right = int(at.get("number-rows-spanned", "1")), int(at.get("number-columns-spanned", "1"))
        if down > 1 or right > 1:
            if len(self._merged) >= MAX_MERGED:
                raise Damaged
            self._merged.append(Range(self._row, first, self._row + down - 1, first + right - 1))
        if "number-matrix-rows-spanned" in at and len(self._arrays) < 100:
            bottom = self._row + int(at["number-matrix-rows-spanned"]) - 1
            self._arrays.append(
                Range(self._row, first, bottom, first + int(at.get("number-matrix-columns-spanned", "1")) - 1)
            )
        text, mark = self._value(at, first)
        if text or mark is not None:
            self._cells.append((first, number, text, mark))

    def _value(self, at: dict[str, str], column: int) -> tuple[str, Mark | None]:
        shown, kind = "".join(self._pieces).strip(), at.get("value-type", "")
        if "formula" in at:
            return "", Mark("formula", shown[:40])
        if kind in _OF_TIMES:
            return "", Mark("date", shown[:40])
        if kind == "boolean":
            return ("yes" if at.get("boolean-value") == "true" else "no"), None
        if kind in _OF_NUMBERS:
            return _held_and_shown(at.get("value", ""), shown if self._paragraphs else None)
        if kind == "error" or _ERROR.fullmatch(shown):
            return "", Mark("error", shown[:20])
        held = at.get("string-value", shown).strip()
        self._budget.take_text(held)
        if held != shown and shown:
            return shown, Mark("padded", shown, held)
        font = self._fonts.get(at["style-name"], "") if "style-name" in at else self._font_of(column)
        return held, Mark("font", font) if font and held else None

    def _font_of(self, column: int) -> str:
        return next((font for last, font in self._column_fonts if column <= last), "") if self._fonts else ""

    def _end_row(self) -> None:
        if not self._cells:
            return
        for at in range(self._row, self._row + self._row_repeated):
            cells: dict[int, str] = {}
            marks: dict[int, Mark] = {}
            for first, number, text, mark in self._cells:
                for column in range(first, first + number):
                    self._budget.take_cell(at, column)
                    if any(r.top <= at <= r.bottom and r.left <= column <= r.right for r in self._arrays):
                        marks[column] = Mark("formula", text[:40])
                        continue
                    if text:
                        cells[column] = text
                    if mark is not None:
                        marks[column] = mark
            self._budget.take_row()
            self._rows.append((at, cells, marks, self._row_hidden))


def _held_and_shown(value: str, shown: str | None) -> tuple[str, Mark | None]:
    if not _NUMBER.fullmatch(value):
        raise Damaged
    number = float(value)
    if abs(number) >= EXACT:
        return "", Mark("digits")
    held = str(int(number)) if number.is_integer() else repr(number)
    if shown is None:  # its writer leaves that to the reader
        return held, None
    # Where a comma stands before decimals, 1,5 is what 1.5 shows.
    if shown.replace(",", ".") == held and not number.is_integer():
        return held, None
    return judged(held, shown)


def _of(at: dict[str, str], name: str, absent: str) -> str:
    """An attribute, whatever its namespace."""
    ending = f" {name}"
    return next((value for key, value in at.items() if key.endswith(ending)), absent)


def _number(at: dict[str, str], name: str, absent: int) -> int:
    number = int(_of(at, name, str(absent)))
    if not 0 < number < 10_000_000:
        raise Damaged
    return number
