"""What an .xlsx workbook's parts say (ECMA-376): the table of texts, the formats that show dates, the cells of a sheet.

Each class takes the tags of one part as they are read. Danger: nothing that the part says is believed before it is bounded:
how long a text is, where a cell lies, how many cells there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from surveys.organisation.packed import Damaged
from surveys.organisation.raw_sheets import MAX_ATTRIBUTES, Budget, Spoiled

RawRow = tuple[int, dict[int, str], dict[int, Spoiled]]
MAX_RANGES = 100
MAX_TAGS = 1000
MAX_FORMAT = 1000  # Excel knows 255; the search for literal text would cost a long one's square
_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")
_LETTERS = re.compile("[A-Z]{1,3}")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Literal text, escaped and padding characters, colours and conditions of a number format; [h] [m] [s] are times.
_LITERAL = re.compile(r'"[^"]*"|[\\_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_EXACT = 10**15  # beyond, a spreadsheet keeps no more than 15 digits


class _Shorts(dict[str, str]):
    """Tag with its namespace → tag. A part that has very many kinds of tags is none of ours."""

    def __missing__(self, name: str) -> str:
        if len(self) > MAX_TAGS:
            raise Damaged
        short = self[name] = name[name.rfind(" ") + 1 :]
        return short


class Tags:
    """Takes the tags of a part, each counted. A part of which only the opening tags matter gives them to `opened`."""

    def __init__(self, budget: Budget, opened: Callable[[str, dict[str, str]], None] | None = None) -> None:
        self._budget, self._opened = budget, opened
        self._take_element = budget.take_element
        self._shorts = _Shorts()

    def start(self, name: str, at: dict[str, str]) -> None:
        """A tag opens."""
        self.counted(at)
        if self._opened is not None:
            self._opened(self._shorts[name], at)

    def text(self, data: str) -> None:
        """Text between tags."""

    def end(self, name: str) -> None:
        """A tag closes."""

    def counted(self, at: dict[str, str]) -> None:
        """One more tag, with no more attributes than any has."""
        self._take_element()
        if len(at) > MAX_ATTRIBUTES:
            raise Damaged


class Strings(Tags):
    """The shared strings; phonetic readings (`rPh`) are no part of the text."""

    def __init__(self, budget: Budget, found: list[str]) -> None:
        super().__init__(budget)
        self._found = found
        self._pieces: list[str] = []
        self._length = 0
        self._open = False
        self._reading = False

    def start(self, name: str, at: dict[str, str]) -> None:
        """A text, a piece of one, or how it is read aloud begins."""
        self.counted(at)
        name = self._shorts[name]
        if name == "t":
            self._open = not self._reading
        elif name == "si":
            self._pieces = []
            self._length = 0
        elif name == "rPh":
            self._reading = True

    def text(self, data: str) -> None:
        """A piece of a text."""
        if self._open:
            self._length += len(data)
            self._budget.bound(self._length)
            self._pieces.append(data)

    def end(self, name: str) -> None:
        """A text ends."""
        name = self._shorts[name]
        if name == "t":
            self._open = False
        elif name == "si":
            text = _plain("".join(self._pieces))
            self._budget.take_string(text)
            self._found.append(text)
        elif name == "rPh":
            self._reading = False


class Styles(Tags):
    """Which number format each cell style has, and which formats show a date."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self.dates = set(_DATE_FORMATS)
        self.cells: list[int] = []
        self._inside = False

    def start(self, name: str, at: dict[str, str]) -> None:
        """A format or a style."""
        self.counted(at)
        name = self._shorts[name]
        if name == "numFmt":
            number, shape = int(at["numFmtId"]), at["formatCode"]
            if len(shape) > MAX_FORMAT:
                raise Damaged
            self.dates.discard(number)
            if re.search("[dmyhs]", _LITERAL.sub("", shape), re.IGNORECASE):
                self.dates.add(number)
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self.cells.append(int(at.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        """The styles of cells end."""
        if self._shorts[name] == "cellXfs":
            self._inside = False


class Sheet(Tags):
    """One worksheet's cells, in rows that have ended."""

    def __init__(self, budget: Budget, shared: list[str], dates: frozenset[int]) -> None:
        super().__init__(budget)
        self._shared, self._dates = shared, dates
        self._rows: list[RawRow] = []
        self._row = self._column = 0
        self._cells: dict[int, str] = {}
        self._spoiled: dict[int, Spoiled] = {}
        self._type, self._style = "n", "0"
        self._formula = self._open = self._reading = False
        self._value: list[str] = []
        self._length = 0
        self._ranges: list[tuple[int, int, int, int]] = []

    def start(self, name: str, at: dict[str, str]) -> None:
        """A row, a cell, or what is in it begins."""
        self._take_element()
        if len(at) > MAX_ATTRIBUTES:
            raise Damaged
        name = self._shorts[name]
        if name == "c":
            row, column = _reference(at["r"]) if "r" in at else (self._row, self._column + 1)
            if row != self._row or column <= self._column or row < 1:
                raise Damaged
            self._column = column
            self._type, self._style = at.get("t", "n"), at.get("s", "0")
            self._formula = False
            self._value = []
            self._length = 0
        elif name == "v":
            self._open = True
        elif name == "t":
            self._open = not self._reading
        elif name == "row":
            self.end_row()
            row = int(at["r"]) if "r" in at else self._row + 1
            if row <= self._row:
                raise Damaged
            self._row, self._column = row, 0
        elif name == "rPh":
            self._reading = True
        elif name == "f":
            self._formula = True
            self._range(at)

    def text(self, data: str) -> None:
        """A piece of a value."""
        if self._open:
            self._length += len(data)
            self._budget.bound(self._length)
            self._value.append(data)

    def end(self, name: str) -> None:
        """A cell, or what is in it, ends."""
        name = self._shorts[name]
        if name in ("v", "t"):
            self._open = False
        elif name == "c":
            text, spoiled = self._cell()
            if text:
                self._budget.take_cell(self._row, self._column)
                self._cells[self._column] = text
            elif spoiled is not None:
                self._budget.take_cell(self._row, self._column)
                self._spoiled[self._column] = spoiled
        elif name == "rPh":
            self._reading = False

    def end_row(self) -> None:
        """The row has ended; its cells in the range of an array formula are formulas too."""
        if not self._cells and not self._spoiled:
            return
        self._budget.take_row()
        for top, left, bottom, right in self._ranges:
            if top <= self._row <= bottom:
                for column in [column for column in self._cells if left <= column <= right]:
                    del self._cells[column]
                    self._spoiled[column] = "formula"
        self._rows.append((self._row, self._cells, self._spoiled))
        self._cells, self._spoiled = {}, {}

    def ended(self) -> list[RawRow]:
        """The rows that have ended since this was asked last."""
        rows, self._rows = self._rows, []
        return rows

    def _range(self, at: dict[str, str]) -> None:
        """An array formula stands in its first cell only; the others of its range hold nothing but values."""
        if at.get("t") in ("array", "dataTable") and "ref" in at and len(self._ranges) < MAX_RANGES:
            first, _, last = at["ref"].partition(":")
            top, left = _reference(first)
            # Rows before this one are gone: a range that begins there would hide what it fills.
            if (top, left) < (self._row, self._column):
                raise Damaged
            self._ranges.append((top, left, *_reference(last or first)))

    def _cell(self) -> tuple[str, Spoiled | None]:
        value = "".join(self._value)
        if self._formula:
            return "", "formula"
        if self._type == "s":
            return (self._shared[_index(value)] if value else ""), None
        if self._type in ("str", "inlineStr"):
            text = _plain(value)
            self._budget.take_text(text)
            return text, None
        value = value.strip()
        if not value:
            return "", None
        if self._type == "b":
            return {"0": "no", "1": "yes", "false": "no", "true": "yes"}[value], None
        if self._type == "e":
            return "", "error"
        if self._type == "d":
            return "", "date"
        if self._type != "n" or not _NUMBER.fullmatch(value):
            raise Damaged
        return ("", "date") if int(self._style) in self._dates else _number(value)


def _number(text: str) -> tuple[str, Spoiled | None]:
    """7.0 is 7: a spreadsheet knows one kind of number only."""
    number = float(text)
    if abs(number) >= _EXACT:
        return "", "digits"
    return (str(int(number)) if number.is_integer() else repr(number)), None


def _index(text: str) -> int:
    if not text.isdigit():
        raise Damaged
    return int(text)


def _plain(text: str) -> str:
    """A text without blanks around it; `_x000D_` is how the format writes a character that XML cannot hold."""
    if "_x" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return text.strip()


def _reference(cell: str) -> tuple[int, int]:
    """C14 is row 14, column 3."""
    letters = cell.rstrip("0123456789")
    row = cell[len(letters) :]
    if not 0 < len(row) < 8:
        raise Damaged
    return int(row), _column(letters)


@lru_cache(maxsize=1000)
def _column(letters: str) -> int:
    """AB is 28."""
    letters = letters.replace("$", "").upper()
    if not _LETTERS.fullmatch(letters):
        raise Damaged
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column
