"""What a release says of itself: a licence for every file (REUSE 3.3), a bill of materials of all that is
locked, one version.
"""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = "AGPL-3.0-or-later"
SOURCES = {
    "rfc8785-": "Apache-2.0",
    "rfc": "BSD-3-Clause",
    "ct-": "Apache-2.0",
    "speccheck-": "Apache-2.0",
}
"""How a vector of other people's begins → under which licence its facts were found."""


@lru_cache
def _annotations() -> list[dict[str, Any]]:
    return list(tomllib.loads((ROOT / "REUSE.toml").read_text("utf-8"))["annotations"])


def _pattern(glob: str) -> re.Pattern[str]:
    """A path of REUSE.toml: `*` stops at a slash, `**` does not."""
    parts = re.split(r"(\*\*|\*)", glob)
    return re.compile("".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts))


def _licence(path: str) -> str | None:
    """The licence of a file: of the annotations that match, the last one."""
    found = [each for each in _annotations() if _pattern(each["path"]).fullmatch(path)]
    return str(found[-1]["SPDX-License-Identifier"]) if found else None


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for path in listed.stdout.split("\0") if path]


def test_every_file_has_a_licence_whose_text_is_there_and_every_text_is_needed() -> None:
    licences = {path: _licence(path) for path in _tracked()}
    assert [path for path, licence in licences.items() if licence is None] == []
    texts = {path.stem for path in (ROOT / "LICENSES").glob("*.txt")}
    assert set(licences.values()) == texts
    assert (ROOT / "LICENSE").read_bytes() == (ROOT / f"LICENSES/{OURS}.txt").read_bytes()


def test_a_vector_of_other_people_is_under_their_licence_and_ours_under_ours() -> None:
    wrong = []
    for path in sorted((ROOT / "tests/vectors").glob("*/*.json")):
        ours = json.loads(path.read_text("utf-8")).get("source") == "tin-nhiem"
        begins = next((begin for begin in SOURCES if path.name.startswith(begin)), None)
        expected = OURS if ours else SOURCES[begins] if begins else None
        if _licence(path.relative_to(ROOT).as_posix()) != expected:
            wrong.append(path.name)
    assert wrong == []


def test_the_project_says_the_same_licence_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    client = json.loads((ROOT / "client/package.json").read_text("utf-8"))
    assert project["license"] == client["license"] == OURS


def _make_sbom(folder: Path) -> dict[str, set[str]]:
    """The target `sbom` of the Makefile, with its files elsewhere: part → what it names."""
    rule = re.search(r"(?m)^sbom:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"))
    assert rule is not None
    script = rule[1].replace("../dist/", f"{folder}/").replace("dist/", f"{folder}/").replace("\t@", "\t")
    script = script.replace("$(BIN)", ".venv/bin").replace("mkdir -p dist", "true")
    subprocess.run(["/bin/sh", "-ec", script], cwd=ROOT, check=True, capture_output=True)
    made = {
        path.name.split("-")[1].split(".")[0]: json.loads(path.read_text("utf-8"))
        for path in folder.glob("*.json")
    }
    return {
        part: {f"{each['name']}@{each['version']}" for each in bill["components"]}
        for part, bill in made.items()
    }


def test_the_bill_of_materials_names_all_that_is_locked(tmp_path: Path) -> None:
    if not (ROOT / ".venv/bin/cyclonedx-py").exists():
        pytest.skip("NO BILL OF MATERIALS WAS MADE: this checkout has no .venv")
    named = _make_sbom(tmp_path)
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = {f"{name}@{version}" for name, version in re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^\s;]+)", lock)}
    assert locked <= named["python"]
    packages = json.loads((ROOT / "client/package-lock.json").read_text("utf-8"))["packages"]
    bundled = {
        f"{place.rpartition('node_modules/')[2]}@{package['version']}"
        for place, package in packages.items()
        if place and not package.get("optional")
    }
    assert bundled <= named["client"]


def test_changelog_package_and_client_name_one_version() -> None:
    newest = re.search(r"(?m)^## \[([\d.]+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    client = json.loads((ROOT / "client/package.json").read_text("utf-8"))
    assert newest is not None
    assert newest[1] == project["version"] == client["version"]
