"""The rows of a .csv file, in whatever encoding and with whatever separator spreadsheets write it; and cells
for one.

What is no Unicode is handed on as programs of the West show it, and the taker is told: old encodings are
known by that.

Danger: a cell that begins with = + - @ is a formula to the spreadsheet that opens it next. It is refused
where it is read, and written with an apostrophe in front, which is taken off again where it is read: a round
trip changes nothing.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator

from surveys.spreadsheets.rows import CHUNK, Budget, RowTaker, Told, too_large
from surveys.spreadsheets.shown import Mark

# A spreadsheet of some countries takes the wide forms for the narrow ones.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MAX_ROW_TEXT = 256 * 1024
_SIGNS = "".join(FORMULA_STARTS)
_LOOKS_LIKE_FORMULA = re.compile(f"'*[{re.escape(_SIGNS)}]")
_NEUTRALISED = re.compile(f"'+[{re.escape(_SIGNS)}]")
# Opened with another separator than it was written with, a cell falls apart, and its second half may be a
# formula.
_ANNOUNCED = re.compile("[\"']?sep=(.)[\"']?", re.IGNORECASE)
_WESTERN = {byte: bytes([byte]).decode("cp1252", errors="replace") for byte in range(0x80, 0xA0)}
_WESTERN = {byte: letter for byte, letter in _WESTERN.items() if letter != "\ufffd"}
_FORMULA_WITHIN = re.compile(f"[,;|\t\r\n][\\s\"']*[{re.escape(_SIGNS)}]")


def neutral(text: str) -> str:
    """The text as a spreadsheet shows it and never runs it; `restored` gives it back."""
    return "'" + text if _LOOKS_LIKE_FORMULA.match(text) else text


def restored(cell: str) -> str:
    """What `neutral` was given."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell


def hides_formula(text: str) -> bool:
    """Whether a part of this text would be a formula to whoever opens the file with another separator."""
    return _FORMULA_WITHIN.search(text) is not None


def read_csv(name: str, raw: bytes | bytearray, taker: RowTaker, budget: Budget, told: Told) -> None:
    """Hand on the rows of one file. Raises UnusableFile."""
    encoding = _encoding(raw)
    if encoding is None:
        taker.unreadable(1, "encoding")
        return None
    lines = _Lines(name, raw, encoding, told)
    separator = _separator(raw, encoding)
    try:
        if lines.skip(_ANNOUNCED):
            separator = lines.announced
    except UnicodeDecodeError:
        return taker.unreadable(1, "encoding")
    rows = csv.reader(lines, delimiter=separator, strict=True)
    number = 0
    while True:
        try:
            cells = next(rows, None)
        except csv.Error:
            return taker.unreadable(number + 1, "quotes")
        except UnicodeDecodeError:
            return taker.unreadable(_row_of_bad_bytes(raw, encoding), "encoding")
        if cells is None:
            break
        number += 1
        lines.begin_row()
        _take(number, cells, taker, budget)
    if encoding == "latin-1":
        taker.one_byte(_row_of_bad_bytes(raw, "utf-8"))
    return None


def _encoding(raw: bytes | bytearray) -> str | None:
    """How the text is written: UTF-8, UTF-16 (which Excel calls Unicode), or a byte a letter, of whatever
    kind; None for none of these.
    """
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) or raw[:4].count(0) > 2:
        return None
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in raw[:4]:
        return "utf-16-le" if raw[1:2] == b"\0" or raw[3:4] == b"\0" else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(raw), CHUNK):
            decoder.decode(raw[at : at + CHUNK], at + CHUNK >= len(raw))
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"


def _separator(raw: bytes | bytearray, encoding: str) -> str:
    """What separates the cells: of the first lines, the sign that stands most often in one of them."""
    head = raw[:8192].decode(encoding, errors="ignore").splitlines()[:20]
    most = {sign: max((line.count(sign) for line in head), default=0) for sign in ",;\t|"}
    return max(most, key=lambda sign: most[sign]) if any(most.values()) else ","


def _take(number: int, cells: list[str], taker: RowTaker, budget: Budget) -> None:
    taken: dict[int, str] = {}
    marks: dict[int, Mark] = {}
    for column, cell in enumerate(cells, start=1):
        text = cell.strip()
        if text:
            budget.take_cell(number, column)
            if text.startswith(FORMULA_STARTS) or cell.startswith(FORMULA_STARTS):
                marks[column] = Mark("formula")
            else:
                text = restored(text)
                budget.take_text(text)
                taken[column] = text
    if taken or marks:
        budget.take_row()
        taker.row(number, taken, marks, False)


class _Lines:
    """The lines of a file. The csv reader keeps a whole row, so what one row may take is counted here."""

    def __init__(self, name: str, raw: bytes | bytearray, encoding: str, told: Told) -> None:
        self._name, self._told, self._one_byte = name, told, encoding == "latin-1"
        self._bytes = io.BytesIO(raw)
        self._text = io.TextIOWrapper(self._bytes, encoding=encoding, newline="")
        self._taken = self._at = 0
        self._first: str | None = None
        self.announced = ""

    def skip(self, announced: re.Pattern[str]) -> bool:
        """Leave the first line out if it is not the table's: Excel writes which sign separates the cells."""
        self._first = self._text.readline(MAX_ROW_TEXT)
        found = announced.fullmatch(self._first.rstrip("\r\n"))
        if found is None:
            return False
        self._first, self.announced = None, found[1]
        return True

    def begin_row(self) -> None:
        """A row has ended."""
        self._taken = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._next():
            self._taken += len(line)
            if self._taken >= MAX_ROW_TEXT:
                raise too_large(self._name)
            if self._bytes.tell() - self._at > CHUNK:
                self._tell()
            yield _western(line) if self._one_byte else line
        self._tell()

    def _next(self) -> str:
        first, self._first = self._first, None
        return self._text.readline(MAX_ROW_TEXT) if first is None else first

    def _tell(self) -> None:
        self._told(self._bytes.tell() - self._at)
        self._at = self._bytes.tell()


def _western(line: str) -> str:
    """Bytes as a program of the West shows them, in which old encodings are known."""
    return line if line.isascii() else line.translate(_WESTERN)


def _row_of_bad_bytes(raw: bytes | bytearray, encoding: str) -> int:
    """The line in which the file is no longer what it should be."""
    for number, line in enumerate(io.BytesIO(raw), start=1):
        try:
            line.decode("utf-8" if encoding == "utf-8-sig" else encoding)
        except UnicodeDecodeError:
            return number
    return 1
