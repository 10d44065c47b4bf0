"""A set of 64-bit marks in flat memory: 16 bytes a mark, where Python's own set takes some seventy
(docs/protocol.md 8.6).

Open addressing with linear probing. A mark is never taken out: two ballots can have one mark (somebody may
search for such points), and what is forgotten with the one would be missing for the other. Danger: whoever
casts chooses the marks. Where a mark lies depends on a secret of this process, so nobody can choose many that
lie together.
"""

from __future__ import annotations

import secrets
from array import array

_WORD = 2**64 - 1


class Marks:
    """Marks other than 0; room for twice so many."""

    def __init__(self, most: int) -> None:
        self._bits = max(4, (2 * most).bit_length())
        self._table = array("Q", bytes(8 << self._bits))
        self._last = (1 << self._bits) - 1
        self._secret = secrets.randbits(64) | 1
        self._count, self._most = 0, 3 << (self._bits - 2)

    @property
    def full(self) -> bool:
        """Whether three quarters of the table are taken: it is time for a new one."""
        return self._count > self._most

    def __contains__(self, mark: int) -> bool:
        return self._table[self._place(mark)] == mark

    def add(self, mark: int) -> None:
        """Put a mark in; one that is there stays. Raises OverflowError for a table that was left full."""
        at = self._place(mark)
        if not self._table[at]:
            if self._count >= self._last:
                raise OverflowError("no room for another mark")
            self._count += 1
            self._table[at] = mark

    def _home(self, mark: int) -> int:
        return ((mark * self._secret) & _WORD) >> (64 - self._bits)

    def _place(self, mark: int) -> int:
        """Where the mark is, or the free place where it would go."""
        table, last, at = self._table, self._last, self._home(mark)
        while (found := table[at]) and found != mark:
            at = (at + 1) & last
        return at
