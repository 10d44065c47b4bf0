"""What must hold between the rows of an organisation: codes, tree, places, electorates. Notes every violation with its row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from surveys.organisation.values import Grading, PaperResult, Person, Post, Record, Unit

Wrong = Callable[[str, int, str, str, str], None]
MAX_DEPTH = 60


@dataclass(frozen=True, slots=True)
class Located:
    """The records that could be read, each with its row."""

    units: Sequence[tuple[int, Unit]]
    people: Sequence[tuple[int, Person]]
    posts: Sequence[tuple[int, Post]]
    gradings: Sequence[tuple[int, Grading]]
    history: Sequence[tuple[int, PaperResult]]


def check_relations(rows: Located, wrong: Wrong) -> None:
    """Report duplicates, unknown codes, trees that are none, and posts whose electorates contradict each other."""
    _once("units", "code", rows.units, wrong)
    _once("people", "code", rows.people, wrong)
    _once("posts", "title", rows.posts, wrong)
    _once("grading", "year", rows.gradings, wrong)
    _once("history", "year", rows.history, wrong)
    units = {unit.code for _, unit in rows.units}
    people = {person.code for _, person in rows.people}
    _tree(rows.units, units, wrong)
    for number, person in rows.people:
        _known_unit("people", number, person.unit, units, wrong)
    for number, post in rows.posts:
        _known_unit("posts", number, post.unit, units, wrong)
        _known_person("posts", number, post.person, people, wrong)
    for number, grading in rows.gradings:
        _known_unit("grading", number, grading.unit, units, wrong)
    for number, result in rows.history:
        _known_unit("history", number, result.unit, units, wrong)
        _known_person("history", number, result.person, people, wrong)
    _electorates(rows.posts, wrong)


def _once(sheet: str, column: str, rows: Sequence[tuple[int, Record]], wrong: Wrong) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for number, record in rows:
        first = seen.setdefault(record.key, number)
        if first != number:
            named = ", ".join(record.key)
            vi, en = f"{named} đã có ở dòng {first}", f"{named} stands in row {first} already"
            wrong(sheet, number, column, vi, en)


def _known_unit(sheet: str, number: int, code: str, units: set[str], wrong: Wrong) -> None:
    if code not in units:
        vi = f"không có đơn vị {code!r}: hãy ghi một mã của trang units"
        wrong(sheet, number, "unit", vi, f"there is no unit {code!r}: write a code of the sheet units")


def _known_person(sheet: str, number: int, code: str, people: set[str], wrong: Wrong) -> None:
    if code not in people:
        vi = f"không có người {code!r}: hãy ghi một mã của trang people"
        wrong(sheet, number, "person", vi, f"there is no person {code!r}: write a code of the sheet people")


def _tree(rows: Sequence[tuple[int, Unit]], units: set[str], wrong: Wrong) -> None:
    roots = [(number, unit.code) for number, unit in rows if unit.parent is None]
    if not roots:
        vi = "không có đơn vị gốc: một đơn vị phải để trống ô parent"
        wrong("units", 0, "parent", vi, "there is no root: one unit must have an empty parent")
    for number, code in roots[1:]:
        vi = f"{code!r} là đơn vị gốc thứ hai (gốc đầu tiên là {roots[0][1]!r}): hãy ghi parent"
        wrong(
            "units",
            number,
            "parent",
            vi,
            f"{code!r} is a second root (the first is {roots[0][1]!r}): write its parent",
        )
    for number, unit in rows:
        if unit.parent is not None and unit.parent not in units:
            vi = f"không có đơn vị {unit.parent!r}"
            wrong(
                "units", number, "parent", vi, f"there is no unit {unit.parent!r}: write a code of this sheet"
            )
    _cycles(rows, wrong)


def _cycles(rows: Sequence[tuple[int, Unit]], wrong: Wrong) -> None:
    parents = {unit.code: unit.parent for _, unit in rows}
    depth: dict[str, int] = {}
    for number, unit in rows:
        path: list[str] = []
        at: str | None = unit.code
        while at in parents and at not in depth and at not in path and len(path) <= MAX_DEPTH:
            path.append(at or "")
            at = parents[at or ""]
        if at is not None and at in path:
            circle = " → ".join([*path[path.index(at) :], at])
            wrong("units", number, "parent", f"vòng tròn: {circle}", f"goes in a circle: {circle}")
        below = depth.get(at or "", 0)
        for code in reversed(path if len(path) <= MAX_DEPTH else []):
            below += 1
            depth[code] = below
        if len(path) > MAX_DEPTH or depth.get(unit.code, 0) > MAX_DEPTH:
            wrong("units", number, "parent", f"sâu quá {MAX_DEPTH} cấp", f"deeper than {MAX_DEPTH} levels")


def _electorates(rows: Sequence[tuple[int, Post]], wrong: Wrong) -> None:
    first: dict[tuple[str, str], tuple[int, Post]] = {}
    for number, post in rows:
        if not post.subject:
            continue
        at, other = first.setdefault((post.unit, post.person), (number, post))
        if other.electorate != post.electorate:
            vi = f"electorate khác dòng {at}: các chức vụ của một người ở một đơn vị chung một danh sách người ghi phiếu"
            en = f"another electorate than in row {at}: one person's posts in one unit make one contest"
            wrong("posts", number, "electorate", vi, en)
