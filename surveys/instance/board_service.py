"""The boards that an instance shows to everybody (`surveys.results.boards`), out of ledger, box and published
bundle.

What is sealed never changes, so it is read once and kept; a round's state is asked each time. Danger: a board
that is kept must not outlive what decided that it may be seen: only sealed boxes are read, and a bundle is
offered by the definition and the ledger alone.
"""

from __future__ import annotations

import zipfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from surveys.box.board import read_trackers, read_tree
from surveys.box.receipts import load_box_key
from surveys.committee.trustee import checkpoint_name
from surveys.names import RoundId
from surveys.protocol.checkpoint import decode_checkpoint
from surveys.protocol.codes import write_code
from surveys.protocol.definition import Visibility
from surveys.protocol.manifest import Manifest
from surveys.results import publications as results
from surveys.results.boards import OfferedBundle, SealedBoard
from surveys.results.errors import BoardElsewhere, NoBoardYet
from surveys.rounds import ledger
from surveys.rounds.states import State, has_reached
from surveys.stores.store import Stores

BOARDS_KEPT = 8


class InstanceBoards:
    """`surveys.results.boards.Boards` over the stores of an instance. Reads only."""

    def __init__(self, stores: Stores, bundles: Path) -> None:
        self._stores, self._bundles = stores, bundles
        self._kept = lru_cache(maxsize=BOARDS_KEPT)(self._read)
        self._looked: set[tuple[str, State]] = set()

    def open(self, round_id: RoundId) -> SealedBoard:
        """The board of a round. Raises NoSuchRound, NoBoardYet or BoardElsewhere."""
        state = ledger.heading(self._stores.engines.app, round_id).state
        if not has_reached(state, State.SEALED):
            raise NoBoardYet(round_id)
        # Asked before the file is opened, which would make an empty one.
        if not self._stores.engines.has_box(round_id):
            raise BoardElsewhere(round_id)
        return self._kept(round_id, state)

    def look(self) -> None:
        """Read what was sealed or published since the last look, so that no visitor waits for it: one beat of
        the clock.
        """
        for heading in ledger.headings(self._stores.engines.app)[:BOARDS_KEPT]:
            seen = heading.round_id, heading.state
            if seen in self._looked or not has_reached(heading.state, State.SEALED):
                continue
            self._looked.add(seen)
            with suppress(BoardElsewhere, NoBoardYet):
                self.open(heading.round_id)

    def _read(self, round_id: RoundId, state: State) -> SealedBoard:
        manifest = ledger.find(self._stores.app, round_id).manifest
        if manifest is None:
            raise NoBoardYet(round_id)
        box = self._stores.engines.box(round_id)
        tree = read_tree(box, manifest, load_box_key(self._stores.box(round_id)))
        codes = tuple(write_code(tracker) for tracker in read_trackers(box, manifest))
        bundle, note = None, tree.checkpoint
        if state is State.PUBLISHED:
            bundle = self._published(round_id)
            note = _cosigned(bundle.path) or note
        public = manifest.definition.visibility == Visibility.PUBLIC
        signed = decode_checkpoint(note)
        return SealedBoard(
            definition=manifest.definition,
            state=state,
            manifest=manifest.encode(),
            manifest_hash=manifest.hash,
            root=signed.checkpoint.root,
            checkpoint=note,
            cosigners=_cosigners(manifest, {line.name for line in signed.signatures}),
            leaves=tree.hashes,
            codes=codes,
            bundle=bundle if public and bundle is not None and bundle.size else None,
        )

    def _published(self, round_id: RoundId) -> OfferedBundle:
        """The bundle of the ledger; of size 0 where the file is not there."""
        entry = results.find(self._stores.app, round_id)
        path = self._bundles / entry.bundle
        return OfferedBundle(path, path.stat().st_size if path.is_file() else 0, entry.bundle_sha256)


def _cosigned(bundle: Path) -> bytes | None:
    """The checkpoint with the committee's signatures out of a bundle that was verified before it was
    published.
    """
    if not bundle.is_file():
        return None
    with zipfile.ZipFile(bundle) as archive:
        return archive.read("checkpoint.txt")


def _cosigners(manifest: Manifest, names: set[str]) -> tuple[int, ...]:
    numbers = range(1, len(manifest.definition.trustees) + 1)
    return tuple(i for i in numbers if checkpoint_name(manifest, i) in names)
