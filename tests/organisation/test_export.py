"""What is exported is what is imported: a round trip changes nothing, and no cell is a formula or a link."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from python_calamine import CalamineWorkbook

from surveys.cli import main
from surveys.organisation.columns import COLUMNS
from surveys.organisation.export import write_workbook
from surveys.organisation.register import import_organisation, load_organisation
from surveys.organisation.sheets import read_organisation
from surveys.organisation.values import Organisation
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from tests.organisation.build import as_csv, good
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
                replace(base.units[-1], code=f"u{i}", parent="K", name=name, name_en=name)
                for i, name in enumerate(NAMES)
            ),
        ],
        [*base.people, *(replace(base.people[-1], code=name[:50], name=name) for name in NAMES)],
        [
            *base.posts,
            *(
                replace(base.posts[-1], title=name, person="004", unit=f"u{i}")
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
    stores, ring = Stores(instance / "stores"), Keyring.load_or_create(instance / "keyring.json")
    stores.migrate_app()
    import_organisation(stores.app, ring, odd, confirmed=False)
    file, at = str(tmp_path / "out.xlsx"), ["--instance", str(instance)]
    assert CliRunner().invoke(main, ["organisation", "export", file, *at]).exit_code == 0
    assert "Nothing has changed." in CliRunner().invoke(main, ["organisation", "import", file, *at]).output
    assert load_organisation(stores.app, ring) == odd


def test_a_failed_export_leaves_the_file_that_was_there(odd: Organisation, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(OSError):
        write_workbook(tmp_path / "a.xlsx", odd)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with pytest.raises(OSError, match="cannot be written"):
        write_workbook(tmp_path / "none/a.xlsx", odd)
