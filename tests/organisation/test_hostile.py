"""Files made to exhaust or fool the reader. Each is refused in one sentence, within 256 MB and 5 seconds."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from surveys.organisation.columns import COLUMNS
from surveys.organisation.errors import BadSheets
from surveys.organisation.mistakes import MAX_COUNTED, MAX_ERRORS
from surveys.organisation.sheets import read_organisation
from surveys.spreadsheets import shown
from surveys.spreadsheets.errors import UnusableFile
from surveys.spreadsheets.rows import MAX_FILE
from tests.organisation.bombs import (
    BOMBS,
    DAMAGED,
    MEGABYTE,
    TOO_LARGE,
    crafted,
    deflated_zeros,
    parts,
    sheet,
    zip_bomb,
)
from tests.organisation.build import Sheets, as_csv, as_xlsx, as_zip, by_hand, good, parts_of
from tests.organisation.confined import read_confined


@pytest.mark.parametrize(("bomb", "verdict", "why"), BOMBS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_bomb_is_refused_before_it_goes_off(
    bomb: Callable[[Path], Path], verdict: str, why: str, tmp_path: Path
) -> None:
    found = read_confined(bomb(tmp_path / "a.xlsx"))
    assert (found.what, found.why[: len(why)]) == (verdict, why)


def test_the_confinement_kills_a_reader_that_takes_too_much(tmp_path: Path) -> None:
    """The twin of all the above: unpacked without counting, the zip bomb does not pass."""
    from tests.organisation import confined

    path = zip_bomb(tmp_path / "a.xlsx")
    naive = "import zipfile; zipfile.ZipFile(sys.argv[1]).read('xl/strings.xml')"
    code = confined.CHILD.replace("    read_organisation(Path(sys.argv[1]))", f"    {naive}")
    original, confined.CHILD = confined.CHILD, code
    try:
        with pytest.raises(AssertionError, match="MemoryError"):
            read_confined(path)
    finally:
        confined.CHILD = original


def test_without_the_bound_of_its_length_a_format_of_brackets_takes_far_longer_than_its_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The twin: three times as many brackets, nine times the time. (The bomb has thirty times as many.)"""
    monkeypatch.setattr(shown, "MAX_FORMAT", 10**7)
    seconds = []
    for number in (6_000, 18_000):
        begun = time.process_time()
        shown.sections_of("[" * number)
        seconds.append(time.process_time() - begun)
    assert seconds[1] > 4 * seconds[0]


def csv_zip(path: Path, people: bytes, **others: bytes) -> Path:
    """The good sheets as .csv files in a zip, with other people, and what else is in it."""
    folder = as_csv(path.with_suffix(""), good())
    inside = {each.name: each.read_bytes() for each in folder.iterdir()}
    return as_zip(path, {**inside, "people.csv": people, **others})


def test_a_zip_of_csv_files_that_is_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    rows = b"code,name,unit\n" + b"a,b,A1\n" * 10**6
    assert read_confined(csv_zip(path, rows)).why.startswith(TOO_LARGE)
    assert read_confined(csv_zip(path, b" " * 300 * MEGABYTE)).why.startswith(TOO_LARGE)
    kernel, size = deflated_zeros(300 * MEGABYTE)
    crafted(path, kernel, 100, [("units.csv", 0), ("people.csv", 0)], zlib.crc32(b" " * 100))
    assert read_confined(path).what == "bad"  # no byte beyond what it says is unpacked
    crafted(path, kernel, size, [(f"{i}.csv", 0) for i in range(250_000)])
    assert read_confined(path).why.startswith(TOO_LARGE)


def test_what_else_a_zip_holds_is_not_unpacked(tmp_path: Path) -> None:
    people = "\n".join(",".join(map(str, row)) for row in good()["people"]).encode()
    others = {"notes.csv": b" " * 300 * MEGABYTE, "__MACOSX/._people.csv": b"\0", "again.zip": b"PK"}
    assert read_confined(csv_zip(tmp_path / "a.zip", people, **others)).what == "read"


def test_a_million_rows_of_csv_are_refused(tmp_path: Path) -> None:
    folder = as_csv(tmp_path / "folder", good())
    (folder / "people.csv").write_text("code,name,unit\n" + "a,b,A1\n" * 10**6, "utf-8")
    assert read_confined(folder).why.startswith(TOO_LARGE)


