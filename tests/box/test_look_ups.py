"""A look-up tells whoever has a tracker what became of the ballot, and nobody else anything (docs/protocol.md
15.5).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from surveys.box import gate, sealing
from surveys.box.errors import NotAPrefix
from surveys.box.open_box import Bucket, OpenBox
from surveys.box.receiving import receive_ballot
from surveys.protocol import merkle
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.board import place_in, stretch_of
from surveys.protocol.checkpoint import decode_checkpoint
from surveys.protocol.errors import Malformed
from surveys.protocol.look_up import (
    ENTRIES,
    ENTRY_BYTES,
    Veiled,
    digits_of_a_prefix,
    entries_of,
    prefix_of,
    unveil,
)
from tests.box.build import Vote, a_vote

SIZES = (6, 5)


@pytest.fixture
def vote(tmp_path: Path) -> Iterator[Vote]:
    made = a_vote(tmp_path / "stores", SIZES)
    yield made
    made.engines.close()


def trackers(vote: Vote, number: int) -> list[bytes]:
    """Cast so many ballots; their trackers."""
    for voter in vote.voters[:number]:
        receive_ballot(vote.box, vote.manifest, voter.first, vote.box_key)
    return [decode_ballot(voter.first, vote.manifest).tracker for voter in vote.voters[:number]]


def asked(vote: Vote) -> Veiled:
    found = OpenBox(vote.manifest, vote.box, vote.box_key).look_up("all")
    assert isinstance(found, Veiled)
    return unveil(found.salt, b"".join(found.entries), sum(SIZES))


def test_while_polls_are_open_a_tracker_is_found_and_another_is_not(vote: Vote) -> None:
    mine = trackers(vote, 4)
    found = asked(vote)
    assert all(found.holds(tracker) for tracker in mine)
    assert not found.holds(bytes(10))


def test_many_answers_tell_neither_how_many_ballots_are_in_nor_which_came_between(vote: Vote) -> None:
    """The twin, a plain list of trackers, would tell both."""
    before = [asked(vote) for _ in range(3)]
    mine = trackers(vote, 4)
    after = [asked(vote) for _ in range(3)]
    entries = [entry for found in before + after for entry in found.entries]
    assert len(entries) == len(set(entries)), "no two answers have an entry in common"
    assert {len(found.entries) for found in before + after} == {sum(SIZES)}
    plain = set(mine)
    assert len(plain - set()) == 4, "the twin: two lists differ by exactly the ballots that came between"


def test_a_replaced_ballot_is_not_found_any_more(vote: Vote) -> None:
    first = trackers(vote, 1)[0]
    later = vote.voters[0].later
    receive_ballot(vote.box, vote.manifest, later, vote.box_key)
    found = asked(vote)
    assert not found.holds(first)
    assert found.holds(decode_ballot(later, vote.manifest).tracker)


def test_after_sealing_the_bucket_proves_what_is_there_and_what_is_not(vote: Vote) -> None:
    mine = trackers(vote, 7)
    gate.shut(vote.box)
    sealing.seal(vote.box, vote.manifest)
    found = OpenBox(vote.manifest, vote.box, vote.box_key).look_up("all")
    assert isinstance(found, Bucket)
    note = decode_checkpoint(found.checkpoint)
    size, root = note.checkpoint.size, note.checkpoint.root
    places = [place_in(found.stretch, tracker, size, root) for tracker in sorted(mine)]
    assert places == list(range(7))
    assert place_in(found.stretch, bytes(10), size, root) is None


def test_a_prefix_of_another_length_is_refused(vote: Vote) -> None:
    box = OpenBox(vote.manifest, vote.box, vote.box_key)
    for prefix in ("", "0", "ab", "0" * 20, "ALL", "../x"):
        with pytest.raises(NotAPrefix):
            box.look_up(prefix)


def test_an_answer_of_another_shape_is_refused() -> None:
    entries = [bytes([i]) * ENTRY_BYTES for i in range(entries_of(11))]
    assert unveil(bytes(16), b"".join(entries), 11).entries == tuple(entries)
    for salt, wrong in ((bytes(15), entries), (bytes(16), entries[1:]), (bytes(16), entries[::-1])):
        with pytest.raises(Malformed) as caught:
            unveil(salt, b"".join(wrong), 11)
        assert caught.value.check == "15.5"


def test_a_bucket_has_about_a_thousand_trackers_at_any_size() -> None:
    assert [digits_of_a_prefix(n) for n in (1, 1000, 1001, 16_000, 16_001, 400_000)] == [0, 0, 1, 1, 2, 3]
    assert prefix_of(bytes.fromhex("ab" * 10), 1000) == "all"
    assert prefix_of(bytes.fromhex("ab" * 10), 20_000) == "ab"
    for voters in (17, 5_000, 40_000):
        assert entries_of(voters) == (voters if voters <= 1000 else ENTRIES)
    with pytest.raises(Malformed):
        unveil(bytes(16), bytes(8), 17)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 300])
def test_every_range_of_every_tree_leads_to_its_root(size: int) -> None:
    leaves = sorted(secrets.token_bytes(64) for _ in range(size))
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    root = merkle.root_of_hashes(hashes)
    for first in range(0, size, max(1, size // 9)):
        for end in range(first, size + 1, max(1, size // 7)):
            merkle.check_range(hashes[first:end], first, size, merkle.range_proof(hashes, first, end), root)
    for i, leaf in enumerate(leaves[:20]):
        found = stretch_of(leaves, hashes, leaf.hex()[:2])
        assert place_in(found, leaf[:10], size, root) == i
        assert len(found.leaves) <= size
