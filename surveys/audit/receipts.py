"""A receipt judged with a board (docs/protocol.md 9.5): is what the box promised on the board that it signed?

Needs no server. Danger: a receipt of a ballot that its voter replaced looks like one of a ballot that was
dropped, unless the whole board is searched for a later ballot of the same key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from surveys.audit.bundle import read_bundle
from surveys.protocol import signature
from surveys.protocol.ballot import SIGNATURE_BYTES, TOKEN_BYTES, read_header, signed_message
from surveys.protocol.board import board_root
from surveys.protocol.checkpoint import SignedCheckpoint, decode_checkpoint
from surveys.protocol.codes import write_code
from surveys.protocol.errors import BadSignature, Inconsistent, Malformed
from surveys.protocol.manifest import Manifest, decode_manifest
from surveys.protocol.receipt import Promise, read_promise
from surveys.protocol.transcript import digest

MOST_TEXT = 1024 * 1024
_WRITTEN = re.compile(r"TNR1\.[A-Za-z0-9_-]{219}(?![A-Za-z0-9_-])")


class Verdict(StrEnum):
    """9.5, in its order."""

    ANOTHER = "another"
    FORGED = "forged"
    COUNTED = "counted"
    REPLACED = "replaced"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class SealedBoard:
    """A board that its box has signed (10.2, 10.3)."""

    manifest: Manifest
    ballots: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict; `place` is where the ballot, or the one in its place, stands on the board, counted
    from 1.
    """

    verdict: Verdict
    tracker: str
    place: int | None
    size: int


def find_receipt(text: str) -> Promise:
    """The receipt in a saved page, or in its text alone. Raises Malformed(check="9.5") where there is none,
    or more than one.
    """
    found = {match.group() for match in _WRITTEN.finditer(text)}
    if len(found) != 1:
        raise Malformed(check="9.5", where="receipt", why=f"{len(found)} receipts in it, not one")
    return read_promise(found.pop())


def read_receipt(path: Path) -> Promise:
    """The receipt in a file. Raises Malformed; OSError."""
    with path.open("rb") as file:
        raw = file.read(MOST_TEXT + 1)
    if len(raw) > MOST_TEXT:
        raise Malformed(check="9.5", where="receipt", why="too large")
    return find_receipt(raw.decode("utf-8", "replace"))


def read_sealed_board(path: Path) -> SealedBoard:
    """The board of a bundle, with the box's signature checked (10.2, 10.3), and nothing else of it. Raises
    Rejected; OSError.
    """
    with read_bundle(path) as bundle:
        manifest = decode_manifest(bundle["manifest.json"])
        manifest.definition.check()
        return sealed_board(manifest, bundle["board.bin"], decode_checkpoint(bundle["checkpoint.txt"]))


def sealed_board(manifest: Manifest, raw: bytes, note: SignedCheckpoint) -> SealedBoard:
    """The ballots, if box and checkpoint say that it is these. Raises Malformed or Inconsistent("10.2"),
    BadSignature("10.3").
    """
    origin = f"tin-nhiem/{manifest.definition.survey.hex()}"
    note.check_signature(origin, manifest.definition.box_key, check="10.3")
    ballots = tuple(_cut(raw))
    said = note.checkpoint
    expected = (origin, len(ballots), board_root(ballots), (f"manifest {manifest.hash.hex()}",))
    if (said.origin, said.size, said.root, said.extensions) != expected:
        raise Inconsistent(check="10.2", where="checkpoint", why="is not of this board and manifest")
    return SealedBoard(manifest, ballots)


def judge(promise: Promise, board: SealedBoard) -> Judged:
    """9.5: the first verdict that holds."""
    tracker = write_code(promise.digest[:10])
    size = len(board.ballots)
    if promise.manifest != board.manifest.hash:
        return Judged(Verdict.ANOTHER, tracker, None, size)
    try:
        promise.check(board.manifest.definition.box_key)
    except BadSignature:
        return Judged(Verdict.FORGED, tracker, None, size)
    later = None
    for place, raw in enumerate(board.ballots, 1):
        body, rest = raw[: -TOKEN_BYTES - SIGNATURE_BYTES], raw[-TOKEN_BYTES - SIGNATURE_BYTES :]
        if digest("ballot/digest", body) == promise.digest:
            return Judged(Verdict.COUNTED, tracker, place, size)
        _, key, sequence = read_header(body, board.manifest, f"board[{place - 1}]")
        if key == promise.key and sequence > promise.sequence:
            # Only the holder of the ballot key can have replaced it: a ballot without that signature excuses
            # nobody (8.4).
            message = signed_message(body, rest[:TOKEN_BYTES])
            signature.verify(key, message, rest[TOKEN_BYTES:], check="8.4", where=f"board[{place - 1}]")
            later = place
    return Judged(Verdict.MISSING if later is None else Verdict.REPLACED, tracker, later, size)


def _cut(raw: bytes) -> list[bytes]:
    """u32(length) ‖ ballot, over and over (10.1)."""
    ballots: list[bytes] = []
    at = 0
    while at < len(raw):
        length = int.from_bytes(raw[at : at + 4], "big")
        ballot = raw[at + 4 : at + 4 + length]
        if len(raw) - at < 4 or length == 0 or len(ballot) != length:
            raise Malformed(check="10.1", where=f"board[{len(ballots)}]", why="the board is cut short")
        ballots.append(ballot)
        at += 4 + length
    return ballots
