"""Small organisations for tests of whole votes: real files, real voters, nobody real."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from surveys.instants import read_instant
from surveys.names import PersonCode, UnitCode
from surveys.organisation.export import write_workbook
from surveys.organisation.values import Organisation, PaperResult, Person, Post, PostKind, Scope, Unit
from surveys.rounds.definition import Terms
from surveys.rules.preset import DEFAULT, Preset

CELLS = {UnitCode("A1"): 6, UnitCode("A2"): 2, UnitCode("A3"): 7, UnitCode("B1"): 3}


def a_bloc() -> Organisation:
    """A bloc K with committees A (cells A1, A2, A3) and B (cell B1); voters A1-01 …; four contests."""
    units = [
        Unit(UnitCode("K"), None, "Đảng bộ Khối", "Bloc", "bloc"),
        Unit(UnitCode("A"), UnitCode("K"), "Đảng ủy A", None, "committee"),
        Unit(UnitCode("B"), UnitCode("K"), "Đảng ủy B", None, "committee"),
        *(Unit(code, UnitCode(code[0]), f"Chi bộ {code}", None, "cell") for code in CELLS),
    ]
    people = [
        Person(PersonCode(f"{cell}-{n:02}"), f"Người {cell} {n}", cell, None, True)
        for cell, size in CELLS.items()
        for n in range(1, size + 1)
    ]
    posts = [
        Post(UnitCode("K"), PersonCode("A1-01"), "Bí thư", PostKind.PARTY, True, True, Scope.SUBTREE),
        Post(UnitCode("A"), PersonCode("A1-02"), "Bí thư", PostKind.PARTY, True, True, Scope.SUBTREE),
        Post(
            UnitCode("A"), PersonCode("A1-02"), "Giám đốc", PostKind.PROFESSIONAL, True, False, Scope.SUBTREE
        ),
        Post(UnitCode("A1"), PersonCode("A1-03"), "Bí thư chi bộ", PostKind.PARTY, True, True, Scope.UNIT),
        Post(UnitCode("B1"), PersonCode("B1-01"), "Bí thư chi bộ", PostKind.PARTY, True, True, Scope.UNIT),
    ]
    history = [PaperResult(2025, PersonCode("A1-02"), UnitCode("A"), 15, 14, 3, 3, 8, 0)]
    return Organisation.of(units, people, posts, history=history)


def one_hall(voters: int) -> Organisation:
    """One unit H with so many voters v001 … and one leader, v001."""
    people = [
        Person(PersonCode(f"v{n:03}"), f"Đại biểu {n}", UnitCode("H"), None, True)
        for n in range(1, voters + 1)
    ]
    posts = [
        Post(UnitCode("H"), PersonCode("v001"), "Chủ tịch", PostKind.PROFESSIONAL, True, True, Scope.SUBTREE)
    ]
    return Organisation.of([Unit(UnitCode("H"), None, "Hội đồng", "Council", "council")], people, posts)


def some_terms(round_id: bytes, **other: Any) -> Terms:
    """What an organizer could decide about a round."""
    usual: dict[str, Any] = {
        "survey": round_id,
        "title_vi": "Lấy phiếu tín nhiệm năm 2026",
        "title_en": "Confidence vote 2026",
        "number": "",
        "place": "",
        "year": 2026,
        "opens": read_instant("2026-01-01T00:00:00Z"),
        "closes": read_instant("2099-12-31T10:00:00Z"),
        "preset": Preset.load(DEFAULT),
        "trustees": ("Một", "Hai", "Ba"),
        "threshold": 2,
        "look_up": 0,
    }
    return Terms(**{**usual, **other})


def write(folder: Path, organisation: Organisation) -> Path:
    """The organisation as an .xlsx file."""
    path = folder / "organisation.xlsx"
    write_workbook(path, organisation)
    return path


def write_marks(folder: Path, rows: Sequence[tuple[str, str, str, str]]) -> Path:
    """A file of marks."""
    path = folder / "marks.csv"
    path.write_text("voter,person,unit,level\n" + "".join(",".join(row) + "\n" for row in rows), "utf-8")
    return path
