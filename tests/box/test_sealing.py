"""Sealing: sorted, complete, repeatable, and nothing of the open box is left."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, select, update
from sqlalchemy.exc import DatabaseError

from surveys.box import board, gate, models, receipts, sealing
from surveys.box.board import Whereabouts
from surveys.box.errors import BoxDamaged, ForeignBox, GateStillOpen, NotSealed
from surveys.box.gate import State
from surveys.box.receiving import receive_ballot
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.board import board_root
from surveys.protocol.checkpoint import decode_checkpoint
from surveys.protocol.errors import Missing
from surveys.stores.generations import Generation
from surveys.stores.store import Store
from tests.box.build import Vote, keyring
from tests.stores.held import held


def shut_with(vote: Vote, count: int) -> list[bytes]:
    for voter in vote.voters[:count]:
        receive_ballot(vote.box, vote.manifest, voter.first, vote.box_key)
    gate.shut(vote.box)
    return [voter.first for voter in vote.voters[:count]]


def test_an_open_box_is_not_sealed(vote: Vote) -> None:
    receive_ballot(vote.box, vote.manifest, vote.voters[0].first, vote.box_key)
    before = held(vote.box)
    with pytest.raises(GateStillOpen):
        sealing.seal(vote.box, vote.manifest)
    assert held(vote.box) == before


def test_sealing_sorts_by_digest_and_keeps_every_ballot(vote: Vote) -> None:
    cast = shut_with(vote, 20)
    sealed = sealing.seal(vote.box, vote.manifest)
    assert sorted(sealed) == sorted(cast)
    digests = [decode_ballot(raw, vote.manifest).digest for raw in sealed]
    assert digests == sorted(digests)
    assert gate.look(vote.box).state is State.SEALED


def test_a_box_sealed_and_read_in_parts_is_the_same(
    vote: Vote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Digests are sorted part by part, statements and reads are of few ballots: the bytes are the same."""
    shut_with(vote, 14)
    other = vote.copy(tmp_path / "other")
    whole = list(sealing.seal(vote.box, vote.manifest))
    monkeypatch.setattr(sealing, "SORTED_AT_ONCE", 2)
    monkeypatch.setattr(sealing, "BALLOTS_A_STATEMENT", 3)
    monkeypatch.setattr("surveys.box.sealed.AT_ONCE", 7)
    assert list(sealing.seal(other.box, other.manifest)) == whole
    assert len(whole) == len(sealing.seal(other.box, other.manifest)) == 14
    digests = [decode_ballot(raw, vote.manifest).digest for raw in whole]
    assert digests == sorted(digests)


def test_sealing_again_changes_nothing(vote: Vote) -> None:
    shut_with(vote, 5)
    first = list(sealing.seal(vote.box, vote.manifest))
    before = held(vote.box)
    assert list(sealing.seal(vote.box, vote.manifest)) == first
    assert held(vote.box) == before


def test_an_empty_box_is_sealed(vote: Vote) -> None:
    shut_with(vote, 0)
    assert list(sealing.seal(vote.box, vote.manifest)) == []
    assert board.read_board(vote.box, vote.manifest, vote.box_key).root == board_root([])


def ballots_under_the_lock(vote: Vote) -> int:
    with vote.box.begin() as connection:
        used = select(models.head.c.slot).where(models.head.c.used == b"\x01")
        return len(connection.execute(used).all())


