"""Who agreed and who was named absent stands in the verifier's report (docs/protocol.md 11.4, 12.2);
`report_on` holds the second to it.
"""

from __future__ import annotations

import io
import json
from functools import lru_cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from surveys.audit.bundle import write_bundle
from surveys.audit.report import as_json, print_report
from surveys.audit.verifier import Finding, Member, Report, Verdict
from surveys.commands.verify import verify
from surveys.instants import read_instant
from surveys.protocol.agreement import Cosigners, decode_agreement
from tests.audit.build import TRUSTEES, Vote, a_tally, a_vote, an_agreement, counted
from tests.audit.verdicts import report_on


@lru_cache(maxsize=1)
def _opened_by_two() -> dict[str, bytes]:
    """A good bundle of which two cosigned, and named the third absent."""
    vote: Vote = a_vote()
    tally = a_tally(
        vote.manifest,
        vote.ceremony,
        vote.keys,
        vote.sheets[:2],
        vote.ballots,
        vote.plan,
        Cosigners((1, 2), (3,)),
    )
    members = counted(vote, tally=tally).members
    return {**members, "agreement.json": an_agreement(vote.manifest, vote.plan, vote.sheets[:2])}


def test_whoever_is_named_absent_stands_in_the_report_of_a_good_bundle(tmp_path: Path) -> None:
    report = report_on(_opened_by_two(), tmp_path)
    assert report.good
    assert report.absent == (Member(3, TRUSTEES[2]),)
    assert report.cosigned is not None
    assert [(each.trustee, each.name) for each in report.cosigned] == [(1, TRUSTEES[0]), (2, TRUSTEES[1])]
    given = decode_agreement(_opened_by_two()["agreement.json"])
    assert [each.at for each in report.cosigned] == [each.at for each in given]
    assert json.loads(as_json(report))["absent"] == [{"trustee": 3, "name": TRUSTEES[2]}]


def test_where_all_have_cosigned_nobody_is_named(tmp_path: Path) -> None:
    report = report_on(a_vote().members, tmp_path)
    assert report.absent == ()
    assert report.cosigned is not None
    assert [each.trustee for each in report.cosigned] == [1, 2, 3]


def test_what_no_check_has_shown_is_not_reported(tmp_path: Path) -> None:
    """The twin: the file names the same members, but it is of another plan."""
    given = json.loads(a_vote().members["agreement.json"])
    given["cosignatures"][0]["at"] = "2026-11-02T10:00:01Z"
    raw = json.dumps(given, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    report = report_on({**a_vote().members, "agreement.json": raw}, tmp_path)
    assert report.failed[0] == "11.3"
    assert report.cosigned is None
    path = tmp_path / "nothing.zip"
    path.write_bytes(b"nothing")
    printed = json.loads(CliRunner().invoke(verify, [str(path), "--json"]).stdout)
    assert (printed["cosigned"], printed["absent"]) == (None, None)


@pytest.mark.parametrize(
    ("language", "absent", "nobody"),
    [
        ("en", "Named absent from the opening: 3. ", "Nobody was named absent"),
        ("vi", "Được ghi là vắng khi mở kết quả: 3. ", "Không có ai được ghi là vắng"),
    ],
)
def test_the_command_says_who_was_absent_and_who_agreed_when(
    language: str, absent: str, nobody: str, tmp_path: Path
) -> None:
    path, all_there = tmp_path / "two.zip", tmp_path / "three.zip"
    write_bundle(path, _opened_by_two())
    write_bundle(all_there, a_vote().members)
    said, also = (
        CliRunner().invoke(verify, [str(each), "--lang", language, "--jobs", "1"]).output
        for each in (path, all_there)
    )
    assert f"{absent}{TRUSTEES[2]}" in said
    at = decode_agreement(_opened_by_two()["agreement.json"])[1].at
    assert f"  2. {TRUSTEES[1]}: {at:%Y-%m-%d %H:%M:%S} UTC" in said
    assert nobody not in said
    assert nobody in also
    assert absent not in also


def test_the_name_of_a_member_is_no_command_to_a_terminal() -> None:
    hostile = Member(1, "a\x1b[2Jb\u202e", read_instant("2026-11-02T10:00:01Z"))
    facts = dict.fromkeys(("survey", "title_vi", "title_en", "manifest", "board", "ballots"))
    finding = Finding("14.1", "t", "t", Verdict.PASSED)
    report = Report((finding,), facts, (hostile,), (Member(2, hostile.name),))
    out = io.StringIO()
    print_report(report, "en", out)
    for printed in (out.getvalue(), as_json(report)):
        assert not {"\x1b", "\u202e"} & set(printed)
