"""The tree itself: sizes, openings, file modes, nothing of third parties, one reader of the environment."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 400
MOST_OF_A_ROOM = 0.15
MODULES = sorted(
    [ROOT / "app.py"]
    + [
        path
        for part in ("surveys", "tests", "migrations", "benchmarks")
        for path in (ROOT / part).rglob("*.py")
    ]
)
PRODUCT = [path for path in MODULES if path.is_relative_to(ROOT / "surveys") or path.name == "app.py"]
VAGUE = {"utils", "util", "helpers", "helper", "manager", "data", "process", "handle", "misc", "common"}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb"}
EXECUTABLE = {".ci/run", ".ci/browser", "deploy/install", "deploy/tin-nhiem"}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _tracked() -> list[tuple[str, str]]:
    """(mode, path) of every file under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-s", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    rows = [row for row in listed.stdout.split("\0") if row]
    return [(row.split()[0], row.split("\t", 1)[1]) for row in rows]


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


def lines_by_room() -> dict[str, int]:
    """Room → the lines of its modules."""
    rooms: dict[str, int] = {}
    for path in PRODUCT:
        if path.is_relative_to(ROOT / "surveys"):
            room = path.relative_to(ROOT / "surveys").parts[0]
            rooms[room] = rooms.get(room, 0) + len(path.read_text("utf-8").splitlines())
    return rooms


def test_no_room_holds_more_than_fifteen_in_a_hundred_lines() -> None:
    """A room that grows beyond that is two."""
    rooms = lines_by_room()
    whole = sum(rooms.values())
    assert {room: lines for room, lines in rooms.items() if lines > MOST_OF_A_ROOM * whole} == {}


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.name != "conftest.py" and p.stat().st_size], ids=_name
)
def test_a_module_opens_with_what_it_is(path: Path) -> None:
    opening = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert opening
    assert len(opening) >= 10


@pytest.mark.parametrize("path", PRODUCT, ids=_name)
def test_a_module_has_a_name_that_says_something(path: Path) -> None:
    assert not {part.removesuffix(".py") for part in path.relative_to(ROOT).parts} & VAGUE


def _reads_environment(source: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT:
            return True
        if (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {a.name for a in node.names} & ENVIRONMENT
        ):
            return True
    return False


def test_only_settings_reads_the_environment() -> None:
    readers = {_name(path) for path in PRODUCT if _reads_environment(path.read_text("utf-8"))}
    assert readers == {"surveys/settings.py"}


@pytest.mark.parametrize(
    "line", ["import os; os.environ['A']", "from os import getenv", "import os; os.getenv('A')"]
)
def test_a_reader_of_the_environment_is_seen(line: str) -> None:
    assert _reads_environment(line)


def test_file_modes_are_plain_and_there_are_no_links() -> None:
    odd = {path: mode for mode, path in _tracked() if mode != ("100755" if path in EXECUTABLE else "100644")}
    assert odd == {}


def test_no_code_of_third_parties_is_in_the_tree() -> None:
    foreign = re.compile(
        r"(^|/)(node_modules|vendor|third_party)/|\.min\.(js|css)$|\.(whl|so|dll|exe|jar|mo|pyc)$"
    )
    assert [path for _, path in _tracked() if foreign.search(path)] == []
    scripts = [path for _, path in _tracked() if path.endswith((".js", ".css", ".ts"))]
    banners = re.compile(r"@license|sourceMappingURL|\(c\)\s*\d{4}", re.IGNORECASE)
    assert [path for path in scripts if banners.search((ROOT / path).read_text("utf-8"))] == []


@pytest.mark.parametrize("path", sorted((ROOT / "static" / "css").glob("*.css")), ids=_name)
def test_a_stylesheet_closes_every_bracket_that_it_opens(path: Path) -> None:
    """One too few would put what follows on wide screens only."""
    depth = 0
    for line in path.read_text("utf-8").splitlines():
        depth += line.count("{") - line.count("}")
        if line.endswith("{") and not line.startswith(" "):
            assert depth == 1, line
    assert depth == 0


def test_no_file_under_version_control_is_large() -> None:
    large = {
        path for _, path in _tracked() if (ROOT / path).exists() and (ROOT / path).stat().st_size > 1_000_000
    }
    assert large == set()
