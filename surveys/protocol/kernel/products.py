"""Sums of many multiples of public points, Σ s_i·P_i: by Pippenger's buckets in the kernel, or one by one in
libsodium.

The one door for weighted sums in the pure rooms (docs/protocol.md 12.2, 12.5): both ways give the same point.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from surveys.protocol.group import IDENTITY, ORDER, Point, Scalar, multiply
from surveys.protocol.kernel.machine import READY_BYTES, Machine, joined, machine, ready
from surveys.protocol.kernel.public import Public

SLICE = 8192
"""Points worked on at once: 2 MB of memory, so that a sum of any length needs no more."""
FEW = 4
"""Below this libsodium is as fast."""


def sum_of_multiples(points: Sequence[Point], scalars: Sequence[Public]) -> Point:
    """Σ scalars[i]·points[i], each scalar at least 0 and below the order. Raises ValueError for lists of two
    lengths.
    """
    if len(points) != len(scalars):
        raise ValueError("one scalar for each point")
    computer = machine() if len(points) >= FEW else None
    total = IDENTITY
    if computer is None:
        for point, scalar in zip(points, scalars, strict=True):
            total = total + multiply(point, Scalar(scalar))
        return total
    if not all(0 <= scalar < ORDER for scalar in scalars):
        raise ValueError("a scalar is at least 0 and below the group order")
    short = all(scalar < 2**128 for scalar in scalars)
    for start in range(0, len(points), SLICE):
        part = slice(start, start + SLICE)
        total = total + _slice(computer, points[part], scalars[part], short=short)
    return total


def decode_all(
    encodings: Sequence[bytes], *, check: str, place: Callable[[int], str], identity: bool = False
) -> tuple[Point, ...]:
    """`Point.decode` of each. Raises Malformed naming the place of the first that is refused."""
    computer = machine() if len(encodings) >= FEW and all(len(each) == 32 for each in encodings) else None
    points: list[Point] = []
    for start in range(0, len(encodings), SLICE):
        part = encodings[start : start + SLICE]
        verdicts = bytes(len(part)) if computer is None else _verdicts(computer, part)
        for i, (raw, verdict) in enumerate(zip(part, verdicts, strict=True), start):
            # 1 is a point, 2 is O; whatever else the kernel says, libsodium decides and names the place.
            if verdict == 1 or (verdict == 2 and identity):
                points.append(Point.computed(raw))
            else:
                points.append(Point.decode(raw, check=check, where=place(i), identity=identity))
    return tuple(points)


def _verdicts(computer: Machine, encodings: Sequence[bytes]) -> bytes:
    count = len(encodings)
    at, raw, verdicts = computer.lay_out(READY_BYTES * count, 32 * count, count)
    computer.put(raw, b"".join(encodings))
    computer.call("decode_points", raw, count, at, verdicts)
    return computer.get(verdicts, count)


def sum_of_points(points: Sequence[Point]) -> Point:
    """Σ points[i]."""
    computer = machine() if len(points) >= FEW else None
    total = IDENTITY
    if computer is None:
        for point in points:
            total = total + point
        return total
    for start in range(0, len(points), SLICE):
        raw = b"".join(point.encode() for point in points[start : start + SLICE])
        count = len(raw) // 32
        at, slots, sums, out, read = computer.lay_out(READY_BYTES * count, 4 * count, 160, 32, 33 * count)
        _decode(computer, raw, at, read)
        computer.put(slots, bytes(4 * count))
        computer.call("begin_sums", sums, 1)
        computer.call("add_to_sums", sums, at, slots, count, 1)
        computer.call("write_sums", sums, 1, out)
        total = total + _computed(computer, out)
    return total


def _slice(computer: Machine, points: Sequence[Point], scalars: Sequence[Public], *, short: bool) -> Point:
    count, (size, bits) = len(points), (16, 128) if short else (32, 253)
    at, weights, out, digits, read = computer.lay_out(
        READY_BYTES * count, size * count, 32, computer.digits(count, bits), 33 * count
    )
    _decode(computer, b"".join(point.encode() for point in points), at, read)
    computer.put(weights, joined(scalars, size))
    computer.call("weigh_points" if short else "multiply_points", at, weights, count, digits, out)
    return _computed(computer, out)


def _decode(computer: Machine, raw: bytes, at: int, read: int) -> None:
    if not ready(computer, raw, at, read):
        raise AssertionError(
            "the kernel refused a point that was decoded"
        )  # cannot happen: both decode alike


def _computed(computer: Machine, address: int) -> Point:
    return Point.computed(computer.get(address, 32))
