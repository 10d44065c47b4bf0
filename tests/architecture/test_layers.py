"""The walls between the rooms (pyproject.toml, [tool.importlinter]) stand, and a wall that is broken is seen."""

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


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("surveys/box/gate.py", "import surveys.roll.models", "Rooms are stacked"),
        ("surveys/protocol/group.py", "import sqlalchemy", "Pure rooms"),
        ("surveys/results/ledger.py", "import surveys.protocol.secret.decrypt", "touches a secret"),
        ("surveys/results/ledger.py", "import flask", "speak HTTP"),
        ("surveys/results/pages/public.py", "import surveys.results.models", "Pages call verbs"),
        ("surveys/rounds/states.py", "import surveys.results.ledger", "Rooms are stacked"),
        ("surveys/roll/registrar.py", "import surveys.mail.smtp", "cannot reach people"),
        ("surveys/mail/smtp.py", "import surveys.stores.engines", "Rooms are stacked"),
        ("surveys/stages/reminding.py", "import surveys.roll.listing", "cannot see who has a ballot paper"),
        ("surveys/stages/letter_desk.py", "import surveys.stages.preparing", "who has a ballot paper"),
    ],
)
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
    house.add_import(importer="surveys.results.ledger", imported="surveys.roll.models")
    assert _strangers(house) == {("surveys.results.ledger", "surveys.roll.models")}


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
