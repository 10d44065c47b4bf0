"""How far long work is: told to a bar in the terminal, to a job of the queue, or to nobody."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Where work tells how far it is."""

    def begin(self, stage: str, total: int) -> None:
        """A stage with so many steps begins; 0 where their number is not known."""

    def step(self, steps: int = 1) -> None:
        """So many steps of the stage are done."""


class Silent:
    """Tells nobody."""

    def begin(self, stage: str, total: int) -> None:
        """Nothing."""

    def step(self, steps: int = 1) -> None:
        """Nothing."""
