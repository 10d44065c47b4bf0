"""Those who wait together are served together: the first of them does the work for all, so that what a
transaction costs is paid once.

Whoever fails alone gets a refusal of its own; what stops the work is everybody's refusal, and nobody waits
for ever. Danger: whoever serves may say that something is done only once it is on the disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from surveys.errors import SurveysError

MOST = 32
"""Of one batch: some 60 ms of work, so that nobody waits long for others."""


@dataclass(slots=True)
class Waiting:
    """Somebody who waits. `done` once there is what they wait for, or a refusal."""

    refusal: Exception | None = field(default=None, kw_only=True)

    @property
    def done(self) -> bool:
        """Whether they need not wait any more."""
        return self.refusal is not None


W = TypeVar("W", bound=Waiting)


class Turns(Generic[W]):
    """Safe for many threads; `alone` is held while somebody is served."""

    def __init__(self) -> None:
        self.alone, self._queue = threading.Lock(), threading.Lock()
        self.waiting: list[W] = []

    def take(self, mine: W, serve: Callable[[Sequence[W]], None], forget: Callable[[], None]) -> None:
        """Wait until this one is done. `serve` gets all who wait, at most MOST at a time; where it breaks,
        `forget` is called. Raises the refusal.
        """
        with self._queue:
            self.waiting.append(mine)
        with self.alone:
            while not mine.done:
                batch = self._next()
                try:
                    serve(batch)
                except Exception as broken:
                    # What was not committed has been promised to nobody.
                    forget()
                    for each in undone(batch):
                        each.refusal = broken
        if mine.refusal is not None:
            raise mine.refusal

    def _next(self) -> list[W]:
        with self._queue:
            batch, self.waiting = self.waiting[:MOST], self.waiting[MOST:]
            return batch


def undone(batch: Sequence[W]) -> Iterator[W]:
    """Those who still wait."""
    return (each for each in batch if not each.done)


def attempt(each: W, work: Callable[[W], object]) -> None:
    """A refusal of one is its own; anything else stops the batch."""
    try:
        work(each)
    except SurveysError as refusal:
        each.refusal = refusal
