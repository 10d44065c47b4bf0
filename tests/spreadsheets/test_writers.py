"""What an office makes is read alike, whoever wrote the file: seven writers, in every format that
they know.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from surveys.organisation.sheets import read_file
from tests.spreadsheets.written import (
    by_exceljs,
    by_libreoffice,
    by_openpyxl,
    by_pandas,
    by_sheetjs,
    by_xlsxwriter,
    by_xlwt,
)

Write = Callable[[Path], Path]
# What every writer keeps of the workbook, and how each writer loses the others (SheetJS: no hidden rows in
# .xls).
SEEN = {
    ("left_out", "Cán bộ", "A, E"),
    ("merged", "Cán bộ", "D4:D5"),
    ("padded", "Cán bộ", "B4:B7"),
    ("padded", "Chức vụ", "B2:B3"),
    ("hidden_rows", "Cán bộ", "B7:D7"),
    ("hidden_sheet", "Xếp loại", ""),
}
HIDDEN_ROWS, BOTH_HIDDEN = {"hidden_rows"}, {"hidden_rows", "hidden_sheet"}
WRITERS: list[tuple[str, Write, str, set[str]]] = [
    ("openpyxl", by_openpyxl, ".xlsx", set()),
    ("XlsxWriter", by_xlsxwriter, ".xlsx", set()),
    ("xlwt", by_xlwt, ".xls", set()),
    ("SheetJS", by_sheetjs, ".xlsx", set()),
    ("SheetJS", by_sheetjs, ".xls", HIDDEN_ROWS),
    ("exceljs", by_exceljs, ".xlsx", set()),
    ("LibreOffice", by_libreoffice, ".xlsx", set()),
    ("LibreOffice", by_libreoffice, ".xls", set()),
    ("LibreOffice", by_libreoffice, ".ods", set()),
    ("pandas", by_pandas, ".xlsx", {*BOTH_HIDDEN, "merged", "padded"}),
    ("pandas with odfpy", by_pandas, ".ods", {*BOTH_HIDDEN, "merged", "padded"}),
]


@pytest.mark.parametrize(
    ("write", "ending", "lost"),
    [each[1:] for each in WRITERS],
    ids=[f"{each[0]}{each[2]}" for each in WRITERS],
)
def test_a_workbook_is_read_as_it_shows_with_what_must_be_seen(
    write: Write, ending: str, lost: set[str], tmp_path: Path
) -> None:
    read = read_file(write(tmp_path / f"a{ending}"))
    organisation = read.organisation
    assert [(each.code, each.unit) for each in organisation.people] == [
        ("000001", "A1"),
        ("000002", "A1"),
        ("000013", "A2"),
        ("000140", "A2"),
    ]
    assert [each.name for each in organisation.people] == [
        "Nguyễn Thị Ánh",
        "Trần Văn Bình",
        "Lê Ước",
        "Phạm Ý",
    ]
    posts = [(each.person, each.kind, each.subject, each.electorate) for each in organisation.posts]
    assert posts == [("000013", "professional", True, "unit"), ("000001", "party", True, "subtree")]
    assert [each.grade for each in organisation.gradings] == ["good"]
    assert {(note.kind, note.sheet, note.cells) for note in read.notes} == {
        note for note in SEEN if note[0] not in lost
    }


def test_sheetjs_writes_into_an_ods_what_the_cells_hold_and_that_is_read(tmp_path: Path) -> None:
    """The twin: where the file itself says that a cell shows 1, it is 1; nobody's zeros are made up."""
    people = read_file(by_sheetjs(tmp_path / "a.ods")).organisation.people
    assert [each.code for each in people] == ["1", "13", "140", "2"]
