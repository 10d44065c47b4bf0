"""One record corrected by hand: the same rules as a file, one clear sentence, nothing half done, nothing of
others undone.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from surveys.names import PersonCode, UnitCode
from surveys.organisation import corrections
from surveys.organisation.columns import COLUMNS, cells_of, names_of, records_of
from surveys.organisation.corrections import Corrected, Correction, correct, mark
from surveys.organisation.errors import (
    NoOrganisation,
    NoSuchRecord,
    Outside,
    RecordChanged,
    StillNamed,
    WrongFields,
)
from surveys.organisation.register import Held, import_organisation, load_held, load_organisation, revision
from surveys.organisation.sheets import read_organisation
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
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Store
from tests.faults.dying import ends, kill_before_step, rows
from tests.organisation.build import as_csv, good

RING = Keyring.fresh()


class Desk:
    """A store that holds an organisation, and corrections of it."""

    def __init__(self, root: Path) -> None:
        self.engine, self.file = Engines(root).app, root / "app.sqlite"

    def correct(
        self, sheet: str, key: tuple[str, ...] | None, cells: dict[str, str] | None, **more: Any
    ) -> Corrected:
        seen = more.pop("seen", None)
        return correct(Store(self.engine, RING), Correction(sheet, key, cells, seen), **more)

    def load(self) -> Organisation:
        return load_organisation(Store(self.engine, RING))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("filled")
    engines = Engines(root / "stores")
    engines.migrate_app()
    small = read_organisation(as_csv(root / "csv", good()))
    import_organisation(Store(engines.app, RING), small, confirmed=False)
    return root / "stores"


@pytest.fixture
def desk(filled: Path, tmp_path: Path) -> Desk:
    return Desk(Path(shutil.copytree(filled, tmp_path / "stores")))


def cells(record: Record, sheet: str, **changed: str) -> dict[str, str]:
    """A record as a form holds it, with some fields typed anew."""
    texts = ["" if cell is None else str(cell) for cell in cells_of(record)]
    return {**dict(zip(names_of(sheet), texts, strict=True)), **changed}


NEW: dict[str, tuple[dict[str, str], Record]] = {
    "units": (
        {"code": "A4", "parent": "A", "name": " Chi  bộ 4 ", "kind": "cell"},
        Unit(UnitCode("A4"), UnitCode("A"), "Chi bộ 4", None, "cell"),
    ),
    "people": (
        {"code": "005", "name": "Mới", "unit": "A2"},
        Person(PersonCode("005"), "Mới", UnitCode("A2"), None, True),
    ),
    "posts": (
        {"unit": "A2", "person": "004", "title": "Phó", "kind": "party", "subject": "có"},
        Post(UnitCode("A2"), PersonCode("004"), "Phó", PostKind.PARTY, False, True, Scope.SUBTREE),
    ),
    "grading": ({"unit": "A2", "year": "2026", "grade": "good"}, Grading(UnitCode("A2"), 2026, Grade.GOOD)),
    "history": (
        {
            "year": "2024",
            "person": "004",
            "unit": "A2",
            "returned": "2",
            "high": "2",
            "plain": "0",
            "low": "0",
        },
        PaperResult(2024, PersonCode("004"), UnitCode("A2"), None, 2, 2, 0, 0, 0),
    ),
}
CHANGED = {
    "units": (("A1",), {"name": "Tên khác"}),
    "people": (("002",), {"name": "Trần Văn Bình An", "email": "binh@example.org", "votes": "no"}),
    "posts": (("A1", "002", "Bí thư chi bộ", "party"), {"title": "Bí thư", "head": "yes"}),
    "grading": (("A", "2026"), {"grade": "completed"}),
    "history": (("2025", "001", "A"), {"high": "2", "plain": "0"}),
}


@pytest.mark.parametrize("sheet", COLUMNS)
def test_a_record_is_added_changed_and_removed_and_each_is_told(sheet: str, desk: Desk) -> None:
    before = desk.load()
    typed, made = NEW[sheet]
    added = desk.correct(sheet, None, typed)
    assert (added.before, added.after, added.revision) == (None, made, 2)
    assert set(records_of(desk.load(), sheet)) == {*records_of(before, sheet), made}
    removed = desk.correct(sheet, made.key, None)
    assert (removed.before, removed.after, removed.revision) == (made, None, 3)
    assert desk.load() == before
    key, fields = CHANGED[sheet]
    old = next(record for record in records_of(before, sheet) if record.key == key)
    changed = desk.correct(sheet, key, cells(old, sheet, **fields))
    assert changed.before == old
    assert changed.after in records_of(desk.load(), sheet)
    assert len(records_of(desk.load(), sheet)) == len(records_of(before, sheet))
    assert all(
        records_of(desk.load(), other) == records_of(before, other) for other in COLUMNS if other != sheet
    )


def test_what_changes_nothing_writes_nothing(desk: Desk) -> None:
    person = desk.load().people[0]
    raw = desk.file.read_bytes()
    same = desk.correct("people", person.key, cells(person, "people"))
    assert (same.before, same.after, same.revision) == (person, person, 1)
    assert desk.file.read_bytes() == raw


WRONG: list[tuple[str, str, tuple[str, ...] | None, dict[str, str], str, str, str]] = [
    ("an empty name", "people", ("001",), {"name": ""}, "name", "must not be empty", "không được để trống"),
    ("an invisible letter", "people", ("001",), {"name": "A\u200bB"}, "name", "U+200B", "U+200B"),
    ("a bad address", "people", ("001",), {"email": "x"}, "email", "not one mail address", "địa chỉ thư"),
    ("an unknown unit", "people", ("001",), {"unit": "Z"}, "unit", "there is no unit 'Z'", "không có đơn vị 'Z'"),
    ("another code", "people", ("001",), {"code": "009"}, "code", "cannot be changed", "không đổi được mã"),
    ("a code that is taken", "people", None, {"code": "002"}, "code", "is there already", "đã có"),
    ("a circle", "units", ("A",), {"parent": "A1"}, "parent", "goes in a circle", "vòng tròn"),
    ("a second root", "units", ("A",), {"parent": ""}, "parent", "a second root", "đơn vị gốc thứ hai"),
    ("no root", "units", ("K",), {"parent": "A"}, "parent", "there is no root", "không có đơn vị gốc"),
    ("another electorate", "posts", ("A", "001", "Bí thư", "party"), {"electorate": "unit"}, "electorate",
     "another electorate than the post Giám đốc has", "electorate khác chức vụ Giám đốc"),
    ("a bad word", "grading", ("A", "2026"), {"grade": "giỏi"}, "grade", "must be one of", "phải là một trong"),
    ("a wrong sum", "history", ("2025", "001", "A"), {"high": "9"}, "returned", "must be equal", "phải bằng"),
    ("a year that is taken", "grading", ("A", "2026"), {"unit": "A1"}, "year", "is there already", "đã có"),
]  # fmt: skip


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case[0])
def test_what_a_file_may_not_say_a_form_may_not_either(case: Any, desk: Desk) -> None:
    _, sheet, key, fields, column, en, vi = case
    old = records_of(desk.load(), sheet)[0] if key is None else None
    for record in records_of(desk.load(), sheet):
        old = record if record.key == key else old
    assert old is not None
    raw = desk.file.read_bytes()
    with pytest.raises(WrongFields) as refused:
        desk.correct(sheet, key, cells(old, sheet, **fields))
    assert refused.value.errors[0].column == column
    assert en in refused.value.errors[0].en
    assert vi in refused.value.errors[0].vi
    assert desk.file.read_bytes() == raw


@pytest.mark.parametrize(
    ("sheet", "key", "named"),
    [
        ("units", ("A1",), {"people": 2, "posts": 1, "grading": 1, "history": 1}),
        ("units", ("A",), {"posts": 2, "grading": 1, "history": 1, "units": 3}),
        ("people", ("001",), {"posts": 2, "history": 1}),
    ],
)
def test_what_others_name_stays_until_they_are_gone(
    sheet: str, key: tuple[str, ...], named: dict[str, int], desk: Desk
) -> None:
    raw = desk.file.read_bytes()
    with pytest.raises(StillNamed) as refused:
        desk.correct(sheet, key, None)
    assert refused.value.named == named
    assert desk.file.read_bytes() == raw


def test_without_that_check_the_store_itself_refuses_at_the_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "_unnamed", lambda *_: None)
    monkeypatch.setattr(corrections, "check_relations", lambda *_: None)
    with pytest.raises(Exception, match="FOREIGN KEY"):
        desk.correct("people", ("001",), None)


def test_what_is_not_there_cannot_be_corrected(desk: Desk) -> None:
    for key in (("009",), ("001", "x")):
        with pytest.raises(NoSuchRecord):
            desk.correct("people", key, None)
    empty = Desk(desk.file.parent.parent / "empty")
    Engines(empty.file.parent).migrate_app()
    with pytest.raises(NoOrganisation):
        empty.correct("people", None, NEW["people"][0])


def test_a_form_that_is_old_does_not_undo_what_somebody_else_did(desk: Desk) -> None:
    person = desk.load().people[0]
    shown = mark(person)
    desk.correct("people", person.key, cells(person, "people", email="new@example.org"))
    with pytest.raises(RecordChanged):
        desk.correct("people", person.key, cells(person, "people", name="Khác"), seen=shown)
    assert desk.load().people[0] == replace(person, email="new@example.org")
    # The twin: without the mark the new address would be lost.
    desk.correct("people", person.key, cells(person, "people", name="Khác"))
    assert desk.load().people[0].email == person.email


def test_a_correction_stays_within_the_unit_that_is_looked_after(desk: Desk) -> None:
    stranger = next(person for person in desk.load().people if person.code == "003")
    with pytest.raises(Outside) as refused:
        desk.correct("people", ("003",), cells(stranger, "people", name="Khác"), within="A1")
    assert refused.value.place == "A2"
    with pytest.raises(Outside):
        desk.correct("people", None, {"code": "9", "name": "x", "unit": "A2"}, within="A1")
    desk.correct("people", None, {"code": "9", "name": "x", "unit": "A1"}, within="A1")
    desk.correct("people", ("003",), cells(stranger, "people", name="Khác"), within="A")


def test_what_the_caller_has_in_memory_is_used_only_while_it_is_not_old(desk: Desk) -> None:
    held = load_held(Store(desk.engine, RING))
    desk.correct("people", None, NEW["people"][0])
    desk.correct("people", ("005",), {"code": "005", "name": "Tên", "unit": "A1"}, held=held)
    assert next(person for person in desk.load().people if person.code == "005").name == "Tên"
    # The twin: believed, what is old would not know the person.
    wrongly = Held(held.organisation, revision(desk.engine))
    with pytest.raises(NoSuchRecord):
        desk.correct("people", ("005",), None, held=wrongly)


def test_nobody_comes_between_looking_and_writing(desk: Desk) -> None:
    """The store is locked from the first look on: whoever comes meanwhile waits, and then sees what was
    written.
    """
    other, order = Desk(desk.file.parent), []

    @event.listens_for(desk.engine, "before_cursor_execute")
    def statement(_: Any, __: Any, sql: str, *___: Any) -> None:
        order.append(sql.split()[0])

    desk.correct("people", None, NEW["people"][0])
    assert order[0] == "BEGIN"
    assert "BEGIN" not in order[1:]
    with pytest.raises(WrongFields):
        other.correct("people", None, NEW["people"][0])


def test_killed_at_any_step_the_old_record_stands_or_the_new(filled: Path, tmp_path: Path) -> None:
    before = Desk(filled).load()
    person, seen = before.people[0], []
    typed = cells(person, "people", name="Khác")
    for number in range(1, 60):
        here = Desk(Path(shutil.copytree(filled, tmp_path / "here")))
        ended = ends(lambda: here.correct("people", person.key, typed), kill_before_step(number))
        rows(here.file)
        now = load_held(Store(here.engine, RING))
        seen.append((now.organisation.people[0].name, now.revision))
        shutil.rmtree(tmp_path / "here")
        if ended:
            break
    assert set(seen) == {(person.name, 1), ("Khác", 2)}
    assert len(seen) > 5
