"""Files that pretend to be bundles are refused by both verifiers, by the check that their form belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from surveys.audit.verifier import UNFORESEEN, verify
from tests.attacks.hostile import UNCANONICAL, altered_headers, bent, forms_of, uncanonical, zipped
from tests.audit.build import a_vote
from tests.audit.verdicts import QUICK
from tests.client.second import agree

FORM = {
    "manifest.json": "4.1",
    "ceremony.json": "5.1",
    "roll.json": "6.3",
    "issuance.json": "7.5",
    "plan.json": "11.1",
    "tally.json": "12.1",
    "attendance.json": "13.1",
    "results.json": "13.2",
    "minutes.json": "13.4",
    "certificate.json": "13.6",
}


def first_failed(raw: bytes, tmp_path: Path) -> str:
    """The first check that both verifiers say has failed, and "" where none has."""
    path = tmp_path / "bundle.zip"
    path.write_bytes(raw)
    report = verify(path, jobs=1, checks=QUICK)
    broken = [finding for finding in report.findings if finding.why.startswith(UNFORESEEN)]
    assert not broken, broken
    agree(path, report)
    return (*report.failed, "")[0]


def test_the_bundle_that_is_bent_here_is_good(tmp_path: Path) -> None:
    members = a_vote().members
    assert first_failed(zipped(members), tmp_path) == ""
    # The packed form is free, as long as it unpacks to the member and to nothing else.
    stored = members["roll.json"]
    block = b"\x01" + len(stored).to_bytes(2, "little") + (len(stored) ^ 0xFFFF).to_bytes(2, "little")
    assert first_failed(zipped(members, {"roll.json": block + stored}), tmp_path) == ""


def test_a_zip_that_says_two_things_is_refused(tmp_path: Path) -> None:
    good = zipped(a_vote().members)
    deeds = [*altered_headers(good), *bent(good)]
    assert len(deeds) >= 60
    # Flags that say how hard the packer tried say nothing else, but both headers must say them.
    assert {name for name, raw in deeds if first_failed(raw, tmp_path) != "14.1"} == set()


@pytest.mark.parametrize("member", ["manifest.json", "board.bin", "minutes.txt"])
def test_a_member_packed_in_a_forbidden_way_is_refused(member: str, tmp_path: Path) -> None:
    members = a_vote().members
    for name, form in forms_of(members[member]):
        raw = zipped(members, {member: form or b"\x03\x00"})
        assert first_failed(raw, tmp_path) == "14.1", name


@pytest.mark.parametrize("member", FORM)
def test_a_document_that_no_canonical_encoder_writes_is_refused(member: str, tmp_path: Path) -> None:
    members = a_vote().members
    assert len(UNCANONICAL) >= 45
    wrong = {
        name: found
        for name, spoilt in uncanonical(members[member])
        if (found := first_failed(zipped({**members, member: spoilt}), tmp_path)) != FORM[member]
    }
    assert wrong == {}
