"""The box of one vote as its server holds it (docs/protocol.md §9)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from surveys.box.receipts import BoxKey
from surveys.protocol.ballot import ballot_size
from surveys.protocol.manifest import Manifest


@dataclass(frozen=True, slots=True)
class OpenBox:
    """The manifest, the box's store, the box key."""

    manifest: Manifest
    box: Engine
    key: BoxKey


def longest_ballot(manifest: Manifest) -> int:
    """Bytes of the longest ballot of a vote."""
    definition = manifest.definition
    return max(ballot_size(len(panel.contests), len(definition.levels)) for panel in definition.panels)
