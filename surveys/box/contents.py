"""What a box holds, in the memory of the one process that casts into it: answers in constant time
(docs/protocol.md 9.1, 9.2).

Nothing of this is stored: the files keep the layout of 9.4, and it is built anew from them at the first
ballot after a start, and whenever another process has written (`KeptConnection.has_changed`). It holds keys,
slots and marks, never a time or an order.
Danger: what it says must be of the very state that the write transaction sees.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from surveys.box import gate, models
from surveys.box.errors import PanelFull
from surveys.box.gate import Gate
from surveys.box.marks import Marks
from surveys.box.models import FINGERPRINT_BYTES
from surveys.box.receiving import RandomBytes, below
from surveys.protocol.ballot import TRACKER_BYTES
from surveys.protocol.manifest import Manifest

_SPREAD = 0x9E3779B97F4A7C15
_USED = b"\x01"
ROWS = 500


@dataclass(frozen=True, slots=True)
class Stored:
    """What is kept of one ballot."""

    slot: int
    panel: int
    key: bytes
    tracker: bytes
    marks: tuple[int, ...] = ()


def marks_of(panel: int, fingerprints: bytes) -> tuple[int, ...]:
    """One mark for each fingerprint; marks of two panels differ, for 8.6 speaks of one panel. Equal marks are
    a suspicion only.
    """
    salt = (panel + 1) * _SPREAD
    return tuple(
        ((int.from_bytes(fingerprints[at : at + FINGERPRINT_BYTES], "big") ^ salt) & (2**64 - 1)) or 1
        for at in range(0, len(fingerprints), FINGERPRINT_BYTES)
    )


class Contents:
    """Read from a connection's present state; kept in step by `put` after each commit of that connection."""

    def __init__(self, connection: Connection, manifest: Manifest) -> None:
        panels = manifest.definition.panels
        self.gate: Gate = gate.read(connection)
        self._slots: dict[tuple[int, bytes], int] = {}
        self._trackers: dict[bytes, int] = {}
        self._marks = Marks(sum(2 * len(panel.contests) * panel.voters for panel in panels))
        self._free: list[list[int]] = [[] for _ in panels]
        head = models.head.c
        found = connection.execute(
            select(
                head.slot, head.panel, head.used, head.ballot_key, head.digest, head.fingerprints
            ).order_by(head.slot)
        )
        for rows in found.partitions(ROWS):
            for slot, panel, used, key, digest, prints in rows:
                if used == _USED:
                    tracker = digest[:TRACKER_BYTES]
                    self._add(Stored(slot, panel, key, tracker, marks_of(panel, prints)))
                else:
                    self._free[panel].append(slot)

    @property
    def worn_out(self) -> bool:
        """Whether so many ballots have been replaced that this should be built anew."""
        return self._marks.full

    def slot_of(self, panel: int, key: bytes) -> int | None:
        """The slot of this ballot key in this panel."""
        return self._slots.get((panel, key))

    def slot_of_tracker(self, tracker: bytes) -> int | None:
        """The slot of the ballot with this tracker."""
        return self._trackers.get(tracker)

    def any_marked(self, marks: Iterable[int]) -> bool:
        """Whether one of the marks belongs to a ballot in the box: then whole points have to be compared."""
        return any(mark in self._marks for mark in marks)

    def draw(self, panel: int, randbytes: RandomBytes) -> int:
        """A free slot of the panel by chance, taken. Raises PanelFull."""
        free = self._free[panel]
        if not free:
            raise PanelFull("there are more ballots than voters: tokens were forged")
        return free.pop(below(len(free), randbytes))

    def give_back(self, panel: int, slot: int) -> None:
        """A slot that was drawn is free again: nothing was stored in it."""
        insort(self._free[panel], slot)

    def put(self, new: Stored, old: Stored | None) -> None:
        """A ballot has been stored in a slot that was drawn, or in that of `old`, which is gone."""
        if old is not None:
            del self._slots[old.panel, old.key]
            del self._trackers[old.tracker]
        self._add(new)

    def _add(self, stored: Stored) -> None:
        self._slots[stored.panel, stored.key] = stored.slot
        self._trackers[stored.tracker] = stored.slot
        for mark in stored.marks:
            self._marks.add(mark)
