"""kill -9 at any moment: a paper or a ballot is stored whole or not at all, and sealing ends the same when
run again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from surveys.box import board, gate, sealing
from surveys.box.gate import State
from surveys.box.receiving import receive_ballot
from surveys.roll.registrar import destroy_token_keys, issue_token
from tests.box.build import Vote
from tests.box.orders import snapshot
from tests.faults.dying import ends, kill_at_offset, kill_before_step, rows, until_it_ends
from tests.votes import randomness

pytestmark = pytest.mark.files


def issue(vote: Vote) -> bytes:
    return issue_token(vote.roll, vote.keys(), vote.manifest.hash, vote.voters[0].request)


def cast(vote: Vote) -> object:
    return receive_ballot(vote.box, vote.manifest, vote.voters[0].first, vote.box_key, randomness("slot"))


def recast(vote: Vote) -> object:
    return receive_ballot(vote.box, vote.manifest, vote.voters[0].later, vote.box_key, randomness("slot"))


def whole_or_nothing(
    vote: Vote, folder: Path, verb: Callable[[Vote], object], kill: Callable[[], None]
) -> tuple[bool, bool]:
    """(ended, stored): after the kill the file says what it said before, or what it says after; then run it
    again.
    """
    before = rows(vote.roll_file), rows(vote.box_file)
    done = vote.copy(folder / "done")
    answer = verb(done)
    after = rows(done.roll_file), rows(done.box_file)
    shutil.rmtree(folder / "done")
    here = vote.copy(folder / "here")
    ended = ends(lambda: verb(here), kill)
    found = rows(here.roll_file), rows(here.box_file)
    assert found in (before, after)
    assert verb(here) == answer
    assert (rows(here.roll_file), rows(here.box_file)) == after
    assert not [path for path in here.engines.root.iterdir() if path.suffix != ".sqlite"]
    shutil.rmtree(folder / "here")
    return ended, found == after


@pytest.mark.parametrize("verb", [issue, cast, recast])
def test_killed_at_any_step_all_or_nothing_is_stored(
    vote: Vote, tmp_path: Path, verb: Callable[[Vote], object]
) -> None:
    if verb is recast:
        cast(vote)
    stored = []

    def once(number: int) -> bool:
        ended, kept = whole_or_nothing(vote, tmp_path, verb, kill_before_step(number))
        stored.append(kept)
        return ended

    assert until_it_ends(once) >= 10
    # Nothing until one moment, everything from there on.
    assert stored == sorted(stored)
    assert stored[-1]


@pytest.mark.parametrize("verb", [issue, cast])
def test_killed_in_the_middle_of_a_write_all_or_nothing_is_stored(
    vote: Vote, tmp_path: Path, verb: Callable[[Vote], object]
) -> None:
    size = max(vote.roll_file.stat().st_size, vote.box_file.stat().st_size)
    seen = [
        whole_or_nothing(vote, tmp_path, verb, kill_at_offset(limit))
        for limit in (
            0,
            5,
            300,
            512,
            700,
            9_000,
            16_900,
            20_000,
            33_000,
            40_000,
            52_000,
            70_000,
            90_000,
            size,
        )
    ]
    assert (False, False) in seen
    assert seen[-1] == (True, True)


def test_sealing_killed_at_any_step_and_run_again_ends_the_same(vote: Vote, tmp_path: Path) -> None:
    for voter in vote.voters[:14]:
        receive_ballot(vote.box, vote.manifest, voter.first, vote.box_key)
    gate.shut(vote.box)
    done = vote.copy(tmp_path / "done")
    ballots = list(sealing.seal(done.box, vote.manifest))
    expected = snapshot(done.engines.root)
    states = set()

    def once(number: int) -> bool:
        here = vote.copy(tmp_path / "here")
        ended = ends(lambda: sealing.seal(here.box, vote.manifest), kill_before_step(number))
        state = gate.look(here.box).state
        left = len(list(here.engines.root.iterdir()))
        states.add((state, left))
        assert board.returned(here.box, 3) == board.returned(done.box, 3)
        assert list(sealing.seal(here.box, vote.manifest)) == ballots
        assert snapshot(here.engines.root) == expected
        shutil.rmtree(tmp_path / "here")
        return ended

    assert until_it_ends(once) > 20
    # Killed before the new file, with a part of it, with both names, after the exchange, and when all was
    # done.
    assert {(State.SHUT, 2), (State.SHUT, 3), (State.SHUT, 4), (State.SEALED, 3), (State.SEALED, 2)} <= states


def test_the_destroying_of_token_keys_killed_and_run_again_ends_the_same(vote: Vote, tmp_path: Path) -> None:
    done = vote.copy(tmp_path / "done")
    destroy_token_keys(done.roll)

    def once(number: int) -> bool:
        here = vote.copy(tmp_path / "here")
        ended = ends(lambda: destroy_token_keys(here.roll), kill_before_step(number))
        destroy_token_keys(here.roll)
        assert rows(here.roll_file) == rows(done.roll_file)
        shutil.rmtree(tmp_path / "here")
        return ended

    assert until_it_ends(once) >= 10
