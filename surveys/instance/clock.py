"""The clock of an instance: it looks, again and again, whether a round waits for the server, and lets the
work begin.

The state decides what is done, the clock only when it is looked at: a beat that is missed or doubled changes
nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from surveys.stages import binding
from surveys.stores.stops import SECONDS as SECONDS_OF_A_LOOK
from surveys.stores.store import Stores

SECONDS = 1.0
MOST_JUMP = 120.0
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


def elapsed() -> float:
    """Seconds that nobody can set, those in which the machine slept included where the system counts them."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Standstill:
    """Whether the clock's acts stand still after a jump, as every process of the instance can read it: a file
    of one number, there only while they do.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, seconds: int) -> None:
        """The clock has jumped by so many seconds, forward or back."""
        whole = self._path.with_suffix(".new")
        whole.write_text(f"{seconds}\n", encoding="ascii")
        whole.replace(self._path)

    def end(self) -> None:
        """It is back, or somebody has looked at it and started the server again."""
        self._path.unlink(missing_ok=True)

    def seconds(self) -> int | None:
        """By how many seconds it has jumped; None where nothing stands still."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return None


class Steady:
    """The same beat, but not while the wall clock is more than two minutes from where it was and seconds have
    gone since: what opens and closes polls for good must not follow a clock that somebody, or a wrong time
    server, has set.

    A clock that is corrected little by little is followed. After a jump nothing is done until the wall clock
    is back, or the server is started again by somebody who has looked at it; by hand everything may be done.
    """

    def __init__(
        self,
        beat: Beat,
        standstill: Standstill,
        wall: Callable[[], float] = time.time,
        gone: Callable[[], float] = elapsed,
    ) -> None:
        self._beat, self._standstill, self._wall, self._gone = beat, standstill, wall, gone
        self._ahead, self._told = wall() - gone(), False

    def __call__(self) -> None:
        """One beat."""
        ahead = self._wall() - self._gone()
        if abs(ahead - self._ahead) <= MOST_JUMP:
            if self._told:
                self._standstill.end()
                _log.warning("the clock is back; polls are opened and closed by it again")
            self._ahead, self._told = ahead, False
            self._beat()
        elif not self._told:
            self._told = True
            jumped = round(ahead - self._ahead)
            self._standstill.begin(jumped)
            _log.error(
                "the clock of this machine has jumped by %d seconds: no polls are opened or closed by it. "
                "Set it right, or start the server again once it is",
                jumped,
            )


def judging(stores: Stores) -> tuple[Beat, Beat]:
    """The beats that bind the stores of the rounds: each minute where polls are open, hourly with numbers."""
    return (
        seldom(partial(binding.beat, stores, numbers=False), SECONDS_OF_A_LOOK),
        seldom(partial(binding.beat, stores, numbers=True)),
    )


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
