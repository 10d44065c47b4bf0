"""How far a round has come. One way only: there is no step back, in code or in the store (docs/protocol.md
§9, §12).

draft → frozen → confirmed → open → closing → sealed → counting → certified → published
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """The states in order."""

    DRAFT = "draft"
    FROZEN = "frozen"
    CONFIRMED = "confirmed"
    OPEN = "open"
    CLOSING = "closing"
    SEALED = "sealed"
    COUNTING = "counting"
    CERTIFIED = "certified"
    PUBLISHED = "published"


ORDER = tuple(State)


def is_next(at: State, to: State) -> bool:
    """Whether `to` is the step right after `at`."""
    return ORDER.index(to) == ORDER.index(at) + 1


def has_reached(at: State, mark: State) -> bool:
    """Whether a round at `at` is at `mark` or beyond."""
    return ORDER.index(at) >= ORDER.index(mark)
