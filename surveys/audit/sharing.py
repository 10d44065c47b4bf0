"""Work on many pieces shared out: among threads that spend their time in the kernel, where the interpreter's
lock is free; or among helpers, which may be other machines.

Danger: what a helper gets leaves this machine. A `PublicWork` is made of what a bundle publishes, its pieces
are parts of published members, and both stand in this room, which has no way to a secret.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.metadata import version
from typing import Generic, Protocol, TypeVar

from surveys.errors import SurveysError
from surveys.protocol.kernel.machine import available

T = TypeVar("T")
R = TypeVar("R")


class HelpersFailed(SurveysError):
    """Helpers cannot be used: nothing is said about what was to be looked at."""


class PublicWork(Generic[T, R]):
    """A question about pieces of public data, with all that is needed to answer it anywhere."""

    __slots__ = ()

    @abstractmethod
    def __call__(self, piece: T) -> R:
        """The answer. The same wherever and however often it is asked."""


class Helpers(Protocol):
    """Others who work along."""

    @property
    def jobs(self) -> int:
        """How many pieces they work on at once."""

    def each(self, work: PublicWork[T, R], pieces: Iterable[T]) -> Iterator[R]:
        """work(piece) of each, in order. Raises what work raises."""


def software() -> str:
    """What computes here. Those who share out work are the same in this: the kernel and libsodium keep the
    sums that are not finished in different forms.
    """
    return f"tin-nhiem {version('tin-nhiem')} with {'its kernel' if available() else 'libsodium'}"


def shared_out(
    helpers: Helpers | None, jobs: int, work: PublicWork[T, R], pieces: Iterable[T]
) -> Iterator[R]:
    """work(piece) of each, in order: by helpers where there are some, else by so many threads."""
    return in_threads(jobs, work, pieces) if helpers is None else helpers.each(work, pieces)


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
