"""Checks 8.2 to 10.5: every ballot, the board they stand on, and who sealed it (docs/protocol.md §8, §10)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from surveys.audit.ballots import walk
from surveys.audit.case import Case
from surveys.protocol.ballot import HEADER, SIGNATURE_BYTES, TOKEN_BYTES, TRACKER_BYTES, row_size
from surveys.protocol.board import board_root
from surveys.protocol.checkpoint import decode_checkpoint
from surveys.protocol.errors import Duplicate, Inconsistent, Malformed, Missing
from surveys.protocol.transcript import digest


def decoding(case: Case) -> None:
    """8.2; the same walk over the ballots answers 8.3 to 8.5."""
    manifest = case.manifest
    case.frames = frames = _frames(case.bundle["board.bin"])
    found = walk(
        frames,
        manifest,
        tokens=case.established(Case.token_keys) is not None,
        jobs=case.workforce.jobs,
        on_done=lambda done: case.workforce.progress("8.2", done, len(frames)),
    )
    if "8.2" in found.refusals:
        raise found.refusals["8.2"]
    case.ballots = found


# A ballot without a row (8.1): a board of shorter ones would be millions of nothing, each to be hashed
# (10.1).
SHORTEST = HEADER + TOKEN_BYTES + SIGNATURE_BYTES


def _frames(raw: bytes) -> list[memoryview]:
    """u32(length) ‖ ballot, up to the last byte (10.1). A board that cannot be cut holds no ballots that
    decode.
    """
    view, at = memoryview(raw), 0
    frames: list[memoryview] = []
    while at < len(view):
        length = int.from_bytes(view[at : at + 4], "big")
        frame = view[at + 4 : at + 4 + length]
        if at + 4 > len(view) or len(frame) != length:
            raise Malformed(check="8.2", where=f"board[{len(frames)}]", why="the board is cut short")
        if length < SHORTEST:
            raise Malformed(check="8.2", where=f"board[{len(frames)}]", why="shorter than any ballot")
        frames.append(frame)
        at += 4 + length
    return frames


def order(case: Case) -> None:
    """10.1: ascending digests, distinct trackers. Equal trackers of distinct digests are neighbours."""
    _ = case.ballots
    digests = [
        digest("ballot/digest", bytes(frame[: -TOKEN_BYTES - SIGNATURE_BYTES])) for frame in case.frames
    ]
    for i, (a, b) in enumerate(pairwise(digests)):
        if a >= b:
            raise Inconsistent(check="10.1", where=f"board[{i + 1}]", why="out of order or repeated")
        if a[:TRACKER_BYTES] == b[:TRACKER_BYTES]:
            raise Duplicate(check="10.1", where=f"board[{i + 1}]", why="has the tracker of its neighbour")


def uniqueness(case: Case) -> None:
    """8.6, on bytes: every point has one encoding, and all of them decode."""
    _ = case.ballots
    definition = case.definition
    size = row_size(len(definition.levels))
    seen: list[set[bytes]] = [set() for _ in definition.panels]
    for i, frame in enumerate(case.frames):
        panel = int.from_bytes(frame[36:40], "big")
        key = b"key" + frame[40:72]
        if key in seen[panel]:
            raise Duplicate(check="8.6", where=f"board[{i}].key", why="this ballot key occurs twice")
        seen[panel].add(key)
        for row in range(len(definition.panels[panel].contests)):
            for name, at in (("alpha", HEADER + row * size), ("beta", HEADER + row * size + 32)):
                point = bytes(frame[at : at + 32])
                if point in seen[panel]:
                    where = f"board[{i}].contests[{row}].{name}"
                    raise Duplicate(check="8.6", where=where, why="this ciphertext occurs twice")
                seen[panel].add(point)


def _answer(check: str) -> Callable[[Case], None]:
    def ask(case: Case) -> None:
        refusals = case.ballots.refusals
        if check in refusals:
            raise refusals[check]

    ask.__doc__ = f"{check}: what the walk of 8.2 found."
    return ask


signatures = _answer("8.4")
proofs = _answer("8.5")


def tokens(case: Case) -> None:
    """8.3: what the walk of 8.2 found, if the token keys are sound."""
    _ = case.token_keys
    _answer("8.3")(case)


def at_most_issued(case: Case) -> None:
    """10.5."""
    for p, (returned, issued) in enumerate(zip(case.ballots.by_panel, case.issuance.panels, strict=True)):
        if returned > len(issued):
            raise Inconsistent(
                check="10.5",
                where=f"board, panel {p}",
                why=f"{returned} ballots, {len(issued)} papers issued",
            )


def checkpoint(case: Case) -> None:
    """10.2."""
    manifest = case.manifest
    case.root = root = board_root([bytes(frame) for frame in case.frames])
    case.checkpoint = note = decode_checkpoint(case.bundle["checkpoint.txt"])
    for name, said, found in (
        ("origin", note.checkpoint.origin, _origin(case)),
        ("size", note.checkpoint.size, len(case.frames)),
        ("root", note.checkpoint.root, root),
        ("extensions", note.checkpoint.extensions, (f"manifest {manifest.hash.hex()}",)),
    ):
        if said != found:
            raise Inconsistent(
                check="10.2", where=f"checkpoint.{name}", why="is not of this board and manifest"
            )


def box_signature(case: Case) -> None:
    """10.3."""
    case.checkpoint.check_signature(_origin(case), case.definition.box_key, check="10.3")


def cosignatures(case: Case) -> None:
    """10.4: at least t trustees, each once, each signature sound; nobody else but the box."""
    note, origin, keys = case.checkpoint, _origin(case), case.sign_keys
    trustees = {f"{origin}/trustee-{i}": key for i, key in enumerate(keys, 1)}
    seen: set[str] = set()
    for i, line in enumerate(note.signatures):
        where = f"checkpoint.signatures[{i}]"
        if line.name in seen:
            raise Duplicate(check="10.4", where=where, why="a second signature under one name")
        seen.add(line.name)
        if line.name == origin:
            continue
        if line.name not in trustees:
            raise Inconsistent(check="10.4", where=where, why="a signature by neither the box nor a trustee")
        note.check_signature(line.name, trustees[line.name], check="10.4")
    cosigned = len(seen & trustees.keys())
    if cosigned < case.definition.threshold:
        why = f"cosigned by {cosigned} trustees, not {case.definition.threshold}"
        raise Missing(check="10.4", where="checkpoint.signatures", why=why)


def _origin(case: Case) -> str:
    return f"tin-nhiem/{case.definition.survey.hex()}"
