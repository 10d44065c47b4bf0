"""What a browser sends: a workbook, a zip of .csv files, several of them, one; never believed for its name or
its size.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from surveys.jobs.progress import Silent
from surveys.organisation.errors import BadSheets
from surveys.organisation.export import csv_zip, workbook
from surveys.organisation.sheets import read_organisation
from surveys.organisation.values import Organisation
from surveys.spreadsheets.errors import UnusableFile
from surveys.spreadsheets.files import MAX_FILES, Sent, shown_name
from surveys.spreadsheets.rows import MAX_FILE
from tests.organisation.build import Rows, Sheets, as_csv, as_xlsx, good, uploaded


@pytest.fixture
def small(tmp_path: Path) -> Organisation:
    return read_organisation(as_csv(tmp_path / "small", good()))


def loose(folder: Path, sheets: Sheets) -> list[Sent]:
    """The sheets as .csv files of a browser."""
    return [Sent.of(each.name, each.read_bytes()) for each in sorted(as_csv(folder, sheets).iterdir())]


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def refused(*sent: Sent, stored: Organisation | None = None) -> UnusableFile:
    with pytest.raises(UnusableFile) as caught:
        uploaded(sent, lambda: stored)
    assert caught.value.vi
    return caught.value


def test_the_same_organisation_comes_in_every_form(small: Organisation, tmp_path: Path) -> None:
    files = loose(tmp_path / "csv", good())
    book = as_xlsx(tmp_path / "a.xlsx", good()).read_bytes()
    in_a_folder = zipped(*((f"export/{each.name}", each.content()) for each in files))
    for sent in (
        [Sent.of("Danh sách.XLSX", book)],
        files,
        [Sent.of("a.zip", in_a_folder)],
        [Sent.of("a.zip", csv_zip(small))],
        [Sent.of("a.xlsx", workbook(small, "vi"))],
    ):
        assert uploaded(sent) == small


def test_the_command_line_reads_a_zip_and_a_csv_too(small: Organisation, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(csv_zip(small))
    assert read_organisation(tmp_path / "a.zip") == small
    people = as_csv(tmp_path / "csv", {"people": good()["people"][:-1]}) / "people.csv"
    assert read_organisation(people, lambda: small) == replace(small, people=small.people[:-1])


def test_of_csv_files_those_that_are_left_out_stay_as_they_are_stored(
    small: Organisation, tmp_path: Path
) -> None:
    people: Rows = [*good()["people"][:-1], ["005", "Người mới", "A3", "", ""]]
    (one,) = loose(tmp_path / "csv", {"people": people})
    for sent in (one, Sent.of("x.zip", zipped(("people.csv", one.content())))):
        read = uploaded([sent], lambda: small)
        assert [person.code for person in read.people] == ["001", "002", "003", "005"]
        assert replace(read, people=()) == replace(small, people=())


def test_a_first_upload_needs_every_sheet_but_the_history(tmp_path: Path) -> None:
    files = {each.name: each for each in loose(tmp_path / "csv", good())}
    with pytest.raises(BadSheets) as caught:
        uploaded([files["people.csv"]])
    assert [error.sheet for error in caught.value.errors if error.row == 0] == ["units", "posts", "grading"]
    del files["history.csv"]
    assert uploaded(list(files.values())).history == ()


def test_a_workbook_has_every_sheet_but_its_history_may_stay_as_it_is(
    small: Organisation, tmp_path: Path
) -> None:
    sheets = good()
    del sheets["history"]
    sent = Sent.of("a.xlsx", as_xlsx(tmp_path / "a.xlsx", sheets).read_bytes())
    assert uploaded([sent], lambda: small) == small
    del sheets["grading"]
    sent = Sent.of("a.xlsx", as_xlsx(tmp_path / "a.xlsx", sheets).read_bytes())
    with pytest.raises(BadSheets) as caught:
        uploaded([sent], lambda: small)
    assert [(error.sheet, error.row) for error in caught.value.errors] == [("grading", 0)]


def test_what_is_stored_and_no_longer_fits_is_told_with_what_to_do(
    small: Organisation, tmp_path: Path
) -> None:
    (one,) = loose(tmp_path / "csv", {"people": good()["people"][:3]})
    with pytest.raises(BadSheets) as caught:
        uploaded([one], lambda: small)
    (error,) = caught.value.errors
    assert (error.sheet, error.row, error.column, error.cell) == ("posts", 0, "person", "")
    assert error.en == (
        "A2, 003, Trưởng phòng, professional is stored, and the file has no person '003': "
        "keep this person, or send the sheet posts too"
    )
    assert "đang lưu" in error.vi


def test_the_names_of_copies_still_tell_the_sheet(small: Organisation, tmp_path: Path) -> None:
    (one,) = loose(tmp_path / "csv", {"people": good()["people"]})
    for name in (
        "PEOPLE.CSV",
        "people (2).csv",
        "people - Copy.csv",
        r"C:\fakepath\people.csv",
        "../x/people.csv",
    ):
        assert uploaded([Sent.of(name, one.content())], lambda: small) == small


@pytest.mark.parametrize("name", ["colours.csv", "people.csv.csv", "peoplex.csv", "people(a).csv"])
def test_a_csv_of_another_name_is_refused_with_the_names_there_are(name: str, small: Organisation) -> None:
    told = refused(Sent.of(name, b"code,name,unit\n"), stored=small)
    assert told.en == (
        f"the file name {name!r} is none of: units.csv, people.csv, posts.csv, grading.csv, history.csv; "
        "and no row of it is the header of a table"
    )


def test_two_files_of_one_sheet_are_refused(small: Organisation) -> None:
    raw = b"code,name,unit\n"
    told = refused(Sent.of("people.csv", raw), Sent.of("people (1).csv", raw), stored=small)
    assert (
        told.en
        == "there are two sheets (or files) of the sheet people, 'people' and 'people': send one of them"
    )
    twice = zipped(("a/people.csv", raw), ("b/people.csv", raw))
    assert "two sheets (or files) of the sheet people" in refused(Sent.of("a.zip", twice), stored=small).en


def test_kinds_are_not_mixed_and_something_is_sent(small: Organisation) -> None:
    csv, book = Sent.of("people.csv", b"code\n"), Sent.of("a.xlsx", workbook(small))
    for sent in ((), (csv, book), (book, book), (Sent.of("a.pdf", b"%PDF"),), (Sent.of("xlsx", b"PK"),)):
        assert "are needed" in refused(*sent).en


def test_what_a_file_is_is_seen_from_its_content(small: Organisation) -> None:
    book = workbook(small)
    assert "under the name of a .csv" in refused(Sent.of("people.csv", book), stored=small).en
    assert "holds no .csv file" in refused(Sent.of("a.zip", book)).en
    assert "not an .xlsx file" in refused(Sent.of("a.xlsx", csv_zip(small))).en
    assert "not an .xlsx file" in refused(Sent.of("a.xlsx", b"code,name,unit\n")).en
    assert "the file is empty" in refused(Sent.of("a.zip", b"")).en


def test_a_size_that_is_told_wrongly_helps_nobody(small: Organisation) -> None:
    too_much = Sent("people.csv", 10, lambda: b"x" * (MAX_FILE + 1))
    assert "too large" in refused(too_much, stored=small).en
    assert "too large" in refused(Sent("a.xlsx", MAX_FILE + 1, lambda: b""), stored=small).en
    many = [Sent.of(f"people ({i}).csv", b"") for i in range(MAX_FILES + 1)]
    assert "too large" in refused(*many, stored=small).en


def test_a_name_is_fit_to_be_shown() -> None:
    assert shown_name("a/b\\c\u202e\n.csv ") == "c.csv"
    assert shown_name("x" * 300 + ".csv") == "x" * 100
    assert shown_name("///") == "-"


def test_every_error_has_the_cell_as_a_spreadsheet_names_it(tmp_path: Path) -> None:
    sheets = good()
    sheets["people"] = [[row[i] for i in (4, 3, 2, 1, 0)] for row in sheets["people"]]
    sheets["people"][2][3] = ""
    sheets["people"][3][2] = "Z"
    with pytest.raises(BadSheets) as caught:
        read_organisation(as_xlsx(tmp_path / "a.xlsx", sheets))
    assert [(error.sheet, error.cell) for error in caught.value.errors] == [
        ("people", "D3"),
        ("people", "C4"),
    ]


class Bar(Silent):
    """Notes what a bar would show."""

    def __init__(self) -> None:
        self.stages: list[list[object]] = []

    def begin(self, stage: str, total: int) -> None:
        self.stages.append([stage, total, 0])

    def step(self, steps: int = 1) -> None:
        self.stages[-1][2] += steps  # type: ignore[operator]


def test_reading_tells_how_far_it_is_in_every_form(small: Organisation, tmp_path: Path) -> None:
    for sent in (
        [Sent.of("a.xlsx", workbook(small))],
        [Sent.of("a.zip", csv_zip(small))],
        loose(tmp_path / "csv", good()),
    ):
        bar = Bar()
        uploaded(sent, progress=bar)
        ((stage, total, done),) = bar.stages
        assert (stage, total) == ("read", done)
        assert total


def test_a_bar_that_breaks_is_no_fault_of_the_file(small: Organisation) -> None:
    class Breaks(Silent):
        def step(self, steps: int = 1) -> None:
            raise ValueError("the bar")

    for sent in (Sent.of("a.xlsx", workbook(small)), Sent.of("a.zip", csv_zip(small))):
        with pytest.raises(ValueError, match="the bar"):
            uploaded([sent], progress=Breaks())
