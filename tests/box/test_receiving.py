"""A ballot is returned: what the box takes, what it refuses, in which order, and that a refusal stores
nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import update

from surveys.box import board, gate, models, receiving
from surveys.box.board import Whereabouts
from surveys.box.errors import (
    BoxDamaged,
    DuplicateComponent,
    OlderBallot,
    PanelFull,
    PollsClosed,
    RevotingNotAllowed,
    TrackerClash,
    WrongSize,
)
from surveys.box.receiving import Receipt, receive_ballot
from surveys.errors import SurveysError
from surveys.protocol.ballot import HEADER, Ballot, check_proofs, decode_ballot, signed_message
from surveys.protocol.errors import BadProof, BadSignature, Rejected
from surveys.protocol.manifest import Manifest
from surveys.protocol.receipt import Promise
from tests.box.build import Vote, a_vote, ballot_signer
from tests.stores.held import held

ROW = 544


def cast(vote: Vote, raw: bytes) -> Receipt:
    return receive_ballot(vote.box, vote.manifest, raw, vote.box_key)


@contextmanager
def refused(vote: Vote, kind: type[SurveysError]) -> Iterator[None]:
    before = held(vote.box)
    with pytest.raises(kind) as caught:
        yield
    assert type(caught.value) is kind
    assert held(vote.box) == before


def again_signed(vote: Vote, number: int, body: bytes) -> bytes:
    """A voter's ballot with another body, signed by the voter."""
    ballot = decode_ballot(vote.voters[number].first, vote.manifest)
    return body + ballot.token + ballot_signer(vote, number)(signed_message(body, ballot.token))


def test_a_ballot_is_kept_and_promised(vote: Vote) -> None:
    receipt = cast(vote, vote.voters[0].first)
    ballot = decode_ballot(vote.voters[0].first, vote.manifest)
    assert (receipt.tracker, receipt.digest) == (ballot.tracker, ballot.digest)
    promise = Promise(vote.manifest.hash, receipt.digest, ballot.key, ballot.sequence, receipt.signature)
    promise.check(vote.box_key.public)
    assert board.returned(vote.box, 3) == (1, 0, 0)
    assert board.find_tracker(vote.box, receipt.tracker) is Whereabouts.IN_THE_BOX
    assert board.find_tracker(vote.box, bytes(10)) is Whereabouts.NOWHERE


def test_the_same_bytes_again_give_the_same_receipt_and_write_nothing(vote: Vote) -> None:
    receipt = cast(vote, vote.voters[0].first)
    before = held(vote.box)
    assert cast(vote, vote.voters[0].first) == receipt
    assert held(vote.box) == before


def test_a_later_ballot_takes_the_place_of_the_earlier_one(vote: Vote) -> None:
    first = cast(vote, vote.voters[0].first)
    later = cast(vote, vote.voters[0].later)
    assert board.find_tracker(vote.box, first.tracker) is Whereabouts.NOWHERE
    assert board.find_tracker(vote.box, later.tracker) is Whereabouts.IN_THE_BOX
    assert board.returned(vote.box, 3) == (1, 0, 0)


def test_an_earlier_ballot_is_refused(vote: Vote) -> None:
    cast(vote, vote.voters[0].later)
    with refused(vote, OlderBallot):
        cast(vote, vote.voters[0].first)


def test_another_ballot_under_the_same_number_is_refused(vote: Vote) -> None:
    cast(vote, vote.voters[0].first)
    ballot = decode_ballot(vote.voters[0].first, vote.manifest)
    body = ballot.body[:-1] + bytes([ballot.body[-1] ^ 1])
    with refused(vote, OlderBallot):
        cast(vote, again_signed(vote, 0, body))


def test_where_revoting_is_off_a_later_ballot_is_refused(tmp_path: Path) -> None:
    vote = a_vote(tmp_path, (3,), 1, revoting=False)
    receipt = cast(vote, vote.voters[0].first)
    with refused(vote, RevotingNotAllowed):
        cast(vote, vote.voters[0].later)
    assert cast(vote, vote.voters[0].first) == receipt


@pytest.mark.parametrize("raw", [b"", b"TNB2", bytes(100)])
def test_bytes_of_no_ballots_length_are_refused(vote: Vote, raw: bytes) -> None:
    with refused(vote, WrongSize):
        cast(vote, raw)


@pytest.mark.parametrize("change", [-1, 1, ROW, -ROW, 10_000_000])
def test_a_ballot_of_the_wrong_length_is_refused_before_it_is_decoded(vote: Vote, change: int) -> None:
    raw = vote.voters[0].first
    raw = b"XXXX" + (raw[4:change] if change < 0 else raw[4:] + bytes(change))
    with refused(vote, WrongSize):
        cast(vote, raw)


