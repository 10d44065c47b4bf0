"""Bytes that come in pieces of any length, taken in the widths that a format names: a file of any size is
read in the memory of one of its records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

Pieces = Callable[[], Iterable[bytes]]
"""Gives the same bytes, from the beginning, each time it is called; how they are cut means nothing."""


class CutShort(Exception):
    """Fewer bytes are left than were asked for."""


class Taken:
    """One walk over pieces."""

    __slots__ = ("_at", "_held", "_pieces")

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._held, self._at = iter(pieces), b"", 0

    def take(self, length: int) -> bytes:
        """The next bytes, exactly so many. Raises CutShort, and takes nothing then."""
        if len(self._held) - self._at < length:
            self._fill(length)
        found = self._held[self._at : self._at + length]
        if len(found) < length:
            raise CutShort
        self._at += length
        return found

    @property
    def ended(self) -> bool:
        """Nothing is left."""
        if self._at == len(self._held):
            self._fill(1)
        return self._at == len(self._held)

    def _fill(self, length: int) -> None:
        held = [self._held[self._at :]]
        there = len(held[0])
        while there < length and (piece := next(self._pieces, None)) is not None:
            held.append(piece)
            there += len(piece)
        self._held, self._at = b"".join(held), 0
