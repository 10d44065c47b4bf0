"""The rule's last days before voting day (field `deadlines` of the rule): what comes later is taken, and marked late.

Days are those of the place where voters live, counted back from the local day on which polls open by the definition. What was done
on the last day itself is in time.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from surveys.protocol.manifest import Definition

QUESTIONS, ANSWERS = "questions", "answers"


def last_day(definition: Definition, name: str) -> date | None:
    """The last day for this; None where the rule names none."""
    days = definition.rule["deadlines"].get(name)
    if days is None:
        return None
    return local_day(definition, definition.opens) - timedelta(days=days)


def is_late(definition: Definition, name: str, at: str) -> bool:
    """Whether this UTC instant is after the last day."""
    last = last_day(definition, name)
    return last is not None and local_day(definition, at) > last


def local_day(definition: Definition, at: str) -> date:
    """The day of a UTC instant, where voters live."""
    return datetime.fromisoformat(at).astimezone(ZoneInfo(definition.time_zone)).date()