@pytest.mark.files
@pytest.mark.parametrize("waits", [True, False])
def test_whoever_waits_for_the_box_while_it_is_exchanged_reads_it_to_the_end(
    vote: Vote, monkeypatch: pytest.MonkeyPatch, waits: bool
) -> None:
    """And without the wait they would read zeros."""
    shut_with(vote, 5)
    opened, rewrite = threading.Event(), sealing._rewrite
    event.listen(vote.box, "connect", lambda *_: opened.set(), insert=True)

    def rewrite_while_somebody_waits(source: Connection, fresh: Path) -> None:
        opened.clear()
        reading.append(pool.submit(ballots_under_the_lock, vote))
        assert opened.wait(10)
        rewrite(source, fresh)

    reading: list[Future[int]] = []
    monkeypatch.setattr(sealing, "_rewrite", rewrite_while_somebody_waits)
    if not waits:
        monkeypatch.setattr(sealing, "_wait_for_readers", lambda _: None)
    with ThreadPoolExecutor(1) as pool:
        sealing.seal(vote.box, vote.manifest)
    if waits:
        assert reading[0].result() == 5
    else:
        with pytest.raises((DatabaseError, sqlite3.DatabaseError), match="not a database"):
            reading[0].result()


@pytest.mark.files
def test_what_a_killed_run_left_half_written_is_no_hindrance(vote: Vote) -> None:
    left = vote.box_file.with_name(vote.box_file.name + ".sealing")
    ballots = shut_with(vote, 2)
    left.write_bytes(b"half a file")
    sealed = sealing.seal(vote.box, vote.manifest)
    assert sorted(sealed) == sorted(ballots)
    left.write_bytes(b"half a file")
    assert sealing.seal(vote.box, vote.manifest) == sealed
    assert not left.exists()


