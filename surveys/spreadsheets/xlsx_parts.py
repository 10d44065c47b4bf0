"""What an .xlsx workbook's parts say (ECMA-376): the table of texts, formats and fonts, the cells of a sheet.

Each class takes the tags of one part as they are read. Danger: nothing that the part says is believed before
it is bounded: how long a text is, where a cell lies, how many cells there are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from surveys.spreadsheets.fonts import encoding_of
from surveys.spreadsheets.packed import Damaged
from surveys.spreadsheets.rows import MAX_ATTRIBUTES, MAX_MERGED, Budget, Range
from surveys.spreadsheets.shown import BUILT_IN, DATES, MAX_FORMAT, Mark, number_cell, text_cell
from surveys.spreadsheets.tags import Tags

RawRow = tuple[int, dict[int, str], dict[int, Mark], bool]
MAX_RANGES = 100
_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")
_LETTERS = re.compile("[A-Z]{1,3}")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_HIDDEN = frozenset({"1", "true"})


class Strings(Tags):
    """The shared strings; phonetic readings (`rPh`) are no part of the text."""

    def __init__(self, budget: Budget, found: list[str], fonts: dict[int, str]) -> None:
        super().__init__(budget)
        self._found, self._fonts = found, fonts
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
        elif name == "rFont" and (encoding := encoding_of(at.get("val", ""))):
            self._fonts[len(self._found)] = encoding
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


class Style(NamedTuple):
    """A cell's format, and the encoding that its font stands for; empty for the fonts of our days."""

    code: str = "General"
    font: str = ""


