"""An organisation out of a file, or every error in it (sheets and columns of docs/operations.md).

Each cell is read to a value once; relations between rows are checked when all rows are in, so that one pass reports
everything: nobody should have to correct a file ten times. An error is reported where it is, not again wherever it leads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from surveys.organisation.errors import BadSheets, SheetError
from surveys.organisation.raw_sheets import RawSheet
from surveys.organisation.relations import Part, Parts, Read, check_relations
from surveys.organisation.row import Row
from surveys.organisation.values import (
    GRADES,
    POST_KINDS,
    SCOPES,
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
from surveys.organisation.workbook import read_file

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
OPTIONAL_SHEETS = frozenset({"history"})
MAX_ERRORS = 1000
MAX_COUNT = 10**7
T = TypeVar("T", Unit, Person, Post, Grading, PaperResult)


def read_organisation(path: Path) -> Organisation:
    """Read an .xlsx file or a folder of .csv files. Raises UnusableFile, or BadSheets with every error."""
    return _Reader(path.name).read(read_file(path, tuple(COLUMNS)))


class _Reader:
    def __init__(self, name: str) -> None:
        self._name = name
        self._errors: dict[str, list[SheetError]] = {sheet: [] for sheet in COLUMNS}
        self._count = 0

    def wrong(self, sheet: str, row: int, column: str, vi: str, en: str) -> None:
        """Note an error. Of one sheet the first thousand are kept, the others counted."""
        self._count += 1
        if len(self._errors[sheet]) < MAX_ERRORS:
            self._errors[sheet].append(SheetError(sheet, row, column, vi, en))

    def read(self, found: Mapping[str, RawSheet]) -> Organisation:
        for name in COLUMNS:
            if name not in found and name not in OPTIONAL_SHEETS:
                listed = ", ".join(COLUMNS)
                vi = f"thiếu trang tính (hoặc tệp .csv) {name}; các trang là: {listed}"
                en = f"the sheet (or .csv file) {name} is missing; the sheets are: {listed}"
                self.wrong(name, 0, "-", vi, en)
        units = self._part(found, "units", _unit)
        people = self._part(found, "people", _person)
        posts = self._part(found, "posts", _post)
        gradings = self._part(found, "grading", _grading)
        history = self._part(found, "history", _paper_result)
        check_relations(Parts(units, people, posts, gradings, history), self.wrong)
        if self._count:
            by_row = [error for each in self._errors.values() for error in sorted(each, key=lambda e: e.row)]
            raise BadSheets(self._name, by_row, self._count)
        return Organisation.of(
            units.records(), people.records(), posts.records(), gradings.records(), history.records()
        )

    def _part(self, sheets: Mapping[str, RawSheet], name: str, parse: Callable[[Row], T]) -> Part[T]:
        """The sheet's rows as records; `whole` says that no row is missing among them."""
        if name not in sheets:
            return Part(name, (), whole=name in OPTIONAL_SHEETS)
        sheet: RawSheet = sheets[name]
        if sheet.unreadable is not None:
            row, why = sheet.unreadable
            if why == "encoding":
                vi, en = (
                    "không phải UTF-8: hãy lưu tệp dạng CSV UTF-8",
                    "not UTF-8: save the file as CSV UTF-8",
                )
            else:
                vi = "không phải CSV: dấu ngoặc kép không khớp, hoặc một ô quá dài"
                en = "not CSV: quotation marks do not match, or a cell is far too long"
            self.wrong(name, row, "-", vi, en)
            if why == "encoding" or 1 not in sheet.rows:
                return Part(name, (), whole=False)
        header = self._header(name, sheet)
        if header is None:
            return Part(name, (), whole=False)
        missing = [
            c.rstrip("*") for c in COLUMNS[name] if c.endswith("*") and c.rstrip("*") not in header.values()
        ]
        spoiled: dict[int, list[int]] = {}
        for row, i in sheet.spoiled:
            spoiled.setdefault(row, []).append(i)
        read = []
        for at in sorted({*sheet.rows, *spoiled} - {1}):
            cells = {header[i]: text for i, text in sheet.rows.get(at, {}).items() if i in header}
            found = Row(self.wrong, name, at, cells)
            for i in spoiled.get(at, ()):
                found.spoil(header.get(i, _letters(i)), sheet.spoiled[at, i])
            found.lacks(missing)
            record = parse(found)
            read.append(Read(at, record, frozenset(found.bad)))
        return Part(name, tuple(read), whole=not missing and sheet.unreadable is None)

    def _header(self, name: str, sheet: RawSheet) -> dict[int, str] | None:
        """Column number → column, of the first row; None if there is no header at all."""
        known = [column.rstrip("*") for column in COLUMNS[name]]
        listed = ", ".join(known)
        for row, i in sheet.spoiled:
            if row == 1:
                vi = f"tiêu đề không phải chữ thường; các cột là: {listed}"
                self.wrong(
                    name, 1, _letters(i), vi, f"a header that is no plain text; the columns are: {listed}"
                )
        if 1 not in sheet.rows:
            vi = f"trang tính rỗng hoặc thiếu dòng tiêu đề; các cột là: {listed}"
            self.wrong(name, 1, "-", vi, f"empty, or without a header row; the columns are: {listed}")
            return None
        header: dict[int, str] = {}
        for i, cell in sheet.rows[1].items():
            column = cell.rstrip("*").strip().casefold()
            if column not in known:
                vi, en = f"cột lạ {cell[:100]!r}", f"unknown column {cell[:100]!r}"
                self.wrong(
                    name, 1, _letters(i), f"{vi}; các cột là: {listed}", f"{en}; the columns are: {listed}"
                )
            elif column in header.values():
                vi, en = "cột này có hai lần: hãy xóa một cột", "this column occurs twice: delete one of them"
                self.wrong(name, 1, column, f"{vi}; các cột là: {listed}", f"{en}; the columns are: {listed}")
            else:
                header[i] = column
        for starred in COLUMNS[name]:
            column = starred.rstrip("*")
            if column != starred and column not in header.values():
                vi, en = f"thiếu cột {column}", f"the column {column} is missing"
                self.wrong(name, 1, column, f"{vi}; các cột là: {listed}", f"{en}; the columns are: {listed}")
        nameless = Counter(
            i for row, cells in sheet.rows.items() if row > 1 for i in cells if i not in sheet.rows[1]
        )
        for i in sorted(nameless):
            vi, en = "cột có dữ liệu nhưng không có tên", "a column with data has no name"
            self.wrong(
                name, 1, _letters(i), f"{vi}; các cột là: {listed}", f"{en}; the columns are: {listed}"
            )
        return header


