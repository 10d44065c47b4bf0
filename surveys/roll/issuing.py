"""What issues the papers of one vote: all that serving its voters needs, and nothing that knows people
(docs/protocol.md §7).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from surveys.protocol.form import Forms
from surveys.protocol.manifest import Manifest
from surveys.roll.registrar import TokenKeys


@dataclass(frozen=True, slots=True)
class Issuer:
    """The manifest hash, its head and its forms, the roll's store, the private token keys."""

    manifest: bytes
    head: bytes
    forms: Forms
    roll: Engine
    keys: TokenKeys

    @classmethod
    def of(cls, manifest: Manifest, roll: Engine, keys: TokenKeys) -> Issuer:
        """The issuer of the vote that this manifest is of."""
        return cls(manifest.hash, manifest.head, Forms(manifest.definition), roll, keys)
