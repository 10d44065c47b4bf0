"""The board cut into ballots (docs/protocol.md 10.1), read out of the bundle anew each time it is gone
through: the memory is that of one ballot.

What is found on the way of the first reading, while the bytes are there anyway, is kept: the number of
ballots, the tree head (10.2), and the first ballot that is out of order (10.1).
"""

from __future__ import annotations

from collections.abc import Iterator

from surveys.protocol import merkle
from surveys.protocol.ballot import HEADER, SIGNATURE_BYTES, TOKEN_BYTES, TRACKER_BYTES
from surveys.protocol.board import leaf_of
from surveys.protocol.errors import Duplicate, Inconsistent, Malformed, Rejected
from surveys.protocol.pieces import CutShort, Pieces, Taken

# A ballot without a row (8.1): a board of shorter ones would be millions of nothing, each to be hashed
# (10.1).
SHORTEST = HEADER + TOKEN_BYTES + SIGNATURE_BYTES
DIGEST_BYTES = 32


class Frames:
    """The ballots of a board, undecoded. Raises Malformed(check="8.2") where it cannot be cut."""

    def __init__(self, board: Pieces) -> None:
        self._board = board
        self._count, self.disorder = 0, None
        self.root = merkle.root_of_hashes(self._leaf_hashes())

    disorder: Rejected | None
    """What 10.1 has to say."""

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[bytes]:
        taken, number = Taken(self._board()), 0
        while not taken.ended:
            try:
                length = int.from_bytes(taken.take(4), "big")
                frame = taken.take(length)
            except CutShort:
                raise _refused(number, "the board is cut short") from None
            if length < SHORTEST:
                raise _refused(number, "shorter than any ballot")
            yield frame
            number += 1

    def _leaf_hashes(self) -> Iterator[bytes]:
        before = b""
        for i, frame in enumerate(self):
            leaf = leaf_of(frame)
            if self.disorder is None and i:
                self.disorder = _compared(before, leaf[:DIGEST_BYTES], i)
            before, self._count = leaf[:DIGEST_BYTES], i + 1
            yield merkle.leaf_hash(leaf)


def _refused(number: int, why: str) -> Malformed:
    return Malformed(check="8.2", where=f"board[{number}]", why=why)


def _compared(before: bytes, digest: bytes, number: int) -> Rejected | None:
    """10.1: ascending digests, distinct trackers. Equal trackers of distinct digests are neighbours."""
    if before >= digest:
        return Inconsistent(check="10.1", where=f"board[{number}]", why="out of order or repeated")
    if before[:TRACKER_BYTES] == digest[:TRACKER_BYTES]:
        return Duplicate(check="10.1", where=f"board[{number}]", why="has the tracker of its neighbour")
    return None