@pytest.mark.files
def test_what_is_removed_stays_removed_after_a_power_loss(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is synchronised once the second name stands, and again once the old file is gone."""
    shut_with(vote, 2)
    old, there = vote.box_file.with_name(vote.box_file.name + ".old"), list[bool]()
    monkeypatch.setattr(sealing, "synchronise", lambda folder: there.append(old.exists()))
    sealing.seal(vote.box, vote.manifest)
    assert there == [True, False]


@pytest.mark.files
def test_a_second_name_that_a_killed_run_left_goes_for_good(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut_with(vote, 2)
    old, there = vote.box_file.with_name(vote.box_file.name + ".old"), list[bool]()
    old.hardlink_to(vote.box_file)
    monkeypatch.setattr(sealing, "synchronise", lambda folder: there.append(old.exists()))
    assert len(sealing.seal(vote.box, vote.manifest)) == 2
    assert there == [False, True, False]


@pytest.mark.files
def test_nobody_else_seals_meanwhile_and_afterwards_others_may(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut_with(vote, 2)
    rewrite, free = sealing._rewrite, list[bool]()

    def look() -> None:
        folder = os.open(vote.box_file.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free.append(True)
        except BlockingIOError:
            free.append(False)
        finally:
            os.close(folder)

    def rewrite_and_look(source: Connection, fresh: Path) -> None:
        look()
        rewrite(source, fresh)

    monkeypatch.setattr(sealing, "_rewrite", rewrite_and_look)
    sealing.seal(vote.box, vote.manifest)
    look()
    assert free == [False, True]


@pytest.mark.files
def test_the_old_file_is_overwritten_before_it_goes(vote: Vote) -> None:
    shut_with(vote, 5)
    second_name = vote.box_file.with_name("kept-by-the-test")
    second_name.hardlink_to(vote.box_file)
    sealing.seal(vote.box, vote.manifest)
    left = second_name.read_bytes()
    assert left
    assert left == bytes(len(left))
    second_name.unlink()
    assert sorted(path.name for path in vote.engines.root.iterdir()) == [
        vote.box_file.name,
        vote.roll_file.name,
    ]


@pytest.mark.files
def test_the_sealed_file_has_no_empty_slot_and_no_free_page(vote: Vote) -> None:
    shut_with(vote, 7)
    sealing.seal(vote.box, vote.manifest)
    connection = sqlite3.connect(vote.box_file)
    assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("SELECT slot FROM paper ORDER BY slot").fetchall() == [
        (i,) for i in range(1, 8)
    ]
    connection.close()


def test_a_ballot_changed_in_the_store_stops_the_sealing(vote: Vote) -> None:
    shut_with(vote, 5)
    with vote.box.begin() as connection:
        raw = bytearray(vote.voters[0].first)
        raw[100] ^= 1
        connection.execute(
            update(models.paper)
            .where(models.paper.c.ballot == vote.voters[0].first)
            .values(ballot=bytes(raw))
        )
    before = held(vote.box)
    with pytest.raises(BoxDamaged):
        sealing.seal(vote.box, vote.manifest)
    assert held(vote.box) == before
    assert gate.look(vote.box).state is State.SHUT


def test_a_box_of_another_manifest_is_not_sealed(vote: Vote) -> None:
    shut_with(vote, 1)
    with pytest.raises(ForeignBox):
        sealing.seal(vote.box, replace(vote.manifest, ceremony=b"\x01" * 32))


@pytest.mark.files
def test_a_stranger_beside_the_box_is_not_destroyed(vote: Vote) -> None:
    """A file under the old box's name, while the box is not sealed, can only be somebody's copy."""
    shut_with(vote, 1)
    stranger = vote.box_file.with_name(vote.box_file.name + ".old")
    stranger.write_bytes(b"a copy")
    with pytest.raises(BoxDamaged):
        sealing.seal(vote.box, vote.manifest)
    assert stranger.read_bytes() == b"a copy"


def test_there_is_no_board_before_sealing(vote: Vote) -> None:
    shut_with(vote, 3)
    with pytest.raises(NotSealed):
        board.read_board(vote.box, vote.manifest, vote.box_key)


def test_the_board_is_the_sealed_ballots_under_a_signed_checkpoint(vote: Vote) -> None:
    shut_with(vote, 9)
    sealed = sealing.seal(vote.box, vote.manifest)
    found = board.read_board(vote.box, vote.manifest, vote.box_key)
    assert list(found.ballots) == list(sealed)
    assert found.root == board_root(list(sealed))
    note = decode_checkpoint(found.checkpoint.encode())
    origin = f"tin-nhiem/{vote.manifest.definition.round_id}"
    assert (note.checkpoint.origin, note.checkpoint.size) == (origin, 9)
    assert note.checkpoint.extensions == (f"manifest {vote.manifest.hash.hex()}",)
    note.check_signature(origin, vote.box_key.public, check="10.3")
    with pytest.raises(Missing):
        note.check_signature(origin, bytes(32), check="10.3")


def test_a_tracker_is_found_on_the_board(vote: Vote) -> None:
    first = receive_ballot(vote.box, vote.manifest, vote.voters[0].first, vote.box_key)
    assert board.find_tracker(vote.box, first.tracker) is Whereabouts.IN_THE_BOX
    gate.shut(vote.box)
    sealing.seal(vote.box, vote.manifest)
    assert board.find_tracker(vote.box, first.tracker) is Whereabouts.ON_THE_BOARD
    assert board.find_tracker(vote.box, bytes(10)) is Whereabouts.NOWHERE


@pytest.mark.files
def test_the_box_key_is_made_once_and_lies_sealed_in_the_box(vote: Vote) -> None:
    assert receipts.make_box_key(Store(vote.box, keyring())).public == vote.box_key.public
    assert receipts.load_box_key(Store(vote.box, keyring())).public == vote.box_key.public
    assert vote.box_key._seed not in vote.box_file.read_bytes()


def test_the_box_key_is_sealed_again_by_a_new_key_of_the_ring(vote: Vote) -> None:
    newer = keyring().with_new_key()
    receipts.reseal_box_key(Store(vote.box, newer))
    receipts.reseal_box_key(Store(vote.box, newer))
    assert receipts.load_box_key(Store(vote.box, newer.without(1))).public == vote.box_key.public


def test_a_sealed_box_still_knows_its_key_and_generation(vote: Vote) -> None:
    gate.enter(vote.box, Generation(2, 9))
    shut_with(vote, 2)
    sealing.seal(vote.box, vote.manifest)
    assert receipts.load_box_key(Store(vote.box, keyring())).public == vote.box_key.public
    assert gate.look(vote.box).generation == Generation(2, 9)
