"""What a committee member's client sees and says (docs/protocol.md §16): a value and verbs, handed in by
whoever sees all rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Protocol

from surveys.names import RoundId
from surveys.protocol.canonical import MAX_INTEGER, Fields

MOST_MEMBERS = 15


class Stage(StrEnum):
    """How far a round is, as its committee sees it; in order."""

    COMMIT = "commit"
    DEAL = "deal"
    CONFIRM = "confirm"
    CONFIRMED = "confirmed"
    OPEN = "open"
    CLOSED = "closed"
    COSIGN = "cosign"
    COUNT = "count"
    SOLVING = "solving"
    PAPERS = "papers"
    CERTIFIED = "certified"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Complaint:
    """Member `by` says that the deal of `dealer` fails this check (16.4)."""

    by: int
    dealer: int
    check: str
    where: str


@dataclass(frozen=True, slots=True)
class CommitteeState:
    """16.1. Hashes in hex; `busy` is 0 to 100 while the server computes; `failed` names what ended its last
    try.
    """

    trustee: int
    names: tuple[str, ...]
    threshold: int
    stage: Stage
    attempt: int
    commits: tuple[int, ...]
    deals: tuple[int, ...]
    confirms: tuple[int, ...]
    cosigned: tuple[int, ...]
    shares: tuple[int, ...]
    certified: tuple[int, ...]
    complaints: tuple[Complaint, ...]
    definition: str
    manifest: str | None
    ballots: int | None
    sums: int | None
    busy: int | None
    failed: str | None

    def as_json(self) -> Mapping[str, object]:
        """For canonical JSON."""
        return asdict(self)

    @classmethod
    def read(cls, fields: Fields) -> CommitteeState:
        """What a server says. Raises Malformed."""
        stage = fields.text("stage", 20)
        if stage not in set(Stage):
            fields.refuse("stage", "no stage of a round")
        read = cls(
            trustee=fields.integer("trustee", 1, MOST_MEMBERS),
            names=tuple(fields.texts("names", MOST_MEMBERS, 300)),
            threshold=fields.integer("threshold", 1, MOST_MEMBERS),
            stage=Stage(stage),
            attempt=fields.integer("attempt", 0, MAX_INTEGER),
            commits=tuple(fields.integers("commits", MOST_MEMBERS)),
            deals=tuple(fields.integers("deals", MOST_MEMBERS)),
            confirms=tuple(fields.integers("confirms", MOST_MEMBERS)),
            cosigned=tuple(fields.integers("cosigned", MOST_MEMBERS)),
            shares=tuple(fields.integers("shares", MOST_MEMBERS)),
            certified=tuple(fields.integers("certified", MOST_MEMBERS)),
            complaints=tuple(_complaint(each) for each in fields.objects("complaints", MOST_MEMBERS)),
            definition=fields.text("definition", 64),
            manifest=fields.optional_text("manifest", 64),
            ballots=fields.optional_integer("ballots", 0, MAX_INTEGER),
            sums=fields.optional_integer("sums", 0, MAX_INTEGER),
            busy=fields.optional_integer("busy", 0, 100),
            failed=fields.optional_text("failed", 300),
        )
        fields.done()
        return read


class CommitteeService(Protocol):
    """The verbs behind the wire. `token` is that of a member's link; each raises NoSuchLink or LinkExpired
    first.
    """

    def state(self, round_id: RoundId, token: str) -> CommitteeState:
        """16.1."""

    def document(self, round_id: RoundId, token: str, name: str) -> bytes:
        """16.2, 16.5 and 16.8: the public documents, the members of the bundle as far as they are there, and
        the typeset minutes.
        """

    def accept(self, round_id: RoundId, token: str, kind: str, raw: bytes) -> CommitteeState:
        """16.3, 16.4, 16.6, 16.7, 16.9: commit, deal, confirm, complaint, cosign, share, certificate."""


def _complaint(fields: Fields) -> Complaint:
    said = Complaint(
        by=fields.integer("by", 1, MOST_MEMBERS),
        dealer=fields.integer("dealer", 1, MOST_MEMBERS),
        check=fields.text("check", 10),
        where=fields.text("where", 200),
    )
    fields.done()
    return said
