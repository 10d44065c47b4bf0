"""What another process of a test does: imported by its name there."""

from __future__ import annotations

from collections.abc import Sequence

from surveys.rehearsal.voters import Act, serve
from surveys.roll.errors import SecondBlindedMessage


def vote_all(acts: Sequence[Act]) -> int:
    """How many of them had no paper yet; each of those has cast, and has a receipt."""
    cast = 0
    for act in acts:
        try:
            cast += serve([act])
        except SecondBlindedMessage:
            continue
    return cast
