"""The sheets of the organisation's file and their columns: how a row becomes a record, and how a record
becomes a row.

The column names are the format (docs/operations.md); what they mean to people stands in `columns.toml`, in
two languages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from surveys.names import PersonCode, UnitCode
from surveys.organisation.row import Row
from surveys.organisation.values import (
    Grade,
    Grading,
    Organisation,
    PaperResult,
    Person,
    Post,
    PostKind,
    Record,
    Scope,
    Unit,
)

# Sheet → its columns; those with a star must be filled in.
COLUMNS: Mapping[str, tuple[str, ...]] = {
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
        "title",
    ),
}
OPTIONAL_SHEETS = frozenset({"history"})
# Columns of a few words, and of numbers; the others are texts.
WORDS: Mapping[str, tuple[str, ...]] = {
    "votes": ("yes", "no"),
    "head": ("yes", "no"),
    "subject": ("yes", "no"),
    "electorate": tuple(Scope),
    "grade": tuple(Grade),
    "posts.kind": tuple(PostKind),
}
NUMBERS = frozenset({"year", "summoned", "returned", "high", "plain", "low", "not_marked"})
MAX_COUNT = 10**7
Cell = str | int | None


def names_of(sheet: str) -> tuple[str, ...]:
    """The sheet's columns without stars."""
    return tuple(column.rstrip("*") for column in COLUMNS[sheet])


def words_of(sheet: str, column: str) -> tuple[str, ...]:
    """The words that may stand in this column; empty where it is free."""
    return WORDS.get(f"{sheet}.{column}", () if column == "kind" else WORDS.get(column, ()))


def unit_of(row: Row) -> Unit:
    """A row of `units`."""
    return Unit(
        UnitCode(row.code("code")),
        UnitCode(row.reference("parent", needed=False)) or None,
        row.text("name", 300),
        row.optional("name_en", 300),
        row.reference("kind"),
    )


def person_of(row: Row) -> Person:
    """A row of `people`."""
    return Person(
        PersonCode(row.code("code")),
        row.text("name", 300),
        UnitCode(row.reference("unit")),
        row.address("email"),
        row.flag("votes", default=True),
    )


def post_of(row: Row) -> Post:
    """A row of `posts`."""
    return Post(
        unit=UnitCode(row.reference("unit")),
        person=PersonCode(row.text("person", 100)),
        title=row.text("title", 300),
        kind=PostKind(row.word("kind", tuple(PostKind))),
        head=row.flag("head", default=False),
        subject=row.flag("subject", default=False),
        electorate=Scope(row.word("electorate", tuple(Scope), Scope.SUBTREE)),
    )


def grading_of(row: Row) -> Grading:
    """A row of `grading`."""
    return Grading(
        UnitCode(row.reference("unit")),
        row.number("year", 1900, 9999),
        Grade(row.word("grade", tuple(Grade))),
    )


def paper_result_of(row: Row) -> PaperResult:
    """A row of `history`, whose counts must add up."""
    result = PaperResult(
        year=row.number("year", 1900, 9999),
        person=PersonCode(row.text("person", 100)),
        unit=UnitCode(row.reference("unit")),
        summoned=row.optional_number("summoned", 0, MAX_COUNT),
        returned=row.number("returned", 0, MAX_COUNT),
        high=row.number("high", 0, MAX_COUNT),
        plain=row.number("plain", 0, MAX_COUNT),
        low=row.number("low", 0, MAX_COUNT),
        not_marked=row.optional_number("not_marked", 0, MAX_COUNT) or 0,
        title=row.optional("title", 300),
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


PARSERS: Mapping[str, Callable[[Row], Record]] = {
    "units": unit_of,
    "people": person_of,
    "posts": post_of,
    "grading": grading_of,
    "history": paper_result_of,
}


def records_of(organisation: Organisation, sheet: str) -> tuple[Record, ...]:
    """The sheet's records."""
    sheets: Mapping[str, tuple[Record, ...]] = {
        "units": organisation.units,
        "people": organisation.people,
        "posts": organisation.posts,
        "grading": organisation.gradings,
        "history": organisation.history,
    }
    return sheets[sheet]


def cells_of(record: Record) -> tuple[Cell, ...]:
    """The record as a row, in the order of the columns."""
    if isinstance(record, Unit):
        return record.code, record.parent, record.name, record.name_en, record.kind
    if isinstance(record, Person):
        return record.code, record.name, record.unit, record.email, _yes(record.votes)
    if isinstance(record, Post):
        flags = _yes(record.head), _yes(record.subject)
        return record.unit, record.person, record.title, record.kind, *flags, record.electorate
    if isinstance(record, Grading):
        return record.unit, record.year, record.grade
    counts = record.summoned, record.returned, record.high, record.plain, record.low, record.not_marked
    return record.year, record.person, record.unit, *counts, record.title


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"
