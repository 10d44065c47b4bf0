"""The verifier as a whole: no input ends in a traceback, no failed check passes for want of an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.audit.ballots import FEW, walk
from surveys.audit.bundle import MEMBERS, write_bundle
from surveys.audit.case import Case
from surveys.audit.titles import TITLES
from surveys.audit.verifier import CHECKS, UNFORESEEN, Verdict, verify
from surveys.protocol import canonical
from tests.audit.alterations import changed, containers, leaves
from tests.audit.build import Vote, a_vote
from tests.audit.verdicts import QUICK, failed, report_on

SPECIFICATION = Path(__file__).parents[2] / "docs" / "protocol.md"


def _drawn(examples: int) -> settings:
    return settings(
        max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )


def test_the_checks_are_those_of_the_specification_in_its_order() -> None:
    table = SPECIFICATION.read_text("utf-8").split("| check | what must hold |", 1)[1]
    numbers = re.findall(r"^\| (\d+\.\d+) \|", table, re.MULTILINE)
    assert list(CHECKS) == numbers
    assert list(TITLES) == numbers


def test_a_good_bundle_passes_every_check(tmp_path: Path) -> None:
    vote = a_vote()
    report = report_on(vote.members, tmp_path)
    assert report.good
    assert {finding.verdict for finding in report.findings} == {Verdict.PASSED}
    assert report.facts["manifest"] == vote.manifest.hash.hex()
    assert report.facts["ballots"] == 17


@pytest.mark.parametrize("preset", ["qd96-2023", "nq85-2014", "formal-vote", "grading"])
def test_votes_under_other_rules_pass_too(preset: str, tmp_path: Path) -> None:
    assert failed(a_vote(preset, preset=preset).members, tmp_path) == ()


def test_what_needs_a_failed_check_is_not_reached(tmp_path: Path) -> None:
    path = tmp_path / "not.zip"
    path.write_bytes(b"not a zip")
    report = verify(path)
    assert report.failed == ("14.1",)
    assert {finding.verdict for finding in report.findings[1:]} == {Verdict.NOT_REACHED}
    assert not report.good
    assert set(report.facts.values()) == {None}


@pytest.mark.parametrize("raw", [b"", b"PK\x05\x06" + bytes(18), b"\0" * 1000])
def test_any_file_gets_a_report(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "any.zip"
    path.write_bytes(raw)
    assert verify(path).failed == ("14.1",)
    assert verify(tmp_path).failed == ("14.1",)
    assert verify(tmp_path / "nothing").failed == ("14.1",)


def test_a_check_that_breaks_has_failed_and_says_so(tmp_path: Path) -> None:
    def broken(case: Case) -> None:
        raise KeyError("surprise")

    path = tmp_path / "bundle.zip"
    write_bundle(path, a_vote().members)
    report = verify(path, jobs=1, checks={**CHECKS, "10.5": broken})
    assert report.failed == ("10.5",)
    assert next(f.why for f in report.findings if f.check == "10.5").startswith(UNFORESEEN)


JSON_MEMBERS = [name for name in MEMBERS if name.endswith(".json")]


def _judged(members: Mapping[str, bytes], tmp_path: Path) -> None:
    """Refused (by a check that meant to) or read as before: nothing else may come of altered bytes."""
    vote = a_vote()
    if members == vote.members:
        return
    assert failed(members, tmp_path, QUICK)


@_drawn(250)
@given(data=st.data())
def test_no_altered_byte_of_any_member_passes_or_breaks_a_check(data: st.DataObject, tmp_path: Path) -> None:
    vote = a_vote()
    member = data.draw(st.sampled_from(MEMBERS))
    raw = vote.members[member]
    at = data.draw(st.integers(0, len(raw) - 1))
    cut = data.draw(st.integers(0, 3))
    put = data.draw(
        st.binary(max_size=3) | st.sampled_from([b"[", b"null", b"{}", b"9" * 40, b"1e5", b"-1", b"true"])
    )
    _judged({**vote.members, member: raw[:at] + put + raw[at + cut :]}, tmp_path)


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8) | st.just("0" * 64),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)


@_drawn(250)
@given(data=st.data())
def test_no_foreign_value_in_any_field_passes_or_breaks_a_check(data: st.DataObject, tmp_path: Path) -> None:
    """Canonical JSON, so that it is read: any value in the place of any other."""
    vote = a_vote()
    member = data.draw(st.sampled_from(JSON_MEMBERS))
    document = json.loads(vote.members[member])
    places = [path for path, _ in containers(document)] + [path for path, _ in leaves(document)]
    altered = changed(document, data.draw(st.sampled_from(places)), data.draw(_json))
    try:
        raw = canonical.encode(altered)
    except ValueError:
        return
    _judged({**vote.members, member: raw}, tmp_path)


@_drawn(150)
@given(data=st.data())
def test_no_altered_byte_of_the_zip_breaks_a_check(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    write_bundle(path, a_vote().members)
    raw = path.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    path.write_bytes(
        raw[:at] + data.draw(st.binary(min_size=1, max_size=4)) + raw[at + data.draw(st.integers(0, 4)) :]
    )
    report = verify(path, jobs=1, checks=QUICK)
    assert report.failed in ((), ("14.1",))


def _many(vote: Vote) -> list[memoryview]:
    """The vote's ballots over and over: enough to share out."""
    return [memoryview(raw) for raw in vote.ballots] * (2 + FEW // len(vote.ballots))


@pytest.mark.parametrize("many", [0, 10**6], ids=["processes", "threads"])
def test_two_workers_find_what_one_finds(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveys.audit.ballots.MANY", many)
    vote = a_vote()
    frames = _many(vote)
    bad = bytearray(frames[100])
    bad[-1] ^= 1
    worse = bytearray(frames[30])
    worse[0] ^= 1
    for altered in (
        frames,
        [*frames[:100], memoryview(bytes(bad)), *frames[101:]],
        [*frames, memoryview(bytes(worse))],
    ):
        heard: list[int] = []
        alone = walk(altered, vote.manifest, tokens=True, jobs=1, on_done=lambda done: None)
        shared = walk(altered, vote.manifest, tokens=True, jobs=2, on_done=heard.append)
        assert {check: str(refusal) for check, refusal in alone.refusals.items()} == {
            check: str(refusal) for check, refusal in shared.refusals.items()
        }
        if "8.2" not in alone.refusals:
            assert (alone.by_panel, alone.sums) == (shared.by_panel, shared.sums)
        assert heard[-1] == len(altered)