class Styles(Tags):
    """The styles of cells."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self._codes = dict(BUILT_IN)
        self._codes.update(dict.fromkeys(DATES, "d/m/yyyy"))
        self._fonts: list[str] = []
        self._cells: list[tuple[int, int]] = []
        self._inside = ""

    def start(self, name: str, at: dict[str, str]) -> None:
        """A format, a font or a style. Those for a condition (`dxfs`) have the same tags and are none of
        ours.
        """
        self.counted(at)
        name = self._shorts[name]
        if name in ("numFmts", "fonts", "cellXfs", "cellStyleXfs", "dxfs"):
            self._inside = name
        elif name == "numFmt" and self._inside == "numFmts":
            number, code = int(at["numFmtId"]), at["formatCode"]
            if len(code) > MAX_FORMAT:
                raise Damaged
            self._codes[number] = code
        elif name == "font" and self._inside == "fonts":
            self._fonts.append("")
        elif name == "name" and self._inside == "fonts" and self._fonts:
            self._fonts[-1] = encoding_of(at.get("val", ""))
        elif name == "xf" and self._inside == "cellXfs":
            self._cells.append((int(at.get("numFmtId", "0")), int(at.get("fontId", "0"))))

    def end(self, name: str) -> None:
        """The formats, fonts or styles end."""
        if self._shorts[name] == self._inside:
            self._inside = ""

    def all(self) -> list[Style]:
        """Every style of cells."""
        return [
            Style(
                self._codes.get(number, "General"), self._fonts[font] if 0 <= font < len(self._fonts) else ""
            )
            for number, font in self._cells
        ]


class Texts(NamedTuple):
    """The shared strings, and those of them that an old font writes."""

    found: list[str]
    fonts: dict[int, str]


class Sheet(Tags):
    """One worksheet's cells, in rows that have ended."""

    def __init__(self, budget: Budget, shared: Texts, styles: Sequence[Style]) -> None:
        super().__init__(budget)
        self._shared, self._styles = shared, styles or [Style()]
        self._odd = frozenset(
            i for i, style in enumerate(self._styles) if style.font or text_cell("x", style.code)[1]
        )
        self._hidden = False
        self._columns: list[tuple[int, int]] = []
        self._merged: list[Range] = []
        self._font = ""
        self._rows: list[RawRow] = []
        self._row = self._column = 0
        self._cells: dict[int, str] = {}
        self._marks: dict[int, Mark] = {}
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
            self._font = ""
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
            self._hidden = at.get("hidden") in _HIDDEN
        elif name == "rPh":
            self._reading = True
        elif name == "rFont":
            self._font = encoding_of(at.get("val", ""))
        elif name == "col":
            if at.get("hidden") in _HIDDEN:
                self._columns.append((int(at["min"]), int(at["max"])))
        elif name == "mergeCell":
            self._merge(at["ref"])
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
            text, mark = self._cell()
            if text or mark is not None:
                self._budget.take_cell(self._row, self._column)
                if text:
                    self._cells[self._column] = text
                if mark is not None:
                    self._marks[self._column] = mark
        elif name == "rPh":
            self._reading = False

    def end_row(self) -> None:
        """The row has ended; its cells in the range of an array formula are formulas too."""
        if not self._cells and not self._marks:
            return
        self._budget.take_row()
        for top, left, bottom, right in self._ranges:
            if top <= self._row <= bottom:
                for column in [column for column in self._cells if left <= column <= right]:
                    self._marks[column] = Mark("formula", self._cells.pop(column))
        self._rows.append((self._row, self._cells, self._marks, self._hidden))
        self._cells, self._marks = {}, {}

    def ended(self) -> list[RawRow]:
        """The rows that have ended since this was asked last."""
        rows, self._rows = self._rows, []
        return rows

    def hidden_columns(self) -> list[tuple[int, int]]:
        """The hidden columns that were found since this was asked last."""
        columns, self._columns = self._columns, []
        return columns

    def merged(self) -> list[Range]:
        """The merged cells, which stand behind the rows."""
        return self._merged

    def _range(self, at: dict[str, str]) -> None:
        """An array formula stands in its first cell only; the others of its range hold nothing but values."""
        if at.get("t") in ("array", "dataTable") and "ref" in at and len(self._ranges) < MAX_RANGES:
            first, _, last = at["ref"].partition(":")
            top, left = _reference(first)
            # Rows before this one are gone: a range that begins there would hide what it fills.
            if (top, left) < (self._row, self._column):
                raise Damaged
            self._ranges.append((top, left, *_reference(last or first)))

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        if len(self._merged) >= MAX_MERGED:
            raise Damaged
        self._merged.append(Range(*_reference(first), *_reference(last or first)))

    def _cell(self) -> tuple[str, Mark | None]:
        value = "".join(self._value)
        if self._formula:
            return "", Mark("formula", _result(self._type, value))
        style = int(self._style)
        if self._type == "s":
            if not value:
                return "", None
            index = _index(value)
            text, font = self._shared.found[index], self._shared.fonts.get(index, "")
            return (text, None) if not font and style not in self._odd else self._odd_text(text, style, font)
        if self._type in ("str", "inlineStr"):
            text = _plain(value)
            self._budget.take_text(text)
            if not self._font and style not in self._odd:
                return text, None
            return self._odd_text(text, style, self._font)
        value = value.strip()
        if not value:
            return "", None
        if self._type == "b":
            return {"0": "no", "1": "yes", "false": "no", "true": "yes"}[value], None
        if self._type == "e":
            return "", Mark("error", value[:20])
        if self._type == "d":
            return "", Mark("date", value[:20])
        if self._type != "n" or not _NUMBER.fullmatch(value):
            raise Damaged
        return number_cell(value, self._styles[style].code if 0 <= style < len(self._styles) else "General")

    def _odd_text(self, text: str, style: int, font: str) -> tuple[str, Mark | None]:
        """A text that shows something else than it holds: by its format, or because an old font has other
        letters.
        """
        of_cell = self._styles[style] if 0 <= style < len(self._styles) else Style()
        shown, mark = text_cell(text, of_cell.code)
        if mark is None and (font or of_cell.font) and text:
            mark = Mark("font", font or of_cell.font)
        return shown, mark


def _result(kind: str, value: str) -> str:
    """What a formula showed when the file was saved, for people to find it; never taken for a value."""
    return "" if kind == "s" else _plain(value)[:40]


def _index(text: str) -> int:
    if not text.isdigit():
        raise Damaged
    return int(text)


def _plain(text: str) -> str:
    """A text without blanks around it; `_x000D_` is how the format writes a character that XML cannot
    hold.
    """
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
