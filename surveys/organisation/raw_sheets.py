"""Sheets as they stand in a file, before anything is understood: texts by row and column, and cells that hold no plain text.

Danger: the file may be made to exhaust the reader. Every reader counts what it takes against one `Budget` for the whole
file, while it reads and not afterwards, and stops at the first number too many.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from surveys.organisation.errors import UnusableFile

MAX_FILE = 20 * 1024 * 1024
MAX_CSV = 8 * 1024 * 1024
MAX_UNPACKED = 40 * 1024 * 1024
MAX_TOKEN = 1024 * 1024
MAX_ELEMENTS = 1_200_000
MAX_CELLS = 500_000
MAX_ROWS = 50_000
MAX_COLUMNS = 100

# What a cell shows is not what it holds: a formula, a date made of a code, #N/A, a number that lost digits.
Spoiled = Literal["formula", "date", "error", "digits"]
Unreadable = Literal["encoding", "quotes"]
Cells = dict[int, str]


@dataclass(slots=True)
class RawSheet:
    """Row and column count from 1. Empty cells and rows are absent; a spoiled cell has no text.

    `unreadable` is the row from which on nothing could be read, and why.
    """

    rows: dict[int, Cells] = field(default_factory=dict)
    spoiled: dict[tuple[int, int], Spoiled] = field(default_factory=dict)
    unreadable: tuple[int, Unreadable] | None = None


class Budget:
    """What is left of the limits of one file. Each verb raises UnusableFile when they are exceeded."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._bytes, self._elements, self._cells = MAX_UNPACKED, MAX_ELEMENTS, MAX_CELLS

    def take_bytes(self, number: int) -> None:
        """So many bytes are unpacked."""
        self._bytes -= number
        if self._bytes < 0:
            raise too_large(self._path)

    def take_element(self) -> None:
        """One more XML element."""
        self._elements -= 1
        if self._elements < 0:
            raise too_large(self._path)

    def take_cell(self, row: int, column: int) -> None:
        """One more cell, at this place."""
        self._cells -= 1
        if self._cells < 0 or row > MAX_ROWS or column > MAX_COLUMNS:
            raise too_large(self._path)


def too_large(path: Path) -> UnusableFile:
    """The refusal of a file beyond the limits."""
    en = (
        f"the file is too large (at most {MAX_ROWS} rows and {MAX_COLUMNS} columns a sheet, "
        f"{MAX_FILE >> 20} MB packed, {MAX_UNPACKED >> 20} MB unpacked)"
    )
    vi = (
        f"tệp quá lớn (nhiều nhất {MAX_ROWS} dòng và {MAX_COLUMNS} cột một trang tính, "
        f"{MAX_FILE >> 20} MB nén, {MAX_UNPACKED >> 20} MB giải nén)"
    )
    return UnusableFile(path.name, vi, en)


def cannot_open(path: Path) -> UnusableFile:
    """The refusal of a file that the system does not let us read."""
    return UnusableFile(path.name, "không mở được tệp", "the file cannot be opened")
