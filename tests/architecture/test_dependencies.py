"""What is imported is declared, and the lock files resolve on every Python that the package says it
works on.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def deptry(folder: Path) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "deptry", ".", "--no-ansi", "--config", str(ROOT / "pyproject.toml")]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)


def test_every_imported_package_is_declared_and_every_declared_one_imported() -> None:
    done = deptry(ROOT)
    assert done.returncode == 0, done.stderr


def test_a_package_that_only_comes_along_with_another_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import markupsafe\n", "ascii")
    done = deptry(tmp_path)
    assert done.returncode == 1
    assert "'markupsafe' imported but it is a transitive dependency" in done.stderr


def test_the_versions_of_python_are_those_that_the_package_names() -> None:
    named = {each.rpartition(" ")[2] for each in PROJECT["classifiers"] if ":: Python :: 3." in each}
    assert named == {"3.11", "3.12", "3.13", "3.14"}
    assert PROJECT["requires-python"] == ">=3.11"
