"""The demo organisation has the shape of the source document, and follows from its seed to the byte."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from surveys.cli import main
from surveys.organisation.export import write_workbook
from surveys.organisation.register import load_organisation
from surveys.organisation.sheets import read_organisation
from surveys.organisation.values import Organisation, unified_units
from surveys.rehearsal.demo_organisation import YEAR, demo_organisation
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores


@pytest.fixture(scope="module")
def demo() -> Organisation:
    return demo_organisation()


def test_there_are_57_committees_and_410_cells_under_one_bloc(demo: Organisation) -> None:
    kinds = {unit.code: unit.kind for unit in demo.units}
    assert Counter(kinds.values()) == {"bloc": 1, "committee": 57, "cell": 410}
    above = {"bloc": None, "committee": "bloc", "cell": "committee"}
    for unit in demo.units:
        assert (kinds[unit.parent] if unit.parent else None) == above[unit.kind]


def test_40_committees_and_356_cells_have_a_unified_post(demo: Organisation) -> None:
    kinds = {unit.code: unit.kind for unit in demo.units}
    assert Counter(kinds[code] for code in unified_units(demo)) == {"committee": 40, "cell": 356}


def test_a_unified_post_is_held_by_the_secretary_of_that_very_unit(demo: Organisation) -> None:
    secretaries = {(post.unit, post.person) for post in demo.posts if post.title.startswith("Bí thư")}
    heads = {(post.unit, post.person) for post in demo.posts if post.kind == "professional" and post.head}
    assert {unit for unit, _ in secretaries & heads} == unified_units(demo)


def test_48_committees_are_excellent_9_good_and_none_weaker(demo: Organisation) -> None:
    assert Counter(grading.grade for grading in demo.gradings) == {"excellent": 48, "good": 9}
    assert {grading.year for grading in demo.gradings} == {YEAR}


def test_5000_people_vote_each_in_a_cell(demo: Organisation) -> None:
    cells = {unit.code for unit in demo.units if unit.kind == "cell"}
    assert sum(person.votes for person in demo.people) == 5000
    assert {person.unit for person in demo.people if person.votes} == cells


def test_every_contest_has_two_earlier_years_that_add_up(demo: Organisation) -> None:
    contests = {(post.person, post.unit) for post in demo.posts if post.subject}
    assert len(demo.history) == 2 * len(contests)
    for year in (YEAR - 2, YEAR - 1):
        assert {(row.person, row.unit) for row in demo.history if row.year == year} == contests
    for row in demo.history:
        assert row.high + row.plain + row.low + row.not_marked == row.returned
        assert row.summoned is not None
        assert row.returned <= row.summoned


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(demo: Organisation, tmp_path: Path) -> None:
    digests = []
    for name, organisation in (
        ("a", demo),
        ("b", demo_organisation()),
        ("c", demo_organisation(seed=7)),
    ):
        write_workbook(tmp_path / f"{name}.xlsx", organisation)
        digests.append(hashlib.sha256((tmp_path / f"{name}.xlsx").read_bytes()).hexdigest())
    assert digests[0] == digests[1] != digests[2]


def test_the_workbook_reads_back_as_the_organisation(demo: Organisation, tmp_path: Path) -> None:
    write_workbook(tmp_path / "demo.xlsx", demo)
    assert read_organisation(tmp_path / "demo.xlsx") == demo


def test_the_command_makes_and_imports_it_and_a_second_run_changes_nothing(
    demo: Organisation, tmp_path: Path
) -> None:
    instance = tmp_path / "instance"
    first = CliRunner().invoke(main, ["demo", "--instance", str(instance)])
    assert (first.exit_code, "468 units" in first.output, "5000 vote" in first.output) == (0, True, True)
    stores = Stores(Engines(instance / "stores"), Keyring.load(instance / "keyring.json"))
    assert load_organisation(stores.app) == demo
    file = (instance / "stores/app.sqlite").read_bytes()
    second = CliRunner().invoke(main, ["demo", "--instance", str(instance)])
    assert second.exit_code == 0
    assert "0 records" in second.output
    assert (instance / "stores/app.sqlite").read_bytes() == file


def test_another_demo_over_an_imported_one_is_refused_in_one_sentence(tmp_path: Path) -> None:
    call = ["demo", "--instance", str(tmp_path)]
    assert CliRunner().invoke(main, call).exit_code == 0
    file = (tmp_path / "stores/app.sqlite").read_bytes()
    again = CliRunner().invoke(main, [*call, "--seed", "7"])
    assert again.exit_code == 1
    assert again.stderr.startswith("Refused: the file changes ")
    assert again.stderr.count("\n") == 1
    assert (tmp_path / "stores/app.sqlite").read_bytes() == file


def test_a_workbook_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(
        main, ["demo", "--instance", str(tmp_path), "--out", str(tmp_path / "file/x.xlsx")]
    )
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
