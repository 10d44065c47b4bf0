"""How far a long piece of work is: told while a file is read, compared and written, shown by whoever asked for it."""

from __future__ import annotations

from typing import Literal, Protocol

Stage = Literal["read", "compare", "write"]


class Progress(Protocol):
    """Where the work tells how far it is. Totals are for a bar: a file that lies about its size makes it a wrong one."""

    def begin(self, stage: Stage, total: int) -> None:
        """A stage with so many steps begins: bytes to read, people to compare, records to write."""

    def step(self, steps: int = 1) -> None:
        """So many steps of the stage are done."""


class Silent:
    """Tells nobody."""

    def begin(self, stage: Stage, total: int) -> None:
        """Nothing."""

    def step(self, steps: int = 1) -> None:
        """Nothing."""
