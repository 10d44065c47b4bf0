"""What offices make: each kind that once went wrong is read right with a note, or refused in words that name
the cell and the remedy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner

from surveys.cli import main
from surveys.organisation.errors import BadSheets, SheetError
from surveys.organisation.sheets import Letters, Read, read_file
from surveys.organisation.tidying import TEXTS
from surveys.spreadsheets.encodings import read_as
from tests.organisation.build import Sheets, as_csv, as_xlsx, good


def book_of(path: Path, sheets: Sheets, alter: Any = None) -> Path:
    """The sheets by openpyxl, with something done to the book."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    if alter is not None:
        alter(book)
    book.save(path)
    return path


def notes_of(read: Read) -> list[tuple[str, str, str]]:
    return [(note.kind, note.sheet, note.cells) for note in read.notes]


def errors_in(path: Path) -> tuple[SheetError, ...]:
    with pytest.raises(BadSheets) as caught:
        read_file(path)
    return caught.value.errors


def test_a_good_file_has_no_notes(tmp_path: Path) -> None:
    """The twin of all below."""
    assert read_file(book_of(tmp_path / "a.xlsx", good())).notes == ()


def test_thousands_and_percent_in_a_code_are_refused_with_what_shows_and_what_is_held(tmp_path: Path) -> None:
    def alter(book: Any) -> None:
        book["people"]["A5"], book["people"]["A5"].number_format = 1000, "#,##0"

    (error,) = errors_in(book_of(tmp_path / "a.xlsx", good(), alter))
    assert error.cell == "A5"
    assert error.en == "shows 1,000 but holds 1000: format the cell as text and type it anew"
    assert error.vi == "hiện 1,000 nhưng chứa 1000: hãy định dạng ô là Text rồi gõ lại"


def test_a_number_in_a_column_of_numbers_is_a_number_however_it_is_written(tmp_path: Path) -> None:
    def alter(book: Any) -> None:
        book["grading"]["B2"], book["grading"]["B2"].number_format = 2026, "#,##0"
        for cell in ("E2", "F2", "G2", "H2"):
            book["history"][cell] = {"E2": 3000, "F2": 1000, "G2": 1000, "H2": 1000}[cell]
            book["history"][cell].number_format = "#,##0"
        book["history"]["D2"] = 3000

    read = read_file(book_of(tmp_path / "a.xlsx", good(), alter))
    assert read.organisation.history[0].returned == 3000
    assert read.notes == ()


def test_a_column_of_formulas_is_one_error_with_all_its_cells(tmp_path: Path) -> None:
    sheets = good()
    for at, row in enumerate(sheets["people"][1:], start=2):
        row[2] = f"=VLOOKUP(A{at},X!A:B,2,0)"
    (error,) = errors_in(book_of(tmp_path / "a.xlsx", sheets))
    assert (error.cell, error.column) == ("C2:C5", "unit")


def test_hidden_columns_and_sheets_are_said(tmp_path: Path) -> None:
    def alter(book: Any) -> None:
        book["people"].column_dimensions["D"].hidden = True
        book["posts"].sheet_state = "veryHidden"

    read = read_file(book_of(tmp_path / "a.xlsx", good(), alter))
    assert notes_of(read) == [("hidden_columns", "people", "D"), ("hidden_sheet", "posts", "")]


def test_merged_codes_are_one_error_and_a_heading_between_rows_is_one(tmp_path: Path) -> None:
    def merge(cells: str) -> Any:
        return lambda book: book["people"].merge_cells(cells)

    (error,) = errors_in(book_of(tmp_path / "a.xlsx", good(), merge("A2:A3")))
    assert "A2:A3 are merged, and each row needs a code of its own" in error.en
    sheets = good()
    sheets["people"].insert(3, ["Chi bộ 2", "", "", "", ""])
    (error,) = errors_in(book_of(tmp_path / "b.xlsx", sheets, merge("A4:E4")))
    assert "A4:E4 are merged over several columns (a heading between rows?)" in error.en
    assert "hãy bỏ gộp ô" in error.vi


def test_a_word_that_is_merged_over_rows_holds_for_each_of_them(tmp_path: Path) -> None:
    """Without it, who does not vote would silently vote."""
    sheets = good()
    sheets["people"][3][4] = ""
    sheets["people"][1][4] = "no"
    read = read_file(book_of(tmp_path / "a.xlsx", sheets, lambda book: book["people"].merge_cells("E2:E5")))
    assert [person.votes for person in read.organisation.people] == [False] * 4
    assert notes_of(read) == [("merged", "people", "E2:E5")]
    alone = read_file(book_of(tmp_path / "b.xlsx", sheets))
    assert [person.votes for person in alone.organisation.people] == [False, True, True, True]


