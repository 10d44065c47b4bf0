"""What the organizer's page needs of a round: a value and verbs handed in by whoever sees all rooms
(docs/protocol.md §17).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from surveys.instants import Instant, instant_text
from surveys.json_types import JsonObject
from surveys.names import RoundId
from surveys.roll.listing import Entry


@dataclass(frozen=True, slots=True)
class OfficeState:
    """17.1. `stage` is draft, kept, freezing or frozen."""

    stage: str
    done: int
    all: int
    failed: str | None


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to know before freezing."""

    kind: str
    where: str
    number: int


@dataclass(frozen=True, slots=True)
class ToInvite:
    """A voter as a slip names them."""

    panel: int
    code: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """17.2."""

    title: str
    opens: Instant
    closes: Instant
    time_zone: str
    client: str
    k: int
    warnings: tuple[Warned, ...]
    voters: tuple[ToInvite, ...]
    contact: str

    def as_json(self) -> JsonObject:
        """The answer of 17.2, but for `survey`."""
        times = {"opens": instant_text(self.opens), "closes": instant_text(self.closes)}
        return {**asdict(self), **times}


class Office(Protocol):
    """The verbs behind the page. `token` is that of the organizer's link; each raises NoSuchLink or
    LinkExpired first.
    """

    def state(self, round_id: RoundId, token: str) -> OfficeState:
        """How far freezing is."""

    def invitation(self, round_id: RoundId, token: str) -> Invitation:
        """What stands on the slips."""

    def freeze(self, round_id: RoundId, token: str, keys: Sequence[Entry]) -> OfficeState:
        """Begin to freeze with these keys."""

    def replace(self, round_id: RoundId, token: str, entry: Entry) -> OfficeState:
        """Give a lost slip a new key."""
