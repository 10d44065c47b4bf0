"""Instants: moments in UTC inside, texts at the edges, where a row, a document or an address is read or
written.

A text is UTC to the second, so that texts stand in the order of time (docs/protocol.md 4.1). Danger: it is
read by its own form and not by what a version of Python takes for a date, because whoever verifies a vote
must refuse what whoever wrote it could not have written.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NewType
from zoneinfo import ZoneInfo

Instant = NewType("Instant", datetime)
"""A moment in UTC, to the second: two of them may be compared and subtracted, and none is in somebody's own
time.
"""

_WRITTEN = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", re.ASCII)


def instant(moment: datetime) -> Instant:
    """The instant of a moment in any time zone. Raises ValueError for one in none."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is no instant")
    return Instant(moment.astimezone(UTC).replace(microsecond=0))


def from_local(local: datetime, zone: str) -> Instant:
    """The instant at which the clocks of a zone show this date and time. Raises KeyError, ValueError or
    OSError where there is no such zone.
    """
    return instant(local.replace(tzinfo=ZoneInfo(zone)))


def instant_text(moment: datetime) -> str:
    """The text of a moment. Raises ValueError for one in no time zone."""
    return f"{instant(moment).replace(tzinfo=None).isoformat()}Z"


def read_instant(text: str) -> Instant:
    """The instant that a text names. Raises ValueError for a text of another form, or of a moment that there
    is not.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError("not YYYY-MM-DDThh:mm:ssZ")
    year, month, day, hour, minute, second = map(int, written.groups())
    return Instant(datetime(year, month, day, hour, minute, second, tzinfo=UTC))
