"""The box of one vote as its server holds it (docs/protocol.md §9): for casting, for look-ups, for the
turnout.

Danger: what it tells while polls are open is a yes, a no, and a coarse share of all voters; never how many of
which unit.
"""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass, field

from sqlalchemy import Engine

from surveys.box import gate
from surveys.box.board import Tree, read_tree
from surveys.box.errors import NotAPrefix
from surveys.box.gate import State
from surveys.box.intake import Intake
from surveys.box.receipts import BoxKey
from surveys.box.receiving import Receipt
from surveys.protocol.board import Stretch, stretch_of
from surveys.protocol.look_up import (
    ALL,
    ENTRY_BYTES,
    SALT_BYTES,
    Veiled,
    digits_of_a_prefix,
    entries_of,
    veil,
)
from surveys.protocol.manifest import Manifest
from surveys.rules.disclosure import coarse_turnout


@dataclass(frozen=True, slots=True)
class Polls:
    """How the box stands, and the share of the roll whose ballots are in, rounded down coarsely; None: too
    few voters.
    """

    state: State
    percent: int | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """A part of the sealed board, with the checkpoint that the box signed."""

    stretch: Stretch
    checkpoint: bytes


@dataclass(slots=True)
class OpenBox:
    """The manifest, the box's store, the box key."""

    manifest: Manifest
    box: Engine
    key: BoxKey
    _manifest: bytes | None = None
    _tree: Tree | None = None
    _intake: Intake | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def whole_manifest(self) -> bytes:
        """The manifest's bytes, made once: of a whole organisation they are many."""
        if self._manifest is None:
            self._manifest = self.manifest.encode()
        return self._manifest

    def receive(self, raw: bytes) -> Receipt:
        """15.4: check and keep a ballot, promise it. Raises what `receive_ballot` raises."""
        return self._slot().receive(raw)

    def look_up(self, prefix: str) -> Veiled | Bucket:
        """15.5. Nobody learns from it who asks for which ballot, nor what is in the box. Raises
        NotAPrefix.
        """
        voters = self.manifest.definition.voters
        wanted = digits_of_a_prefix(voters)
        digits = "" if prefix == ALL else prefix
        if len(digits) != wanted or (wanted == 0) != (prefix == ALL) or not re.fullmatch("[0-9a-f]*", digits):
            raise NotAPrefix(wanted)
        if gate.look(self.box).state is State.SEALED:
            tree = self._hashes()
            return Bucket(stretch_of(tree.leaves, tree.hashes, digits), tree.checkpoint)
        trackers = self._slot().trackers(digits)
        rest = (secrets.token_bytes(ENTRY_BYTES) for _ in range(entries_of(voters) - len(trackers)))
        return veil(trackers, secrets.token_bytes(SALT_BYTES), rest)

    def polls(self) -> Polls:
        """15.6, over the whole roll."""
        definition = self.manifest.definition
        percent = coarse_turnout(self._slot().returned(), definition.voters, definition.k)
        return Polls(gate.look(self.box).state, percent)

    def _slot(self) -> Intake:
        with self._lock:
            if self._intake is None:
                self._intake = Intake(self.box, self.manifest, self.key)
            return self._intake

    def _hashes(self) -> Tree:
        with self._lock:
            if self._tree is None:
                self._tree = read_tree(self.box, self.manifest, self.key)
            return self._tree
