"""What a committee member's client sees and says (docs/protocol.md §16): a value and verbs, handed in by whoever sees all rooms."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class Stage(StrEnum):
    """How far a round is, as its committee sees it; in order."""

    COMMIT = "commit"
    DEAL = "deal"
    CONFIRM = "confirm"
    CONFIRMED = "confirmed"
    OPEN = "open"
    CLOSED = "closed"
    COUNT = "count"
    SOLVING = "solving"
    PAPERS = "papers"
    CERTIFIED = "certified"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class DeskState:
    """16.1. Hashes in hex; `busy` is 0 to 100 while the server computes; `failed` names what ended its last try."""

    trustee: int
    names: tuple[str, ...]
    threshold: int
    stage: Stage
    attempt: int
    commits: tuple[int, ...]
    deals: tuple[int, ...]
    confirms: tuple[int, ...]
    shares: tuple[int, ...]
    complaints: tuple[dict[str, Any], ...]
    definition: str
    manifest: str | None
    ballots: int | None
    sums: int | None
    busy: int | None
    failed: str | None

    def as_json(self) -> dict[str, Any]:
        """For canonical JSON."""
        return {name: _plain(getattr(self, name)) for name in self.__slots__}


class Desk(Protocol):
    """The verbs behind the wire. `token` is that of a member's link; each raises NoSuchLink or LinkExpired first."""

    def state(self, survey: str, token: str) -> DeskState:
        """16.1."""

    def document(self, survey: str, token: str, name: str) -> bytes:
        """16.2 and 16.5: definition, manifest, ceremony, board, checkpoint, plan."""

    def accept(self, survey: str, token: str, kind: str, raw: bytes) -> DeskState:
        """16.3, 16.4, 16.6, 16.8: commit, deal, confirm, complaint, share, certificate."""

    def papers(self, survey: str, token: str) -> dict[str, Any]:
        """16.7."""


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