def test_columns_that_are_not_known_are_named_and_left_out(tmp_path: Path) -> None:
    sheets = good()
    sheets["people"] = [
        ["STT", *row, "Ghi chú"] if at == 0 else [at, *row, "x"] for at, row in enumerate(sheets["people"])
    ]
    read = read_file(book_of(tmp_path / "a.xlsx", sheets))
    (note,) = read.notes
    assert (note.kind, note.cells, note.column) == ("left_out", "A, G", "A (STT), G (Ghi chú)")
    assert len(read.organisation.people) == 4


def test_a_header_over_two_rows_with_its_columns_counted_below_and_repeated_is_found(tmp_path: Path) -> None:
    sheets = good()
    _, *rows = sheets["people"]
    sheets["people"] = [
        ["DANH SÁCH"],
        ["(kèm theo Công văn số 1)"],
        ["Mã cán bộ", "Họ và tên", "Đơn vị", "Liên hệ", "Có ghi phiếu"],
        ["", "", "", "Thư điện tử", ""],
        ["(1)", "(2)", "(3)", "(4)", "(5)"],
        *rows[:2],
        ["Mã cán bộ", "Họ và tên", "Đơn vị", "Liên hệ", "Có ghi phiếu"],
        *rows[2:],
    ]
    read = read_file(book_of(tmp_path / "a.xlsx", sheets))
    assert [person.code for person in read.organisation.people] == ["001", "002", "003", "004"]
    assert read.organisation.people[0].email == "anh@example.org"
    assert notes_of(read) == [("skipped", "people", "A5:E5, A8:E8")]


def test_a_sheet_without_a_telling_name_is_known_by_its_columns(tmp_path: Path) -> None:
    sheets = good()
    renamed = {"Sheet1" if name == "people" else name: rows for name, rows in sheets.items()}
    read = read_file(book_of(tmp_path / "a.xlsx", renamed))
    assert len(read.organisation.people) == 4
    assert notes_of(read) == [("by_columns", "Sheet1", "")]


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_headers_and_names_typed_for_old_fonts_are_read_and_every_name_is_shown(
    encoding: str, tmp_path: Path
) -> None:
    old = {
        "tcvn3": ("M· c¸n bé", "Hä vµ tªn", "§¬n vÞ", "NguyÔn ThÞ ¸nh"),
        "vni": ("Maõ caùn boä", "Hoï vaø teân", "Ñôn vò", "Nguyeãn Thò AÙnh"),
    }[encoding]
    assert [read_as(text, encoding) for text in old[:3]] == ["Mã cán bộ", "Họ và tên", "Đơn vị"]
    sheets = good()
    sheets["people"][0][:3] = old[:3]
    sheets["people"][1][1] = old[3]
    read = read_file(book_of(tmp_path / "a.xlsx", sheets))
    assert read.organisation.people[0].name == "Nguyễn Thị Ánh"
    assert read.old_letters
    (note,) = read.notes
    assert [(each.cell, each.before, each.after) for each in note.examples] == [
        ("B2", old[3], "Nguyễn Thị Ánh")
    ]
    kept = read_file(tmp_path / "a.xlsx", letters=Letters.KEEP)
    assert kept.organisation.people[0].name == old[3]
    assert "name" in TEXTS


@pytest.mark.parametrize("encoding", ["cp1258", "utf-16", "utf-8"])
def test_a_csv_of_any_encoding_is_read_or_offered_for_conversion(encoding: str, tmp_path: Path) -> None:
    folder = as_csv(tmp_path / "a", good())
    names = folder / "people.csv"
    text = names.read_text("utf-8").replace("Nguyễn Thị Ánh", "Đăng Lê")
    names.write_bytes(
        b"sep=;\r\n" + text.replace(",", ";").encode()
        if encoding == "utf-8"
        else text.encode(encoding, "ignore")
    )
    read = read_file(folder)
    assert read.organisation.people[0].name == "Đăng Lê"
    assert read.old_letters == (encoding == "cp1258")


def test_names_that_lost_letters_are_refused(tmp_path: Path) -> None:
    sheets = good()
    sheets["people"][1][1], sheets["people"][2][1] = "Nguy?n Th? Ánh", "Tr\ufffdn"
    (error,) = errors_in(as_xlsx(tmp_path / "a.xlsx", sheets))
    assert error.cell == "B2:B3"
    assert "has lost letters when it was saved" in error.en


