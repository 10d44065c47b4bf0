"""Rules of docs/protocol.md 4.2 that several lists of a definition share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from surveys.protocol.errors import Inconsistent

Key = TypeVar("Key", bytes, tuple[bytes, bytes], int)


def ascending(keys: Sequence[Key], where: str, *, strict: bool) -> None:
    """Raises Inconsistent unless the keys ascend; strictly, or with repetitions."""
    for i, (a, b) in enumerate(pairwise(keys)):
        need(a < b if strict else a <= b, f"{where}[{i + 1}]", "out of order or repeated")


def indices(indices: Sequence[int], size: int, where: str) -> None:
    """Raises Inconsistent unless these are ascending indices of a list of this size, at least one."""
    need(len(indices) > 0, where, "empty")
    ascending(list(indices), where, strict=True)
    need(indices[0] >= 0 and indices[-1] < size, where, "an index that does not exist")


def need(holds: bool, where: str, why: str) -> None:
    """Raises Inconsistent unless it holds."""
    if not holds:
        raise Inconsistent(check="4.2", where=f"manifest.definition.{where}", why=why)
