"""What issues the papers of one vote: all that serving its voters needs, and nothing that knows people
(docs/protocol.md §7).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from surveys.protocol.form import Forms
from surveys.protocol.manifest import Manifest
from surveys.roll.registrar import TokenKeys
from surveys.roll.window import Window


@dataclass(frozen=True, slots=True)
class Issuer:
    """The manifest hash, its head and its forms, the roll's store, and the window where papers are asked
    for.
    """

    manifest: bytes
    head: bytes
    forms: Forms
    roll: Engine
    window: Window

    @classmethod
    def of(cls, manifest: Manifest, roll: Engine, keys: TokenKeys) -> Issuer:
        """The issuer of the vote that this manifest is of."""
        window = Window(roll, keys, manifest.hash)
        return cls(manifest.hash, manifest.head, Forms(manifest.definition), roll, window)
