"""board.bin as ballots (docs/protocol.md 10.1), decoded as far as the sums need: what is checked is decoded whole."""

from __future__ import annotations

from surveys.protocol.ballot import Ballot, decode_counted
from surveys.protocol.errors import Malformed
from surveys.protocol.manifest import Manifest


def cut_board(raw: bytes, manifest: Manifest) -> list[Ballot]:
    """The ballots of u32(length) ‖ ballot, over and over. Raises Malformed naming the place."""
    ballots: list[Ballot] = []
    at = 0
    while at < len(raw):
        length = int.from_bytes(raw[at : at + 4], "big")
        where = f"board[{len(ballots)}]"
        if length == 0 or at + 4 + length > len(raw):
            raise Malformed(check="10.1", where=where, why="is cut off")
        ballots.append(decode_counted(raw[at + 4 : at + 4 + length], manifest, where))
        at += 4 + length
    return ballots
