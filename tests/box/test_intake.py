"""The slot of a served box: many at once are treated as each alone, and the files tell no more than before
(§9).
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import update

from surveys.box import board, contents, gate, intake, models, receiving, sealing
from surveys.box.contents import Stored, marks_of
from surveys.box.errors import (
    DuplicateComponent,
    OlderBallot,
    PanelFull,
    PollsClosed,
    RevotingNotAllowed,
    TrackerClash,
)
from surveys.box.intake import Intake
from surveys.box.receiving import Receipt, receive_ballot
from surveys.box.sealing import seal
from surveys.errors import SurveysError
from surveys.protocol.ballot import HEADER, decode_ballot, signed_message
from surveys.protocol.errors import BadProof, Rejected
from surveys.stores.generations import Generation
from surveys.stores.marks import Marks
from tests.box.build import TestVoter, Vote, a_vote, ballot_signer
from tests.box.orders import files_left
from tests.box.test_layout import aimed_at, in_copy
from tests.stores.held import held
from tests.votes import randomness

# In PostgreSQL no batches are made.
pytestmark = pytest.mark.files
ROW = 544


def _intake(vote: Vote, randbytes: Callable[[int], bytes] | None = None) -> Intake:
    return Intake(vote.box, vote.manifest, vote.box_key, randbytes or randomness("slots"))


def _together(place: Intake, ballots: Sequence[bytes]) -> list[Receipt | Exception]:
    """All of them wait while somebody else is served; then they are one batch."""

    def one(raw: bytes) -> Receipt | Exception:
        try:
            return place.receive(raw)
        except SurveysError as refusal:
            return refusal

    with ThreadPoolExecutor(len(ballots)) as pool:
        place._turns.alone.acquire()
        waiting = []
        for number, raw in enumerate(ballots, 1):
            waiting.append(pool.submit(one, raw))
            while len(place._turns.waiting) < number:
                threading.Event().wait(0.001)
        place._turns.alone.release()
        return [each.result() for each in waiting]


def _with_row_of(vote: Vote, number: int, other: int) -> bytes:
    """A voter's ballot whose first row is another voter's, signed by the voter."""
    mine, theirs = (decode_ballot(vote.voters[i].first, vote.manifest) for i in (number, other))
    body = mine.body[:HEADER] + theirs.body[HEADER : HEADER + ROW] + mine.body[HEADER + ROW :]
    return body + mine.token + ballot_signer(vote, number)(signed_message(body, mine.token))


def _kinds(found: Sequence[Receipt | Exception]) -> list[type]:
    return [type(each) for each in found]


def test_one_ballot_is_kept_as_without_the_slot(vote: Vote, tmp_path: Path) -> None:
    alone = vote.copy(tmp_path / "alone")
    raw = vote.voters[0].first
    mine = _intake(vote).receive(raw)
    assert mine == receive_ballot(alone.box, alone.manifest, raw, alone.box_key, randomness("slots"))
    assert held(vote.box) == held(alone.box)


def test_a_batch_leaves_the_bytes_that_one_after_the_other_leaves(vote: Vote, tmp_path: Path) -> None:
    alone = vote.copy(tmp_path / "alone")
    ballots = [voter.first for voter in vote.voters[:20]]
    found = _together(_intake(vote), ballots)
    draw = randomness("slots")
    assert found == [receive_ballot(alone.box, alone.manifest, raw, alone.box_key, draw) for raw in ballots]
    assert _but_for_the_counter(vote) == _but_for_the_counter(alone)


def _but_for_the_counter(vote: Vote) -> bytes:
    """The box's file without SQLite's number of transactions (offsets 24 and 92), which batches make
    smaller.
    """
    raw = bytearray(held(vote.box))
    raw[24:28] = raw[92:96] = bytes(4)
    return bytes(raw)


def test_with_given_slots_every_order_leaves_the_same_open_box(vote: Vote) -> None:
    """The drawn slot is the only thing that could depend on the order, here as in
    tests/box/test_layout.py.
    """
    panel = [voter for voter in vote.voters if voter.panel == 1]
    slot_of = {voter.first: 13 + i for i, voter in enumerate(reversed(panel))}

    def do(folder: Path, order: list[TestVoter]) -> None:
        here = in_copy(vote, folder)
        place = _intake(here)
        for voter in order:
            place._randbytes = aimed_at(here.box_file, 1, slot_of[voter.first])
            place.receive(voter.first)
        place.close()

    assert len(files_left(vote.engines.root, panel[:9], do, count=8)) == 1


def test_a_bad_ballot_in_a_batch_is_refused_alone(vote: Vote) -> None:
    bad = bytearray(vote.voters[1].first)
    bad[HEADER + 330] ^= 1
    ballot = decode_ballot(bytes(bad), vote.manifest)
    signed = ballot.body + ballot.token + ballot_signer(vote, 1)(signed_message(ballot.body, ballot.token))
    found = _together(_intake(vote), [vote.voters[0].first, signed, vote.voters[2].first, b"no ballot" * 99])
    assert _kinds(found)[:3] == [Receipt, BadProof, Receipt]
    assert isinstance(found[3], SurveysError)
    assert isinstance(found[1], Rejected)
    assert found[1].where == "ballot.contests[0]"


def test_two_of_a_batch_that_contradict_each_other_are_judged_in_order(vote: Vote) -> None:
    one, two = vote.voters[0], vote.voters[1]
    found = _together(_intake(vote), [one.first, one.later, one.first, two.later, two.first, two.later])
    # The third is the first once more: judged when that has been stored, and before the second takes its
    # place.
    assert _kinds(found) == [Receipt, Receipt, Receipt, Receipt, OlderBallot, Receipt]
    assert found[0] == found[2]
    assert found[3] == found[5]


def test_a_copied_row_is_refused_within_a_batch_and_after_it(vote: Vote) -> None:
    place, copied = _intake(vote), _with_row_of(vote, 1, 0)
    # Within the batch nothing is stored yet that it could repeat; the proofs, bound to the other ballot, do
    # not hold.
    assert _kinds(_together(place, [vote.voters[0].first, copied])) == [Receipt, BadProof]
    with pytest.raises(DuplicateComponent):
        place.receive(copied)


def test_a_mark_is_not_forgotten_with_a_ballot_that_was_replaced(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two ballots may share a mark. Were it taken out with the one, a copy of the other would pass."""
    monkeypatch.setattr(intake, "marks_of", lambda panel, prints: (7,) * (len(prints) // 8))
    place = _intake(vote)
    place.receive(vote.voters[0].first)
    place.receive(vote.voters[2].first)
    place.receive(vote.voters[0].later)
    with pytest.raises(DuplicateComponent):
        place.receive(_with_row_of(vote, 1, 2))


def test_what_another_process_stored_is_seen(vote: Vote) -> None:
    place = _intake(vote)
    place.receive(vote.voters[0].first)
    receive_ballot(vote.box, vote.manifest, vote.voters[1].later, vote.box_key)
    with pytest.raises(OlderBallot):
        place.receive(vote.voters[1].first)
    gate.shut(vote.box)
    with pytest.raises(PollsClosed):
        place.receive(vote.voters[2].first)


def test_of_what_another_process_stored_only_that_is_taken_up(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, read = _intake(vote), contents._read
    place.receive(vote.voters[0].first)
    taken: list[int] = []

    def counted(*given: object) -> Iterator[Stored]:
        for each in read(*given):  # type: ignore[arg-type]
            taken.append(each.slot)
            yield each

    monkeypatch.setattr(contents, "_read", counted)
    for raw in (vote.voters[1].first, vote.voters[2].first, vote.voters[0].later):
        receive_ballot(vote.box, vote.manifest, raw, vote.box_key)
    gate.enter(vote.box, Generation(5, 1))
    assert place.returned() == 3
    assert len(taken) == 3
    assert place._contents is not None
    assert place._contents.gate.generation.number == 5
    place.receive(vote.voters[3].first)
    assert len(taken) == 3
    trackers = {decode_ballot(v.first, vote.manifest).tracker for v in vote.voters[1:4]}
    trackers.add(decode_ballot(vote.voters[0].later, vote.manifest).tracker)
    assert set(place.trackers("")) == trackers
    assert _in_step(place) == _in_step(_intake(vote))


def _in_step(place: Intake) -> list[object]:
    """What an intake knows, but for marks, which are never forgotten."""
    place.returned()
    known = place._contents
    assert known is not None
    return [known._ballots, known._slots, known._trackers, known._sorted, known._free]


def test_trackers_and_turnout_are_told_of_the_present_box(vote: Vote) -> None:
    place = _intake(vote)
    assert (place.returned(), place.trackers("")) == (0, ())
    found = sorted(place.receive(voter.first).tracker for voter in vote.voters[:9])
    for prefix in ("", *(tracker.hex()[:digits] for tracker in found for digits in (1, 2, 3, 20))):
        assert list(place.trackers(prefix)) == [each for each in found if each.hex().startswith(prefix)]
        assert place.trackers(prefix) == board.trackers_in_the_box(vote.box, prefix)
    later = place.receive(vote.voters[0].later).tracker
    assert place.returned() == 9
    assert later in place.trackers("")
    assert decode_ballot(vote.voters[0].first, vote.manifest).tracker not in place.trackers("")


def test_a_box_from_which_ballots_are_gone_is_read_anew(vote: Vote) -> None:
    place = _intake(vote)
    place.receive(vote.voters[0].first)
    with vote.box.begin() as connection:
        connection.execute(update(models.head).values(used=b"\x00"))
    assert place.returned() == 0
    assert place.receive(vote.voters[0].first)
    assert _in_step(place) == _in_step(_intake(vote))


def test_whoever_asks_does_not_hold_off_whoever_writes(vote: Vote) -> None:
    place = _intake(vote)
    with vote.box.begin():
        assert place.returned() == 0
        assert gate.look(vote.box).state is gate.State.OPEN


def test_the_twin_that_trusts_its_memory_overwrites_what_another_process_stored(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = _intake(vote)
    place.receive(vote.voters[0].first)
    receive_ballot(vote.box, vote.manifest, vote.voters[1].later, vote.box_key)
    monkeypatch.setattr(place._kept, "has_changed", lambda: False)
    assert place.receive(vote.voters[1].first)


def test_a_ballot_stored_by_another_process_while_proofs_are_checked_counts(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = _intake(vote)
    prove = place._prove

    def slowly(batch: Sequence[intake._Waiting]) -> None:
        prove(batch)
        receive_ballot(vote.box, vote.manifest, vote.voters[0].later, vote.box_key)

    monkeypatch.setattr(place, "_prove", slowly)
    with pytest.raises(OlderBallot):
        place.receive(vote.voters[0].first)


def test_polls_that_close_while_proofs_are_checked_keep_the_batch_out(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = _intake(vote)
    monkeypatch.setattr(place, "_prove", lambda batch: gate.shut(vote.box))
    with pytest.raises(PollsClosed):
        place.receive(vote.voters[0].first)


def test_a_failed_commit_promises_nothing_and_leaves_the_slot_usable(vote: Vote) -> None:
    place = _intake(vote)
    place.receive(vote.voters[0].first)
    before = held(vote.box)
    write = receiving.write

    def breaks(*given: object) -> None:
        write(*given)  # type: ignore[arg-type]
        raise OSError("the disk is full")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receiving, "write", breaks)
        with pytest.raises(OSError, match="disk is full"):
            place.receive(vote.voters[1].first)
    assert held(vote.box) == before
    assert place.receive(vote.voters[1].first)


def test_a_full_panel_and_a_tracker_that_is_there_are_refused(vote: Vote) -> None:
    place = _intake(vote)
    with vote.box.begin() as connection:
        head = models.head.c
        tracker = decode_ballot(vote.voters[0].first, vote.manifest).digest
        last = vote.manifest.definition.panels[0].voters * 3
        connection.execute(update(models.head).where(head.slot == last).values(used=b"\x01", digest=tracker))
        connection.execute(
            update(models.head).where(head.panel == 1).values(used=b"\x01", digest=b"\x07" * 32)
        )
    with pytest.raises(TrackerClash):
        place.receive(vote.voters[0].first)
    with pytest.raises(PanelFull):
        place.receive(next(voter for voter in vote.voters if voter.panel == 1).first)


def test_where_revoting_is_off_a_later_ballot_is_refused(tmp_path: Path) -> None:
    vote = a_vote(tmp_path / "once", (3,), revoting=False)
    place = _intake(vote)
    place.receive(vote.voters[0].first)
    with pytest.raises(RevotingNotAllowed):
        place.receive(vote.voters[0].later)


@pytest.mark.parametrize("of_another_process", [False, True])
def test_sealing_does_not_wait_for_an_intake_that_only_keeps_the_old_file_open(
    vote: Vote, monkeypatch: pytest.MonkeyPatch, of_another_process: bool
) -> None:
    """Those of another process cannot be told; they notice."""
    if of_another_process:
        monkeypatch.setattr(sealing, "let_go", lambda _: None)
    monkeypatch.setattr(sealing, "BUSY_SECONDS", 3600)
    place = _intake(vote)
    place.receive(vote.voters[0].first)
    gate.shut(vote.box)
    with ThreadPoolExecutor(1) as pool:
        try:
            assert tuple(pool.submit(seal, vote.box, vote.manifest).result(90)) == (vote.voters[0].first,)
        finally:
            place.close()
    with pytest.raises(PollsClosed):
        place.receive(vote.voters[1].first)


def test_marks_are_found_again_among_many() -> None:
    chance = random.Random(3)
    marks = Marks(5000)
    put = {chance.getrandbits(64) | 1 for _ in range(5000)}
    for mark in put:
        marks.add(mark)
        marks.add(mark)
    assert all(mark in marks for mark in put)
    assert not any(chance.getrandbits(64) & ~1 in marks for _ in range(2000))
    assert not marks.full
    for number in range(1, 9000):
        marks.add(number)
    assert marks.full


def test_a_table_of_marks_is_full_beyond_three_quarters_and_takes_no_more_than_it_has_places() -> None:
    marks = Marks(4)  # sixteen places, of which one stays free, or a search would not end
    for number in range(1, 13):
        marks.add(number)
    assert not marks.full
    for number in range(13, 16):
        marks.add(number)
        assert marks.full
    with pytest.raises(OverflowError):
        marks.add(16)
    assert all(number in marks for number in range(1, 16))
    assert 16 not in marks


def test_a_point_has_one_mark_in_its_panel_wherever_it_stands() -> None:
    """Or a copied point would be no suspicion in another row (8.6)."""
    one, other = bytes(range(8)), bytes(range(100, 108))
    assert marks_of(3, one + other) == (*marks_of(3, one), *marks_of(3, other))
    assert set(marks_of(3, one + other)).isdisjoint(marks_of(4, one + other))
    assert 0 not in marks_of(0, (0x9E3779B97F4A7C15).to_bytes(8, "big"))
