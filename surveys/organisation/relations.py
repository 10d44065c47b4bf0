"""What must hold between the rows of an organisation: codes, tree, places, electorates. Notes every violation with its row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from surveys.organisation.row import Wrong
from surveys.organisation.values import Grading, PaperResult, Person, Post, Unit

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
T = TypeVar("T", Unit, Person, Post, Grading, PaperResult)


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A row that was read; the values of `bad` columns mean nothing and are not judged again."""

    at: int
    record: T
    bad: frozenset[str]


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """A sheet's rows; `whole` unless some of them, or their keys, could not be read at all."""

    sheet: str
    rows: Sequence[Read[T]]
    whole: bool

    def records(self) -> Iterable[T]:
        """The records, in the order of the file."""
        return (row.record for row in self.rows)


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
    if parts.units.whole:
        units = {unit.code for unit in parts.units.records()}
        _tree(parts.units.rows, units, wrong)
        for part in (parts.people, parts.posts, parts.gradings, parts.history):
            _known(part, "unit", "units", units, wrong)
    if parts.people.whole:
        people = {person.code for person in parts.people.records()}
        for holding in (parts.posts, parts.history):
            _known(holding, "person", "people", people, wrong)
    _contests(parts.posts.rows, wrong)


def _once(part: Part[T], wrong: Wrong) -> None:
    seen: dict[tuple[str, ...], int] = {}
    columns = KEYS[part.sheet]
    for row in part.rows:
        if row.bad.intersection(columns):
            continue
        first = seen.setdefault(row.record.key, row.at)
        if first != row.at:
            named = ", ".join(row.record.key)
            vi = f"{named} đã có ở dòng {first}: hãy xóa hoặc sửa một trong hai dòng"
            en = f"{named} stands in row {first} already: delete or correct one of the two rows"
            wrong(part.sheet, row.at, columns[-1], vi, en)


def _known(
    part: Part[Person] | Part[Post] | Part[Grading] | Part[PaperResult],
    column: str,
    sheet: str,
    codes: set[str],
    wrong: Wrong,
) -> None:
    what_vi, what_en = {"units": ("đơn vị", "unit"), "people": ("người", "person")}[sheet]
    for row in part.rows:
        code = getattr(row.record, column)
        if column not in row.bad and code not in codes:
            vi = f"không có {what_vi} {code!r}: hãy ghi một mã của trang {sheet}"
            en = f"there is no {what_en} {code!r}: write a code of the sheet {sheet}"
            wrong(part.sheet, row.at, column, vi, en)


def _tree(rows: Sequence[Read[Unit]], units: set[str], wrong: Wrong) -> None:
    readable = [row for row in rows if not row.bad & {"code", "parent"}]
    roots = [row for row in readable if row.record.parent is None]
    if not roots and len(readable) == len(rows):
        vi = "không có đơn vị gốc: đúng một đơn vị phải để trống ô parent"
        wrong("units", 0, "parent", vi, "there is no root: exactly one unit must have an empty parent")
    for row in roots[1:]:
        vi = f"{row.record.code!r} là đơn vị gốc thứ hai (gốc đầu tiên là {roots[0].record.code!r}): hãy ghi parent"
        en = f"{row.record.code!r} is a second root (the first is {roots[0].record.code!r}): write its parent"
        wrong("units", row.at, "parent", vi, en)
    for row in readable:
        parent = row.record.parent
        if parent is not None and parent not in units:
            vi = f"không có đơn vị {parent!r}: hãy ghi một mã của trang này"
            wrong("units", row.at, "parent", vi, f"there is no unit {parent!r}: write a code of this sheet")
    _circles_and_depth(readable, wrong)


def _circles_and_depth(rows: Sequence[Read[Unit]], wrong: Wrong) -> None:
    """Walk up from every unit, each unit once: depth is 1 for a root, 0 for what hangs on a circle."""
    parents: dict[str, str | None] = {}
    places: dict[str, int] = {}
    for row in rows:
        parents.setdefault(row.record.code, row.record.parent)
        places.setdefault(row.record.code, row.at)
    depth: dict[str, int] = {}
    for row in rows:
        path: dict[str, None] = {}
        at: str | None = row.record.code
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
    for row in rows:
        if depth[row.record.code] == MAX_DEPTH + 1:
            vi = f"sâu quá {MAX_DEPTH} cấp: hãy ghi parent ở cấp cao hơn"
            wrong("units", row.at, "parent", vi, f"deeper than {MAX_DEPTH} levels: write a parent further up")


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


def _contests(rows: Sequence[Read[Post]], wrong: Wrong) -> None:
    """A person's posts in one unit make one contest: one electorate, and as many titles as a ballot can name (4.1)."""
    first: dict[tuple[str, str], Read[Post]] = {}
    held: dict[tuple[str, str], int] = {}
    for row in rows:
        post = row.record
        if row.bad & {"unit", "person"}:
            continue
        key = (post.unit, post.person)
        held[key] = held.get(key, 0) + 1
        if held[key] == MAX_TITLES + 1:
            vi = f"{post.person!r} có hơn {MAX_TITLES} chức vụ ở {post.unit!r}: hãy gộp các chức vụ"
            en = f"{post.person!r} has more than {MAX_TITLES} posts in {post.unit!r}: put some of them together"
            wrong("posts", row.at, "title", vi, en)
        if row.bad & {"subject", "electorate"} or not post.subject:
            continue
        other = first.setdefault(key, row)
        if other.record.electorate != post.electorate:
            vi = (
                f"electorate khác dòng {other.at}: các chức vụ của một người ở một đơn vị chung một danh sách "
                "người ghi phiếu, hãy ghi cùng một từ"
            )
            en = (
                f"another electorate than in row {other.at}: one person's posts in one unit make one contest, "
                "write the same word"
            )
            wrong("posts", row.at, "electorate", vi, en)
