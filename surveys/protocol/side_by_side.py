"""Rows of one ballot worked on side by side, in threads.

libsodium computes outside the interpreter's lock, so two processors nearly halve the time of one ballot. The
results do not depend on it. A worker process of a pool shares the processors with others already and works
alone; a forked child does not use its parent's pool, of which it inherits all but the threads.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
MOST_THREADS = 4


def side_by_side(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """work(item) for each item, in order. Raises what the first item that fails raises."""
    pool = _pool(os.getpid())
    return [work(item) for item in items] if pool is None else list(pool.map(work, items))


@lru_cache(maxsize=1)
def _pool(process: int) -> ThreadPoolExecutor | None:
    # Asked for by process: a forked child that reused its parent's pool would wait for threads that were
    # never born.
    processors = min(os.cpu_count() or 1, MOST_THREADS)
    if processors < 2 or multiprocessing.parent_process() is not None:
        return None
    return ThreadPoolExecutor(processors, thread_name_prefix="rows")
