"""Each kind of error is found where it is, once, in both formats, with what to write instead in both
languages.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from surveys.organisation.columns import COLUMNS
from surveys.organisation.errors import BadSheets, SheetError
from surveys.organisation.sheets import MAX_ERRORS, read_organisation
from tests.organisation.build import Rows, as_csv, as_xlsx, errors_of, good
from tests.organisation.cases import CASES, Case, put, put_all


def found(path: Path) -> tuple[SheetError, ...]:
    with pytest.raises(BadSheets) as caught:
        read_organisation(path)
    assert caught.value.count == len(caught.value.errors)
    return caught.value.errors


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_error_is_reported_once_where_it_is_with_what_to_write(case: Case, tmp_path: Path) -> None:
    sheets = good()
    case.alter(sheets)
    for path in (as_csv(tmp_path / "folder", sheets), as_xlsx(tmp_path / "a.xlsx", sheets)):
        errors = found(path)
        wanted = [(sheet, row, column) for sheet, row, column, _, _ in case.errors]
        assert [(e.sheet, e.row, e.column) for e in errors] == wanted
        for error, (_, _, _, en, vi) in zip(errors, case.errors, strict=True):
            assert en in error.en
            assert vi in error.vi


def test_the_same_sheets_without_an_error_are_read_alike_in_both_formats(tmp_path: Path) -> None:
    organisation = read_organisation(as_csv(tmp_path / "folder", good()))
    assert organisation == read_organisation(as_xlsx(tmp_path / "a.xlsx", good()))
    assert [person.code for person in organisation.people] == ["001", "002", "003", "004"]
    assert [person.votes for person in organisation.people] == [True, True, False, True]


def test_all_errors_of_all_sheets_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    sheets = good()
    independent = [
        case
        for case in CASES
        if case.name.startswith(("a bad word", "no year", "a wrong sum", "no address"))
        and "'y'" not in case.errors[0][3]
    ]
    wanted = set()
    for case in independent:
        case.alter(sheets)
        wanted.add(case.errors[0][:3])
    assert len(wanted) > 7
    errors = errors_of(as_csv(tmp_path / "folder", sheets))
    assert set(errors) == wanted
    order = list(COLUMNS)
    assert errors == sorted(errors, key=lambda error: (order.index(error[0]), error[1]))


def test_a_bad_cell_of_a_unit_is_no_error_of_those_who_name_the_unit(tmp_path: Path) -> None:
    sheets = good()
    put("units", 3, "name", "")(sheets)
    assert errors_of(as_csv(tmp_path / "folder", sheets)) == [("units", 3, "name")]


def test_sheets_with_a_header_only_have_no_root_and_otherwise_no_error(tmp_path: Path) -> None:
    sheets = {name: rows[:1] for name, rows in good().items()}
    for path in (as_csv(tmp_path / "folder", sheets), as_xlsx(tmp_path / "a.xlsx", sheets)):
        assert errors_of(path) == [("units", 0, "parent")]


def test_empty_sheets_lack_their_header(tmp_path: Path) -> None:
    for path in (
        as_csv(tmp_path / "folder", {name: [] for name in COLUMNS}),
        as_xlsx(tmp_path / "a.xlsx", {name: [] for name in COLUMNS}),
    ):
        errors = found(path)
        assert [(e.sheet, e.row, e.column) for e in errors] == [(name, 1, "-") for name in COLUMNS]
        assert all("the columns are: " in e.en and "các cột là: " in e.vi for e in errors)


def test_a_folder_without_any_of_the_files_lacks_each_needed_sheet(tmp_path: Path) -> None:
    assert errors_of(tmp_path) == [(name, 0, "-") for name in ("units", "people", "posts", "grading")]


def test_the_history_may_be_left_out(tmp_path: Path) -> None:
    sheets = good()
    del sheets["history"]
    assert read_organisation(as_csv(tmp_path / "folder", sheets)).history == ()


def test_a_unit_60_levels_down_is_read_and_one_deeper_is_refused(tmp_path: Path) -> None:
    sheets = good()
    for depth in range(61, 80):
        chain: Rows = [[f"u{i}", f"u{i - 1}" if i > 4 else "A1", "x", "", "cell"] for i in range(4, depth)]
        sheets["units"] = [*good()["units"], *chain]
        path = as_csv(tmp_path / "folder", sheets)
        if depth == 61:
            assert len(read_organisation(path).units) == 62
        else:
            assert errors_of(path) == [("units", 64, "parent")]


def test_a_circle_of_a_hundred_units_is_one_error_and_those_below_it_none(tmp_path: Path) -> None:
    sheets = good()
    sheets["units"] += [[f"c{i}", f"c{(i + 1) % 100}", "x", "", "cell"] for i in range(100)]
    sheets["units"] += [["below", "c7", "x", "", "cell"]]
    assert errors_of(as_csv(tmp_path / "folder", sheets)) == [("units", 7, "parent")]


def test_of_very_many_errors_the_first_thousand_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    sheets = good()
    sheets["people"] += [[f"p{i}", "x", f"Z{i}", "", ""] for i in range(MAX_ERRORS + 500)]
    put("grading", 2, "grade", "x")(sheets)
    with pytest.raises(BadSheets) as caught:
        read_organisation(as_csv(tmp_path / "folder", sheets))
    assert caught.value.count == MAX_ERRORS + 501
    assert len(caught.value.errors) == MAX_ERRORS + 1
    assert caught.value.errors[-1].sheet == "grading"


def test_header_names_may_be_starred_spaced_and_in_capitals(tmp_path: Path) -> None:
    sheets = good()
    sheets["units"][0] = ["Code*", " parent ", "NAME *", "name_en", "kind"]
    assert len(read_organisation(as_xlsx(tmp_path / "a.xlsx", sheets)).units) == 5


def test_blanks_around_and_within_a_name_are_put_in_order(tmp_path: Path) -> None:
    sheets = good()
    put("people", 2, "name", " Nguye\u0302\u0303n\u00a0 \tThị Ánh ")(sheets)
    assert read_organisation(as_csv(tmp_path / "folder", sheets)).people[0].name == "Nguyễn Thị Ánh"


def test_codes_and_names_of_full_length_are_read(tmp_path: Path) -> None:
    sheets = good()
    put_all(put("people", 5, "code", "ế" * 100), put("people", 5, "name", "ế" * 300))(sheets)
    assert read_organisation(as_csv(tmp_path / "folder", sheets)).people[-1].name == "ế" * 300
