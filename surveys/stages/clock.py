"""The clock of an instance: it looks, again and again, whether a round waits for the server, and lets the work begin.

The state decides what is done, the clock only when it is looked at: a beat that is missed or doubled changes nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

SECONDS = 1.0
Beat = Callable[[], None]
_log = logging.getLogger(__name__)


def seldom(beat: Beat, seconds: float = 3600.0, now: Callable[[], float] = time.monotonic) -> Beat:
    """The same beat, at most once in so many seconds."""
    due = [now()]

    def waits() -> None:
        if now() >= due[0]:
            due[0] = now() + seconds
            beat()

    return waits


class Clock:
    """Beats in a thread of its own until it is stopped."""

    def __init__(self, *beats: Beat, seconds: float = SECONDS) -> None:
        self._beats, self._seconds = beats, seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No beat after this returns."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            for beat in self._beats:
                try:
                    beat()
                except Exception:
                    _log.exception("the clock goes on after a beat that failed")
