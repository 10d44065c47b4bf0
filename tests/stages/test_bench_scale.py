"""`make bench-scale` at a tiny size: every step runs over what the ones before it left, and what is fitted is
what stands in the figures.
"""

from __future__ import annotations

import json

import pytest

from benchmarks.scale import Took, exponent, fitted, measure, vote_of
from benchmarks.scale_steps import STEPS, Vote, make
from surveys.audit.bundle import read_bundle
from surveys.audit.verifier import verify
from surveys.protocol.manifest import decode_manifest

VOTERS, OF_A_CELL = 24, 12


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> Vote:
    """Every step but the typeset minutes, in this process."""
    vote = Vote(tmp_path_factory.mktemp("scale"))
    make(vote, VOTERS, OF_A_CELL)
    for name, step in STEPS.items():
        if name != "typeset":
            step(vote)
    return vote


def test_the_steps_end_with_a_bundle_of_all_ballots_that_verifies(voted: Vote) -> None:
    report = verify(voted.folder / "bundle.zip", jobs=1)
    assert report.good
    assert report.facts["ballots"] == VOTERS


def test_a_ballot_has_three_contests_and_panels_are_many(voted: Vote) -> None:
    with read_bundle(voted.folder / "bundle.zip") as members:
        panels = decode_manifest(members["manifest.json"]).definition.panels
    assert [len(panel.contests) for panel in panels] == [3, 3]


def test_a_step_that_goes_wrong_ends_the_step(voted: Vote) -> None:
    """Without it a benchmark of a broken program would be a fast one."""
    count = voted.folder / "count.json"
    kept = count.read_bytes()
    told = json.loads(kept)
    told["sums"].reverse()
    count.write_text(json.dumps(told), "ascii")
    with pytest.raises(AssertionError):
        STEPS["sums"](voted)
    count.write_bytes(kept)


@pytest.mark.files  # each process opens the folder of stores
def test_a_step_is_measured_in_a_process_of_its_own(voted: Vote) -> None:
    took = measure(voted.folder, "plan")
    assert took.cpu > 0
    assert 20 < took.peak < 400


def test_what_was_measured_is_not_measured_again(voted: Vote) -> None:
    kept = Took(1, 1, 1)
    root, size = voted.folder.parent / "kept", "7"
    (root / size).mkdir(parents=True)
    (root / size / "took.json").write_text('{"plan": {"wall": 1, "cpu": 1, "peak": 1}}', "ascii")
    assert vote_of(root, int(size), OF_A_CELL, None, ["plan"]) == {"plan": kept}


def test_the_exponent_is_the_slope_of_the_logarithms() -> None:
    assert exponent({10: 3.0, 100: 30.0, 1000: 300.0}) == pytest.approx(1)
    assert exponent({10: 7.0, 1000: 7.0}) == pytest.approx(0)
    assert exponent({10: 2.0, 100: 200.0}) == pytest.approx(2)
    assert exponent({10: 2.0}) is None


def test_time_and_memory_have_an_exponent_each() -> None:
    found = {10: {"seal": Took(1, 1, 50)}, 100: {"seal": Took(1, 100, 50)}}
    assert fitted(found, "seal") == {"cpu": pytest.approx(2), "memory": pytest.approx(0)}
