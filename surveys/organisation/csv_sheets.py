"""The rows of a .csv file: UTF-8, separated by commas (or semicolons or tabs, as spreadsheets write them); and cells for one.

Danger: a cell that begins with = + - @ is a formula to the spreadsheet that opens it next. It is refused where it is read,
and written with an apostrophe in front, which is taken off again where it is read: a round trip changes nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from surveys.organisation.raw_sheets import CHUNK, Budget, RowTaker, Spoiled, Told, too_large

# A spreadsheet of some countries takes the wide forms for the narrow ones.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MAX_ROW_TEXT = 256 * 1024
_SIGNS = "".join(FORMULA_STARTS)
_LOOKS_LIKE_FORMULA = re.compile(f"'*[{re.escape(_SIGNS)}]")
_NEUTRALISED = re.compile(f"'+[{re.escape(_SIGNS)}]")
# Opened with another separator than it was written with, a cell falls apart, and its second half may be a formula.
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
    if b"\0" in raw[:4]:  # UTF-16 or UTF-32, whose bytes may be UTF-8 by accident
        taker.unreadable(1, "encoding")
        return None
    head = raw[:4096].split(b"\n", 1)[0]
    separator = "," if b"," in head else ";" if b";" in head else "\t" if b"\t" in head else ","
    lines = _Lines(name, raw, told)
    rows = csv.reader(lines, delimiter=separator, strict=True)
    number = 0
    while True:
        try:
            cells = next(rows, None)
        except csv.Error:
            return taker.unreadable(number + 1, "quotes")
        except UnicodeDecodeError:
            return taker.unreadable(_row_of_bad_bytes(raw), "encoding")
        if cells is None:
            return None
        number += 1
        lines.begin_row()
        _take(number, cells, taker, budget)


def _take(number: int, cells: list[str], taker: RowTaker, budget: Budget) -> None:
    taken: dict[int, str] = {}
    spoiled: dict[int, Spoiled] = {}
    for column, cell in enumerate(cells, start=1):
        text = cell.strip()
        if text:
            budget.take_cell(number, column)
            if text.startswith(FORMULA_STARTS) or cell.startswith(FORMULA_STARTS):
                spoiled[column] = "formula"
            else:
                text = restored(text)
                budget.take_text(text)
                taken[column] = text
    if taken or spoiled:
        budget.take_row()
        taker.row(number, taken, spoiled)


class _Lines:
    """The lines of a file. The csv reader keeps a whole row, so what one row may take is counted here."""

    def __init__(self, name: str, raw: bytes | bytearray, told: Told) -> None:
        self._name, self._told = name, told
        self._bytes = io.BytesIO(raw)
        self._text = io.TextIOWrapper(self._bytes, encoding="utf-8-sig", newline="")
        self._taken = self._at = 0

    def begin_row(self) -> None:
        """A row has ended."""
        self._taken = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(MAX_ROW_TEXT):
            self._taken += len(line)
            if self._taken >= MAX_ROW_TEXT:
                raise too_large(self._name)
            if self._bytes.tell() - self._at > CHUNK:
                self._tell()
            yield line
        self._tell()

    def _tell(self) -> None:
        self._told(self._bytes.tell() - self._at)
        self._at = self._bytes.tell()


def _row_of_bad_bytes(raw: bytes | bytearray) -> int:
    """The line in which the file is no longer UTF-8."""
    for number, line in enumerate(io.BytesIO(raw), start=1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return number
    return 1
