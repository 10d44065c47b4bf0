"""The walls between the rooms (pyproject.toml, [tool.importlinter]) stand, and a wall that is broken
is seen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).with_name("lint-imports")
ROOMS = tuple(path.name for path in (ROOT / "surveys").iterdir() if (path / "__init__.py").exists())


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [LINT, "--no-cache"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def copied_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "surveys", folder / "surveys", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_all_contracts_between_the_rooms_hold() -> None:
    answer = _lint(ROOT)
    assert answer.returncode == 0, answer.stdout


BREACHES = (
    ("surveys/box/gate.py", "import surveys.roll.models", "Rooms are stacked"),
    ("surveys/protocol/group.py", "import sqlalchemy", "Pure rooms"),
    ("surveys/results/publications.py", "import surveys.protocol.secret.decrypt", "touches a secret"),
    ("surveys/results/publications.py", "import flask", "speak HTTP"),
    ("surveys/console/polls/conducting.py", "import flask", "speak HTTP"),
    ("surveys/results/pages/public.py", "import surveys.results.models", "Pages call verbs"),
    ("surveys/console/polls/pages/staff.py", "import surveys.rounds.models", "Pages call verbs"),
    ("surveys/rounds/states.py", "import surveys.results.publications", "Rooms are stacked"),
    ("surveys/roll/registrar.py", "import surveys.mail.smtp", "cannot reach people"),
    ("surveys/mail/smtp.py", "import surveys.stores.engines", "Rooms are stacked"),
    ("surveys/console/letters/reminding.py", "import surveys.roll.listing", "who has a ballot paper"),
    ("surveys/console/letters/writing.py", "import surveys.stages.preparing", "who has a ballot paper"),
    ("surveys/letters/mailings.py", "import surveys.roll.models", "who has a ballot paper"),
    ("surveys/console/home/overview.py", "import surveys.roll.attendance", "through the stages"),
    ("surveys/console/home/overview.py", "import surveys.box.models", "through the stages"),
    ("surveys/commands/staff.py", "import surveys.box.board", "see roll and box"),
    ("surveys/console/polls/conducting.py", "import surveys.console.home.overview", "No cycles"),
    ("surveys/box/sealing.py", "import surveys.stores.store", "the keys of names"),
    ("surveys/stages/tallying.py", "import surveys.stores.columns", "the keys of names"),
    ("surveys/papers/typeset/letters.py", "import surveys.papers.typeset.heads", "No cycles"),
    ("surveys/protocol/secret/deal.py", "import surveys.protocol.kernel.products", "time depends on"),
    ("surveys/box/gate.py", "import wasmtime", "the compiled module"),
)


def test_every_wall_is_broken_once() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    names = [contract["name"] for contract in contracts]
    assert [name for name in names if not any(part in name for *_, part in BREACHES)] == []


@pytest.mark.parametrize(("file", "line", "contract"), BREACHES)
def test_a_broken_wall_is_seen(copied_house: Path, file: str, line: str, contract: str) -> None:
    path = copied_house / file
    sound = path.read_text()
    path.write_text(f"{sound}\n{line}\n")
    answer = _lint(copied_house)
    path.write_text(sound)
    broken = [row for row in answer.stdout.splitlines() if row.rstrip().endswith("BROKEN")]
    assert answer.returncode == 1
    assert any(contract in row for row in broken), answer.stdout


def _strangers(house: grimp.ImportGraph) -> set[tuple[str, str]]:
    return {
        (reader, tables)
        for tables in house.modules
        if tables.endswith(".models")
        for reader in house.find_modules_that_directly_import(tables)
        if reader.split(".")[1] != tables.split(".")[1]
    }


def test_a_rooms_tables_are_its_own() -> None:
    assert _strangers(grimp.build_graph("surveys", cache_dir=None)) == set()


def test_a_reader_of_another_rooms_tables_is_seen() -> None:
    house = grimp.build_graph("surveys", cache_dir=None)
    house.add_import(importer="surveys.results.publications", imported="surveys.roll.models")
    assert _strangers(house) == {("surveys.results.publications", "surveys.roll.models")}


def test_every_room_has_a_place_in_the_layers() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    rooms = next(contract for contract in contracts if contract["id"] == "rooms")
    assert rooms["exhaustive"] is True
    placed = {name.strip(" ()") for layer in rooms["layers"] for name in layer.split("|")}
    assert set(ROOMS) <= placed


def test_the_voters_path_is_kept_from_every_room_that_knows_people() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    voters_path = next(contract for contract in contracts if contract["id"] == "no-people")
    knowing = {f"surveys.{room}" for room in ("organisation", "accounts", "rounds", "mail") if room in ROOMS}
    assert set(voters_path["forbidden_modules"]) == knowing


PARTIES = frozenset({"roll", "box", "committee"})
SEE_ALL = frozenset({"stages", "instance", "rehearsal"})


def _seeing(house: grimp.ImportGraph) -> dict[str, set[str]]:
    """Module → which of the three parties it imports itself, where more than one."""
    seen: dict[str, set[str]] = {}
    for module in house.modules:
        parties = {
            imported.split(".")[1]
            for imported in house.find_modules_directly_imported_by(module)
            if imported.count(".") and imported.split(".")[1] in PARTIES
        } - {module.split(".")[1] if module.count(".") else ""}
        if len(parties) > 1:
            seen[module] = parties
    return seen


def test_the_three_parties_meet_in_the_stages_and_in_what_runs_them() -> None:
    meeting = _seeing(grimp.build_graph("surveys", cache_dir=None))
    assert {module.split(".")[1] for module in meeting} <= SEE_ALL
    assert "surveys.stages.closing" in meeting
