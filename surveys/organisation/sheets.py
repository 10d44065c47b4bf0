"""An organisation out of a file, or every error in it (sheets and columns of docs/operations.md).

Each cell is read to a value once, as its row comes in; relations between rows are checked when all rows are in, so that one
pass reports everything: nobody should have to correct a file ten times. An error is reported where it is, not again wherever
it leads. A sheet that was not sent stays as it is stored: `history` always may be left out, and of .csv files any.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from surveys.jobs.progress import Progress, Silent
from surveys.organisation.columns import (
    COLUMNS,
    OPTIONAL_SHEETS,
    grading_of,
    names_of,
    paper_result_of,
    person_of,
    post_of,
    unit_of,
)
from surveys.organisation.errors import BadSheets, SheetError
from surveys.organisation.raw_sheets import Cells, Spoiled, Takers, Unreadable
from surveys.organisation.relations import Part, Parts, check_relations
from surveys.organisation.row import Row, Wrong
from surveys.organisation.values import Grading, Organisation, PaperResult, Person, Post, Unit
from surveys.organisation.workbook import Found, Sent, name_of, read_path, read_sent

MAX_ERRORS = 1000
# Nobody corrects more than this by reading a list: the reading stops there.
MAX_COUNTED = 50_000
T = TypeVar("T", Unit, Person, Post, Grading, PaperResult)
# What is stored, if anything is: asked for only when a sheet was left out.
Stored = Callable[[], Organisation | None]


def read_organisation(
    path: Path, stored: Stored = lambda: None, progress: Progress | None = None
) -> Organisation:
    """Read an .xlsx, .zip or .csv file, or a folder of .csv files. Raises UnusableFile, or BadSheets with every error."""
    told = progress or Silent()
    return _Reader(path.name).read(lambda takers: read_path(path, takers, told), stored)


def read_upload(
    sent: Sequence[Sent], stored: Stored = lambda: None, progress: Progress | None = None
) -> Organisation:
    """The same for what a browser sent."""
    told = progress or Silent()
    return _Reader(name_of(sent)).read(lambda takers: read_sent(sent, takers, told), stored)


def check_organisation(organisation: Organisation, name: str) -> None:
    """The relations of an organisation that was put together from parts. Raises BadSheets."""
    errors: list[SheetError] = []
    held = organisation
    parts = Parts(
        Part("units", held.units, [0] * len(held.units)),
        Part("people", held.people, [0] * len(held.people)),
        Part("posts", held.posts, [0] * len(held.posts)),
        Part("grading", held.gradings, [0] * len(held.gradings)),
        Part("history", held.history, [0] * len(held.history)),
    )
    check_relations(parts, lambda *error: errors.append(SheetError(*error)))
    if errors:
        raise BadSheets(name, errors[:MAX_ERRORS], len(errors))


class _Enough(Exception):
    """So many errors that the rest is not looked at."""


class _Reader:
    def __init__(self, name: str) -> None:
        self._name = name
        self._errors: dict[str, list[SheetError]] = {sheet: [] for sheet in COLUMNS}
        self._count = 0
        # Where a sheet's columns stand.
        self.letters: dict[tuple[str, str], str] = {}
        # Codes and words that many rows name, kept once; sets of bad columns, of which there are few.
        self.known: dict[str, str] = {}
        self.combinations: dict[frozenset[str], frozenset[str]] = {}

    def wrong(self, sheet: str, row: int, column: str, vi: str, en: str) -> None:
        """Note an error. Of one sheet the first thousand are kept (and all of its header), the others counted."""
        self._count += 1
        if len(self._errors[sheet]) < MAX_ERRORS or row <= 1:
            letters = column if column.isupper() else self.letters.get((sheet, column))
            cell = f"{letters}{row}" if letters and row else ""
            self._errors[sheet].append(SheetError(sheet, row, column, vi, en, cell))
        if self._count == MAX_COUNTED:
            raise _Enough

    def read(self, take: Callable[[Takers], Found], stored: Stored) -> Organisation:
        units, people = _Sheet(self, "units", unit_of), _Sheet(self, "people", person_of)
        posts, gradings = _Sheet(self, "posts", post_of), _Sheet(self, "grading", grading_of)
        history = _Sheet(self, "history", paper_result_of)
        takers = {sheet.name: sheet for sheet in (units, people, posts, gradings, history)}
        parts: Parts | None = None
        with suppress(_Enough):
            found = take(takers)
            before = self._before(found, stored)
            parts = Parts(
                units.part(found, () if before is None else before.units),
                people.part(found, () if before is None else before.people),
                posts.part(found, () if before is None else before.posts),
                gradings.part(found, () if before is None else before.gradings),
                history.part(found, () if before is None else before.history),
            )
            check_relations(parts, self.wrong)
        if self._count or parts is None:
            by_row = [error for each in self._errors.values() for error in sorted(each, key=lambda e: e.row)]
            raise BadSheets(self._name, by_row, self._count, all_counted=self._count < MAX_COUNTED)
        return Organisation.of(
            parts.units.records,
            parts.people.records,
            parts.posts.records,
            parts.gradings.records,
            parts.history.records,
        )

    def _before(self, found: Found, stored: Stored) -> Organisation | None:
        """What the sheets that were left out are taken from; notes those that may not be."""
        absent = [name for name in COLUMNS if name not in found.sheets]
        before = stored() if absent else None
        for name in absent:
            if name not in OPTIONAL_SHEETS and (found.workbook or before is None):
                listed = ", ".join(COLUMNS)
                vi = f"thiếu trang tính (hoặc tệp .csv) {name}; các trang là: {listed}"
                en = f"the sheet (or .csv file) {name} is missing; the sheets are: {listed}"
                self.wrong(name, 0, "-", vi, en)
        return before


class _Sheet(Generic[T]):
    """Takes a sheet's rows and makes records of them."""

    def __init__(self, reader: _Reader, name: str, parse: Callable[[Row], T]) -> None:
        self._reader, self.name = reader, name
        self._parse: Callable[[Row], T] = parse
        self._wrong: Wrong = reader.wrong
        self._names = names_of(name)
        self._listed = ", ".join(self._names)
        self._headed = False
        self._header: dict[int, str] | None = None
        self._named: set[int] = set()
        self._nameless: set[int] = set()
        self._missing: list[str] = []
        self._broken: Unreadable | None = None
        self._records: list[T] = []
        self._places = array("L")
        self._bad: dict[int, frozenset[str]] = {}

    def row(self, at: int, cells: Cells, spoiled: Mapping[int, Spoiled]) -> None:
        """Take a row."""
        if not self._headed:
            self._headed = True
            if at == 1:
                self._take_header(cells, spoiled)
                return
        header = self._header
        if header is None:
            return
        if not self._named.issuperset(cells):
            self._nameless.update(i for i in cells if i not in self._named)
        named = {header[i]: text for i, text in cells.items() if i in header}
        row = Row(self._wrong, self.name, at, named, self._reader.known)
        for i in sorted(spoiled):
            row.spoil(header.get(i, _letters(i)), spoiled[i])
        row.lacks(self._missing)
        record = self._parse(row)
        if row.bad:
            bad = frozenset(row.bad)
            self._bad[len(self._records)] = self._reader.combinations.setdefault(bad, bad)
        self._records.append(record)
        self._places.append(at)

    def unreadable(self, at: int, why: Unreadable) -> None:
        """Note that nothing could be read from here on."""
        self._broken = why
        if why == "encoding":
            vi, en = "không phải UTF-8: hãy lưu tệp dạng CSV UTF-8", "not UTF-8: save the file as CSV UTF-8"
        else:
            vi = "không phải CSV: dấu ngoặc kép không khớp, hoặc một ô quá dài"
            en = "not CSV: quotation marks do not match, or a cell is far too long"
        self._wrong(self.name, at, "-", vi, en)

    def part(self, found: Found, stored: Sequence[T]) -> Part[T]:
        """The sheet, when all its rows are in; `whole` says that no row is missing among them."""
        if self.name not in found.sheets:
            whole = bool(stored) or self.name in OPTIONAL_SHEETS
            return Part(self.name, stored, whole=whole, stored=True)
        if self._header is None and self._broken is None:
            vi = f"trang tính rỗng hoặc thiếu dòng tiêu đề; các cột là: {self._listed}"
            self._wrong(
                self.name, 1, "-", vi, f"empty, or without a header row; the columns are: {self._listed}"
            )
        for i in sorted(self._nameless):
            self._of_columns(
                _letters(i), "cột có dữ liệu nhưng không có tên", "a column with data has no name"
            )
        whole = self._header is not None and not self._missing and self._broken is None
        return Part(self.name, self._records, self._places, self._bad, whole)

    def _take_header(self, cells: Cells, spoiled: Mapping[int, Spoiled]) -> None:
        """Column number → column."""
        for i in spoiled:
            vi = f"tiêu đề không phải chữ thường; các cột là: {self._listed}"
            en = f"a header that is no plain text; the columns are: {self._listed}"
            self._wrong(self.name, 1, _letters(i), vi, en)
        if not cells:
            return
        header: dict[int, str] = {}
        self._named.update(cells, spoiled)
        for i, cell in cells.items():
            column = cell.rstrip("*").strip().casefold()
            if column not in self._names:
                self._of_columns(_letters(i), f"cột lạ {cell[:100]!r}", f"unknown column {cell[:100]!r}")
            elif column in header.values():
                vi, en = "cột này có hai lần: hãy xóa một cột", "this column occurs twice: delete one of them"
                self._of_columns(column, vi, en)
            else:
                header[i] = column
                self._reader.letters[self.name, column] = _letters(i)
        for starred in COLUMNS[self.name]:
            column = starred.rstrip("*")
            if column != starred and column not in header.values():
                self._missing.append(column)
                self._of_columns(column, f"thiếu cột {column}", f"the column {column} is missing")
        self._header = header

    def _of_columns(self, column: str, vi: str, en: str) -> None:
        """An error of the header."""
        listed = self._listed
        self._wrong(self.name, 1, column, f"{vi}; các cột là: {listed}", f"{en}; the columns are: {listed}")


def _letters(column: int) -> str:
    """28 is AB."""
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