@pytest.mark.parametrize(
    ("start", "value"),
    [
        pytest.param(0, b"TNB0", id="magic"),
        pytest.param(4, bytes(32), id="manifest"),
        pytest.param(36, b"\xff\xff\xff\xff", id="panel"),
        pytest.param(72, bytes(4), id="sequence"),
        pytest.param(HEADER, bytes(32), id="identity as alpha"),
        pytest.param(HEADER, b"\xff" * 32, id="no point"),
        pytest.param(HEADER + ROW - 32, b"\xff" * 32, id="unreduced scalar"),
    ],
)
def test_a_ballot_that_does_not_decode_is_refused(vote: Vote, start: int, value: bytes) -> None:
    raw = bytearray(vote.voters[0].first)
    raw[start : start + len(value)] = value
    before = held(vote.box)
    with pytest.raises(Rejected) as caught:
        cast(vote, bytes(raw))
    assert caught.value.check == "8.2"
    assert held(vote.box) == before


def test_the_token_of_another_voter_is_refused(vote: Vote) -> None:
    mine, other = (decode_ballot(v.first, vote.manifest) for v in vote.voters[:2])
    stolen = mine.body + other.token + ballot_signer(vote, 0)(signed_message(mine.body, other.token))
    with refused(vote, BadSignature):
        cast(vote, stolen)


def test_a_ballot_signed_by_nobody_is_refused(vote: Vote) -> None:
    with refused(vote, BadSignature):
        cast(vote, vote.voters[0].first[:-64] + vote.voters[1].first[-64:])


def test_a_proof_that_does_not_hold_is_refused(vote: Vote) -> None:
    body = decode_ballot(vote.voters[0].first, vote.manifest).body
    # Responses of the last branch exchanged between two rows: everything decodes, nothing else is wrong.
    a, b = HEADER + ROW - 32, HEADER + 2 * ROW - 32
    swapped = body[:a] + body[b : b + 32] + body[a + 32 : b] + body[a : a + 32]
    with refused(vote, BadProof):
        cast(vote, again_signed(vote, 0, swapped))


