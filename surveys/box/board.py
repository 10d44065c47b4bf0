"""The board: the sealed ballots as a value, with their tree head and checkpoint (docs/protocol.md §10).

It also answers whether a tracker is there. Danger: what is counted is what stands on the board; it is read
from a sealed box only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Engine, func, select

from surveys.box import gate, models
from surveys.box.errors import NotSealed
from surveys.box.gate import State
from surveys.box.receipts import BoxKey
from surveys.box.sealed import SealedBallots
from surveys.protocol import merkle
from surveys.protocol.ballot import TRACKER_BYTES
from surveys.protocol.board import board_root, leaf_of
from surveys.protocol.checkpoint import Checkpoint, SignedCheckpoint, sign_off
from surveys.protocol.manifest import Manifest
from surveys.stores.engines import reading


@dataclass(frozen=True, slots=True)
class Board:
    """Ballots sorted by digest (10.1), their RFC 6962 tree head and the checkpoint signed by the box (10.2,
    10.3). The ballots stay in the box, and are read from it a few at a time.
    """

    ballots: SealedBallots
    root: bytes
    checkpoint: SignedCheckpoint


class Whereabouts(Enum):
    """Where a tracker was found."""

    IN_THE_BOX = "in the box"
    ON_THE_BOARD = "on the board"
    NOWHERE = "nowhere"


def read_board(engine: Engine, manifest: Manifest, key: BoxKey) -> Board:
    """The board of a sealed box; the same value, byte for byte, each time. Raises NotSealed or ForeignBox."""
    with reading(engine) as connection:
        found = gate.read(connection)
        gate.own(found, manifest)
        if found.state is not State.SEALED:
            raise NotSealed("there is no board before the box is sealed")
    ballots = SealedBallots(engine)
    root = board_root(ballots)
    return Board(ballots, root, _checkpoint(manifest, len(ballots), root, key))


def _checkpoint(manifest: Manifest, size: int, root: bytes, key: BoxKey) -> SignedCheckpoint:
    origin = f"tin-nhiem/{manifest.definition.round_id}"
    checkpoint = Checkpoint(origin, size, root, (f"manifest {manifest.hash.hex()}",))
    return sign_off(checkpoint, [key.sign_checkpoint(checkpoint)])


def find_tracker(engine: Engine, tracker: bytes) -> Whereabouts:
    """Whether a ballot with this tracker (10 bytes) is in the box or on the board; nothing else is told.

    A ballot that a later one has replaced is nowhere.
    """
    head = models.head.c
    with reading(engine) as connection:
        state = gate.read(connection).state
        found = connection.scalar(
            select(head.slot).where(
                func.substr(head.digest, 1, TRACKER_BYTES) == tracker, head.used == b"\x01"
            )
        )
    if found is None:
        return Whereabouts.NOWHERE
    return Whereabouts.ON_THE_BOARD if state is State.SEALED else Whereabouts.IN_THE_BOX


@dataclass(frozen=True, slots=True)
class Tree:
    """The leaves of a sealed box (10.2) in the order of the board, their hashes, and the signed
    checkpoint.
    """

    leaves: tuple[bytes, ...]
    hashes: tuple[bytes, ...]
    checkpoint: bytes


def read_tree(engine: Engine, manifest: Manifest, key: BoxKey) -> Tree:
    """Hash the sealed ballots, a few at a time. Raises NotSealed or ForeignBox."""
    with reading(engine) as connection:
        found = gate.read(connection)
        gate.own(found, manifest)
        if found.state is not State.SEALED:
            raise NotSealed("there is no board before the box is sealed")
        papers = connection.scalars(select(models.paper.c.ballot).order_by(models.paper.c.slot))
        leaves = tuple(leaf_of(raw) for raw in papers)
    hashes = tuple(merkle.leaf_hash(leaf) for leaf in leaves)
    checkpoint = _checkpoint(manifest, len(hashes), merkle.root_of_hashes(hashes), key)
    return Tree(leaves, hashes, checkpoint.encode())


def trackers_in_the_box(engine: Engine, prefix: str) -> tuple[bytes, ...]:
    """The trackers whose hex begins so, in no order that tells anything. A ballot that a later one has
    replaced is not among them.
    """
    head = models.head.c
    with reading(engine) as connection:
        digests = connection.scalars(select(head.digest).where(head.used == b"\x01"))
        return tuple(sorted(digest[:TRACKER_BYTES] for digest in digests if digest.hex().startswith(prefix)))


def read_trackers(engine: Engine, manifest: Manifest) -> tuple[bytes, ...]:
    """The trackers of a sealed box (10 bytes each) in the order of the board. Raises NotSealed or
    ForeignBox.
    """
    head = models.head.c
    with reading(engine) as connection:
        found = gate.read(connection)
        gate.own(found, manifest)
        if found.state is not State.SEALED:
            raise NotSealed("there is no board before the box is sealed")
        digests = connection.scalars(select(head.digest).order_by(head.slot))
        return tuple(digest[:TRACKER_BYTES] for digest in digests)


def returned(engine: Engine, panels: int) -> tuple[int, ...]:
    """Ballots in the box for each of so many panels. While polls are open, only coarse figures may be
    shown.
    """
    head = models.head.c
    with reading(engine) as connection:
        rows = connection.execute(
            select(head.panel, func.count()).where(head.used == b"\x01").group_by(head.panel)
        ).all()
    counts: dict[int, int] = {row[0]: row[1] for row in rows}
    return tuple(counts.get(panel, 0) for panel in range(panels))
