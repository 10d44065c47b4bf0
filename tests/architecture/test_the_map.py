"""The map of the house is true: rooms, walls and the places of code that the documents name are there."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAPS = [ROOT / "docs" / name for name in ("architecture.md", "life-of-a-ballot.md")]
CLIENT = {"pages", "worker", "core", "dom", "verifier"}
"""The first steps of a path below client/src; all others lie below surveys/."""


def _plain(path: Path) -> str:
    return " ".join(path.read_text("utf-8").split())


def _places(text: str) -> set[str]:
    """What looks like a place: `roll/registrar.issue_token`, `core/secret/encrypt`; not a path of the tree's
    top.
    """
    found = re.findall(r"`([a-z_]+(?:/[a-z_0-9]+)+/?(?:\.[A-Za-z_]+)?)`", text)
    return {place for place in found if not (ROOT / place).exists()}


def _is_there(place: str) -> bool:
    """Whether there is such a folder, such a module, and in it such a name."""
    base = ROOT / ("client/src" if place.split("/")[0] in CLIENT else "surveys")
    if (base / place).exists():
        return True
    where, _, name = place.partition(".")
    for path in (base / f"{where}.py", base / where / "__init__.py", base / f"{where}.ts"):
        if path.exists():
            return (
                not name
                or re.search(rf"(?m)^\s*(?:async )?(?:def|class) {name}\b", path.read_text("utf-8"))
                is not None
            )
    return False


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.name)
def test_every_place_of_code_that_is_named_is_there(path: Path) -> None:
    assert {place for place in _places(_plain(path)) if not _is_there(place)} == set(), "correct the map"


def test_a_place_that_is_not_there_is_seen() -> None:
    assert _is_there("roll/registrar.issue_token")
    assert not _is_there("roll/registrar.issue_tokens")
    assert not _is_there("roll/clerk")
    assert not _is_there("core/secret/magic")
    assert _places("from `roll/clerk.ask` to `docs/protocol.md`") == {"roll/clerk.ask"}


def test_every_wall_stands_on_the_map_with_its_sentence() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    told = _plain(MAPS[0])
    assert [wall["id"] for wall in declared if f"- `{wall['id']}`: {wall['name']}" not in told] == []


def test_every_room_stands_on_the_map() -> None:
    tree = (ROOT / "docs/architecture.md").read_text("utf-8").split("```")[1]
    rooms = {path.parent.name for path in (ROOT / "surveys").glob("*/__init__.py")}
    assert {room for room in rooms if f"{room}/" not in tree} == set()
    named = set(re.findall(r"(?m)^  (?:cli\.py  )?([a-z]+)/  ", tree)) | {"jobs"}
    assert named == rooms
    modules = {path.name for path in (ROOT / "surveys").glob("*.py") if path.name != "__init__.py"}
    assert {module for module in modules if module not in tree} == set()


def test_every_folder_of_the_tree_stands_on_the_map() -> None:
    tree = (ROOT / "docs/architecture.md").read_text("utf-8").split("```")[1]
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    folders = {path.split("/")[0] for path in listed.stdout.split("\0") if "/" in path}
    shown = {folder for folder in folders if not folder.startswith(".")} - {"LICENSES"}
    assert {folder for folder in shown if f"{folder}/" not in tree} == set()
