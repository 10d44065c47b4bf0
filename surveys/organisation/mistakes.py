"""Everything that is wrong with a file, one error for one cause: a column of formulas is one, with all its
cells.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

from surveys.organisation.columns import COLUMNS
from surveys.organisation.errors import BadSheets, SheetError
from surveys.organisation.gathering import Gathered
from surveys.organisation.notes import cells_of_rows

MAX_ERRORS = 1000
# Nobody corrects more than this by reading a list: the reading stops there.
MAX_COUNTED = 50_000


class Enough(Exception):
    """So many errors that the rest is not looked at."""


@dataclass(slots=True)
class _Cause:
    """Where it was found first, what is said of it, and all its rows."""

    row: int
    column: str
    vi: str
    en: str
    rows: array[int] = field(default_factory=lambda: array("L"))


class Mistakes:
    """Takes errors as they are found (`row.Wrong`)."""

    def __init__(self) -> None:
        self._causes: dict[str, dict[tuple[str, str], _Cause]] = {sheet: {} for sheet in COLUMNS}
        self._cells = self._count = 0

    @property
    def any(self) -> bool:
        """Whether anything is wrong."""
        return self._count > 0

    def wrong(self, sheet: str, row: int, column: str, vi: str, en: str, cause: str = "", /) -> None:
        """Note an error. Of one sheet the first thousand causes are kept (and all of its header), the others
        counted.
        """
        causes, key = self._causes[sheet], (column, cause or vi)
        self._cells += 1
        found = causes.get(key)
        if found is None:
            self._count += 1
            if len(causes) < MAX_ERRORS or row <= 1:
                found = causes[key] = _Cause(row, column, vi, en)
        if found is not None:
            found.rows.append(row)
        if self._cells == MAX_COUNTED:
            raise Enough

    def refusal(self, name: str, sheets: Mapping[str, Gathered]) -> BadSheets:
        """All of them, in the order of the file."""
        errors = [
            self._error(sheet, cause, sheets.get(sheet))
            for sheet, causes in self._causes.items()
            for cause in sorted(causes.values(), key=lambda cause: cause.row)
        ]
        return BadSheets(name, errors, self._count, all_counted=self._cells < MAX_COUNTED)

    def _error(self, kind: str, cause: _Cause, sheet: Gathered | None) -> SheetError:
        if sheet is None:
            return SheetError(kind, cause.row, cause.column, cause.vi, cause.en)
        letters = cause.column if cause.column.isupper() else sheet.letters.get(cause.column)
        cells = cells_of_rows(letters, cause.rows) if letters and cause.row else ""
        column = sheet.titles.get(cause.column, cause.column)
        return SheetError(sheet.name, cause.row, column, cause.vi, cause.en, cells)
