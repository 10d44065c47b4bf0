"""Sheets as they stand in a file, before anything is understood: rows of texts, and cells that hold no plain
text.

Rows are handed on as they are read; nothing of a file is kept but what its reader understood. Danger: the
file may be made to exhaust the reader. Every reader counts what it takes against one `Budget` for the whole
upload, while it reads and not afterwards, and stops at the first number too many. What may be unpacked grows
with what was sent: a small file never costs much, whatever it unpacks to (docs/decisions/0010).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

from surveys.spreadsheets.errors import UnusableFile
from surveys.spreadsheets.shown import Mark

MAX_FILE = 40 * 1024 * 1024
MAX_UPLOAD = 64 * 1024 * 1024
MAX_UNPACKED = 256 * 1024 * 1024
# With stretches of cells that hold nothing but a border, which are not read.
MAX_RAW = 640 * 1024 * 1024
CHUNK = 64 * 1024
MAX_TOKEN = 1024 * 1024
MAX_ATTRIBUTES = 100
MAX_ELEMENTS = 1_200_000
MAX_CELLS = 2_500_000
MAX_TEXT = 100 * 1024 * 1024
SHORT = 64
MAX_CELL_TEXT = 100_000
MAX_STRINGS = 1_000_000
MAX_ROWS = 250_000
MAX_ALL_ROWS = 500_000
MAX_COLUMNS = 100
MAX_MERGED = 100_000
# What any file may unpack to, and what every byte that was sent adds to it.
FREE_BYTES, BYTES_A_BYTE = 40 * 1024 * 1024, 20
FREE_CELLS, CELLS_A_BYTE = 300_000, 1.5
FREE_ROWS, ROWS_A_BYTE = 50_000, 0.25

Unreadable = Literal["encoding", "quotes"]
Cells = Mapping[int, str]
Marks = Mapping[int, Mark]


class Range(NamedTuple):
    """Cells from the first row and column to the last, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int


class RowTaker(Protocol):
    """What understands one sheet. Rows and columns count from 1, rows come in ascending order."""

    @property
    def enough(self) -> bool:
        """Whether the rest of the sheet does not matter."""

    def row(self, at: int, cells: Cells, marks: Marks, hidden: bool) -> None:
        """A row that holds something. Empty cells are absent; `marks` say what is peculiar about a cell,
        which may have no text then.
        """

    def hides(self, first: int, last: int) -> None:
        """The columns from the first to the last are hidden."""

    def merged(self, cells: Range) -> None:
        """These cells are one; its value stands in the first. Known when all rows are in."""

    def unreadable(self, at: int, why: Unreadable) -> None:
        """From this row on nothing can be read."""

    def one_byte(self, at: int) -> None:
        """The text was written with a byte a letter, seen first in this row: which letters is not said
        anywhere.
        """


class Takers(Protocol):
    """What understands the sheets of a file."""

    def knows(self, name: str) -> bool:
        """Whether a sheet or file of this name is surely one that is meant."""

    def expect(self, names: Sequence[str]) -> None:
        """These sheets are there, as far as that is known before they are read."""

    def taker(self, name: str, hidden: bool) -> RowTaker | None:
        """What understands this sheet, which may be a hidden one; None leaves it alone."""


# So many bytes more are read.
Told = Callable[[int], None]


class Budget:
    """What is left of the limits of one upload of so many bytes. Each verb raises UnusableFile when they are
    exceeded.
    """

    __slots__ = ("_all_rows", "_bytes", "_cells", "_elements", "_name", "_raw", "_strings", "_text")

    def __init__(self, name: str, sent: int) -> None:
        self._name = name
        self._bytes = min(MAX_UNPACKED, FREE_BYTES + BYTES_A_BYTE * sent)
        self._raw = MAX_RAW
        self._cells = min(MAX_CELLS, FREE_CELLS + int(CELLS_A_BYTE * sent))
        self._elements, self._text, self._strings = MAX_ELEMENTS, MAX_TEXT, MAX_STRINGS
        self._all_rows = min(MAX_ALL_ROWS, FREE_ROWS + int(ROWS_A_BYTE * sent))

    def take_bytes(self, number: int) -> None:
        """So many bytes are unpacked."""
        self._bytes -= number
        self._raw -= number
        if self._bytes < 0 or self._raw < 0:
            raise too_large(self._name)

    def give_back(self, number: int) -> None:
        """So many of them hold nothing and are not read."""
        self._bytes += number

    def take_element(self) -> None:
        """One more XML element. Those that lead to a cell or a text are given back by it."""
        self._elements -= 1
        if self._elements < 0:
            raise too_large(self._name)

    def take_string(self, text: str) -> None:
        """One more text in a table of texts that cells refer to."""
        self._elements += 2
        self._strings -= 1
        self._text -= sys.getsizeof(text)
        if self._strings < 0 or self._text < 0:
            raise too_large(self._name)

    def bound(self, length: int) -> None:
        """A text that is not at its end yet is so long."""
        if length > MAX_CELL_TEXT:
            raise too_large(self._name)

    def take_cell(self, row: int, column: int) -> None:
        """One more cell that holds something, at this place."""
        self._elements += 3
        self._cells -= 1
        if self._cells < 0 or row > MAX_ROWS or column > MAX_COLUMNS:
            raise too_large(self._name)

    def take_text(self, text: str) -> None:
        """A cell's own text: what it takes in memory beyond a number or word, of which there are as many as
        cells and rows.
        """
        self._text -= max(0, sys.getsizeof(text) - SHORT)
        if self._text < 0:
            raise too_large(self._name)

    def take_row(self) -> None:
        """One more row that holds something."""
        self._elements += 1
        self._all_rows -= 1
        if self._all_rows < 0:
            raise too_large(self._name)


def too_large(name: str) -> UnusableFile:
    """The refusal of a file beyond the limits."""
    en = (
        f"the file is too large (at most {MAX_ROWS} rows and {MAX_COLUMNS} columns a sheet, "
        f"{MAX_ALL_ROWS} rows in all, {MAX_FILE >> 20} MB a file, {MAX_UNPACKED >> 20} MB unpacked), "
        "or it unpacks to far more than a table of its size would"
    )
    vi = (
        f"tệp quá lớn (nhiều nhất {MAX_ROWS} dòng và {MAX_COLUMNS} cột một trang tính, "
        f"tổng cộng {MAX_ALL_ROWS} dòng, {MAX_FILE >> 20} MB một tệp, {MAX_UNPACKED >> 20} MB giải nén), "
        "hoặc giải nén ra quá nhiều so với dung lượng tệp"
    )
    return UnusableFile(name, vi, en)


def cannot_open(name: str) -> UnusableFile:
    """The refusal of a file that the system does not let us read."""
    return UnusableFile(name, "không mở được tệp", "the file cannot be opened")


def with_password(name: str) -> UnusableFile:
    """The refusal of a file that nobody opens without a password."""
    vi = "tệp có mật khẩu: hãy mở tệp, bỏ mật khẩu (trong Excel: Tệp › Thông tin › Bảo vệ › Mã hóa bằng mật khẩu) rồi lưu lại"
    en = "the file has a password: open it, take the password off (in Excel: File › Info › Protect › Encrypt with Password) and save it"
    return UnusableFile(name, vi, en)
