"""Check 13.7: a file is the typeset minutes that the certified minutes name, or it is not; no typesetter is
needed.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from surveys.audit.bundle import write_bundle
from surveys.audit.verifier import CHECKS, Verdict, verify
from surveys.commands.verify import verify as verify_command
from surveys.protocol import canonical
from tests.audit.build import Vote, a_vote
from tests.audit.closing import certified

PDF = b"%PDF-1.7 these are minutes"


def naming(vote: Vote, pdf: bytes | None) -> dict[str, bytes]:
    """The members of a vote whose certified minutes name this file."""
    minutes = json.loads(vote.members["minutes.json"])
    minutes["pdf"] = None if pdf is None else sha256(pdf).hexdigest()
    members = {**vote.members, "minutes.json": canonical.encode(minutes)}
    members["certificate.json"] = certified(vote.manifest, vote.plan, members, vote.sheets[:2])
    return members


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "bundle.zip"
    write_bundle(path, naming(a_vote(), PDF))
    return path


def a_file(folder: Path, content: bytes) -> Path:
    path = folder / "minutes.pdf"
    path.write_bytes(content)
    return path


def test_the_file_that_the_minutes_name_passes(bundle: Path, tmp_path: Path) -> None:
    report = verify(bundle, jobs=1, minutes=a_file(tmp_path, PDF))
    assert report.good
    assert [finding.check for finding in report.findings] == [*CHECKS, "13.7"]


def test_a_file_with_one_figure_changed_is_refused(bundle: Path, tmp_path: Path) -> None:
    forged = a_file(tmp_path, PDF.replace(b"1.7", b"1.8"))
    report = verify(bundle, jobs=1, minutes=forged)
    assert report.failed == ("13.7",)
    assert "not the certified minutes" in report.findings[-1].why
    # Nobody who does not give the file can be told.
    assert verify(bundle, jobs=1).good


def test_a_file_is_refused_where_the_minutes_name_none(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    write_bundle(path, naming(a_vote(), None))
    assert verify(path, jobs=1).good
    report = verify(path, jobs=1, minutes=a_file(tmp_path, PDF))
    assert report.failed == ("13.7",)
    assert report.findings[-1].why == "the minutes name no typeset file"


def test_a_file_that_the_minutes_name_without_a_certificate_for_it_is_refused(tmp_path: Path) -> None:
    """Whoever changes the hash in the minutes breaks the committee's signature."""
    members = naming(a_vote(), b"%PDF-1.7 other minutes")
    path = tmp_path / "bundle.zip"
    write_bundle(path, {**members, "certificate.json": naming(a_vote(), PDF)["certificate.json"]})
    report = verify(path, jobs=1, minutes=a_file(tmp_path, b"%PDF-1.7 other minutes"))
    assert report.failed == ("13.6",)


def test_without_minutes_that_hold_nothing_is_said_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    members = naming(a_vote(), PDF)
    minutes = {**json.loads(members["minutes.json"]), "returned": 1}
    write_bundle(path, {**members, "minutes.json": canonical.encode(minutes)})
    report = verify(path, jobs=1, minutes=a_file(tmp_path, PDF))
    assert report.findings[-1].verdict is Verdict.NOT_REACHED


@pytest.mark.parametrize(("content", "status"), [(PDF, 0), (PDF + b"\n", 1)])
def test_the_command_says_so(bundle: Path, tmp_path: Path, content: bytes, status: int) -> None:
    file = a_file(tmp_path, content)
    done = CliRunner().invoke(verify_command, [str(bundle), "--jobs", "1", "--minutes", str(file)])
    assert done.exit_code == status
    row = next(line for line in done.output.splitlines() if line.split()[:1] == ["13.7"])
    assert ("passed" in row) == (status == 0)
    last = (
        "All 41 checks hold" if status == 0 else "The bundle holds in all its own checks, but the file is not"
    )
    assert done.output.splitlines()[-1].startswith(last)


def test_a_missing_file_is_a_wrong_call(bundle: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(verify_command, [str(bundle), "--minutes", str(tmp_path / "none.pdf")])
    assert done.exit_code == 2
