"""What a spreadsheet's cell holds and what it shows are two things: formulas, dates, numbers, ticks,
escapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from surveys.jobs.progress import Silent
from surveys.organisation.errors import BadSheets
from surveys.organisation.sheets import read_organisation
from surveys.spreadsheets.files import read_path
from surveys.spreadsheets.rows import Cells, Marks, Range, Unreadable
from tests.organisation.build import Sheets, as_csv, as_xlsx, by_hand, errors_of, good

FORMULAS = {
    "plain": b'<c r="{r}" t="str"><f>"A"&amp;"1"</f><v>A1</v></c>',
    "without value": b'<c r="{r}"><f>1+1</f></c>',
    "shared, first": b'<c r="{r}" t="str"><f t="shared" ref="C2:C3" si="0">"A1"</f><v>A1</v></c>',
    "shared, other": b'<c r="{r}" t="str"><f t="shared" si="0"/><v>A1</v></c>',
    "array": b'<c r="{r}" t="str"><f t="array" ref="{r}">"A1"</f><v>A1</v></c>',
    "number": b'<c r="{r}"><f>1</f><v>1</v></c>',
}
DATES = (
    '<numFmts><numFmt numFmtId="164" formatCode="{}"/></numFmts><cellXfs><xf/><xf numFmtId="{}"/></cellXfs>'
)


def with_cell(sheet: str, row: int, column: str, value: object) -> Sheets:
    sheets = good()
    sheets[sheet][row - 1][sheets[sheet][0].index(column)] = value
    return sheets


def only_error(path: Path) -> tuple[str, int, str, str, str]:
    with pytest.raises(BadSheets) as caught:
        read_organisation(path)
    (error,) = caught.value.errors
    return error.sheet, error.row, error.column, error.en, error.vi


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=list(FORMULAS))
def test_a_formula_is_refused_whatever_its_value_is(formula: bytes, tmp_path: Path) -> None:
    path = by_hand(tmp_path / "a.xlsx", with_cell("people", 2, "unit", formula))
    sheet, row, column, en, vi = only_error(path)
    assert (sheet, row, column) == ("people", 2, "unit")
    assert "holds a formula" in en
    assert "paste its value" in en
    assert "ô chứa công thức" in vi


def test_the_value_of_that_formula_alone_would_be_read(tmp_path: Path) -> None:
    cell = b'<c r="{r}" t="str"><v>A1</v></c>'
    assert read_organisation(by_hand(tmp_path / "a.xlsx", with_cell("people", 2, "unit", cell))).people


def test_the_cells_that_an_array_formula_fills_are_formulas_too(tmp_path: Path) -> None:
    sheets = good()
    sheets["people"][1][2] = b'<c r="{r}" t="str"><f t="array" ref="C2:C3">X</f><v>A1</v></c>'
    sheets["people"][2][2] = b'<c r="{r}" t="str"><v>A1</v></c>'
    path = by_hand(tmp_path / "a.xlsx", sheets)
    with pytest.raises(BadSheets) as caught:
        read_organisation(path)
    (error,) = caught.value.errors
    assert (error.sheet, error.row, error.column, error.cell) == ("people", 2, "unit", "C2:C3")


def test_a_formula_by_a_common_writer_is_found(tmp_path: Path) -> None:
    path = as_xlsx(tmp_path / "a.xlsx", {name: rows for name, rows in good().items() if name != "grading"})
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in good().items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                sheet.write_row(r, 0, row)
            if name == "grading":
                sheet.write_formula(1, 2, '="excellent"', None, "excellent")
                sheet.write_array_formula(2, 0, 2, 0, '{="A1"}', None, "A1")
    assert errors_of(path) == [("grading", 2, "grade"), ("grading", 3, "unit")]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "\r@"])
def test_a_csv_cell_that_a_spreadsheet_would_run_is_refused(start: str, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "folder", with_cell("people", 2, "name", f"{start}HYPERLINK(1)"))
    assert only_error(path)[:3] == ("people", 2, "name")
    assert "begins with = + - @" in only_error(path)[3]


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_text_cell_of_a_workbook_may_begin_with_the_same_sign(start: str, tmp_path: Path) -> None:
    path = as_xlsx(tmp_path / "a.xlsx", with_cell("people", 2, "name", f"{start}1"))
    assert read_organisation(path).people[0].name == f"{start}1"


def test_a_formula_in_the_header_is_refused(tmp_path: Path) -> None:
    sheets = with_cell("units", 1, "name_en", b'<c r="{r}" t="str"><f>"name_en"</f><v>name_en</v></c>')
    errors = errors_of(by_hand(tmp_path / "a.xlsx", sheets))
    assert errors[0] == ("units", 1, "D")


@pytest.mark.parametrize(
    ("shape", "number"), [("d/m/yyyy", 164), ("0", 14), ("0", 22), ("[h]:mm", 164), ("[$-42A]dd mmmm", 164)]
)
def test_a_code_that_a_spreadsheet_made_a_date_is_refused(shape: str, number: int, tmp_path: Path) -> None:
    cell = b'<c r="{r}" s="1"><v>46054</v></c>'
    path = by_hand(
        tmp_path / "a.xlsx", with_cell("people", 5, "code", cell), styles=DATES.format(shape, number)
    )
    sheet, row, column, en, vi = only_error(path)
    assert (sheet, row, column) == ("people", 5, "code")
    assert "holds a date: format the cell as text" in en
    assert "ô chứa ngày tháng" in vi


@pytest.mark.parametrize("shape", ["0", "[Red]0", "#", "General", "0;-0"])
def test_the_same_number_in_a_format_that_shows_no_date_is_a_number(shape: str, tmp_path: Path) -> None:
    cell = b'<c r="{r}" s="1"><v>46054</v></c>'
    styles = DATES.format(shape.replace('"', "&quot;"), 164)
    path = by_hand(tmp_path / "a.xlsx", with_cell("people", 5, "code", cell), styles=styles)
    assert read_organisation(path).people[-1].code == "46054"


def test_a_date_by_a_common_writer_and_an_iso_date_are_refused(tmp_path: Path) -> None:
    path = by_hand(
        tmp_path / "a.xlsx", with_cell("people", 5, "code", b'<c r="{r}" t="d"><v>2026-02-01</v></c>')
    )
    assert "a date" in only_error(path)[3]


def test_an_error_value_is_refused(tmp_path: Path) -> None:
    path = by_hand(tmp_path / "a.xlsx", with_cell("people", 5, "name", b'<c r="{r}" t="e"><v>#N/A</v></c>'))
    assert only_error(path)[:3] == ("people", 5, "name")
    assert "#N/A" in only_error(path)[3]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("7", "7"),
        ("7.0", "7"),
        ("7.0E0", "7"),
        ("0012", "12"),
        ("1E3", "1000"),
        ("123456789012345", "123456789012345"),
        ("7.5", "7.5"),
        ("-0", "0"),
    ],
)
def test_a_number_is_read_as_people_write_it(written: str, code: str, tmp_path: Path) -> None:
    cell = f'<c r="{{r}}"><v>{written}</v></c>'.encode()
    path = by_hand(tmp_path / "a.xlsx", with_cell("people", 5, "code", cell))
    assert code in {person.code for person in read_organisation(path).people}


@pytest.mark.parametrize("written", ["1234567890123456", "1.2345678901234567E19", "1E300"])
def test_a_number_that_lost_digits_is_refused(written: str, tmp_path: Path) -> None:
    cell = f'<c r="{{r}}"><v>{written}</v></c>'.encode()
    path = by_hand(tmp_path / "a.xlsx", with_cell("people", 5, "code", cell))
    assert only_error(path)[:3] == ("people", 5, "code")
    assert "more digits" in only_error(path)[3]


def test_the_year_may_be_a_number_and_a_flag_a_tick(tmp_path: Path) -> None:
    sheets = with_cell("grading", 2, "year", 2026)
    sheets["people"][1][4] = False
    sheets["people"][2][4] = True
    sheets["history"][1][3:9] = [3, 3, 1, 1, 1, 0]
    organisation = read_organisation(as_xlsx(tmp_path / "a.xlsx", sheets))
    assert organisation.gradings[0].year == 2026
    assert [person.votes for person in organisation.people][:2] == [False, True]


def test_leading_zeros_of_a_text_cell_are_kept(tmp_path: Path) -> None:
    organisation = read_organisation(as_xlsx(tmp_path / "a.xlsx", with_cell("people", 5, "code", "0070")))
    assert [person.code for person in organisation.people] == ["001", "002", "003", "0070"]


def test_shared_strings_runs_phonetics_and_escapes_are_read_as_text(tmp_path: Path) -> None:
    shared = (
        "<si><r><t>Nguyễn </t></r><r><t>Thị </t></r><rPh sb='0' eb='1'><t>ぐえん</t></rPh><r><t>Ánh</t></r></si>"
        "<si><t>x_x0041_y_x005F_x0042_</t></si>"
    )
    sheets = with_cell("people", 2, "name", b'<c r="{r}" t="s"><v>0</v></c>')
    sheets["people"][2][1] = b'<c r="{r}" t="s"><v>1</v></c>'
    people = read_organisation(by_hand(tmp_path / "a.xlsx", sheets, shared)).people
    assert [person.name for person in people[:2]] == ["Nguyễn Thị Ánh", "xAy_x0042_"]


def test_an_escaped_control_character_is_refused_like_any_other(tmp_path: Path) -> None:
    path = by_hand(tmp_path / "a.xlsx", with_cell("people", 2, "name", "a_x0007_b"))
    assert "U+0007" in only_error(path)[3]


def test_cells_and_rows_without_their_place_follow_each_other(tmp_path: Path) -> None:
    sheets = with_cell("people", 2, "name", b'<c t="inlineStr"><is><t>Ai</t></is></c>')
    assert read_organisation(by_hand(tmp_path / "a.xlsx", sheets)).people[0].name == "Ai"


def test_other_sheets_and_what_they_hold_are_left_alone(tmp_path: Path) -> None:
    sheets: Sheets = {**good(), "notes": [[b'<c r="{r}"><f>NOW()</f></c>', "x"]], "units (2)": [["x"]]}
    assert read_organisation(by_hand(tmp_path / "a.xlsx", sheets)).people


def in_encoding(folder: Path, encoding: str) -> Path:
    as_csv(folder, good())
    for path in folder.iterdir():
        path.write_bytes(path.read_text("utf-8").encode(encoding, errors="replace"))
    return folder


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_csv_in_unicode_is_read_however_it_is_encoded(encoding: str, tmp_path: Path) -> None:
    assert read_organisation(in_encoding(tmp_path / "a", encoding)) == read_organisation(
        as_csv(tmp_path / "b", good())
    )


@pytest.mark.parametrize("encoding", ["utf-32", "latin-1"])
def test_a_csv_in_another_encoding_is_refused_with_its_row(encoding: str, tmp_path: Path) -> None:
    folder = as_csv(tmp_path / "folder", good())
    text = (folder / "people.csv").read_text("utf-8").replace("Thị Ánh", "ThÄ ñ")
    (folder / "people.csv").write_bytes(text.encode(encoding, errors="replace"))
    sheet, row, _, en, vi = only_error(folder)
    assert (sheet, row) == ("people", 1 if encoding == "utf-32" else 2)
    assert "save the file as CSV UTF-8" in en
    assert "hãy lưu tệp dạng CSV UTF-8" in vi


def test_nul_in_a_csv_is_an_invisible_character(tmp_path: Path) -> None:
    folder = as_csv(tmp_path / "folder", with_cell("people", 2, "name", "A\0B"))
    assert "U+0000" in only_error(folder)[3]


def test_quotation_marks_that_do_not_match_are_reported_with_their_row(tmp_path: Path) -> None:
    folder = as_csv(tmp_path / "folder", good())
    with (folder / "people.csv").open("a", encoding="utf-8") as file:
        file.write('005,"Ai,A1,,\n')
    assert only_error(folder)[:3] == ("people", 6, "-")


def test_csv_with_semicolons_and_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    folder = as_csv(tmp_path / "folder", good())
    for path in folder.iterdir():
        path.write_text("\ufeff" + path.read_text("utf-8").replace(",", ";"), "utf-8")
    assert read_organisation(folder) == read_organisation(as_csv(tmp_path / "other", good()))


def test_a_cell_of_two_lines_counts_as_one_row(tmp_path: Path) -> None:
    sheets = with_cell("people", 2, "name", "A\nB")
    sheets["people"][3][4] = "maybe"
    folder = as_csv(tmp_path / "folder", sheets)
    assert errors_of(folder) == [("people", 2, "name"), ("people", 4, "votes")]


class Noted:
    """Takes rows as they come."""

    enough = False

    def __init__(self) -> None:
        self.rows: list[tuple[int, dict[int, str]]] = []

    def row(self, at: int, cells: Cells, marks: Marks, hidden: bool) -> None:
        assert (marks, hidden) == ({}, False)
        self.rows.append((at, dict(cells)))

    def hides(self, first: int, last: int) -> None:
        raise AssertionError

    def merged(self, cells: Range) -> None:
        raise AssertionError

    def unreadable(self, at: int, why: Unreadable) -> None:
        raise AssertionError

    def one_byte(self, at: int) -> None:
        raise AssertionError


class Takes:
    """Gives every sheet to one taker."""

    def __init__(self, noted: Noted) -> None:
        self.noted = noted

    def knows(self, name: str) -> bool:
        return True

    def expect(self, names: Sequence[str]) -> None:
        assert names == ["units"]

    def taker(self, name: str, hidden: bool) -> Noted:
        return self.noted


def test_the_reader_gives_texts_by_place_and_nothing_for_empty_cells(tmp_path: Path) -> None:
    path, noted = as_xlsx(tmp_path / "a.xlsx", {"units": [["a", "", " "], [], ["", "b"]]}), Noted()
    read_path(path, Takes(noted), Silent())
    assert noted.rows == [(1, {1: "a"}), (3, {2: "b"})]
