"""Which test runs which line: each file of tests is run once, alone, in the copy, without a mutant.

What was measured stays in build/mutants/measured until the file or a module changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.mutants import scope

AT_MOST = 900  # seconds for one file of tests, on a busy machine
ARGUMENTS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "tests.mutants.plugin")


def surroundings(tree: Path) -> dict[str, str]:
    """The environment of pytest in the copy: its own sources, and no plugins but ours (they take seconds
    to start).
    """
    asked = {"PYTHONPATH": str(tree), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    # Compiled once, not for each mutant: that is half of what a run costs.
    others = {"PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS"}
    return {name: value for name, value in os.environ.items() if name not in others} | asked


@dataclass(frozen=True, slots=True)
class Measured:
    """`seconds` of each test; for each module and line, the tests that run it, "FILE::*" for all of a file;
    for each module the files that read it.
    """

    seconds: dict[str, float]
    lines: dict[str, dict[int, list[str]]]
    read: dict[str, list[str]]


def measure(tree: Path, kept: Path) -> Measured:
    """Run what has not been measured yet, and read all. Raises RuntimeError where a test fails unmutated."""
    kept.mkdir(parents=True, exist_ok=True)
    product = hashlib.sha256()
    for place in scope.PARTS:
        for name in scope.modules(place):
            product.update((tree / name).read_bytes())
    found = Measured({}, {}, {})
    for name in scope.test_files():
        mark = product.copy()
        mark.update((tree / name).read_bytes())
        target = kept / f"{name.replace('/', '-')}-{mark.hexdigest()[:16]}.json"
        if not target.exists():
            print(f"measuring {name}", flush=True)
            run(tree, name, target)
        add(found, name, target)
    return found


def run(tree: Path, name: str, target: Path) -> None:
    """Measure one file of tests. Raises RuntimeError where one fails, and nothing is written then."""
    half = target.with_suffix(".part")
    environment = surroundings(tree) | {"MUTANTS_MEASURE": str(half)}
    command = [sys.executable, "-m", "pytest", *ARGUMENTS, name]
    done = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, timeout=AT_MOST, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{name} fails without a mutant:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    half.replace(target)


def add(found: Measured, name: str, target: Path) -> None:
    """Add what was measured of one file of tests."""
    told: dict[str, dict[str, object]] = json.loads(target.read_text())
    seconds, lines = told["seconds"], told["lines"]
    found.seconds.update({test: float(str(spent)) for test, spent in seconds.items()})
    for module, of_module in lines.items():
        assert isinstance(of_module, dict)
        found.read.setdefault(module, []).append(f"{name}::*")
        for line, tests in of_module.items():
            ran = [f"{name}::*" if test == "*" else test for test in tests]
            found.lines.setdefault(module, {}).setdefault(int(line), []).extend(ran)
