"""Errors of a spreadsheet: what is written where, where it must be reported, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from surveys.organisation.columns import COLUMNS
from tests.organisation.build import GOOD, Sheets


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
        "a column twice",
        lambda s: s.update(people=[[*row, row[0]] for row in s["people"]]),
        (("people", 1, "code", "occurs twice", "hai lần"),),
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
        "a bad word", "grading", 2, "grade", "giỏi", "one of: excellent, good, completed, not_c", "một trong"
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
