"""What a box holds, in the memory of the one process that casts into it: answers in constant time
(docs/protocol.md 9.1, 9.2).

Nothing of this is stored: the files keep the layout of 9.4, and it is built anew from them at the first
ballot after a start. Whenever another process has written (`KeptConnection.has_changed`), which happens once
a minute while polls are open (`surveys/stages/binding.py`), the digests are read again and only what differs
is taken up. It holds keys, slots and marks, never a time or an order.
Danger: what it says must be of the very state that the write transaction sees.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, select

from surveys.box import gate, models
from surveys.box.errors import PanelFull
from surveys.box.gate import Gate
from surveys.box.models import FINGERPRINT_BYTES
from surveys.box.receiving import RandomBytes, below
from surveys.protocol.ballot import TRACKER_BYTES
from surveys.protocol.manifest import Manifest
from surveys.stores.marks import Marks

_SPREAD = 0x9E3779B97F4A7C15
_USED = b"\x01"
ROWS = 500


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of one ballot."""

    slot: int
    panel: int
    key: bytes
    digest: bytes
    marks: tuple[int, ...]

    @property
    def tracker(self) -> bytes:
        """What its voter was shown."""
        return self.digest[:TRACKER_BYTES]


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
    """Read from a connection's present state; kept in step by `put` after each commit of that connection, and
    by `catch_up` after those of others.
    """

    def __init__(self, connection: Connection, manifest: Manifest) -> None:
        panels = manifest.definition.panels
        self.gate: Gate = gate.read(connection)
        self._ballots: dict[int, Stored] = {}  # by slot, without their marks
        self._slots: dict[tuple[int, bytes], int] = {}
        self._trackers: dict[bytes, int] = {}
        self._sorted: list[bytes] = []
        self._marks = Marks(sum(2 * len(panel.contests) * panel.voters for panel in panels))
        self._free: list[list[int]] = [[] for _ in panels]
        head = models.head.c
        for slot, panel in connection.execute(select(head.slot, head.panel).where(head.used != _USED)):
            self._free[panel].append(slot)
        for free in self._free:
            free.sort()
        for stored in _read(connection, head.used == _USED):
            self._take_up(stored)
            self._sorted.append(stored.tracker)
        self._sorted.sort()

    def catch_up(self, connection: Connection) -> bool:
        """Take up what others have stored since; False where ballots are gone, and this must be built
        anew.
        """
        self.gate = gate.read(connection)
        head, known = models.head.c, self._ballots
        rows = connection.execute(select(head.slot, head.digest).where(head.used == _USED)).all()
        new = [slot for slot, digest in rows if slot not in known or known[slot].digest != digest]
        if len(rows) != len(known) + sum(slot not in known for slot in new):
            return False
        for at in range(0, len(new), ROWS):
            for stored in _read(connection, head.slot.in_(new[at : at + ROWS])):
                self._take_off_the_free(stored.panel, stored.slot)
                self.put(stored)
        return True

    @property
    def returned(self) -> int:
        """How many ballots are in the box. While polls are open, only coarse figures may be shown."""
        return len(self._ballots)

    def trackers(self, prefix: str) -> tuple[bytes, ...]:
        """The trackers whose hex begins so, sorted."""
        first = bytes.fromhex(prefix.ljust(2 * TRACKER_BYTES, "0"))
        last = bytes.fromhex(prefix.ljust(2 * TRACKER_BYTES, "f"))
        return tuple(self._sorted[bisect_left(self._sorted, first) : bisect_right(self._sorted, last)])

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

    def put(self, new: Stored) -> None:
        """A ballot has been stored: in a slot that was drawn, or in place of an earlier one of its key."""
        old = self._ballots.get(new.slot)
        if old is not None:
            del self._slots[old.panel, old.key]
            del self._trackers[old.tracker]
            del self._sorted[bisect_left(self._sorted, old.tracker)]
        self._take_up(new)
        insort(self._sorted, new.tracker)

    def _take_up(self, stored: Stored) -> None:
        self._ballots[stored.slot] = replace(stored, marks=())
        self._slots[stored.panel, stored.key] = stored.slot
        self._trackers[stored.tracker] = stored.slot
        for mark in stored.marks:
            self._marks.add(mark)

    def _take_off_the_free(self, panel: int, slot: int) -> None:
        free = self._free[panel]
        at = bisect_left(free, slot)
        if at < len(free) and free[at] == slot:
            del free[at]


def _read(connection: Connection, which: ColumnElement[bool]) -> Iterator[Stored]:
    head = models.head.c
    wanted = select(head.slot, head.panel, head.ballot_key, head.digest, head.fingerprints).where(which)
    for rows in connection.execute(wanted).partitions(ROWS):
        for slot, panel, key, digest, prints in rows:
            yield Stored(slot, panel, key, digest, marks_of(panel, prints))
