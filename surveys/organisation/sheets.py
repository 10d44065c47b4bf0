"""An organisation out of a file, or every error in it (sheets and columns of docs/operations.md).

Each cell is read to a value once; relations between rows are checked when all rows are in, so that one pass reports
everything: nobody should have to correct a file ten times. Words for yes and no may be Vietnamese.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar, get_args

from surveys.organisation.errors import BadSheets, SheetError
from surveys.organisation.relations import Located, check_relations
from surveys.organisation.values import (
    Grade,
    Grading,
    Organisation,
    PaperResult,
    Person,
    Post,
    PostKind,
    Scope,
    Unit,
)
from surveys.organisation.workbook import Cell, RawSheet, read_file

# Sheet → its columns; those with a star must be filled in.
COLUMNS: dict[str, tuple[str, ...]] = {
    "units": ("code*", "parent", "name*", "name_en", "kind*"),
    "people": ("code*", "name*", "unit*", "email", "votes"),
    "posts": ("unit*", "person*", "title*", "kind*", "head", "subject", "electorate"),
    "grading": ("unit*", "year*", "grade*"),
    "history": (
        "year*",
        "person*",
        "unit*",
        "summoned",
        "returned*",
        "high*",
        "plain*",
        "low*",
        "not_marked",
    ),
}
T = TypeVar("T")
OPTIONAL_SHEETS = frozenset({"history"})
YES = frozenset({"yes", "có", "co", "true", "1", "x"})
NO = frozenset({"no", "không", "khong", "false", "0"})
MAX_ERRORS = 1000


def read_organisation(path: Path) -> Organisation:
    """Read an .xlsx file or a folder of .csv files. Raises UnusableFile, or BadSheets with every error."""
    return _Reader(path.name).read(read_file(path, tuple(COLUMNS)))


class _Row:
    """One row: takes cells by column, and notes what is wrong with them."""

    def __init__(self, reader: _Reader, sheet: str, number: int, cells: dict[str, Cell]) -> None:
        self._reader, self.sheet, self.at, self._cells = reader, sheet, number, cells
        self.good = True

    def wrong(self, column: str, vi: str, en: str) -> None:
        self.good = False
        self._reader.wrong(self.sheet, self.at, column, vi, en)

    def text(self, column: str, most: int) -> str:
        text = self.optional(column, most)
        if text is None and self._cells.get(column) is None:
            self.wrong(column, "ô này không được để trống", "this cell must not be empty")
        return text or ""

    def optional(self, column: str, most: int) -> str | None:
        cell = self._cells.get(column)
        if cell is None:
            return None
        text = unicodedata.normalize("NFC", " ".join(cell.split()) if "\n" not in cell else cell)
        if len(text) > most:
            self.wrong(column, f"dài quá {most} ký tự", f"longer than {most} characters")
            return None
        bad = next(
            (letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co")), None
        )
        if bad is not None:
            vi = f"chứa ký tự ẩn U+{ord(bad):04X}: hãy gõ lại ô này"
            self.wrong(column, vi, f"holds the invisible character U+{ord(bad):04X}: type this cell anew")
            return None
        return text

    def word(self, column: str, words: Sequence[str], default: str | None = None) -> str:
        text = self.optional(column, 300)
        if text is None and default is not None:
            return default
        if text is None or text.casefold() not in words:
            listed = ", ".join(words)
            found = f"{text!r} " if text else ""
            self.wrong(column, f"{found}phải là một trong: {listed}", f"{found}must be one of: {listed}")
            return words[0]
        return text.casefold()

    def flag(self, column: str, *, default: bool) -> bool:
        text = self.optional(column, 300)
        if text is None:
            return default
        if text.casefold() in YES | NO:
            return text.casefold() in YES
        self.wrong(column, f"{text!r} phải là yes hoặc no (có hoặc không)", f"{text!r} must be yes or no")
        return default

    def number(self, column: str, low: int, high: int) -> int:
        number = self.optional_number(column, low, high)
        if number is None and self._cells.get(column) is None:
            self.wrong(column, "ô này không được để trống", "this cell must not be empty")
        return number or 0

    def optional_number(self, column: str, low: int, high: int) -> int | None:
        text = self.optional(column, 300)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and low <= int(text[:18]) <= high):
            vi = f"{text[:30]!r} phải là số nguyên từ {low} đến {high}"
            self.wrong(column, vi, f"{text[:30]!r} must be a whole number from {low} to {high}")
            return None
        return int(text)


class _Reader:
    def __init__(self, name: str) -> None:
        self._name = name
        self._errors: list[SheetError] = []

    def wrong(self, sheet: str, row: int, column: str, vi: str, en: str) -> None:
        self._errors.append(SheetError(sheet, row, column, vi, en))

    def read(self, found: Mapping[str, RawSheet]) -> Organisation:
        for name in COLUMNS:
            if name not in found and name not in OPTIONAL_SHEETS:
                self.wrong(name, 0, "-", f"thiếu trang tính {name}", f"the sheet {name} is missing")
        units = self._records(found, "units", _unit)
        people = self._records(found, "people", _person)
        posts = self._records(found, "posts", _post)
        gradings = self._records(found, "grading", _grading)
        history = self._records(found, "history", _paper_result)
        located = Located(units, people, posts, gradings, history)
        # Relations are checked even with bad cells elsewhere: one pass shows everything.
        check_relations(located, self.wrong)
        if self._errors:
            order = {name: i for i, name in enumerate(COLUMNS)}
            errors = sorted(self._errors, key=lambda error: (order[error.sheet], error.row))
            raise BadSheets(self._name, errors[:MAX_ERRORS])
        return Organisation.of(
            [unit for _, unit in units],
            [person for _, person in people],
            [post for _, post in posts],
            [grading for _, grading in gradings],
            [result for _, result in history],
        )

    def _records(
        self, sheets: Mapping[str, RawSheet], name: str, parse: Callable[[_Row], T]
    ) -> list[tuple[int, T]]:
        if name not in sheets:
            return []
        records = []
        for row in self._rows(name, sheets[name]):
            record = parse(row)
            if row.good:
                records.append((row.at, record))
        return records

    def _rows(self, name: str, sheet: RawSheet) -> Iterator[_Row]:
        if sheet.undecodable is not None:
            vi = "không phải UTF-8: hãy lưu tệp dạng CSV UTF-8"
            self.wrong(name, sheet.undecodable, "-", vi, "not UTF-8: save the file as CSV UTF-8")
            return
        if sheet.broken is not None:
            vi = "không phải CSV: dấu ngoặc kép không khớp"
            self.wrong(name, sheet.broken, "-", vi, "not CSV: quotation marks do not match")
        header = self._header(name, sheet)
        if header is None:
            return
        formulas = set(sheet.formulas)
        for row, column in sheet.formulas:
            shown = header.get(column - 1, str(column))
            vi = "ô chứa công thức: hãy dán giá trị thay cho công thức"
            self.wrong(name, row, shown, vi, "holds a formula: paste its value instead")
        for number, cells in enumerate(sheet.rows[1:], start=2):
            if any(cell is not None for cell in cells):
                taken = {column: cells[i] for i, column in header.items() if i < len(cells)}
                found = _Row(self, name, number, taken)
                found.good = not any((number, i + 1) in formulas for i in range(len(cells)))
                yield found

    def _header(self, name: str, sheet: RawSheet) -> dict[int, str] | None:
        cells = sheet.rows[0] if sheet.rows else ()
        if not any(cells):
            self.wrong(
                name, 0, "-", "trang tính rỗng: thiếu dòng tiêu đề", "empty: the header row is missing"
            )
            return None
        known = {column.rstrip("*"): column.endswith("*") for column in COLUMNS[name]}
        header: dict[int, str] = {}
        for i, cell in enumerate(cells):
            column = (cell or "").strip().rstrip("*").casefold()
            if not column:
                if any(i < len(row) and row[i] is not None for row in sheet.rows[1:]):
                    self.wrong(
                        name,
                        1,
                        str(i + 1),
                        "cột có dữ liệu nhưng không có tên",
                        "a column with data has no name",
                    )
            elif column not in known:
                listed = ", ".join(known)
                vi, en = (
                    f"cột lạ {cell!r}; các cột là: {listed}",
                    f"unknown column {cell!r}; the columns are: {listed}",
                )
                self.wrong(name, 1, str(i + 1), vi, en)
            elif column in header.values():
                self.wrong(name, 1, column, "cột này có hai lần", "this column occurs twice")
            else:
                header[i] = column
        missing = [column for column, needed in known.items() if needed and column not in header.values()]
        for column in missing:
            self.wrong(name, 1, column, f"thiếu cột {column}", f"the column {column} is missing")
        return None if missing else header


def _unit(row: _Row) -> Unit:
    return Unit(
        row.text("code", 100),
        row.optional("parent", 100),
        row.text("name", 300),
        row.optional("name_en", 300),
        row.text("kind", 100),
    )


def _person(row: _Row) -> Person:
    email = row.optional("email", 254)
    if email is not None and not _is_address(email):
        row.wrong("email", f"{email!r} không phải địa chỉ thư", f"{email!r} is not a mail address")
    return Person(
        row.text("code", 100),
        row.text("name", 300),
        row.text("unit", 100),
        email,
        row.flag("votes", default=True),
    )


def _is_address(text: str) -> bool:
    name, at, domain = text.rpartition("@")
    return bool(at and name and "." in domain and not domain.startswith(".") and " " not in text)


def _post(row: _Row) -> Post:
    kind = row.word("kind", get_args(PostKind))
    scope = row.word("electorate", get_args(Scope), "subtree")
    return Post(
        unit=row.text("unit", 100),
        person=row.text("person", 100),
        title=row.text("title", 300),
        kind="party" if kind == "party" else "professional",
        head=row.flag("head", default=False),
        subject=row.flag("subject", default=False),
        electorate="unit" if scope == "unit" else "subtree",
    )


def _grading(row: _Row) -> Grading:
    word = row.word("grade", get_args(Grade))
    grade: Grade = next(grade for grade in get_args(Grade) if grade == word)
    return Grading(row.text("unit", 100), row.number("year", 1900, 9999), grade)


def _paper_result(row: _Row) -> PaperResult:
    most = 10**7
    result = PaperResult(
        year=row.number("year", 1900, 9999),
        person=row.text("person", 100),
        unit=row.text("unit", 100),
        summoned=row.optional_number("summoned", 0, most),
        returned=row.number("returned", 0, most),
        high=row.number("high", 0, most),
        plain=row.number("plain", 0, most),
        low=row.number("low", 0, most),
        not_marked=row.optional_number("not_marked", 0, most) or 0,
    )
    total = result.high + result.plain + result.low + result.not_marked
    if row.good and total != result.returned:
        vi = f"high + plain + low + not_marked = {total}, phải bằng returned = {result.returned}"
        row.wrong(
            "returned",
            vi,
            f"high + plain + low + not_marked is {total}, and returned is {result.returned}: they must be equal",
        )
    if row.good and result.summoned is not None and result.returned > result.summoned:
        row.wrong("returned", "nhiều hơn summoned", "more than summoned")
    return result
