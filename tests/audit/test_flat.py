"""Files are read piece by piece, with the verdicts that the whole file gets, and the memory of a piece."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

from surveys.audit.ballots import walk
from surveys.audit.bundle import write_bundle
from surveys.audit.frames import Frames
from surveys.audit.members import Content, HeldMembers, steady, whole
from surveys.audit.repeated import refuse_repeated
from surveys.protocol.board import board_chunks
from surveys.protocol.errors import Rejected
from surveys.protocol.issuance import IssuanceFile, decode_issuance, encode_issuance, read_issuance
from surveys.protocol.pieces import CutShort, Taken
from surveys.protocol.roll_list import decode_roll
from surveys.protocol.tally import add_up
from tests.audit.build import Vote, a_vote, an_issuance, board_bytes

MIB = 2**20


def cut(raw: bytes, seed: int = 0) -> Callable[[], Iterator[bytes]]:
    """The same bytes in pieces of 0 to 700."""

    def pieces() -> Iterator[bytes]:
        drawn, at = random.Random(seed), 0
        while at < len(raw):
            length = drawn.randrange(701)
            yield raw[at : at + length]
            at += length

    return pieces


def said(work: Callable[[], object]) -> tuple[str, ...]:
    """The check, place and reason of a refusal; nothing where nothing is refused."""
    try:
        work()
    except Rejected as refusal:
        return refusal.check, refusal.where, refusal.why
    return ()


def test_what_is_taken_is_what_stands_there_however_it_is_cut() -> None:
    raw = random.Random(1).randbytes(5000)
    taken = Taken(cut(raw)())
    assert taken.take(3) + taken.take(2000) + taken.take(0) + taken.take(2996) == raw[:4999]
    assert not taken.ended
    with pytest.raises(CutShort):
        taken.take(2)
    assert taken.take(1) == raw[4999:]
    assert taken.ended


def test_a_board_in_pieces_is_the_board() -> None:
    vote = a_vote()
    frames = Frames(cut(vote.members["board.bin"]))
    assert list(frames) == list(vote.ballots)
    assert (len(frames), frames.root, frames.disorder) == (len(vote.ballots), vote.plan.board, None)


@pytest.mark.parametrize("missing", [1, 5, 300])
def test_a_board_that_is_cut_short_names_its_last_ballot(missing: int) -> None:
    vote = a_vote()
    where = f"board[{len(vote.ballots) - 1}]"
    short = vote.members["board.bin"][:-missing]
    assert said(lambda: Frames(cut(short))) == ("8.2", where, "the board is cut short")


def test_the_first_ballot_out_of_order_is_named() -> None:
    ballots = list(a_vote().ballots)
    ballots[3], ballots[4], ballots[7] = ballots[4], ballots[3], ballots[6]
    disorder = Frames(lambda: board_chunks(ballots)).disorder
    assert disorder is not None
    assert (disorder.check, disorder.where) == ("10.1", "board[4]")


def repeated(vote: Vote, at: int, length: int, of: int = 2) -> list[bytes]:
    """The board, where a later ballot of the panel of ballot `of` has its bytes `at`."""
    ballots = list(vote.ballots)
    panel = ballots[of][36:40]
    later = next(i for i in range(len(ballots) - 1, of, -1) if ballots[i][36:40] == panel)
    other = ballots[later]
    ballots[later] = other[:at] + ballots[of][at : at + length] + other[at + length :]
    return ballots


@pytest.mark.parametrize(
    ("at", "name"), [(40, "key"), (76, "contests[0].alpha"), (108, "contests[0].beta")], ids=str
)
def test_what_stands_twice_is_named_and_eight_bytes_alike_are_not_enough(at: int, name: str) -> None:
    vote = a_vote()
    definition = vote.manifest.definition
    assert said(lambda: refuse_repeated(vote.ballots, definition)) == ()
    check, where, _ = said(lambda: refuse_repeated(repeated(vote, at, 32), definition))
    assert (check, where.partition(".")[2]) == ("8.6", name)
    assert said(lambda: refuse_repeated(repeated(vote, at, 31), definition)) == ()


def test_many_values_are_compared_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    vote = a_vote()
    before = said(lambda: refuse_repeated(repeated(vote, 76, 32), vote.manifest.definition))
    monkeypatch.setattr("surveys.audit.repeated._AT_ONCE", 3)
    assert said(lambda: refuse_repeated(repeated(vote, 76, 32), vote.manifest.definition)) == before


def test_an_issuance_file_in_pieces_says_what_the_whole_one_says() -> None:
    vote = a_vote()
    raw = vote.members["issuance.json"]
    found, expected = read_issuance(cut(raw)), decode_issuance(raw)
    assert isinstance(found, IssuanceFile)
    assert tuple(found.each_panel()) == expected.panels
    assert list(found.counts) == expected.counts
    assert b"".join(encode_issuance(expected.panels)) == raw == expected.encode()
    found.check_against(decode_roll(vote.members["roll.json"]))


def test_an_altered_issuance_file_is_refused_with_the_same_words() -> None:
    raw = a_vote().members["issuance.json"]
    drawn = random.Random(5)
    altered = [raw[:-1], raw[:-2], raw + b" ", raw.replace(b"slip", b"slop", 1), raw.upper(), b"", b"{}"]
    altered += [raw.replace(b"[[", b"[ [", 1), raw.replace(b"},{", b"},,{", 1), raw.replace(b"],[", b"][", 1)]
    altered += [raw.replace(b"]]}", b"],]}"), b'{"format":"tin-nhiem/issuance/2","panels":[]}']
    for _ in range(200):
        at = drawn.randrange(len(raw))
        altered.append(raw[:at] + bytes([drawn.choice(b'0aAfg",:[]{} \xff')]) + raw[at + 1 :])
    for each in altered:
        assert said(partial(read_issuance, cut(each))) == said(partial(decode_issuance, each)), each


def test_members_in_pieces_make_the_same_bundle(tmp_path: Path) -> None:
    members = a_vote().members
    large: Mapping[str, bytes] = {**members, "plan.json": bytes(5 * MIB), "board.bin": random.randbytes(MIB)}
    for name, held in (("small", members), ("large", large)):
        pieces: dict[str, Content] = {each: cut(raw, 3) for each, raw in held.items()}
        write_bundle(tmp_path / "whole.zip", held)
        write_bundle(tmp_path / "pieces.zip", pieces)
        assert (tmp_path / "whole.zip").read_bytes() == (tmp_path / "pieces.zip").read_bytes(), name


def test_a_member_that_changes_between_two_readings_is_refused() -> None:
    answers = iter([[b"one"], [b"o", b"ne"], [b"another"]])
    read = steady(HeldMembers({"board.bin": lambda: next(answers)}), "board.bin")
    assert b"".join(read()) == b"".join(read()) == b"one"
    assert said(lambda: b"".join(read())) == ("14.1", "board.bin", "changed while it was read")


def peak(work: Callable[[], object]) -> int:
    """The most bytes of Python's own that work held at once; what nobody holds is thrown away soon."""
    before = gc.get_threshold()
    gc.set_threshold(100, 2, 2)
    gc.freeze()  # or the collector waits until a quarter of all there is would be worth a look
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    gc.unfreeze()
    gc.set_threshold(*before)
    return most


