"""The sheets of an .xls workbook (Excel 97 to 2003, BIFF8 in a compound file), cells in rows as they are
handed on.

Formats, hidden rows and formulas are looked at as in an .xlsx; no library tells all three
(docs/decisions/0010).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from surveys.jobs.progress import Progress
from surveys.spreadsheets.biff import Book, Place, Record, records, text_of
from surveys.spreadsheets.errors import UnusableFile
from surveys.spreadsheets.ole import Compound
from surveys.spreadsheets.packed import Damaged, refused
from surveys.spreadsheets.rows import MAX_MERGED, Budget, Range, Takers, with_password
from surveys.spreadsheets.shown import Mark, number_cell, text_cell

ROW, COLUMNS, MERGED = 0x208, 0x7D, 0xE5
TEXT, OWN_TEXT, RICH_TEXT = 0xFD, 0x204, 0xD6
NUMBER, SHORT_NUMBER, SHORT_NUMBERS = 0x203, 0x27E, 0xBD
FORMULA, FORMULA_TEXT, TRUTH, ARRAY = 0x06, 0x207, 0x205, 0x221
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_PROTECTED = ("EncryptedPackage", "EncryptionInfo")
Cells = dict[int, tuple[str, Mark | None]]


def read_xls(name: str, raw: bytes, takers: Takers, budget: Budget, progress: Progress) -> None:
    """Hand on the rows of the sheets that have a taker. Raises UnusableFile."""
    with refused(name, "xls"):
        compound = Compound(raw)
        if any(each in compound for each in _PROTECTED):
            raise with_password(name)
        if "Workbook" not in compound:
            raise _other(name, "Book" in compound)
        stream = compound.stream("Workbook")
        budget.take_bytes(len(stream))
        book = Book(stream, budget)
        if book.locked:
            raise with_password(name)
        if book.old:
            raise _other(name, True)
        if len({place.name for place in book.sheets}) != len(book.sheets):
            raise Damaged
    takers.expect([place.name for place in book.sheets])
    progress.begin("read", len(stream))
    for place in book.sheets:
        # What the takers and the bar raise is no fault of the file: it passes outside of `refused`.
        taker = takers.taker(place.name, place.hidden)
        if taker is None:
            continue
        with refused(name, "xls"):
            sheet = _Sheet(stream, place, book, budget)
        for columns in sheet.hides:
            taker.hides(*columns)
        for at in sorted(sheet.rows):
            cells = sheet.rows.pop(at)
            texts = {column: text for column, (text, _) in cells.items() if text}
            marks = {column: mark for column, (_, mark) in cells.items() if mark is not None}
            taker.row(at, texts, marks, at in sheet.hidden)
        for merged in sheet.merged:
            taker.merged(merged)
        progress.step(sheet.size)


def _other(name: str, old: bool) -> UnusableFile:
    if old:
        vi = "tệp .xls của Excel 95 trở về trước: hãy mở bằng Excel rồi lưu lại dạng .xlsx"
        return UnusableFile(
            name, vi, "an .xls file of Excel 95 or older: open it in Excel and save it as .xlsx"
        )
    vi = "không phải sổ tính Excel (có thể là tệp Word hoặc tệp khác): hãy gửi một tệp .xlsx, .xls, .ods hoặc .csv"
    return UnusableFile(
        name, vi, "no Excel workbook (perhaps a Word file): send an .xlsx, .xls, .ods or .csv file"
    )


class _Sheet:
    """One sheet: rows by number, which of them and which columns are hidden, merged cells."""

    def __init__(self, stream: bytes, place: Place, book: Book, budget: Budget) -> None:
        self._book, self._budget = book, budget
        self.rows: dict[int, Cells] = {}
        self.hidden: set[int] = set()
        self.hides: list[tuple[int, int]] = []
        self.merged: list[Range] = []
        self.size = 0
        self._arrays: list[Range] = []
        self._waiting: tuple[int, int] | None = None
        depth = 0
        for record in records(stream, place.at):
            self.size += len(record.data) + 4
            depth += (record.kind == 0x809) - (record.kind == 0x0A)
            if depth <= 1:  # what lies deeper is a chart
                self._take(record)
        for cells in self._formulas():
            for column in cells[1]:
                text, _ = self.rows[cells[0]][column]
                self.rows[cells[0]][column] = "", Mark("formula", text[:40])

    def _formulas(self) -> Iterator[tuple[int, list[int]]]:
        """The cells that an array formula fills."""
        for array in self._arrays:
            for at in range(array.top, array.bottom + 1):
                if at in self.rows:
                    yield at, [c for c in self.rows[at] if array.left <= c <= array.right]

    def _take(self, record: Record) -> None:
        kind, data = record.kind, record.data
        if kind == ROW:
            at, options = struct.unpack_from("<H", data)[0], struct.unpack_from("<I", data, 12)[0]
            if options & 0x20:
                self.hidden.add(at + 1)
        elif kind == COLUMNS:
            first, last, _, _, options = struct.unpack_from("<5H", data)
            if options & 1:
                self.hides.append((first + 1, last + 1))
        elif kind == MERGED:
            self._merge(data)
        elif kind == ARRAY:
            top, bottom, left, right = struct.unpack_from("<HHBB", data)
            if len(self._arrays) < 100:
                self._arrays.append(Range(top + 1, left + 1, bottom + 1, right + 1))
        elif kind == FORMULA_TEXT:
            if self._waiting is not None:
                row, column = self._waiting
                self.rows[row][column] = "", Mark("formula", text_of(data, 0)[:40])
                self._waiting = None
        elif kind == SHORT_NUMBERS:
            row, first = struct.unpack_from("<HH", data)
            for i in range((len(data) - 6) // 6):
                style, packed = struct.unpack_from("<HI", data, 4 + i * 6)
                self._put(row, first + i, *self._number(_unpacked(packed), style))
        elif kind in (TEXT, OWN_TEXT, RICH_TEXT, NUMBER, SHORT_NUMBER, FORMULA, TRUTH):
            row, column, style = struct.unpack_from("<3H", data)
            self._put(row, column, *self._cell(kind, data, style))
            if kind == FORMULA and data[12:14] == b"\xff\xff" and data[6] == 0:
                self._waiting = (row + 1, column + 1)

    def _put(self, row: int, column: int, text: str, mark: Mark | None) -> None:
        if text or mark is not None:
            self._budget.take_cell(row + 1, column + 1)
            if row + 1 not in self.rows:
                self._budget.take_row()
            self.rows.setdefault(row + 1, {})[column + 1] = text, mark

    def _cell(self, kind: int, data: bytes, style: int) -> tuple[str, Mark | None]:
        if kind == TEXT:
            number = struct.unpack_from("<I", data, 6)[0]
            return self._text(self._book.texts[number], style, self._book.fonts_of_texts.get(number, ""))
        if kind in (OWN_TEXT, RICH_TEXT):
            text = text_of(data, 6)
            self._budget.bound(len(text))
            self._budget.take_text(text)
            return self._text(text, style, "")
        if kind == NUMBER:
            return self._number(struct.unpack_from("<d", data, 6)[0], style)
        if kind == SHORT_NUMBER:
            return self._number(_unpacked(struct.unpack_from("<I", data, 6)[0]), style)
        if kind == TRUTH:
            value, wrong = struct.unpack_from("<BB", data, 6)
            return ("", Mark("error", ERRORS.get(value, "#?"))) if wrong else ("yes" if value else "no", None)
        return "", Mark("formula", _result(data))

    def _text(self, text: str, style: int, font: str) -> tuple[str, Mark | None]:
        code, of_style = self._book.style(style)
        shown, mark = text_cell(text, code)
        if mark is None and text and (font or of_style):
            mark = Mark("font", font or of_style)
        return shown, mark

    def _number(self, number: float, style: int) -> tuple[str, Mark | None]:
        if number != number or number in (float("inf"), float("-inf")):
            raise Damaged
        return number_cell(repr(number), self._book.style(style)[0])

    def _merge(self, data: bytes) -> None:
        for i in range(struct.unpack_from("<H", data)[0]):
            top, bottom, left, right = struct.unpack_from("<4H", data, 2 + i * 8)
            if len(self.merged) >= MAX_MERGED:
                raise Damaged
            self.merged.append(Range(top + 1, left + 1, bottom + 1, right + 1))


def _unpacked(packed: int) -> float:
    """A number in four bytes: a whole one, or the upper half of a longer one; perhaps a hundred times too
    large.
    """
    if packed & 2:
        whole = packed >> 2
        number = float(whole - (1 << 30) if whole & (1 << 29) else whole)
    else:
        number = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", packed & 0xFFFFFFFC))[0]
    return number / 100 if packed & 1 else number


def _result(data: bytes) -> str:
    """What a formula showed when the file was saved, for people to find it; never taken for a value."""
    if data[12:14] == b"\xff\xff":
        return ERRORS.get(data[8], "#?") if data[6] == 2 else ""
    number = struct.unpack_from("<d", data, 6)[0]
    return f"{number:g}"
