"""The box of one vote as its server holds it (docs/protocol.md §9): for casting, for look-ups, for the turnout.

Danger: what it tells while polls are open is a yes, a no, and a coarse share of all voters; never how many of which unit.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from sqlalchemy import Engine

from surveys.box import gate
from surveys.box.board import Inclusion, Tree, Whereabouts, find_tracker, prove_inclusion, read_tree, returned
from surveys.box.gate import State
from surveys.box.receipts import BoxKey
from surveys.protocol.manifest import Manifest
from surveys.rules.disclosure import coarse_turnout


@dataclass(frozen=True, slots=True)
class Turnout:
    """Whether polls are open, and the share of the roll whose ballots are in, rounded down coarsely; None: too few voters."""

    open: bool
    percent: int | None


@dataclass(slots=True)
class OpenBox:
    """The manifest, the box's store, the box key."""

    manifest: Manifest
    box: Engine
    key: BoxKey
    _tree: Tree | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, tracker: bytes) -> Whereabouts | Inclusion:
        """15.5: while polls are open yes or no; after sealing the proof. Stores nothing."""
        found = find_tracker(self.box, tracker)
        if found is not Whereabouts.ON_THE_BOARD:
            return found
        return prove_inclusion(self.box, self._hashes(), tracker) or Whereabouts.NOWHERE

    def turnout(self) -> Turnout:
        """15.6, over the whole roll."""
        panels = self.manifest.definition.panels
        summoned = sum(panel.voters for panel in panels)
        percent = coarse_turnout(sum(returned(self.box, len(panels))), summoned, self.manifest.definition.k)
        return Turnout(gate.look(self.box).state is State.OPEN, percent)

    def _hashes(self) -> Tree:
        with self._lock:
            if self._tree is None:
                self._tree = read_tree(self.box, self.manifest, self.key)
            return self._tree
