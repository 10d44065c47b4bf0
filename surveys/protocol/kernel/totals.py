"""Sums that grow while a board is walked (docs/protocol.md 12.1), as the kernel keeps points, or as libsodium
does.

Kept as the kernel has them a sum costs a quarter of a microsecond for each addition; its encoding, ten times
as much, is made once, at the end.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from surveys.protocol.group import Point
from surveys.protocol.kernel.machine import POINT_BYTES, READY_BYTES, Machine, ready

Pair = tuple[Point, Point]
Sums = bytes | tuple[Pair, ...]
"""(Σα, Σβ) of some contests, in order: the kernel's points, or libsodium's."""


def cut_sums(raw: bytes, contests: Mapping[int, int]) -> dict[int, Sums]:
    """The kernel's sums of several keys, one after the other, by key; each has so many pairs."""
    cut: dict[int, Sums] = {}
    at = 0
    for key, pairs in contests.items():
        size = 2 * POINT_BYTES * pairs
        cut[key] = raw[at : at + size]
        at += size
    return cut


def add_sums(computer: Machine | None, known: dict[int, Sums], more: Mapping[int, Sums]) -> None:
    """Add to the sums of the same keys; new keys are taken over. Sums come from this machine or one
    like it.
    """
    left: dict[int, bytes] = {}
    right: list[bytes] = []
    for key, sums in more.items():
        there = known.get(key)
        if there is None:
            known[key] = sums
        elif isinstance(there, bytes) and isinstance(sums, bytes):
            left[key] = there
            right.append(sums)
        elif isinstance(there, tuple) and isinstance(sums, tuple):
            known[key] = tuple((a + c, b + d) for (a, b), (c, d) in zip(there, sums, strict=True))
        else:
            raise AssertionError("sums of the kernel and of libsodium meet")
    if left:
        assert computer is not None, "only a kernel makes sums like these"
        known.update(_joined(computer, left, right))


def add_pairs(computer: Machine | None, known: dict[int, Sums], more: Sequence[tuple[int, Pair]]) -> None:
    """Add single pairs of points to the sums of their keys; several may have one key."""
    if computer is None:
        for key, pair in more:
            add_sums(None, known, {key: (pair,)})
        return
    slot_of = {key: slot for slot, key in enumerate(dict.fromkeys(key for key, _ in more))}
    raw = b"".join(point.encode() for _, pair in more for point in pair)
    points, slots, sums, read = computer.lay_out(
        2 * READY_BYTES * len(more), 4 * len(more), 2 * POINT_BYTES * len(slot_of), 66 * len(more)
    )
    if not ready(computer, raw, points, read):
        raise AssertionError("the kernel refused a point that was decoded")
    computer.put(slots, struct.pack(f"<{len(more)}I", *(slot_of[key] for key, _ in more)))
    computer.call("begin_sums", sums, 2 * len(slot_of))
    computer.call("add_to_sums", sums, points, slots, len(more), 2)
    found = computer.get(sums, 2 * POINT_BYTES * len(slot_of))
    add_sums(computer, known, cut_sums(found, dict.fromkeys(slot_of, 1)))


def _joined(computer: Machine, left: Mapping[int, bytes], right: Sequence[bytes]) -> dict[int, Sums]:
    first, second = b"".join(left.values()), b"".join(right)
    sums, others = computer.lay_out(len(first), len(second))
    computer.put(sums, first)
    computer.put(others, second)
    computer.call("join_sums", sums, others, len(first) // POINT_BYTES)
    return cut_sums(
        computer.get(sums, len(first)), {key: len(each) // (2 * POINT_BYTES) for key, each in left.items()}
    )


def pairs(computer: Machine | None, sums: Mapping[int, Sums]) -> dict[int, tuple[Pair, ...]]:
    """The sums as points of the group, by key."""
    found = {key: each for key, each in sums.items() if isinstance(each, tuple)}
    kept = {key: each for key, each in sums.items() if isinstance(each, bytes)}
    if kept:
        assert computer is not None, "only a kernel makes sums like these"
        encoded = iter(_encoded(computer, b"".join(kept.values())))
        for key, each in kept.items():
            found[key] = tuple((next(encoded), next(encoded)) for _ in range(len(each) // (2 * POINT_BYTES)))
    return found


def _encoded(computer: Machine, raw: bytes) -> list[Point]:
    count = len(raw) // POINT_BYTES
    at, out = computer.lay_out(len(raw), 32 * count)
    computer.put(at, raw)
    computer.call("write_sums", at, count, out)
    encodings = computer.get(out, 32 * count)
    return [Point.computed(encodings[i : i + 32]) for i in range(0, len(encodings), 32)]
