"""Limits of time that hold on any machine: those of a quiet, good one, let out by as much as this one is
slower just now.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# What `_work` takes on the machine of docs/performance.md, when it is quiet.
_SECONDS = 0.05


def _work() -> int:
    total = 0
    for number in range(1_000_000):
        total = (total * 31 + number) & 0xFFFFFFFF
    return total


def slower(clock: Callable[[], float] = time.process_time) -> float:
    """How many times slower than that machine this one is, at least 1: its processor, or, by the clock on the
    wall, what other work leaves of it.
    """
    began = clock()
    _work()
    return max(1.0, (clock() - began) / _SECONDS)


@contextmanager
def within(seconds: float, clock: Callable[[], float] = time.process_time) -> Iterator[None]:
    """What is done here may take so many seconds of a quiet, good machine, by this clock."""
    pace, began = slower(clock), clock()
    yield
    took = clock() - began
    allowed = seconds * max(pace, slower(clock))
    assert took < allowed, f"it took {took:.2f} s where {allowed:.2f} were allowed"
