"""A slice in the kernel and the same ballots one by one in libsodium: one verdict, one place, the same sums
(8.2 to 8.5, 12.1).
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from surveys.audit import slices
from surveys.audit.slices import ENDS, Part, look
from surveys.protocol.ballot import HEADER, row_size
from surveys.protocol.group import ORDER
from surveys.protocol.kernel import rows as kernel_rows
from surveys.protocol.kernel.machine import machine
from surveys.protocol.kernel.rows import Looked, Rows
from surveys.protocol.kernel.totals import pairs
from tests.audit.build import Vote, a_vote

LEVELS = 3
ROW = row_size(LEVELS)


def _both(frames: Sequence[bytes], vote: Vote, *, tokens: bool = True) -> tuple[Part, Part]:
    return (
        look(5, frames, vote.manifest, tokens=tokens),
        slices._one_by_one(5, list(frames), vote.manifest, tokens),
    )


def _said(part: Part) -> dict[str, str]:
    """After a ballot that does not decode nothing else is reached (14.2)."""
    refusals = {"8.2": part.refusals["8.2"]} if "8.2" in part.refusals else part.refusals
    return {check: f"{type(refusal).__name__} {refusal}" for check, refusal in refusals.items()}


def _alter(frames: list[bytes], chance: random.Random) -> None:
    """One ballot changed somewhere, in one of the ways that look like something."""
    at = chance.randrange(len(frames))
    raw = bytearray(frames[at])
    rows = (len(raw) - HEADER - ENDS) // ROW
    if rows < 1:
        return  # cut short already
    row = HEADER + ROW * chance.randrange(rows)
    match chance.randrange(9):
        case 0:  # any bit
            raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        case 1:  # two points exchanged
            a, b = (row + 32 * i for i in chance.sample(range(10), 2))
            raw[a : a + 32], raw[b : b + 32] = raw[b : b + 32], raw[a : a + 32]
        case 2:  # two scalars exchanged
            a, b = (row + 320 + 32 * i for i in chance.sample(range(7), 2))
            raw[a : a + 32], raw[b : b + 32] = raw[b : b + 32], raw[a : a + 32]
        case 3:  # a scalar plus the order: the same number, not the same bytes
            a = row + 320 + 32 * chance.randrange(7)
            raw[a : a + 32] = (int.from_bytes(raw[a : a + 32], "little") + ORDER).to_bytes(33, "little")[:32]
        case 4:  # O
            a = row + 32 * chance.randrange(10)
            raw[a : a + 32] = bytes(32)
        case 5:  # a scalar plus one
            a = row + 320 + 32 * chance.randrange(7)
            raw[a : a + 32] = ((int.from_bytes(raw[a : a + 32], "little") + 1) % ORDER).to_bytes(32, "little")
        case 6:  # a row of another ballot
            other = chance.choice(frames)
            raw[row : row + ROW] = other[HEADER : HEADER + ROW]
        case 7:  # a token or signature of another ballot
            other = chance.choice(frames)
            raw[-ENDS:] = other[-ENDS:]
        case 8:  # too short or too long
            raw = raw[: -chance.randrange(1, 700)] if chance.randrange(2) else raw + b"x"
    frames[at] = bytes(raw)


def _agree(times: int, seed: int) -> None:
    vote, chance, refused = a_vote(), random.Random(seed), 0
    for _ in range(times):
        frames = chance.sample(list(vote.ballots), chance.randrange(1, 4))
        for _ in range(chance.choice((0, 1, 1, 1, 2))):
            _alter(frames, chance)
        fast, slow = _both(frames, vote)
        assert _said(fast) == _said(slow)
        refused += bool(fast.refusals)
        if "8.2" not in fast.refusals:
            assert dict(fast.by_panel) == dict(slow.by_panel)
            assert pairs(machine(), fast.sums) == slow.sums
    assert times // 2 < refused < times


def test_good_and_altered_slices_get_the_same_verdict() -> None:
    _agree(150, 1)


@pytest.mark.soak
def test_ten_thousand_good_and_altered_slices_get_the_same_verdict() -> None:
    _agree(10_000, 2)


def test_a_whole_board_gets_the_same_sums() -> None:
    vote = a_vote()
    fast, slow = _both(vote.ballots, vote)
    assert not fast.refusals
    assert not slow.refusals
    assert pairs(machine(), fast.sums) == slow.sums


@pytest.mark.parametrize("bad", [0, 1, 7, 12, 16])
def test_the_ballot_and_the_row_are_named_wherever_they_stand(bad: int) -> None:
    vote = a_vote()
    frames = list(vote.ballots)
    raw = bytearray(frames[bad])
    raw[-ENDS - 32 : -ENDS] = (1).to_bytes(32, "little")
    frames[bad] = bytes(raw)
    fast, slow = _both(frames, vote)
    last = (len(raw) - HEADER - ENDS) // ROW - 1
    assert fast.refusals["8.5"].where == f"board[{bad + 5}].contests[{last}]"
    assert _said(fast) == _said(slow)


def test_errors_that_cancel_in_two_ballots_are_seen() -> None:
    """The weights are drawn after the bytes are there; the twin below has none, and lets them cancel."""
    vote = a_vote()
    frames = [bytearray(raw) for raw in vote.ballots[:2]]
    for raw, change in zip(frames, (1, -1), strict=True):
        at = HEADER + 320 + 96
        raw[at : at + 32] = ((int.from_bytes(raw[at : at + 32], "little") + change) % ORDER).to_bytes(
            32, "little"
        )
    altered = [bytes(raw) for raw in frames]
    assert "8.5" in look(0, altered, vote.manifest, tokens=False).refusals


def test_the_twin_with_weights_of_one_lets_errors_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    look_at_rows = kernel_rows.look_at_rows

    def unweighted(computer: object, rows: Rows, key: object) -> Looked:
        return look_at_rows(computer, rows, key, lambda length: (1).to_bytes(16, "little") * (length // 16))  # type: ignore[arg-type]

    monkeypatch.setattr(slices, "look_at_rows", unweighted)
    vote = a_vote()
    frames = [bytearray(raw) for raw in vote.ballots[:2]]
    for raw, change in zip(frames, (1, -1), strict=True):
        at = HEADER + 320 + 96
        raw[at : at + 32] = ((int.from_bytes(raw[at : at + 32], "little") + change) % ORDER).to_bytes(
            32, "little"
        )
    assert "8.5" not in look(0, [bytes(raw) for raw in frames], vote.manifest, tokens=False).refusals


def test_a_kernel_that_refuses_what_libsodium_passes_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "look_at_rows", lambda computer, rows, key: Looked(None))
    vote = a_vote()
    with pytest.raises(AssertionError, match="not passed in a slice and not refused alone"):
        look(0, vote.ballots, vote.manifest, tokens=False)


def test_without_the_kernel_ballots_are_asked_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "machine", lambda: None)
    vote = a_vote()
    part = look(5, vote.ballots, vote.manifest, tokens=True)
    assert part == slices._one_by_one(5, list(vote.ballots), vote.manifest, True)
