"""Small organisations for tests of whole votes: real files, real voters, nobody real."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from surveys.organisation.export import write_workbook
from surveys.organisation.values import Organisation, PaperResult, Person, Post, Unit
from surveys.rounds.definition import Terms
from surveys.rules.preset import DEFAULT, Preset

CELLS = {"A1": 6, "A2": 2, "A3": 7, "B1": 3}


def a_bloc() -> Organisation:
    """A bloc K with committees A (cells A1, A2, A3) and B (cell B1); voters A1-01 …; four contests."""
    units = [
        Unit("K", None, "Đảng bộ Khối", "Bloc", "bloc"),
        Unit("A", "K", "Đảng ủy A", None, "committee"),
        Unit("B", "K", "Đảng ủy B", None, "committee"),
        *(Unit(code, code[0], f"Chi bộ {code}", None, "cell") for code in CELLS),
    ]
    people = [
        Person(f"{cell}-{n:02}", f"Người {cell} {n}", cell, None, True)
        for cell, size in CELLS.items()
        for n in range(1, size + 1)
    ]
    posts = [
        Post("K", "A1-01", "Bí thư", "party", True, True, "subtree"),
        Post("A", "A1-02", "Bí thư", "party", True, True, "subtree"),
        Post("A", "A1-02", "Giám đốc", "professional", True, False, "subtree"),
        Post("A1", "A1-03", "Bí thư chi bộ", "party", True, True, "unit"),
        Post("B1", "B1-01", "Bí thư chi bộ", "party", True, True, "unit"),
    ]
    history = [PaperResult(2025, "A1-02", "A", 15, 14, 3, 3, 8, 0)]
    return Organisation.of(units, people, posts, history=history)


def one_hall(voters: int) -> Organisation:
    """One unit H with so many voters v001 … and one leader, v001."""
    people = [Person(f"v{n:03}", f"Đại biểu {n}", "H", None, True) for n in range(1, voters + 1)]
    posts = [Post("H", "v001", "Chủ tịch", "professional", True, True, "subtree")]
    return Organisation.of([Unit("H", None, "Hội đồng", "Council", "council")], people, posts)


def some_terms(survey: bytes, **other: Any) -> Terms:
    """What an organizer could decide about a round."""
    usual: dict[str, Any] = {
        "survey": survey,
        "title_vi": "Lấy phiếu tín nhiệm năm 2026",
        "title_en": "Confidence vote 2026",
        "number": "",
        "place": "",
        "year": 2026,
        "opens": "2026-01-01T00:00:00Z",
        "closes": "2099-12-31T10:00:00Z",
        "preset": Preset.load(DEFAULT),
        "trustees": ("Một", "Hai", "Ba"),
        "threshold": 2,
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
