"""Rows are worked on in threads or one after the other: the bytes and the verdicts are the same."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest

from surveys.protocol import side_by_side
from surveys.protocol.ballot import check_proofs, decode_ballot
from surveys.protocol.errors import BadProof
from tests.audit.build import a_vote
from tests.protocol.lonely import a_ballot, alone


def test_a_worker_process_works_alone_and_makes_the_same_bytes() -> None:
    manifest = a_vote().manifest.encode()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        made, threads = pool.submit(alone, manifest).result()
    assert threads is False
    assert made == a_ballot(manifest)


def test_a_forked_child_does_not_wait_for_its_parents_threads() -> None:
    assert side_by_side.side_by_side(len, ["a", "bc"]) == [1, 2]  # the parent's pool is there and has started
    child = multiprocessing.get_context("fork").Process(
        target=side_by_side.side_by_side, args=(len, ["a", "bc"])
    )
    child.start()
    child.join(20)
    done = child.exitcode
    child.kill()
    assert done == 0


def test_results_come_in_the_order_of_the_items_and_the_first_failure_is_raised() -> None:
    assert side_by_side.side_by_side(lambda n: n * n, range(50)) == [n * n for n in range(50)]
    with pytest.raises(ValueError, match=r"^3$"):
        side_by_side.side_by_side(_fails_from_three, range(50))


def _fails_from_three(n: int) -> int:
    if n >= 3:
        raise ValueError(str(n))
    return n


def test_the_bad_row_is_named_whatever_finishes_first() -> None:
    vote = a_vote()
    ballots = [decode_ballot(raw, vote.manifest) for raw in vote.ballots]
    ballot = max(ballots, key=lambda each: len(each.rows))
    bad = len(ballot.rows) - 1
    body = bytearray(ballot.body)
    body[-32] ^= 1  # the lowest byte of the last response of the last row
    changed = decode_ballot(bytes(body) + ballot.token + ballot.signature, vote.manifest)
    with pytest.raises(BadProof) as caught:
        check_proofs(changed, vote.manifest)
    assert caught.value.where == f"ballot.contests[{bad}]"