def test_without_the_check_of_proofs_it_would_have_been_kept(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = decode_ballot(vote.voters[0].first, vote.manifest).body
    a, b = HEADER + ROW - 32, HEADER + 2 * ROW - 32
    swapped = body[:a] + body[b : b + 32] + body[a + 32 : b] + body[a : a + 32]
    monkeypatch.setattr(receiving, "check_proofs", lambda ballot, manifest: None)
    cast(vote, again_signed(vote, 0, swapped))


def test_a_copied_row_is_refused(vote: Vote) -> None:
    """Before its proof is looked at: the order of 9.1."""
    cast(vote, vote.voters[0].first)
    theirs = decode_ballot(vote.voters[0].first, vote.manifest).body
    mine = decode_ballot(vote.voters[1].first, vote.manifest).body
    copied = mine[:HEADER] + theirs[HEADER : HEADER + ROW] + mine[HEADER + ROW :]
    with refused(vote, DuplicateComponent):
        cast(vote, again_signed(vote, 1, copied))


@pytest.mark.parametrize(("theirs_at", "mine_at"), [(32, 0), (0, 32)])
def test_a_point_that_occurs_as_alpha_and_as_beta_is_refused(
    vote: Vote, theirs_at: int, mine_at: int
) -> None:
    cast(vote, vote.voters[0].first)
    theirs = decode_ballot(vote.voters[0].first, vote.manifest).body
    mine = decode_ballot(vote.voters[1].first, vote.manifest).body
    at, point = HEADER + ROW + mine_at, theirs[HEADER + theirs_at : HEADER + theirs_at + 32]
    copied = mine[:at] + point + mine[at + 32 :]
    with refused(vote, DuplicateComponent):
        cast(vote, again_signed(vote, 1, copied))


def test_a_point_that_occurs_twice_in_one_ballot_is_refused(vote: Vote) -> None:
    body = decode_ballot(vote.voters[0].first, vote.manifest).body
    doubled = body[: HEADER + ROW] + body[HEADER : HEADER + ROW]
    with refused(vote, DuplicateComponent):
        cast(vote, again_signed(vote, 0, doubled))


def test_a_copied_row_would_reach_the_proofs_without_the_comparison(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = decode_ballot(vote.voters[0].first, vote.manifest).body
    doubled = body[: HEADER + ROW] + body[HEADER : HEADER + ROW]
    monkeypatch.setattr(receiving, "_check_components", lambda *arguments: None)
    with refused(vote, BadProof):
        cast(vote, again_signed(vote, 0, doubled))


def test_equal_fingerprints_of_different_points_are_no_duplicate(vote: Vote) -> None:
    """Eight bytes only point at a suspect."""
    cast(vote, vote.voters[0].first)
    prints = receiving.fingerprints(decode_ballot(vote.voters[1].first, vote.manifest))
    with vote.box.begin() as connection:
        connection.execute(
            update(models.head).where(models.head.c.used == b"\x01").values(fingerprints=prints)
        )
    cast(vote, vote.voters[1].first)


def test_a_ballot_may_repeat_in_another_panel_what_8_6_forbids_in_its_own(vote: Vote) -> None:
    cast(vote, vote.voters[0].first)
    prints = receiving.fingerprints(decode_ballot(vote.voters[0].first, vote.manifest))
    with vote.box.begin() as connection:
        connection.execute(update(models.head).where(models.head.c.panel == 1).values(fingerprints=prints))
    cast(vote, vote.voters[12].first)


def test_a_second_ballot_with_the_same_tracker_is_refused(vote: Vote) -> None:
    clash = decode_ballot(vote.voters[20].first, vote.manifest).tracker + bytes(22)
    cast(vote, vote.voters[0].first)
    with vote.box.begin() as connection:
        connection.execute(update(models.head).where(models.head.c.used == b"\x01").values(digest=clash))
    with refused(vote, TrackerClash):
        cast(vote, vote.voters[20].first)


def test_one_byte_less_is_no_clash(vote: Vote) -> None:
    near = decode_ballot(vote.voters[20].first, vote.manifest).tracker[:9] + bytes(23)
    cast(vote, vote.voters[0].first)
    with vote.box.begin() as connection:
        connection.execute(update(models.head).where(models.head.c.used == b"\x01").values(digest=near))
    cast(vote, vote.voters[20].first)


def test_a_full_panel_takes_no_more(vote: Vote) -> None:
    with vote.box.begin() as connection:
        connection.execute(update(models.head).where(models.head.c.panel == 0).values(used=b"\x01"))
    with refused(vote, PanelFull):
        cast(vote, vote.voters[0].first)
    cast(vote, vote.voters[12].first)


def test_a_slot_of_another_width_is_refused_and_nothing_is_stored(vote: Vote) -> None:
    with vote.box.begin() as connection:
        connection.execute(update(models.paper).values(ballot=b"short"))
    with refused(vote, BoxDamaged):
        cast(vote, vote.voters[0].first)


def test_all_ballots_of_a_panel_fit(vote: Vote) -> None:
    for voter in vote.voters:
        cast(vote, voter.first)
    assert board.returned(vote.box, 3) == (12, 12, 12)


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Something happens once, while the proofs of a ballot are being checked."""

    def check(ballot: Ballot, manifest: Manifest) -> None:
        monkeypatch.setattr(receiving, "check_proofs", check_proofs)
        happens()
        check_proofs(ballot, manifest)

    monkeypatch.setattr(receiving, "check_proofs", check)


def test_polls_that_close_while_the_proofs_are_checked_keep_the_ballot_out(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: gate.shut(vote.box))
    with pytest.raises(PollsClosed):
        cast(vote, vote.voters[0].first)
    assert board.returned(vote.box, 3) == (0, 0, 0)


def test_a_later_ballot_that_comes_while_the_proofs_are_checked_stays(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: cast(vote, vote.voters[0].later))
    with pytest.raises(OlderBallot):
        cast(vote, vote.voters[0].first)
    later = decode_ballot(vote.voters[0].later, vote.manifest)
    assert board.find_tracker(vote.box, later.tracker) is Whereabouts.IN_THE_BOX


def test_the_same_ballot_that_comes_while_the_proofs_are_checked_is_stored_once(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipts = []
    meanwhile(monkeypatch, lambda: receipts.append(cast(vote, vote.voters[0].first)))
    assert [cast(vote, vote.voters[0].first)] == receipts
    assert board.returned(vote.box, 3) == (1, 0, 0)


def test_casting_writes_no_log_line(vote: Vote, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    cast(vote, vote.voters[0].first)
    with refused(vote, BadSignature):
        cast(vote, vote.voters[1].first[:-64] + bytes(64))
    assert caplog.records == []


def test_no_refusal_carries_what_was_sent(vote: Vote) -> None:
    cast(vote, vote.voters[0].later)
    raw = vote.voters[0].first
    for sent in (raw, raw[:-1], raw[:-64] + bytes(64), b"TNB0" + raw[4:]):
        with pytest.raises(SurveysError) as caught:
            cast(vote, sent)
        assert not any(isinstance(value, bytes) for value in vars(caught.value).values())
        assert raw[40:72].hex() not in str(caught.value)
