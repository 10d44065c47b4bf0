"""The board's leaves and its tree head (docs/protocol.md 10.1, 10.2), and a part of it that proves itself
(15.5).

A leaf is the ballot's digest before the hash of all its bytes: whoever has a tracker sees that it is there,
or that it is not, without asking for the ballot. Danger: a range without its neighbours could hide what lies
at its ends.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from surveys.protocol import merkle
from surveys.protocol.ballot import SIGNATURE_BYTES, TOKEN_BYTES, TRACKER_BYTES
from surveys.protocol.errors import Inconsistent, Malformed, Missing
from surveys.protocol.transcript import digest, lp

LEAF_BYTES = 64
_CHECK = "15.5"


def leaf_of(raw: bytes) -> bytes:
    """digest ‖ SHA-256(ballot), 64 bytes (10.2)."""
    return digest("ballot/digest", raw[: -TOKEN_BYTES - SIGNATURE_BYTES]) + sha256(raw).digest()


def board_root(ballots: Iterable[bytes]) -> bytes:
    """The tree head over ballots in the order of the board, 32 bytes."""
    return merkle.root_of_hashes(merkle.leaf_hash(leaf_of(raw)) for raw in ballots)


def board_chunks(ballots: Iterable[bytes]) -> Iterator[bytes]:
    """The board's bytes (10.1), a ballot at a time."""
    return map(lp, ballots)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring leaves of the board: the index of the first, and the range's proof."""

    first: int
    leaves: tuple[bytes, ...]
    proof: tuple[bytes, ...]


def stretch_of(leaves: Sequence[bytes], hashes: Sequence[bytes], prefix: str) -> Stretch:
    """The leaves whose digest begins with these hex digits, with their neighbours (15.5)."""
    low = bisect_left(leaves, bytes.fromhex(prefix.ljust(2 * LEAF_BYTES, "0")))
    high = bisect_right(leaves, bytes.fromhex(prefix.ljust(2 * LEAF_BYTES, "f")))
    first, end = max(0, low - 1), min(len(leaves), high + 1)
    return Stretch(first, tuple(leaves[first:end]), tuple(merkle.range_proof(hashes, first, end)))


def place_in(found: Stretch, tracker: bytes, size: int, root: bytes) -> int | None:
    """Where on a board of this size and root the tracker's ballot stands, counted from 0; None: proved that
    it is nowhere.

    Raises Rejected(check="15.5" or "10.2") where the stretch is not of this board, or does not reach as far
    as the tracker.
    """
    if any(len(leaf) != LEAF_BYTES for leaf in found.leaves):
        raise Malformed(check=_CHECK, where="leaves", why="not 64 bytes each")
    hashes = [merkle.leaf_hash(leaf) for leaf in found.leaves]
    merkle.check_range(hashes, found.first, size, found.proof, root)
    digests = [leaf[:32] for leaf in found.leaves]
    if any(a >= b for a, b in pairwise(digests)):
        raise Inconsistent(check=_CHECK, where="leaves", why="not in the order of digests")
    for i, each in enumerate(digests):
        if each[:TRACKER_BYTES] == tracker:
            return found.first + i
    begins = found.first == 0 or (digests and digests[0] < tracker)
    ends = found.first + len(digests) == size or (digests and digests[-1][:TRACKER_BYTES] > tracker)
    if not begins or not ends:
        raise Missing(check=_CHECK, where="leaves", why="do not reach around the tracker")
    return None
