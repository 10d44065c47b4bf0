"""Work on many pieces shared out among threads that spend their time in the kernel, where the interpreter's
lock is free.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from surveys.protocol.kernel.machine import available

T = TypeVar("T")
R = TypeVar("R")


def in_threads(jobs: int, work: Callable[[T], R], pieces: Iterable[T]) -> Iterator[R]:
    """work(piece) of each, in order; a few pieces ahead. Without the kernel one after the other: threads
    would win nothing.
    """
    if jobs <= 1 or not available():
        yield from map(work, pieces)
        return
    with ThreadPoolExecutor(jobs, thread_name_prefix="checks") as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for piece in pieces:
                waiting.append(pool.submit(work, piece))
                if len(waiting) > 2 * jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for left in waiting:
                left.cancel()
