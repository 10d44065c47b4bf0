"""The typeset minutes lie beside the bundle: whole, made anew when missing, and never another file than the
certified one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from surveys.audit.bundle import MEMBERS, write_bundle
from surveys.papers.minutes import Minutes
from surveys.protocol import canonical
from surveys.protocol.manifest import decode_manifest
from surveys.protocol.plan import Plan
from surveys.protocol.tally import Tally
from surveys.results.errors import UncertifiedMinutes
from surveys.results.figures import figures
from surveys.stages.publishing import Draft, Papers, keep_minutes, minutes_beside, minutes_path
from tests.faults.dying import ends, kill_at_offset, kill_before_step
from tests.minuted import ISSUED, PRESENT, sources
from tests.published import CONTESTS, RETURNED

OTHER_VERSION = b"%PDF-1.7 set by the software of last week"


def a_draft() -> Draft:
    members = sources()
    manifest = decode_manifest(members["manifest.json"])
    plan = Plan(manifest.hash, bytes(32), sum(RETURNED), 5, tuple(atoms for *_, atoms, _ in CONTESTS))
    tally = Tally(plan.digest, (), (), tuple(row for *_, rows in CONTESTS for row in rows))
    found = figures(
        manifest, plan, tally, present=PRESENT, issued=ISSUED, returned=RETURNED, frozen=frozenset({1})
    )
    minutes = Minutes.decode(members["minutes.json"], manifest.definition)
    return Draft(manifest, found, members["results.json"], members["attendance.json"], minutes)


def vouching(papers: Papers) -> Callable[[Papers], bool]:
    """Members have signed these."""
    return lambda others: others.minutes == papers.minutes


def test_the_minutes_name_the_file_that_lies_there(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    papers = keep_minutes(path, a_draft(), None)
    assert json.loads(papers.minutes)["pdf"] == sha256(path.read_bytes()).hexdigest()
    assert papers.pdf == path.read_bytes()
    assert [each.name for each in tmp_path.iterdir()] == ["a.pdf"]


def test_minutes_without_a_file_say_so() -> None:
    papers = a_draft().papers(None)
    assert json.loads(papers.minutes)["pdf"] is None
    assert papers.pdf is None


def test_made_again_the_file_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    first = keep_minutes(path, a_draft(), None)
    path.unlink()
    assert keep_minutes(path, a_draft(), vouching(first)) == first
    path.write_bytes(b"half a fi")
    assert keep_minutes(path, a_draft(), vouching(first)) == first
    assert path.read_bytes() == first.pdf


def test_killed_at_any_step_the_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path, draft = tmp_path / "a.pdf", a_draft()
    whole = draft.typeset()
    killed = 0
    for prepare in (*map(kill_at_offset, (1, len(whole) - 1)), *map(kill_before_step, range(1, 9))):
        if ends(lambda: keep_minutes(path, draft, None), prepare):
            break
        killed += 1
        assert not path.exists() or path.read_bytes() == whole
    assert killed > 3
    assert path.read_bytes() == whole


def test_before_the_certificate_newer_software_sets_the_minutes_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(OTHER_VERSION)
    papers = keep_minutes(path, a_draft(), None)
    assert path.read_bytes() == papers.pdf != OTHER_VERSION


def test_after_the_certificate_the_certified_file_stays_whatever_the_software(tmp_path: Path) -> None:
    path, draft = tmp_path / "a.pdf", a_draft()
    path.write_bytes(OTHER_VERSION)
    certified = draft.papers(OTHER_VERSION)
    assert keep_minutes(path, draft, vouching(certified)) == certified
    assert path.read_bytes() == OTHER_VERSION
    # Without looking at the certificate the file would have been replaced, and the certificate would hold for
    # nothing.
    assert keep_minutes(path, draft, None) != certified


def test_a_certificate_of_other_minutes_lets_nothing_be_overwritten(tmp_path: Path) -> None:
    path, draft = tmp_path / "a.pdf", a_draft()
    path.write_bytes(OTHER_VERSION)
    elsewhere = replace(draft.minutes.conference, chair="Somebody")
    other = replace(draft, minutes=replace(draft.minutes, conference=elsewhere))
    with pytest.raises(UncertifiedMinutes):
        keep_minutes(path, draft, vouching(other.papers(OTHER_VERSION)))
    assert path.read_bytes() == OTHER_VERSION


def a_bundle(folder: Path, pdf: bytes | None) -> Path:
    """A bundle whose papers name this file; of its other members only the form is right."""
    draft = a_draft()
    papers = draft.papers(pdf)
    members = dict.fromkeys(MEMBERS, b"{}") | {
        "manifest.json": draft.manifest.encode(),
        "results.json": papers.results,
        "attendance.json": papers.attendance,
        "minutes.json": papers.minutes,
    }
    write_bundle(folder / "demo.zip", members)
    return folder / "demo.zip"


def test_a_published_round_gets_its_missing_or_damaged_file_back(tmp_path: Path) -> None:
    whole = a_draft().typeset()
    bundle = a_bundle(tmp_path, whole)
    for damage in (None, b"", whole[:-1], whole.replace(b"%PDF-1.7", b"%PDF-1.6")):
        if damage is not None:
            minutes_path(bundle).write_bytes(damage)
        path = minutes_beside(bundle)
        assert path == tmp_path / "demo.pdf"
        assert path.read_bytes() == whole
    assert {each.name for each in tmp_path.iterdir()} == {"demo.zip", "demo.pdf"}


def test_a_published_round_of_other_software_keeps_its_file_and_gets_no_other(tmp_path: Path) -> None:
    bundle = a_bundle(tmp_path, OTHER_VERSION)
    with pytest.raises(UncertifiedMinutes):
        minutes_beside(bundle)
    assert not minutes_path(bundle).exists()
    minutes_path(bundle).write_bytes(OTHER_VERSION)
    assert minutes_beside(bundle) == minutes_path(bundle)


def test_a_bundle_that_names_no_file_has_none(tmp_path: Path) -> None:
    assert minutes_beside(a_bundle(tmp_path, None)) is None


def test_the_papers_are_in_the_form_of_the_protocol() -> None:
    papers = a_draft().papers(OTHER_VERSION)
    for raw in (papers.results, papers.attendance, papers.minutes):
        canonical.decode(raw, check="13", where="papers")
