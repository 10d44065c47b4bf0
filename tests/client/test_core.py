"""The client's core in TypeScript: its types hold, and it passes the same vectors as the Python core."""

from __future__ import annotations

import json

import pytest

from tests.client.node import CLIENT, node


@pytest.mark.parametrize("project", ["tsconfig.json", "tsconfig.tests.json"])
def test_the_types_hold(project: str) -> None:
    done = node("node_modules/typescript/bin/tsc", "--project", project)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_vectors_give_the_same_in_typescript() -> None:
    done = node("--test", "tests/vectors.test.ts")
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_core_knows_nothing_of_a_page() -> None:
    """It is compiled without the types of a document, and imports nothing but itself and noble."""
    lib = json.loads((CLIENT / "tsconfig.json").read_text("utf-8"))["compilerOptions"]["lib"]
    assert lib == ["ES2022"]
    for file in (CLIENT / "src" / "core").rglob("*.ts"):
        for line in file.read_text("utf-8").splitlines():
            if " from " in line and line.startswith(("import", "} from")):
                assert '"./' in line or '"../' in line or '"@noble/' in line, f"{file.name}: {line}"


def test_the_lock_file_names_no_registry() -> None:
    text = (CLIENT / "package-lock.json").read_text("utf-8")
    assert "resolved" not in text
    assert "registry" not in text
    assert all(
        '"url":' in line for line in text.splitlines() if "http" in line
    )  # whom to thank, never where from
    assert text.count('"integrity"') >= 5
