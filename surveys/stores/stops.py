"""Why a round is stopped: one of its stores is missing, damaged, another round's or an older copy. The others
go on (docs/decisions/0041).

Kept in memory by each process, which finds it out by itself (`surveys/stages/binding.py`) and again and
again: what is put right goes on by itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from surveys.errors import SurveysError
from surveys.names import RoundId

SECONDS = 60.0


class Where(StrEnum):
    """Which of the stores it is, or all three; `witness` is the value that is kept outside them."""

    APP = "app"
    ROLL = "roll"
    BOX = "box"
    STORES = "stores"
    WITNESS = "witness"


class Trouble(StrEnum):
    """`older`: than the other stores or the value outside. `fewer`: rows are gone that were there. `ballots`:
    a unit has more ballots than papers. `newer`: written by a newer release.
    """

    MISSING = "missing"
    DAMAGED = "damaged"
    FOREIGN = "foreign"
    NEWER = "newer"
    OLDER = "older"
    FEWER = "fewer"
    BALLOTS = "ballots"


@dataclass(frozen=True, slots=True)
class Stop:
    """What is wrong, and with which store."""

    trouble: Trouble
    where: Where


class RoundStopped(SurveysError):
    """A store of this round cannot be relied on: nothing is issued, cast, opened, closed or counted in it."""

    def __init__(self, round_id: RoundId, stop: Stop) -> None:
        self.round_id, self.stop = round_id, stop
        super().__init__(
            f"the round {round_id} is stopped: {_SAYS[stop.trouble].format(_NAMES[stop.where])}. "
            f"Nothing was stored; docs/operations.md, “A round is stopped”, says what to do"
        )


class Stops:
    """The rounds that are stopped, as far as this process knows, and when it looked."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._looked: dict[RoundId, float] = {}
        self._found: dict[RoundId, Stop] = {}
        self._lock = threading.Lock()

    def is_due(self, round_id: RoundId) -> bool:
        """Whether somebody should look now; whoever asks first is told to."""
        with self._lock:
            now = self._now()
            if now - self._looked.get(round_id, -SECONDS) < SECONDS:
                return False
            self._looked[round_id] = now
            return True

    def note(self, round_id: RoundId, stop: Stop | None) -> bool:
        """What a look has found; True if it is another thing than before."""
        with self._lock:
            self._looked[round_id] = self._now()
            before = self._found.pop(round_id, None)
            if stop is not None:
                self._found[round_id] = stop
            return before != stop

    def of(self, round_id: RoundId) -> Stop | None:
        """Why this round is stopped; None where nothing was found wrong."""
        return self._found.get(round_id)

    def check(self, round_id: RoundId) -> None:
        """Raises RoundStopped for a round that is."""
        if (stop := self.of(round_id)) is not None:
            raise RoundStopped(round_id, stop)


_NAMES = {
    Where.APP: "the app store",
    Where.ROLL: "its roll",
    Where.BOX: "its box",
    Where.STORES: "all three stores together",
    Where.WITNESS: "the witness file",
}
_SAYS = {
    Trouble.MISSING: "{} is missing",
    Trouble.DAMAGED: "{} is damaged",
    Trouble.FOREIGN: "{} belongs to another round or another copy of this instance",
    Trouble.NEWER: "{} was written by a newer release",
    Trouble.OLDER: "an older copy of {} was put back",
    Trouble.FEWER: "{} has lost what was in it",
    Trouble.BALLOTS: "{} holds more ballots than papers were issued",
}
