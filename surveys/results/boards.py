"""The sealed board of a round as everybody may see it, and where it is to be had (docs/protocol.md §10, §14).

Danger: everything here is for whoever comes. It holds what every voter may check, and no total: the bundle, which holds them, is there
only where the round's definition says `visibility` public.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from surveys.protocol import merkle
from surveys.protocol.codes import read_code
from surveys.protocol.errors import Malformed
from surveys.protocol.manifest import Definition
from surveys.results.errors import NotOnBoard
from surveys.rounds.states import State


@dataclass(frozen=True, slots=True)
class OfferedBundle:
    """A bundle that everybody may have: where it lies, its size in bytes, its SHA-256 in hex."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SealedBoard:
    """`manifest` are its bytes; `leaves` the hashes of the ballots and `codes` their receipt codes, in the order of the board.

    `cosigners` are the numbers of the trustees under the checkpoint, counted from 1; none before the count is published.
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

    def open(self, survey: str) -> SealedBoard:
        """The board of a round. Raises NoSuchRound, NoBoardYet or BoardElsewhere."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof: the neighbour's hash, on which side it stands, and the hash of both."""

    on_the_left: bool
    neighbour: bytes
    head: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ballot stands on the board, counted from 1, and the way from it to the root (RFC 6962)."""

    code: str
    number: int
    leaf: bytes
    steps: tuple[Step, ...]


def place_of(board: SealedBoard, written: str) -> Place:
    """The place of the ballot with this receipt code, with its proof worked out step by step. Raises NotOnBoard."""
    survey = board.definition.survey.hex()
    try:
        read_code(written)
        index = board.codes.index(written)
    except (Malformed, ValueError):
        raise NotOnBoard(survey) from None
    leaf = board.leaves[index]
    steps = _steps(leaf, index, len(board.leaves), merkle.proof_of_hashes(board.leaves, index))
    return Place(written, index + 1, leaf, steps)


def _steps(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> tuple[Step, ...]:
    """RFC 9162 §2.1.3.2, one step a neighbour."""
    steps, head, last = [], leaf, size - 1
    for neighbour in path:
        # A node without a right neighbour moves up unchanged, until it is a right one itself.
        while not index & 1 and index == last:
            index, last = index >> 1, last >> 1
        on_the_left = bool(index & 1)
        head = merkle.node_hash(neighbour, head) if on_the_left else merkle.node_hash(head, neighbour)
        steps.append(Step(on_the_left, neighbour, head))
        index, last = index >> 1, last >> 1
    return tuple(steps)
