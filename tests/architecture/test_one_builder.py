"""A vote in a test or a benchmark is built in one place: a field that a definition gets is then added
once.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFINES = re.compile(r"(?<![\w.])Definition\(\s*(?!\))")
STREAMS = re.compile(r"shake_256\(f\"\{\w+\}/\{\w+\}\"")


def holding(pattern: re.Pattern[str]) -> set[str]:
    """The files of tests and benchmarks in which it stands."""
    paths = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    return {
        path.relative_to(ROOT).as_posix()
        for path in paths
        if path != Path(__file__) and pattern.search(path.read_text("utf-8"))
    }


def test_definitions_and_their_randomness_are_made_in_one_place() -> None:
    assert holding(DEFINES) == {"tests/votes.py"}
    assert holding(STREAMS) == {"tests/votes.py"}
