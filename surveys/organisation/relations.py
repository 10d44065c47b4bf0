"""What must hold between the rows of an organisation: codes, tree, places, electorates. Notes every violation
with its row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from surveys.names import UnitCode
from surveys.organisation.row import Wrong
from surveys.organisation.values import Grading, PaperResult, Person, Post, Unit
from surveys.spreadsheets.lookalikes import NearCodes

MAX_DEPTH = 60
MAX_TITLES = 20
SHOWN_OF_A_CIRCLE = 6
KEYS = {
    "units": ("code",),
    "people": ("code",),
    "posts": ("unit", "person", "title", "kind"),
    "grading": ("unit", "year"),
    "history": ("year", "person", "unit"),
}
GOOD: frozenset[str] = frozenset()
T = TypeVar("T", Unit, Person, Post, Grading, PaperResult)


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """A sheet's records and where they stand; the values of `bad` columns mean nothing and are not judged
    again.

    `whole` unless some records, or their keys, could not be read at all. Records that are `stored` come from
    no file: they have no row.
    """

    sheet: str
    records: Sequence[T] = ()
    places: Sequence[int] = ()
    bad: Mapping[int, frozenset[str]] = field(default_factory=dict)
    whole: bool = True
    stored: bool = False

    def lacks(self, column: str) -> bool:
        """Whether this column could not be read somewhere."""
        return any(column in columns for columns in self.bad.values())

    def rows(self) -> Iterator[tuple[int, T, frozenset[str]]]:
        """(row, record, bad columns), in the order of the file."""
        if self.stored:
            for record in self.records:
                yield 0, record, GOOD
        elif self.bad:
            for i, (at, record) in enumerate(zip(self.places, self.records, strict=True)):
                yield at, record, self.bad.get(i, GOOD)
        else:
            for at, record in zip(self.places, self.records, strict=True):
                yield at, record, GOOD


@dataclass(frozen=True, slots=True)
class Parts:
    """All sheets."""

    units: Part[Unit]
    people: Part[Person]
    posts: Part[Post]
    gradings: Part[Grading]
    history: Part[PaperResult]


def check_relations(parts: Parts, wrong: Wrong) -> None:
    """Report duplicates, unknown codes, trees that are none, and posts that contradict each other."""
    _once(parts.units, wrong)
    _once(parts.people, wrong)
    _once(parts.posts, wrong)
    _once(parts.gradings, wrong)
    _once(parts.history, wrong)
    # Where a code itself is wrong, whoever names it cannot be judged: that would be the same error again.
    if parts.units.whole and not parts.units.lacks("code"):
        units = {unit.code for unit in parts.units.records}
        names = {unit.name: unit.code for unit in parts.units.records}
        _tree(list(parts.units.rows()), units, wrong)
        for part in (parts.people, parts.posts, parts.gradings, parts.history):
            _known(part, "unit", "units", units, wrong, names)
    if parts.people.whole and not parts.people.lacks("code"):
        people = {person.code for person in parts.people.records}
        for holding in (parts.posts, parts.history):
            _known(holding, "person", "people", people, wrong, {})
    _contests(parts.posts, wrong)


def _once(part: Part[T], wrong: Wrong) -> None:
    if part.stored:
        return
    seen: dict[object, int] = {}
    columns = KEYS[part.sheet]
    for at, record, bad in part.rows():
        if bad and bad.intersection(columns):
            continue
        parts = record.key
        key = parts if len(parts) > 1 else parts[0]
        if key not in seen:
            seen[key] = at
        else:
            named, first = ", ".join(parts), seen[key]
            vi = f"{named} đã có ở dòng {first}: hãy xóa hoặc sửa một trong hai dòng"
            en = f"{named} stands in row {first} already: delete or correct one of the two rows"
            if first == 0:
                vi, en = f"{named} đã có: hãy sửa mục đã có", f"{named} is there already: change that one"
            wrong(part.sheet, at, columns[-1], vi, en)


def _known(
    part: Part[Person] | Part[Post] | Part[Grading] | Part[PaperResult],
    column: str,
    sheet: str,
    codes: Collection[str],
    wrong: Wrong,
    names: Mapping[str, str],
) -> None:
    what_vi, what_en = {"units": ("đơn vị", "unit"), "people": ("người", "person")}[sheet]
    near: NearCodes | None = None
    for at, record, bad in part.rows():
        code = getattr(record, column)
        if code in codes or column in bad:
            continue
        if part.stored:
            named = ", ".join(record.key)
            vi = f"đang lưu dòng {named}, mà tệp không có {what_vi} {code!r}: hãy giữ {what_vi} này, hoặc gửi cả trang {part.sheet}"
            en = (
                f"{named} is stored, and the file has no {what_en} {code!r}: keep this {what_en}, "
                f"or send the sheet {part.sheet} too"
            )
        else:
            near = near or NearCodes(codes, names)
            like_vi, like_en = near.said(code)
            vi = f"không có {what_vi} {code!r}{like_vi}: hãy ghi một mã của trang {sheet}"
            en = f"there is no {what_en} {code!r}{like_en}: write a code of the sheet {sheet}"
        wrong(part.sheet, at, column, vi, en)


def _tree(rows: Sequence[tuple[int, Unit, frozenset[str]]], units: set[UnitCode], wrong: Wrong) -> None:
    readable = [(at, unit) for at, unit, bad in rows if not bad & {"code", "parent"}]
    roots = [(at, unit) for at, unit in readable if unit.parent is None]
    if not roots and len(readable) == len(rows):
        vi = "không có đơn vị gốc: đúng một đơn vị phải để trống ô parent"
        wrong("units", 0, "parent", vi, "there is no root: exactly one unit must have an empty parent")
    for at, unit in roots[1:]:
        first = roots[0][1].code
        vi = f"{unit.code!r} là đơn vị gốc thứ hai (gốc đầu tiên là {first!r}): hãy ghi parent"
        en = f"{unit.code!r} is a second root (the first is {first!r}): write its parent"
        wrong("units", at, "parent", vi, en)
    near: NearCodes | None = None
    for at, unit in readable:
        if unit.parent is not None and unit.parent not in units:
            near = near or NearCodes(units, {each.name: each.code for _, each in readable})
            like_vi, like_en = near.said(unit.parent)
            vi = f"không có đơn vị {unit.parent!r}{like_vi}: hãy ghi một mã của trang này"
            en = f"there is no unit {unit.parent!r}{like_en}: write a code of this sheet"
            wrong("units", at, "parent", vi, en)
    _circles_and_depth(readable, wrong)


def _circles_and_depth(rows: Sequence[tuple[int, Unit]], wrong: Wrong) -> None:
    """Walk up from every unit, each unit once: depth is 1 for a root, 0 for what hangs on a circle."""
    parents: dict[str, str | None] = {}
    places: dict[str, int] = {}
    for row, unit in rows:
        parents.setdefault(unit.code, unit.parent)
        places.setdefault(unit.code, row)
    depth: dict[str, int] = {}
    for _, unit in rows:
        path: dict[str, None] = {}
        at: str | None = unit.code
        while at is not None and at in parents and at not in depth and at not in path:
            path[at] = None
            at = parents[at]
        if at is not None and at in path:
            codes = list(path)
            _circle(codes[codes.index(at) :], places, wrong)
            depth.update(dict.fromkeys(path, 0))
            continue
        below = depth.get(at, 0) if at is not None else 0
        hanging = at in depth and below == 0
        for code in reversed(path):
            below = 0 if hanging else below + 1
            depth[code] = below
    for row, unit in rows:
        if depth[unit.code] == MAX_DEPTH + 1:
            vi = f"sâu quá {MAX_DEPTH} cấp: hãy ghi parent ở cấp cao hơn"
            wrong("units", row, "parent", vi, f"deeper than {MAX_DEPTH} levels: write a parent further up")


def _circle(circle: list[str], places: Mapping[str, int], wrong: Wrong) -> None:
    """Reported where the circle first stands in the file."""
    start = min(range(len(circle)), key=lambda i: places[circle[i]])
    circle = circle[start:] + circle[:start]
    named = circle if len(circle) <= SHOWN_OF_A_CIRCLE else [*circle[:SHOWN_OF_A_CIRCLE], "…"]
    shown = " → ".join([*named, circle[0]])
    vi = f"vòng tròn: {shown}; hãy sửa parent của một đơn vị"
    wrong(
        "units",
        places[circle[0]],
        "parent",
        vi,
        f"goes in a circle: {shown}; correct the parent of one of them",
    )


def _contests(posts: Part[Post], wrong: Wrong) -> None:
    """A person's posts in one unit make one contest: one electorate, and as many titles as a ballot can name
    (4.1).
    """
    first: dict[tuple[str, str], tuple[int, Post]] = {}
    held: dict[tuple[str, str], int] = {}
    for at, post, bad in posts.rows():
        if bad & {"unit", "person"}:
            continue
        key = (post.unit, post.person)
        held[key] = held.get(key, 0) + 1
        if held[key] == MAX_TITLES + 1:
            vi = f"{post.person!r} có hơn {MAX_TITLES} chức vụ ở {post.unit!r}: hãy gộp các chức vụ"
            en = f"{post.person!r} has more than {MAX_TITLES} posts in {post.unit!r}: put some of them together"
            wrong("posts", at, "title", vi, en)
        if bad & {"subject", "electorate"} or not post.subject:
            continue
        row, other = first.setdefault(key, (at, post))
        if other.electorate != post.electorate:
            where_vi, where_en = f"dòng {row}", f"in row {row}"
            if row == 0 or at == 0:
                where_vi, where_en = f"chức vụ {other.title}", f"the post {other.title} has"
            vi = (
                f"electorate khác {where_vi}: các chức vụ của một người ở một đơn vị chung một danh sách "
                "người ghi phiếu, hãy ghi cùng một từ"
            )
            en = (
                f"another electorate than {where_en}: one person's posts in one unit make one contest, "
                "write the same word"
            )
            wrong("posts", at, "electorate", vi, en)
