"""The sealed board of a round as everybody may see it, and where it is to be had (docs/protocol.md §10, §14).

Danger: everything here is for whoever comes. It holds what every voter may check, and no total: the bundle,
which holds them, is there only where the round's definition says `visibility` public.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from surveys.names import RoundId
from surveys.protocol import merkle
from surveys.protocol.manifest import Definition
from surveys.rounds.states import State

STRETCH = 1024
"""Ballots that are always shown together, as in a look-up (15.5): who asks for fewer would tell the server
which it is about. A power of two.
"""


@dataclass(frozen=True, slots=True)
class OfferedBundle:
    """A bundle that everybody may have: where it lies, its size in bytes, its SHA-256 in hex."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SealedBoard:
    """`manifest` are its bytes; `leaves` the hashes of the ballots and `codes` their receipt codes, in the
    order of the board.

    `cosigners` are the numbers of the trustees under the checkpoint, counted from 1; none before the count is
    published.
    """

    definition: Definition
    state: State
    manifest: bytes
    manifest_hash: bytes
    root: bytes
    checkpoint: bytes
    cosigners: tuple[int, ...]
    leaves: Sequence[bytes]
    codes: Sequence[str]
    bundle: OfferedBundle | None


class Boards(Protocol):
    """The boards of an instance."""

    def open(self, round_id: RoundId) -> SealedBoard:
        """The board of a round. Raises NoSuchRound, NoBoardYet or BoardElsewhere."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof: the neighbour's hash, on which side it stands, and the hash of both."""

    on_the_left: bool
    neighbour: bytes
    head: bytes


@dataclass(frozen=True, slots=True)
class Stretch:
    """Ballots that stand side by side and fill one node of the tree: the first one's place counted from 1,
    and the way from that node to the root.
    """

    first: int
    leaves: Sequence[bytes]
    codes: Sequence[str]
    head: bytes
    steps: tuple[Step, ...]


def pages_of(board: SealedBoard) -> int:
    """So many pages has the board. A rest that is too short to hide who looks at it lies on the page
    before.
    """
    return max(1, (len(board.leaves) + STRETCH // 2) // STRETCH)


def stretches_of(board: SealedBoard, page: int) -> tuple[Stretch, ...]:
    """What stands on a page, counted from 1: one stretch, or two on the last one."""
    size = len(board.leaves)
    heads = [merkle.root_of_hashes(board.leaves[at : at + STRETCH]) for at in range(0, size, STRETCH)]
    last = len(heads) if page == pages_of(board) else page
    return tuple(_stretch(board, heads, index) for index in range(page - 1, last))


def _stretch(board: SealedBoard, heads: Sequence[bytes], index: int) -> Stretch:
    # Stretches are as long as a power of two: their heads are themselves the leaves of a tree with the
    # board's root.
    at = index * STRETCH
    steps = _steps(heads[index], index, len(heads), merkle.proof_of_hashes(heads, index))
    leaves, codes = board.leaves[at : at + STRETCH], board.codes[at : at + STRETCH]
    return Stretch(at + 1, leaves, codes, heads[index], steps)


def _steps(head: bytes, index: int, size: int, path: Sequence[bytes]) -> tuple[Step, ...]:
    """RFC 9162 §2.1.3.2, one step a neighbour."""
    steps, last = [], size - 1
    for neighbour in path:
        # A node without a right neighbour moves up unchanged, until it is a right one itself.
        while not index & 1 and index == last:
            index, last = index >> 1, last >> 1
        on_the_left = bool(index & 1)
        head = merkle.node_hash(neighbour, head) if on_the_left else merkle.node_hash(head, neighbour)
        steps.append(Step(on_the_left, neighbour, head))
        index, last = index >> 1, last >> 1
    return tuple(steps)
