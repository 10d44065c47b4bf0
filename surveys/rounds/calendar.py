"""The rule's last days before voting day (field `deadlines` of the rule): what comes later is taken, and
marked late.

Days are those of the place where voters live, counted back from the local day on which polls open by the
definition. What was done on the last day itself is in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from surveys.instants import Instant
from surveys.protocol.manifest import Definition

QUESTIONS, ANSWERS = "questions", "answers"


def last_day(definition: Definition, name: str) -> date | None:
    """The last day for this; None where the rule names none."""
    deadlines = definition.rule["deadlines"]
    days = deadlines.get(name) if isinstance(deadlines, Mapping) else None
    if not isinstance(days, int):
        return None
    return local_day(definition, definition.opens) - timedelta(days=days)


def is_late(definition: Definition, name: str, at: Instant) -> bool:
    """Whether this instant is after the last day."""
    last = last_day(definition, name)
    return last is not None and local_day(definition, at) > last


def local_day(definition: Definition, at: Instant) -> date:
    """The day of an instant, where voters live."""
    return at.astimezone(ZoneInfo(definition.time_zone)).date()
