"""The tools around the code ask the same of everybody: on a public host, before a commit, in an editor."""

from __future__ import annotations

import re
import tomllib
from configparser import ConfigParser
from pathlib import Path

from tests.architecture import test_documents

ROOT = Path(__file__).resolve().parents[2]


def _read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def asked_by_make() -> set[str]:
    """What `make lint` runs, without the folders that it runs over."""
    rule = re.search(r"(?m)^lint:.*\n((?:\t.*\n)+)", _read("Makefile"))
    assert rule is not None
    runs = {line.strip().replace("$(BIN)", ".venv/bin") for line in rule[1].splitlines()}
    return {run.removesuffix(" .").removesuffix(" templates") for run in runs}


def test_before_a_commit_the_same_is_asked_as_by_make_lint() -> None:
    entries = re.findall(r"(?m)^ +entry: (.+)$", _read(".pre-commit-config.yaml"))
    assert {entry.replace(" --force-exclude", "") for entry in entries} == asked_by_make()


def test_a_public_host_runs_what_a_machine_of_ones_own_runs() -> None:
    runs = re.findall(r"(?m)^ +- run: (.+)$", _read(".github/workflows/ci.yml"))
    assert [run.split()[-1] for run in runs] == [".ci/run"]
    assert _read(".ci/run").rstrip().endswith("exec make test")


def test_editors_break_lines_where_the_linters_do() -> None:
    told = ConfigParser()
    told.read_string(f"[top]\n{_read('.editorconfig')}")
    widest = tomllib.loads(_read("pyproject.toml"))["tool"]["ruff"]["line-length"]
    assert told["*"]["max_line_length"] == str(widest)
    assert told["*.md"]["max_line_length"] == str(test_documents.MOST_COLUMNS)
