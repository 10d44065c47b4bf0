"""By which generation a store is recognised: the three stores of a round are of one, and an older copy is of
an older one (docs/decisions/0041).

A generation is a number that only grows and a random mark that is drawn with it: two histories that went
apart have the same number and another mark. Eight bytes, written in place, so that a file shows nothing of
how often. Danger: a generation changes at coarse moments only, never with a paper or a ballot: else the
values kept outside would tell when somebody voted.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Generation:
    """`number` is 0 before the first; a store of release 0.2.0 has no mark."""

    number: int
    mark: int = 0

    @classmethod
    def read(cls, stored: bytes) -> Self:
        """Out of its eight bytes."""
        return cls(int.from_bytes(stored[4:], "big"), int.from_bytes(stored[:4], "big"))

    def encode(self) -> bytes:
        """Eight bytes: mark, number."""
        return self.mark.to_bytes(4, "big") + self.number.to_bytes(4, "big")

    def next(self) -> Generation:
        """The one after this, with a mark of its own, which is never zero."""
        return Generation(self.number + 1, 1 + secrets.randbelow(2**32 - 1))


FIRST = Generation(0)