def _letters(column: int) -> str:
    """28 is AB."""
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _unit(row: Row) -> Unit:
    return Unit(
        row.code("code"),
        row.optional("parent", 100),
        row.text("name", 300),
        row.optional("name_en", 300),
        row.text("kind", 100),
    )


def _person(row: Row) -> Person:
    return Person(
        row.code("code"),
        row.text("name", 300),
        row.text("unit", 100),
        row.address("email"),
        row.flag("votes", default=True),
    )


def _post(row: Row) -> Post:
    kind: PostKind = "party" if row.word("kind", POST_KINDS) == "party" else "professional"
    scope: Scope = "unit" if row.word("electorate", SCOPES, "subtree") == "unit" else "subtree"
    return Post(
        unit=row.text("unit", 100),
        person=row.text("person", 100),
        title=row.text("title", 300),
        kind=kind,
        head=row.flag("head", default=False),
        subject=row.flag("subject", default=False),
        electorate=scope,
    )


def _grading(row: Row) -> Grading:
    unit, year, word = row.text("unit", 100), row.number("year", 1900, 9999), row.word("grade", GRADES)
    grade: Grade = next(grade for grade in GRADES if grade == word)
    return Grading(unit, year, grade)


def _paper_result(row: Row) -> PaperResult:
    result = PaperResult(
        year=row.number("year", 1900, 9999),
        person=row.text("person", 100),
        unit=row.text("unit", 100),
        summoned=row.optional_number("summoned", 0, MAX_COUNT),
        returned=row.number("returned", 0, MAX_COUNT),
        high=row.number("high", 0, MAX_COUNT),
        plain=row.number("plain", 0, MAX_COUNT),
        low=row.number("low", 0, MAX_COUNT),
        not_marked=row.optional_number("not_marked", 0, MAX_COUNT) or 0,
    )
    if row.bad & {"summoned", "returned", "high", "plain", "low", "not_marked"}:
        return result
    total = result.high + result.plain + result.low + result.not_marked
    if total != result.returned:
        vi = f"high + plain + low + not_marked = {total}, phải bằng returned = {result.returned}"
        en = f"high + plain + low + not_marked is {total}, and returned is {result.returned}: they must be equal"
        row.wrong("returned", vi, en)
    elif result.summoned is not None and result.returned > result.summoned:
        vi = f"returned = {result.returned}, không được nhiều hơn summoned = {result.summoned}"
        en = f"returned is {result.returned}: it cannot be more than summoned, which is {result.summoned}"
        row.wrong("returned", vi, en)
    return result
