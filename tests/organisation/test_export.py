"""What is exported is what is imported: a round trip changes nothing, and no cell is a formula or a link."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from python_calamine import CalamineWorkbook

from surveys.cli import main
from surveys.names import PersonCode, UnitCode
from surveys.organisation.columns import COLUMNS, names_of, words_of
from surveys.organisation.errors import NotAsCsv
from surveys.organisation.explained import explained
from surveys.organisation.export import (
    HELP,
    column_title,
    csv_zip,
    examples_in,
    sheet_title,
    template,
    workbook,
    write_workbook,
)
from surveys.organisation.parts import subtree
from surveys.organisation.register import import_organisation, load_organisation
from surveys.organisation.sheets import read_organisation
from surveys.organisation.values import Organisation
from surveys.spreadsheets.csv_text import FORMULA_STARTS, neutral, restored
from surveys.spreadsheets.files import Sent
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from tests.organisation.build import as_csv, errors_of, good, uploaded
from tests.organisation.strategies import organisations

NAMES = [
    '=HYPERLINK("http://x")',
    "+84 24",
    "-1",
    "@SUM(A1)",
    "'trích",
    '"trích"',
    "http://example.org",
    "mailto:a@b.vn",
    "internal:x!A1",
    "{=A1}",
    "Nguyễn Thị Ưở <&> ]]>",
    "_x0041_",
    "_x005F_",
    "007",
    "1E5",
    "TRUE",
    "ế" * 300,
    "𠀀" * 300,
]


@pytest.fixture
def odd(tmp_path: Path) -> Organisation:
    """Every odd name once as a name of a unit, a person and a post."""
    base = read_organisation(as_csv(tmp_path / "csv", good()))
    return Organisation.of(
        [
            *base.units,
            *(
                replace(base.units[-1], code=UnitCode(f"u{i}"), parent=UnitCode("K"), name=name, name_en=name)
                for i, name in enumerate(NAMES)
            ),
        ],
        [*base.people, *(replace(base.people[-1], code=PersonCode(name[:50]), name=name) for name in NAMES)],
        [
            *base.posts,
            *(
                replace(base.posts[-1], title=name, person=PersonCode("004"), unit=UnitCode(f"u{i}"))
                for i, name in enumerate(NAMES)
            ),
        ],
        base.gradings,
        base.history,
    )


def test_a_round_trip_changes_nothing_whatever_names_begin_with(odd: Organisation, tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", odd)
    assert read_organisation(tmp_path / "a.xlsx") == odd


def test_an_independent_reader_finds_the_same_cells(odd: Organisation, tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", odd)
    book = CalamineWorkbook.from_path(tmp_path / "a.xlsx")
    assert book.sheet_names == list(COLUMNS)
    rows = book.get_sheet_by_name("people").to_python()
    assert rows[0] == [column.rstrip("*") for column in COLUMNS["people"]]
    wanted = [[p.code, p.name, p.unit, p.email or "", "yes" if p.votes else "no"] for p in odd.people]
    assert rows[1:] == wanted


def test_no_formula_and_no_link_is_written(odd: Organisation, tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", odd)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        assert sheets == [
            f"xl/worksheets/sheet{i}.xml" for i in range(1, 6)
        ]  # and no _rels, which links need
        for name in sheets:
            text = archive.read(name).decode()
            assert "<c " in text
            assert "<f" not in text.replace("<fo", "")
            assert "hyperlink" not in text


def test_the_bytes_follow_from_the_organisation(odd: Organisation, tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", odd)
    write_workbook(tmp_path / "b.xlsx", odd)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@settings(max_examples=60, deadline=None)
@given(organisations())
def test_any_organisation_survives_the_round_trip(organisation: Organisation) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        write_workbook(path, organisation)
        assert read_organisation(path) == organisation


def test_what_the_command_exports_imports_without_a_change(odd: Organisation, tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    stores = Stores(Engines(instance / "stores"), Keyring.load_or_create(instance / "keyring.json"))
    stores.engines.migrate_app()
    import_organisation(stores.app, odd, confirmed=False)
    file, at = str(tmp_path / "out.xlsx"), ["--instance", str(instance)]
    assert CliRunner().invoke(main, ["organisation", "export", file, *at]).exit_code == 0
    assert "Nothing has changed." in CliRunner().invoke(main, ["organisation", "import", file, *at]).output
    assert load_organisation(stores.app) == odd


def test_a_failed_export_leaves_the_file_that_was_there(odd: Organisation, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(OSError):
        write_workbook(tmp_path / "a.xlsx", odd)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with pytest.raises(OSError, match="cannot be written"):
        write_workbook(tmp_path / "none/a.xlsx", odd)


def test_csv_round_trips_too_and_no_cell_of_it_is_a_formula(odd: Organisation) -> None:
    raw = csv_zip(odd)
    assert uploaded([Sent.of("a.zip", raw)]) == odd
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        cells = [
            cell
            for name in archive.namelist()
            for row in csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"), newline=""))
            for cell in row
        ]
    assert not [cell for cell in cells if cell.startswith(FORMULA_STARTS)]
    assert '\'=HYPERLINK("http://x")' in cells


@pytest.mark.parametrize("text", ["=1", "'=1", "''+x", "'", "'x", "''", "＝1", "-", "@a", "x=1", "a'=b"])
def test_what_is_neutralised_is_restored(text: str) -> None:
    assert restored(neutral(text)) == text
    assert not neutral(text).startswith(FORMULA_STARTS)


@settings(max_examples=60, deadline=None)
@given(organisations())
def test_any_organisation_survives_the_round_trip_in_csv(organisation: Organisation) -> None:
    try:
        raw = csv_zip(organisation)
    except NotAsCsv:
        return
    assert csv_zip(organisation) == raw
    assert uploaded([Sent.of("a.zip", raw)]) == organisation


@pytest.mark.parametrize("text", ["Sở A;=cmd|' /c calc'!A0", "x,+1", 'a;" =1', "a\u003b＝1"])
def test_a_text_that_another_separator_would_make_a_formula_goes_into_an_xlsx_only(
    text: str, odd: Organisation, tmp_path: Path
) -> None:
    """The twin: split at the other separator, the second half of such a cell begins like a formula."""
    assert any(part.strip(" \"'").startswith(FORMULA_STARTS) for part in re.split("[;,]", neutral(text)))
    bad = replace(odd, units=(replace(odd.units[0], name=text), *odd.units[1:]))
    with pytest.raises(NotAsCsv) as refused:
        csv_zip(bad)
    assert (refused.value.sheet, refused.value.row, refused.value.column) == ("units", 2, "name")
    write_workbook(tmp_path / "a.xlsx", bad)
    assert read_organisation(tmp_path / "a.xlsx") == bad


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_template_explains_every_column_and_its_examples_are_not_imported(
    language: str, tmp_path: Path
) -> None:
    (tmp_path / "a.xlsx").write_bytes(template(language))
    book = CalamineWorkbook.from_path(tmp_path / "a.xlsx")
    assert book.sheet_names == [HELP[language], *(sheet_title(name, language) for name in COLUMNS)]
    cells = [[str(cell) for cell in row] for row in book.get_sheet_by_name(HELP[language]).to_python()]
    for sheet, said in explained().items():
        for column in said.columns:
            title = column_title(sheet, column.name, language)
            assert [sheet_title(sheet, language), title] in [row[:2] for row in cells]
            assert any(column.text[language] in row for row in cells)
        first = list(examples_in(sheet, language)[0])
        assert any(row[: len(first)] == first for row in cells)
        titles = [column_title(sheet, name, language) for name in names_of(sheet)]
        assert book.get_sheet_by_name(sheet_title(sheet, language)).to_python() == [titles]
    (error,) = errors_of(tmp_path / "a.xlsx")  # nothing in it, so no root
    assert error == (sheet_title("units", language), 0, column_title("units", "parent", language))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_examples_of_the_template_are_an_organisation_in_either_language(
    language: str, tmp_path: Path
) -> None:
    sheets = {
        sheet_title(name, language): [
            [column_title(name, column, language) for column in names_of(name)],
            *map(list, examples_in(name, language)),
        ]
        for name in COLUMNS
    }
    organisation = read_organisation(as_csv(tmp_path / "csv", sheets))
    assert [post.kind for post in organisation.posts] == ["party", "professional", "party"]


def test_the_template_filled_in_is_imported(odd: Organisation) -> None:
    for language in ("vi", "en"):
        assert uploaded([Sent.of("a.xlsx", workbook(odd, language))]) == odd


def test_columns_of_words_can_be_chosen_from_and_columns_of_texts_are_text(odd: Organisation) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook(odd))) as archive:
        sheets = {
            name: archive.read(f"xl/worksheets/sheet{i}.xml").decode() for i, name in enumerate(COLUMNS, 1)
        }
        styles = archive.read("xl/styles.xml").decode()
    lists = {
        (name, column): f'"{",".join(words_of(name, column))}"'.replace('"', "&quot;")
        for name in COLUMNS
        for column in names_of(name)
        if words_of(name, column)
    }
    assert set(lists) == {
        ("people", "votes"),
        ("posts", "kind"),
        ("posts", "head"),
        ("posts", "subject"),
        ("posts", "electorate"),
        ("grading", "grade"),
    }
    for (name, _), words in lists.items():
        assert words in sheets[name] or words.replace("&quot;", '"') in sheets[name]
    assert (
        'numFmtId="49"' in styles
    )  # "@": what is typed into such a cell stays text, zeros in front and formulas too


def test_the_command_writes_csv_a_part_and_a_template(odd: Organisation, tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    stores = Stores(Engines(instance / "stores"), Keyring.load_or_create(instance / "keyring.json"))
    stores.engines.migrate_app()
    import_organisation(stores.app, odd, confirmed=False)
    at = ["--instance", str(instance)]

    def run(*call: str) -> Result:
        return CliRunner().invoke(main, ["organisation", *call])

    assert run("export", str(tmp_path / "a.zip"), *at).exit_code == 0
    assert read_organisation(tmp_path / "a.zip") == odd
    assert run("export", str(tmp_path / "b.xlsx"), "--unit", "A2", *at).exit_code == 0
    assert read_organisation(tmp_path / "b.xlsx") == subtree(odd, UnitCode("A2"))
    assert (
        run("export", str(tmp_path / "c.xlsx"), "--unit", "Z", *at).stderr
        == "Refused: there is no unit 'Z'\n"
    )
    assert run("export", str(tmp_path / "c.pdf"), *at).exit_code == 2
    assert run("template", str(tmp_path / "t.xlsx"), "--language", "en").exit_code == 0
    assert (tmp_path / "t.xlsx").read_bytes() == template("en")
    assert not (tmp_path / "c.xlsx").exists()
