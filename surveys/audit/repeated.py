"""Whether a ballot key or a ciphertext stands twice in a panel (docs/protocol.md 8.6).

Ballots stand in the order of their digests, those of a panel anywhere on the board. So something has to be
kept of every ballot: eight bytes of its key and of each of its points, and of nothing else. Where these eight
bytes are alike the whole ones are compared, in a second walk that looks at the suspects alone.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import NoReturn

from surveys.protocol.ballot import HEADER, row_size
from surveys.protocol.errors import Duplicate
from surveys.protocol.manifest import Definition

_AT_ONCE = 50_000
"""Values of eight bytes that are compared in one set, some four megabytes."""


def refuse_repeated(frames: Iterable[bytes], definition: Definition) -> None:
    """8.6, on bytes: every point has one encoding, and all of them decode. `frames` may be gone through more
    than once. Raises Duplicate naming the first on the board that stood there before.
    """
    keys = [array("Q") for _ in definition.panels]
    points = [array("Q") for _ in definition.panels]
    for frame in frames:
        panel = _panel(frame)
        keys[panel].frombytes(frame[40:48])
        points[panel].frombytes(
            b"".join(frame[at : at + 8] for at in _places(len(definition.levels), _rows(definition, panel)))
        )
    suspects = {
        panel: (_alike(keys[panel]), _alike(points[panel])) for panel in range(len(definition.panels))
    }
    if any(each for pair in suspects.values() for each in pair):
        _compare(frames, definition, suspects)


def _panel(frame: bytes) -> int:
    return int.from_bytes(frame[36:40], "big")


def _rows(definition: Definition, panel: int) -> int:
    return len(definition.panels[panel].contests)


def _places(levels: int, rows: int) -> Iterator[int]:
    """Where the two points of each row's ciphertext begin (8.1)."""
    size = row_size(levels)
    for row in range(rows):
        yield HEADER + row * size
        yield HEADER + row * size + 32


def _alike(values: array[int]) -> set[int]:
    """The values that occur more than once."""
    parts, found = 1 + len(values) // _AT_ONCE, set()
    for part in range(parts):
        seen: set[int] = set()
        for value in values if parts == 1 else (each for each in values if each % parts == part):
            if value in seen:
                found.add(value)
            seen.add(value)
    return found


def _compare(
    frames: Iterable[bytes], definition: Definition, suspects: dict[int, tuple[set[int], set[int]]]
) -> None:
    keys: set[tuple[int, bytes]] = set()
    points: set[tuple[int, bytes]] = set()
    for i, frame in enumerate(frames):
        panel = _panel(frame)
        alike_keys, alike_points = suspects[panel]
        key = panel, frame[40:72]
        if key in keys:
            _refuse(f"board[{i}].key", "this ballot key occurs twice")
        if _value(frame, 40) in alike_keys:
            keys.add(key)
        for place, at in enumerate(_places(len(definition.levels), _rows(definition, panel))):
            point = panel, frame[at : at + 32]
            if point in points:
                name = "beta" if place % 2 else "alpha"
                _refuse(f"board[{i}].contests[{place // 2}].{name}", "this ciphertext occurs twice")
            if _value(frame, at) in alike_points:
                points.add(point)


def _value(frame: bytes, at: int) -> int:
    return array("Q", frame[at : at + 8])[0]


def _refuse(where: str, why: str) -> NoReturn:
    raise Duplicate(check="8.6", where=where, why=why)
