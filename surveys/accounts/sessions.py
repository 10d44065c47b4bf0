"""Sessions that have ended: a session lives in its browser's cookie, so the end of one before its time is
noted here.

All sessions of an account end at once by a new name of its sessions
(`surveys.accounts.keeping.sign_out_everywhere`). Danger: whoever copied a cookie would stay signed in after
its owner has signed out; so it is asked at each request whether the session goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, insert, select

from surveys.accounts.models import ended_sessions
from surveys.instants import instant
from surveys.stores.engines import reading

LONGEST = timedelta(hours=10)
"""How long a session lasts after its sign-in, whatever is done in it."""
SLACK = timedelta(minutes=1)
"""How far the clock may have been set back since: a session that begins later than that would last longer
than it may.
"""


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of an instance. `now` is in UTC."""

    engine: Engine
    now: Callable[[], datetime]

    def goes_on(self, number: str, begun: int) -> bool:
        """Whether the session of this number, begun at this instant (seconds since 1970), still lets its
        holder in. Stores nothing.
        """
        age = self.now() - datetime.fromtimestamp(begun, UTC)
        if not -SLACK <= age < LONGEST:
            return False
        with reading(self.engine) as connection:
            wanted = select(ended_sessions.c.until).where(ended_sessions.c.digest == _digest(number))
            return connection.scalar(wanted) is None

    def end(self, number: str) -> None:
        """End the session of this number, and forget those that are over by their age. One transaction; may
        be run again.
        """
        digest, now = _digest(number), self.now()
        with self.engine.begin() as connection:
            connection.execute(delete(ended_sessions).where(ended_sessions.c.until < instant(now)))
            connection.execute(delete(ended_sessions).where(ended_sessions.c.digest == digest))
            until = instant(now + LONGEST)
            connection.execute(insert(ended_sessions).values(digest=digest, until=until))


def _digest(number: str) -> bytes:
    # The number is 128 random bits: a plain hash hides it. The prefix keeps it apart from every other hash.
    return hashlib.sha256(b"tin-nhiem/session\x00" + number.encode()).digest()
