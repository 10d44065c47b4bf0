"""The work that one process of an instance does for all: background jobs and the clock (docs/operations.md).

Several processes may serve one instance, but two that work would send every letter twice; so whoever works
holds a lock, and when that process ends, however it ends, another one takes the duty up. Danger: what is
begun here must be safe to begin again, for a holder may be killed at any moment.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from surveys.instance.clock import Beat, Clock
from surveys.jobs.queue import Jobs
from surveys.stores.engines import AnotherHost, AnotherServer, Engines

FIRST_LOOK_AFTER = 1.0
LOOK_AGAIN_AFTER = 5.0
_log = logging.getLogger(__name__)


class Duty:
    """Jobs and beats, done in this process once it holds the instance's lock."""

    def __init__(
        self, engines: Engines, jobs: Jobs, beats: Sequence[Beat], before: Callable[[], None]
    ) -> None:
        self._engines, self._jobs, self._beats, self._before = engines, jobs, beats, before
        self._clock: Clock | None = None
        self._ended = threading.Event()
        self._waiting: threading.Thread | None = None

    def take_up(self) -> None:
        """Work in this process from now on. Raises AnotherServer or AnotherHost where another does; then
        nothing was begun.
        """
        self._engines.serve_alone()
        self._before()
        self._jobs.start()
        self._clock = Clock(*self._beats)

    def take_up_when_free(self) -> None:
        """Work in this process as soon as no other does. Returns at once; the first look is a second later.

        Whoever only wants to see how the site is put together (`flask routes`) has ended by then and has
        begun nothing.
        """
        self._waiting = threading.Thread(target=self._wait, name="duty", daemon=True)
        self._waiting.start()

    def put_down(self) -> None:
        """End what is being done, and let another process take the duty up."""
        self._ended.set()
        if self._waiting is not None:
            self._waiting.join()
        if self._clock is not None:
            self._clock.stop()
        self._jobs.close()
        self._engines.serve_no_more()

    def _wait(self) -> None:
        pause, told = FIRST_LOOK_AFTER, False
        while not self._ended.wait(pause):
            pause = LOOK_AGAIN_AFTER
            try:
                self.take_up()
            except AnotherHost as error:
                if not told:
                    _log.error("%s", error)
                told = True
                continue
            except AnotherServer:
                continue
            except Exception:
                self._engines.serve_no_more()
                _log.exception("the duty of this instance could not be taken up; it is tried again")
                continue
            return
