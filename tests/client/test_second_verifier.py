"""The second verifier, in TypeScript: written beside the first, sharing nothing with the core it judges, and
of one mind with it.

That both give the same verdicts is held wherever the first is asked: `tests/audit/verdicts.py` puts every
altered, forged and hollowed bundle of tests/audit and tests/attacks before both, with and without single
checks.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from surveys.audit.bundle import write_bundle
from surveys.audit.verifier import CHECKS, Verdict, verify
from tests.audit.build import a_vote
from tests.client.node import CLIENT, node
from tests.client.second import agree, needs, reached_as_specified, second_report, verdicts_of

VERIFIER = CLIENT / "src" / "verifier"
MODULES = sorted(VERIFIER.glob("*.ts"))
TSC = "node_modules/typescript/bin/tsc"
IMPORT = re.compile(r'(?:from|import)\s*\(?\s*"([^"]+)"')


def test_the_types_hold() -> None:
    done = node(TSC, "--project", "tsconfig.verifier.json")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("room", ["core/merkle.ts", "dom/h.ts", "pages/check/words.ts"])
def test_an_import_of_another_room_is_seen(room: str, tmp_path: Path) -> None:
    """The twin: the same project over a copy in which one line more stands."""
    copied = tmp_path / "client"
    shutil.copytree(
        CLIENT, copied, ignore=shutil.ignore_patterns("node_modules", "tests"), ignore_dangling_symlinks=True
    )
    (copied / "node_modules").symlink_to(CLIENT / "node_modules")
    merkle = copied / "src" / "verifier" / "merkle.ts"
    merkle.write_text(f'import "../{room}";\n{merkle.read_text("utf-8")}', "utf-8")
    done = node(TSC, "--project", str(copied / "tsconfig.verifier.json"))
    assert done.returncode != 0
    assert "TS6059" in done.stdout + done.stderr  # not under 'rootDir'


def strangers(text: str) -> list[str]:
    """What a module imports that is neither a neighbour nor a hash function."""
    return [
        name
        for name in IMPORT.findall(text)
        if not re.fullmatch(r"\./[a-z0-9_]+\.ts", name) and name != "@noble/hashes/sha2.js"
    ]


def test_of_third_parties_it_knows_only_hash_functions() -> None:
    for path in MODULES:
        assert strangers(path.read_text("utf-8")) == [], path.name


@pytest.mark.parametrize(
    "line",
    [
        'import { Point } from "../core/group.ts";',
        'import "../dom/h.ts";',
        'const x = await import("../core/merkle.ts");',
        'export { ristretto255 } from "@noble/curves/ed25519.js";',
    ],
)
def test_a_strange_import_is_seen(line: str) -> None:
    assert len(strangers(line)) == 1


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_opens_with_what_it_is(path: Path) -> None:
    assert path.read_text("utf-8").startswith("// ")


@pytest.mark.parametrize("file", ["arithmetic", "inflate", "vectors"])
def test_its_own_tests_pass(file: str) -> None:
    done = node("--test", f"tests/verifier_{file}.test.ts")
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_measurement_runs(tmp_path: Path) -> None:
    write_bundle(tmp_path / "bundle.zip", a_vote().members)
    done = node("tests/verifier_speed.ts", str(tmp_path / "bundle.zip"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("good, 17 ballots, ")


def test_it_makes_the_checks_of_the_specification_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(b"not a zip")
    verdicts = verdicts_of(second_report(path))
    assert list(verdicts) == list(CHECKS) == list(needs())
    assert verdicts.pop("14.1") == "failed"
    assert set(verdicts.values()) == {"not reached"}


def test_a_verifier_that_says_something_else_is_seen(tmp_path: Path) -> None:
    """The twin of every comparison: one verdict, one fact, or one check that is not reached."""
    path = tmp_path / "bundle.zip"
    write_bundle(path, a_vote().members)
    report = verify(path, jobs=1)
    agree(path, report)
    first, *rest = report.findings
    for other in (
        replace(report, findings=(replace(first, verdict=Verdict.FAILED), *rest)),
        replace(report, findings=(*rest, first)),
        replace(report, findings=tuple(rest)),
        replace(report, facts={**report.facts, "ballots": 16}),
    ):
        with pytest.raises(AssertionError):
            agree(path, other)


def test_a_check_that_is_reached_too_early_or_not_at_all_is_seen() -> None:
    good = dict.fromkeys(needs(), "passed")
    reached_as_specified(good)
    for broken in (
        {**good, "12.5": "not reached"},
        {**good, "5.2": "failed"},
        {**good, "5.3": "not reached", "5.4": "passed"},
    ):
        with pytest.raises(AssertionError):
            reached_as_specified(broken)
    # 6.4 needs of 6.3 only that the roll can be read.
    reached_as_specified({**good, "6.3": "failed"})