def test_letters_that_only_look_vietnamese_are_replaced_in_names_and_said(tmp_path: Path) -> None:
    sheets = good()
    sheets["people"][1][1], sheets["people"][2][1] = "Ðặng Thị Аn", "Иванов"
    read = read_file(as_xlsx(tmp_path / "a.xlsx", sheets))
    assert [person.name for person in read.organisation.people[:2]] == ["Đặng Thị An", "Иванов"]
    assert notes_of(read) == [("letters", "people", "B2")]


@pytest.mark.parametrize(
    ("code", "en"),
    [
        ("a1", "which differs from 'A1' in capitals"),
        ("А1", "which differs from 'A1' in its first letter: А (U+0410), A (U+0041)"),
        ("A 1", "which differs from 'A1' in blanks"),
        ("Al", "which differs from 'A1' in its letter 2: l (U+006C), 1 (U+0031)"),
        ("Chi bộ 1", "which is the name of 'A1'"),
    ],
)
def test_a_code_that_is_not_there_names_the_one_that_it_was_taken_for(
    code: str, en: str, tmp_path: Path
) -> None:
    sheets = good()
    sheets["people"][1][2] = code
    (error,) = errors_in(as_xlsx(tmp_path / "a.xlsx", sheets))
    assert error.cell == "C2"
    assert en in error.en


def test_codes_of_one_sheet_that_look_alike_are_said(tmp_path: Path) -> None:
    sheets = good()
    sheets["units"].append(["A0", "A", "Chi bộ 10", "", "cell"])
    sheets["units"].append(["AO", "A", "Chi bộ 11", "", "cell"])
    sheets["units"].append(["1.11", "A", "Chi bộ 12", "", "cell"])
    sheets["units"].append(["11.1", "A", "Chi bộ 13", "", "cell"])
    read = read_file(as_xlsx(tmp_path / "a.xlsx", sheets))
    (note,) = read.notes
    assert (note.kind, note.cells) == ("near", "A7:A8")
    assert "A0 – AO" in note.en


def test_a_code_that_cannot_be_read_is_not_an_error_again_wherever_it_is_named(tmp_path: Path) -> None:
    def alter(book: Any) -> None:
        book["people"]["A2"], book["people"]["A2"].number_format = 0.5, "0%"

    (error,) = errors_in(book_of(tmp_path / "a.xlsx", good(), alter))
    assert error.cell == "A2"


def test_a_row_with_nothing_but_a_remark_is_one_error(tmp_path: Path) -> None:
    sheets = good()
    sheets["people"].append(["", "Tổng số: 4 người", "", "", ""])
    (error,) = errors_in(as_xlsx(tmp_path / "a.xlsx", sheets))
    assert "this row has nothing in code, unit: fill them in, or delete the row" in error.en


def test_borders_down_to_the_last_row_cost_nothing(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx"), {"constant_memory": True}) as book:
        border = book.add_format({"border": 1})
        for name, rows in good().items():
            sheet = book.add_worksheet(name)
            for at in range(1_048_576 if name == "people" else len(rows)):
                for column in range(5 if name == "people" else len(rows[0])):
                    cell = rows[at][column] if at < len(rows) and column < len(rows[at]) else ""
                    if cell != "":
                        sheet.write(at, column, cell, border)
                    elif at % 16 == 0 or at < 4096:  # as a spreadsheet does, only faster for the test
                        sheet.write_blank(at, column, None, border)
    assert len(read_file(tmp_path / "a.xlsx").organisation.people) == 4


def test_the_command_asks_also_at_a_first_import_where_there_are_notes(tmp_path: Path) -> None:
    sheets = good()
    sheets["people"][1][1] = "NguyÔn ThÞ ¸nh"
    path = str(as_xlsx(tmp_path / "a.xlsx", sheets))
    call = ["organisation", "import", path, "--instance", str(tmp_path / "i")]
    asked = CliRunner().invoke(main, call, input="")
    assert asked.exit_code == 1
    assert "NguyÔn ThÞ ¸nh → Nguyễn Thị Ánh" in asked.stderr
    assert "Nothing was imported: say --letters convert, or --letters keep" in asked.stderr
    still = CliRunner().invoke(main, [*call, "--letters", "convert"], input="")
    assert "Nothing was imported: say --yes to import it so" in still.stderr
    done = CliRunner().invoke(main, [*call, "--letters", "convert", "--yes"])
    assert done.exit_code == 0
    assert "4 people" in done.output
