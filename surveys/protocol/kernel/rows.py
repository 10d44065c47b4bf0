"""The rows of many ballots decoded, added up and checked at once (docs/protocol.md 8.2, 8.5, 12.1).

A slice passes or does not; who wants to know which ballot asks about its halves (`surveys/audit/slices.py`)
and lets libsodium judge the one that is left. Danger: the weights are drawn anew for every slice, after its
bytes are there. Weights that somebody knows before they write a ballot prove nothing.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from surveys.protocol.group import BASE, Point
from surveys.protocol.kernel.machine import POINT_BYTES, READY_BYTES, Machine, machine, ready

_WEIGHT = 16
_HASH = 64


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of some ballots, one after the other as they stand in the bodies (8.1).

    `counts[b]` is the number of rows of ballot b, `hashes[b]` its challenge of 8.5 before reduction (64
    bytes). `slots` names for each row one of `sums` pairs of sums.
    """

    raw: bytes
    levels: int
    counts: Sequence[int]
    hashes: Sequence[bytes]
    slots: Sequence[int]
    sums: int


@dataclass(frozen=True, slots=True)
class Looked:
    """`unread` is the first ballot with a row that does not decode; where there is one, nothing else was
    looked at.

    `proven`: every row's proof holds. `sums`: Σα and Σβ of each slot, as the kernel keeps points.
    """

    unread: int | None
    proven: bool = False
    sums: bytes = b""


def look_at_rows(
    computer: Machine,
    rows: Rows,
    election_key: Point,
    randbytes: Callable[[int], bytes] = secrets.token_bytes,
) -> Looked:
    """Decode every row strictly, add up the ciphertexts, check the proofs in one weighted sum.

    A slice with a proof that does not hold passes with chance 2^-128.
    """
    levels, count = rows.levels, sum(rows.counts)
    own = 2 * (levels + 1)
    weights_size = _WEIGHT * own * count
    (
        raw, ciphertexts, commitments, owners, hashes, slots, sums, weights, scalars, digits, spare,
    ) = computer.lay_out(
        len(rows.raw),
        READY_BYTES * (2 * count + 2),
        READY_BYTES * own * count,
        4 * count,
        _HASH * len(rows.hashes),
        4 * count,
        2 * POINT_BYTES * rows.sums,
        weights_size,
        32 * (2 * count + 2),
        max(computer.digits(own * count, 128), computer.digits(2 * count + 2, 253)),
        3 * 66,
    )  # fmt: skip
    computer.put(raw, rows.raw)
    unread = computer.call("decode_rows", raw, count, levels, ciphertexts, commitments)
    if unread < count:
        return Looked(_owner(rows.counts, unread))
    computer.put(slots, struct.pack(f"<{count}I", *rows.slots))
    computer.call("begin_sums", sums, 2 * rows.sums)
    computer.call("add_to_sums", sums, ciphertexts, slots, count, 2)
    if not ready(
        computer, BASE.encode() + election_key.encode(), ciphertexts + 2 * READY_BYTES * count, spare
    ):
        raise AssertionError("the kernel refused the election key, which was decoded")
    each = chain.from_iterable(repeat(ballot, n) for ballot, n in enumerate(rows.counts))
    computer.put(owners, struct.pack(f"<{count}I", *each))
    computer.put(hashes, b"".join(rows.hashes))
    computer.put(weights, randbytes(weights_size))
    computer.call("weigh_rows", raw, count, levels, owners, hashes, weights, scalars)
    proven = computer.call(
        "vanishes", commitments, weights, own * count, ciphertexts, scalars, 2 * count + 2, digits
    )
    return Looked(None, bool(proven), computer.get(sums, 2 * POINT_BYTES * rows.sums))


def all_proven(
    raw: bytes, levels: int, hashes: Sequence[bytes], counts: Sequence[int], election_key: Point
) -> bool:
    """Whether the kernel passes the proofs of some ballots. False says nothing yet; without the kernel it
    always is.
    """
    computer = machine()
    if computer is None:
        return False
    rows = Rows(raw, levels, counts, hashes, [0] * sum(counts), 1)
    return look_at_rows(computer, rows, election_key).proven


def _owner(counts: Sequence[int], row: int) -> int:
    for ballot, count in enumerate(counts):
        if row < count:
            return ballot
        row -= count
    raise AssertionError("a row of no ballot")
