"""Each kind of error is found where it is, once, in both formats, with what to write instead in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from surveys.organisation.errors import BadSheets, SheetError
from surveys.organisation.sheets import COLUMNS, MAX_ERRORS, read_organisation
from tests.organisation.build import GOOD, Sheets, as_csv, as_xlsx, errors_of, good


@dataclass(frozen=True)
class Case:
    """What is written where, and the errors that must come of it: place, English words, Vietnamese words."""

    name: str
    alter: Callable[[Sheets], object]
    errors: tuple[tuple[str, int, str, str, str], ...]


def put(sheet: str, row: int, column: str, value: object) -> Callable[[Sheets], object]:
    """Write one cell; rows count from 1 as in the file."""

    def alter(sheets: Sheets) -> None:
        sheets[sheet][row - 1][sheets[sheet][0].index(column)] = value

    return alter


def put_all(*puts: Callable[[Sheets], object]) -> Callable[[Sheets], object]:
    return lambda sheets: [each(sheets) for each in puts]


def drop(sheet: str, column: str) -> Callable[[Sheets], object]:
    """Leave a whole column out."""

    def alter(sheets: Sheets) -> None:
        i = sheets[sheet][0].index(column)
        for row in sheets[sheet]:
            del row[i]

    return alter


def cell(name: str, sheet: str, row: int, column: str, value: object, en: str, vi: str) -> Case:
    return Case(f"{name}: {sheet}.{column}", put(sheet, row, column, value), ((sheet, row, column, en, vi),))


CASES = [
    *(
        Case(
            f"no sheet {sheet}",
            lambda s, sheet=sheet: s.pop(sheet),  # type: ignore[misc]
            (
                (
                    sheet,
                    0,
                    "-",
                    f"the sheet (or .csv file) {sheet} is missing",
                    f"thiếu trang tính (hoặc tệp .csv) {sheet}",
                ),
            ),
        )
        for sheet in ("units", "people", "posts", "grading")
    ),
    *(
        Case(
            f"no column {sheet}.{column}",
            drop(sheet, column.rstrip("*")),
            ((sheet, 1, column.rstrip("*"), "is missing; the columns are: ", "thiếu cột"),),
        )
        for sheet, columns in COLUMNS.items()
        for column in columns
        if column.endswith("*")
    ),
    *(
        cell(
            "empty",
            sheet,
            len(GOOD[sheet]),
            column.rstrip("*"),
            "",
            "must not be empty",
            "không được để trống",
        )
        for sheet, columns in COLUMNS.items()
        for column in columns
        if column.endswith("*")
    ),
    Case(
        "an unknown column",
        lambda s: [row.append("x" if i else "colour") for i, row in enumerate(s["units"])],
        (
            (
                "units",
                1,
                "F",
                "unknown column 'colour'; the columns are: code, parent, name, name_en, kind",
                "cột lạ 'colour'; các cột là: code",
            ),
        ),
    ),
    Case(
        "a column twice",
        lambda s: [row.append(row[0]) for row in s["people"]],
        (("people", 1, "code", "occurs twice", "hai lần"),),
    ),
    Case(
        "data below no name",
        lambda s: s["people"][2].append("x"),
        (("people", 1, "F", "no name; the columns are: code, name", "không có tên; các cột là"),),
    ),
    cell(
        "unknown", "units", 4, "parent", "Z", "there is no unit 'Z': write a code", "không có đơn vị 'Z': hãy"
    ),
    cell(
        "unknown", "people", 3, "unit", "Z", "there is no unit 'Z': write a code", "không có đơn vị 'Z': hãy"
    ),
    cell(
        "unknown", "posts", 3, "unit", "Z", "there is no unit 'Z': write a code", "không có đơn vị 'Z': hãy"
    ),
    cell(
        "unknown",
        "posts",
        4,
        "person",
        "9",
        "there is no person '9': write a code",
        "không có người '9': hãy",
    ),
    cell(
        "unknown", "grading", 2, "unit", "Z", "there is no unit 'Z': write a code", "không có đơn vị 'Z': hãy"
    ),
    cell(
        "unknown", "history", 3, "unit", "Z", "there is no unit 'Z': write a code", "không có đơn vị 'Z': hãy"
    ),
    cell(
        "unknown", "history", 3, "person", "Z", "there is no person 'Z': write a", "không có người 'Z': hãy"
    ),
    cell(
        "a second root",
        "units",
        3,
        "parent",
        "",
        "'A' is a second root (the first is 'K'): write",
        "gốc thứ hai",
    ),
    Case(
        "a circle and so no root",
        put("units", 2, "parent", "A1"),
        (
            ("units", 0, "parent", "there is no root: exactly one", "không có đơn vị gốc: đúng một"),
            (
                "units",
                2,
                "parent",
                "goes in a circle: K → A1 → A → K; correct",
                "vòng tròn: K → A1 → A → K; hãy sửa",
            ),
        ),
    ),
    cell(
        "its own parent",
        "units",
        5,
        "parent",
        "A2",
        "goes in a circle: A2 → A2; correct",
        "vòng tròn: A2 → A2",
    ),
    Case(
        "a unit twice",
        lambda s: s["units"].append(["A1", "A", "Chi bộ khác", "", "cell"]),
        (("units", 7, "code", "A1 stands in row 4 already: delete", "A1 đã có ở dòng 4: hãy xóa"),),
    ),
    Case(
        "a person twice",
        lambda s: s["people"].append(["003", "Người khác", "A1", "", ""]),
        (("people", 6, "code", "003 stands in row 4 already", "003 đã có ở dòng 4"),),
    ),
    Case(
        "a code that differs in Unicode's normal form only",
        lambda s: s["people"].extend([["\u00c1nh", "B", "A1", "", ""], ["A\u0301nh", "C", "A1", "", ""]]),
        (("people", 7, "code", "\u00c1nh stands in row 6 already", "\u00c1nh đã có ở dòng 6"),),
    ),
    Case(
        "a post twice",
        lambda s: s["posts"].append(["A", "001", "Bí thư", "party", "", "no", ""]),
        (("posts", 6, "kind", "stands in row 2 already", "đã có ở dòng 2"),),
    ),
    Case(
        "a grading twice",
        lambda s: s["grading"].append(["A", "2026", "good"]),
        (("grading", 4, "year", "A, 2026 stands in row 2 already", "đã có ở dòng 2"),),
    ),
    Case(
        "a result twice",
        lambda s: s["history"].append(s["history"][1]),
        (("history", 4, "unit", "stands in row 2 already", "đã có ở dòng 2"),),
    ),
    cell("a bad word", "people", 2, "votes", "maybe", "'maybe' must be yes or no", "phải là yes hoặc no"),
    cell("a bad word", "posts", 2, "head", "2", "'2' must be yes or no", "phải là yes hoặc no"),
    cell("a bad word", "posts", 2, "subject", "y", "'y' must be yes or no", "phải là yes hoặc no"),
    cell(
        "a bad word", "posts", 2, "kind", "both", "must be one of: party, professional", "phải là một trong"
    ),
    cell("a bad word", "posts", 2, "electorate", "all", "must be one of: subtree, unit", "phải là một trong"),
    cell(
        "a bad word", "grading", 2, "grade", "tốt", "one of: excellent, good, completed, not_c", "một trong"
    ),
    cell(
        "another electorate", "posts", 3, "electorate", "unit", "than in row 2: one person's", "khác dòng 2"
    ),
    Case(
        "more titles than a ballot names",
        lambda s: s["posts"].extend(["A2", "002", f"Việc {i}", "party", "", "", ""] for i in range(21)),
        (("posts", 26, "title", "more than 20 posts in 'A2'", "hơn 20 chức vụ"),),
    ),
    *(
        cell(
            "too long",
            sheet,
            2,
            column,
            "x" * (most + 1),
            f"longer than {most} characters",
            f"dài quá {most} ký tự",
        )
        for sheet, column, most in (
            ("units", "name", 300),
            ("units", "name_en", 300),
            ("units", "kind", 100),
            ("people", "name", 300),
            ("posts", "title", 300),
            ("people", "email", 254),
        )
    ),
    cell("too long", "people", 5, "code", "0" * 101, "longer than 100 characters", "dài quá 100 ký tự"),
    cell("too many bytes", "people", 5, "code", "𠀀" * 76, "longer than 300 bytes", "dài quá 300 byte"),
    *(
        cell(
            f"U+{ord(letter):04X}",
            "people",
            2,
            "name",
            f"Nguyễn{letter} Ánh",
            f"U+{ord(letter):04X}: type",
            f"U+{ord(letter):04X}: hãy gõ lại",
        )
        for letter in "\u00ad\u200b\u200c\u200d\u202e\u2066\u2060\ufeff\u0085\u2028\u2029\ufffe\ue000\u3164\u2800\ufe0f\u034f\n"
    ),
    cell(
        "no address",
        "people",
        2,
        "email",
        "a@b",
        "is not one mail address: write it like",
        "không phải một địa chỉ",
    ),
    cell("two addresses", "people", 2, "email", "a@b.vn,c@d.vn", "is not one mail address", "không phải một"),
    cell("a named address", "people", 2, "email", "A <a@b.vn>", "is not one mail address", "không phải một"),
    cell(
        "no year", "grading", 2, "year", "năm 2026", "a whole number from 1900 to 9999", "số nguyên từ 1900"
    ),
    cell("no year", "grading", 2, "year", "26", "a whole number from 1900 to 9999", "số nguyên từ 1900"),
    cell("no number", "history", 2, "high", "1.5", "must be a whole number", "phải là số nguyên"),
    cell("no number", "history", 2, "high", "٣", "must be a whole number", "phải là số nguyên"),
    cell(
        "a number of 300 digits",
        "history",
        2,
        "summoned",
        "0" * 17 + "5" + "9" * 282,
        "whole number",
        "số nguyên",
    ),
    Case(
        "a wrong sum",
        put("history", 2, "high", "2"),
        (
            (
                "history",
                2,
                "returned",
                "is 4, and returned is 3: they must be equal",
                "= 4, phải bằng returned = 3",
            ),
        ),
    ),
    Case(
        "more returned than summoned",
        put("history", 2, "summoned", "2"),
        (("history", 2, "returned", "cannot be more than summoned, which is 2", "nhiều hơn summoned = 2"),),
    ),
]


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
        chain = [[f"u{i}", f"u{i - 1}" if i > 4 else "A1", "x", "", "cell"] for i in range(4, depth)]
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
    sheets["people"] += [[f"p{i}", "x", "Z", "", ""] for i in range(MAX_ERRORS + 500)]
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
