"""The second verifier (client/src/verifier), asked about a bundle, and held against the first: one Node
process for a run of tests.

What is held: for the same file both give the same one of three verdicts to each check of docs/protocol.md
14.2, and the same facts; and a check is reached as the table of 14.2 says. Where and why a check failed each
says in its own words.
"""

from __future__ import annotations

import atexit
import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from surveys.audit.report import as_json
from surveys.audit.verifier import Report
from tests.client.node import CLIENT, NODE

SPECIFICATION = Path(__file__).resolve().parents[2] / "docs" / "protocol.md"
FACTS = ("survey", "manifest", "board", "ballots")
PEOPLE = ("cosigned", "absent")


@lru_cache(maxsize=1)
def _running() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [str(NODE), "tests/judge.ts"], cwd=CLIENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(_stop, process)
    return process


def _stop(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.stdout.close()
    process.wait()


def second_report(bundle: Path, without: Sequence[str] = ()) -> dict[str, Any]:
    """What the verifier in TypeScript reports on this file; the checks of `without` refuse nothing."""
    process = _running()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"path": str(bundle), "without": list(without)}) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    assert line, "the second verifier broke"
    report: dict[str, Any] = json.loads(line)
    return report


def verdicts_of(report: Mapping[str, Any]) -> dict[str, str]:
    """Check → verdict, in the order of the report."""
    return {finding["check"]: finding["verdict"] for finding in report["findings"]}


def agree(bundle: Path, first: Report, without: Sequence[str] = ()) -> None:
    """Both verifiers say the same of this file. Raises AssertionError with what each of them says."""
    second = second_report(bundle, without)
    said = {finding.check: finding.verdict.value for finding in first.findings}
    if verdicts_of(second) != said or list(said) != list(verdicts_of(second)):
        ours = [(f.check, f.where, f.why) for f in first.findings if f.verdict.value == "failed"]
        theirs = [(f["check"], f["where"], f["why"]) for f in second["findings"] if f["verdict"] == "failed"]
        raise AssertionError(f"the verifiers disagree: {ours} against {theirs}")
    broken = [finding for finding in second["findings"] if "itself broke" in (finding["why"] or "")]
    assert not broken, broken
    assert {name: second[name] for name in FACTS} == {name: first.facts[name] for name in FACTS}
    people = json.loads(as_json(first))
    assert {name: second[name] for name in PEOPLE} == {name: people[name] for name in PEOPLE}
    assert second["good"] == first.good
    if not without:
        reached_as_specified(said)


@lru_cache(maxsize=1)
def needs() -> dict[str, list[tuple[str, bool]]]:
    """Check → the checks it needs and whether their form is enough, as the table of 14.2 has them."""
    table = SPECIFICATION.read_text("utf-8").split("| check | what must hold | needs |", 1)[1]
    found = {}
    for number, needed in re.findall(r"^\| (\d+\.\d+) \|[^|]*\| ([^|]*) \|$", table, re.MULTILINE):
        found[number] = [(each, read == " read") for each, read in re.findall(r"(\d+\.\d+)( read)?", needed)]
    return found


def reached_as_specified(verdicts: Mapping[str, str]) -> None:
    """A check is reached where all that it needs has passed, and not where something has failed of which more
    than the form is needed.
    """
    for check, needed in needs().items():
        everything = [("4.2", False), *needed] if check not in ("14.1", "4.1", "4.2") else needed
        if all(verdicts[each] == "passed" for each, _ in everything):
            assert verdicts[check] != "not reached", (check, verdicts)
        if any(
            verdicts[each] == "not reached" or (verdicts[each] == "failed" and not form)
            for each, form in everything
        ):
            assert verdicts[check] == "not reached", (check, verdicts)