A_QUARTER = 400
"""Bytes: a fourth of a ballot as it stands on the board. Decoded it takes seven thousand."""
FINGERPRINTS = 80
"""Bytes: eight for a key and each of six points at most, and what an array grows ahead."""


def growth(work: Callable[[int], object], fewer: int = 300, more: int = 1200) -> float:
    """Bytes for each ballot more; the least of three: collector and other threads come as they like."""
    work(30)  # what is made once
    found = (peak(lambda: work(more)) - peak(lambda: work(fewer)) for _ in range(3))
    return min(found) / (more - fewer)


def over_and_over(count: int) -> Iterator[bytes]:
    ballots = a_vote().ballots
    return (ballots[i % len(ballots)] for i in range(count))


def test_cutting_and_hashing_a_board_holds_no_ballots() -> None:
    assert growth(lambda count: Frames(lambda: board_chunks(over_and_over(count)))) < A_QUARTER


def test_the_walk_over_a_board_holds_a_few_slices() -> None:
    """Slices are of one length in both, so that what one slice takes is no growth."""
    manifest = a_vote().manifest

    def work(count: int) -> None:
        frames = Frames(lambda: board_chunks(over_and_over(count)))
        found = walk(frames, manifest, tokens=False, jobs=1, on_done=lambda _: None)
        assert sum(found.by_panel) == count

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("surveys.audit.slices.MOST_BALLOTS", 100)
        assert growth(work) < A_QUARTER


def test_looking_for_what_stands_twice_keeps_eight_bytes_of_each() -> None:
    definition = a_vote().manifest.definition

    def different(count: int) -> Iterator[bytes]:
        drawn = random.Random(7)
        for frame in over_and_over(count):
            yield frame[:40] + drawn.randbytes(len(frame) - 40)

    class Again:
        def __init__(self, count: int) -> None:
            self.count = count

        def __iter__(self) -> Iterator[bytes]:
            return different(self.count)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("surveys.audit.repeated._AT_ONCE", 500)
        assert growth(lambda count: refuse_repeated(Again(count), definition)) < FINGERPRINTS


def test_a_count_holds_one_ballot_at_a_time() -> None:
    manifest = a_vote().manifest

    def work(count: int) -> None:
        by_panel, _ = add_up(manifest, over_and_over(count))
        assert sum(by_panel) == count

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("surveys.protocol.tally.AT_ONCE", 64)
        assert growth(work, 100, 500) < A_QUARTER


def test_a_bundle_is_written_without_holding_its_members(tmp_path: Path) -> None:
    members = a_vote().members

    def work(count: int) -> None:
        board: Content = lambda: board_chunks(over_and_over(count))  # noqa: E731
        write_bundle(tmp_path / "b.zip", {**members, "board.bin": board})

    assert growth(work) < A_QUARTER
    assert whole(lambda: board_chunks(over_and_over(12))) == board_bytes(list(over_and_over(12)))


def test_papers_are_read_a_panel_at_a_time() -> None:
    vote = a_vote()
    panels = an_issuance(vote).panels
    one = next(each for each in panels if len(each) == 4)

    def work(count: int) -> None:
        file = read_issuance(lambda: encode_issuance(one for _ in range(count // 4)))
        assert sum(file.counts) == sum(len(each) for each in file.each_panel())

    assert growth(work) < A_QUARTER
