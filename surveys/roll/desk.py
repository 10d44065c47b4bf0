"""The registrar's desk of one vote: all that serving its voters needs, and nothing that knows people (docs/protocol.md §7)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from surveys.roll.registrar import TokenKeys


@dataclass(frozen=True, slots=True)
class Desk:
    """The manifest hash, the roll's store, the private token keys."""

    manifest: bytes
    roll: Engine
    keys: TokenKeys
