"""The question every layout must answer: does a file tell in which order things were done?

`files_left` does the same things in many orders on copies of the same folder and returns the distinct sets of
files that are left, names and bytes, journals and free pages included. One set: nothing tells the order.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

Thing = TypeVar("Thing")
ORDERS = 20


def orders(things: Sequence[Thing], count: int = ORDERS) -> list[list[Thing]]:
    """As many different orders of the same things."""
    found: list[list[Thing]] = []
    for seed in range(count):
        order = list(things)
        random.Random(seed).shuffle(order)
        found.append(order)
    assert len({tuple(map(id, order)) for order in found}) == count
    return found


def snapshot(folder: Path) -> tuple[tuple[str, str], ...]:
    """Every file of a folder: name and SHA-256."""
    return tuple((path.name, sha256(path.read_bytes()).hexdigest()) for path in sorted(folder.iterdir()))


def files_left(
    start: Path, things: Sequence[Thing], do: Callable[[Path, list[Thing]], None], count: int = ORDERS
) -> set[tuple[tuple[str, str], ...]]:
    """The distinct snapshots after doing the things in so many orders, each on a fresh copy of `start`."""
    left = set()
    for number, order in enumerate(orders(things, count)):
        folder = start.with_name(f"{start.name}-order-{number}")
        shutil.copytree(start, folder)
        do(folder, order)
        left.add(snapshot(folder))
        shutil.rmtree(folder)
    return left