@pytest.mark.parametrize(
    "text",
    [
        "code,name,unit" + "," * (MAX_FILE - 100),
        "x," * (MAX_FILE // 2),
        'code,name,unit\n"' + "𠀀" * (MAX_FILE // 4 - 100),
        "code,name,unit\n" + '"\n",' * (MAX_FILE // 8),
        "x" * (MAX_FILE + 1),
    ],
    ids=["commas", "cells", "one cell", "a row of many lines", "a byte too many"],
)
def test_csv_of_one_endless_row_is_refused(text: str, tmp_path: Path) -> None:
    folder = as_csv(tmp_path / "folder", good())
    (folder / "people.csv").write_text(text, "utf-8")
    assert read_confined(folder).why.startswith(TOO_LARGE)


def many(people: int) -> Sheets:
    """So many people, each with a name and an address of their own, a tenth of them with two posts and a
    result.
    """
    sheets = good()
    sheets["people"] += [
        [f"DU01-C01-{i:06}", f"Nguyễn Thị Ánh {i}", "A1", f"anh.{i}@example.org", "yes"]
        for i in range(people)
    ]
    for i in range(0, people, 10):
        for kind in ("party", "professional"):
            sheets["posts"].append(["A2", f"DU01-C01-{i:06}", f"Chức vụ {i % 50}", kind, "no", "yes", "unit"])
        sheets["history"].append([2025, f"DU01-C01-{i:06}", "A2", 9, 8, 5, 2, 1, 0, "Phó"])
    return sheets


def test_200000_people_with_their_posts_fit_and_are_read_within_256_megabytes(tmp_path: Path) -> None:
    """Twenty times as many people take about twenty times as long: nothing grows faster than the file."""
    small = read_confined(by_hand(tmp_path / "a.xlsx", many(10_000)))
    large = read_confined(by_hand(tmp_path / "b.xlsx", many(200_000)), seconds=60)
    assert (small.what, large.what) == ("read", "read")
    assert large.seconds < 40 * small.seconds


def test_the_same_in_csv(tmp_path: Path) -> None:
    assert read_confined(as_csv(tmp_path / "folder", many(200_000)), seconds=60).what == "read"


def test_as_many_wrong_cells_as_fit_are_reported_within_the_same_bounds(tmp_path: Path) -> None:
    sheets = good()
    for name, columns in COLUMNS.items():
        sheets[name] += [["\u200b"] * len(columns)] * 40_000
    assert read_confined(as_csv(tmp_path / "folder", sheets)).what == "bad"


def test_more_errors_than_anybody_corrects_end_the_reading_and_it_is_said(tmp_path: Path) -> None:
    sheets = good()
    sheets["people"] += [[f"p{i}", "x", "A1", "", f"maybe {i}"] for i in range(MAX_COUNTED)]
    with pytest.raises(BadSheets) as caught:
        read_organisation(as_csv(tmp_path / "folder", sheets))
    assert (caught.value.count, caught.value.all_counted) == (MAX_COUNTED, False)
    assert len(caught.value.errors) == MAX_ERRORS


def test_twenty_thousand_circles_cost_no_more_than_other_units(tmp_path: Path) -> None:
    sheets = good()
    sheets["units"] += [[f"c{i}", f"c{i ^ 1}", "x", "", "cell"] for i in range(40_000)]
    assert read_confined(as_csv(tmp_path / "folder", sheets)).why == "20000"


OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("raw", "en", "vi"),
    [
        (b"", "the file is empty", "tệp rỗng"),
        (
            OLE + bytes(2000),
            "not an .xls file, or a damaged one",
            "không phải tệp .xls",
        ),
        (b"code,name\n1,2\n", DAMAGED, "không phải tệp .xlsx"),
        (b"PK\5\6" + bytes(18), DAMAGED, "không phải tệp .xlsx"),
        (b"%PDF-1.7", DAMAGED, "không phải tệp .xlsx"),
    ],
)
def test_what_is_no_workbook_is_refused_in_one_sentence(raw: bytes, en: str, vi: str, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(raw)
    with pytest.raises(UnusableFile) as caught:
        read_organisation(tmp_path / "a.xlsx")
    assert en in caught.value.en
    assert vi in caught.value.vi


@pytest.mark.parametrize("name", ["a", "a.docx", "a.xlsx.exe"])
def test_another_kind_of_file_is_told_what_is_needed(name: str, tmp_path: Path) -> None:
    with pytest.raises(
        UnusableFile,
        match=r"an \.xlsx, \.xls or \.ods file, a \.zip of \.csv files, or \.csv files are needed",
    ):
        read_organisation(as_xlsx(tmp_path / "a.xlsx", good()).rename(tmp_path / name))


def test_what_cannot_be_opened_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="cannot be opened"):
        read_organisation(tmp_path / "nothing.xlsx")
    (tmp_path / "loop.xlsx").symlink_to(tmp_path / "loop.xlsx")
    with pytest.raises(UnusableFile, match="cannot be opened"):
        read_organisation(tmp_path / "loop.xlsx")


@pytest.mark.skipif(os.name != "posix", reason="needs a named pipe")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.xlsx")
    with pytest.raises(UnusableFile):
        read_organisation(tmp_path / "a.xlsx")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "folder/units.csv")
    with pytest.raises(Exception, match="missing"):
        read_organisation(tmp_path / "folder")


def test_a_part_twice_under_names_that_differ_in_case_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile):
        read_organisation(as_zip(tmp_path / "a.xlsx", {**parts(), "XL/Worksheets/S1.xml": sheet("")}))


def test_a_sheet_name_twice_is_refused(tmp_path: Path) -> None:
    made = parts_of({"units": "", "units ": ""})
    made["xl/workbook.xml"] = made["xl/workbook.xml"].replace('"units "', '"units"')
    with pytest.raises(UnusableFile):
        read_organisation(as_zip(tmp_path / "a.xlsx", made))


def test_the_parts_of_a_workbook_made_by_hand_are_otherwise_read(tmp_path: Path) -> None:
    """The twin of the bombs: what they are made of is a good workbook."""
    assert read_organisation(as_zip(tmp_path / "a.xlsx", parts())) == read_organisation(
        by_hand(tmp_path / "b.xlsx", good())
    )
