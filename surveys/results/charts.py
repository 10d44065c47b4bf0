"""A stacked bar as plain numbers; the template draws it. Colours differ in lightness too, for eyes that do not tell hues.

Each bar stands beside a table with the same figures: it carries nothing that the table does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

WIDTH = 1000
NOT_MARKED = "#d9d9d9"
UNKNOWN = "#f2f2f2"
_HIGH, _SKY, _YELLOW, _ORANGE, _LOW = "#004b87", "#8ecae6", "#f7ef8a", "#c77400", "#661f00"
_PALETTES = {
    2: (_HIGH, _ORANGE),
    3: (_HIGH, _SKY, _LOW),
    4: (_HIGH, _SKY, _ORANGE, _LOW),
    5: (_HIGH, _SKY, _YELLOW, _ORANGE, _LOW),
}


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar that is `WIDTH` wide."""

    x: int
    width: int
    colour: str


def colours(levels: int) -> tuple[str, ...]:
    """A colour for each level, the first level's first; then the colour of rows not marked."""
    return (*_PALETTES[levels], NOT_MARKED)


def stacked_bar(parts: Sequence[int], palette: Sequence[str]) -> tuple[Segment, ...]:
    """Segments for these counts; empty ones are left out. Borders are rounded once, so that they meet."""
    total = sum(parts)
    if total == 0:
        return ()
    borders = [0, *(position * WIDTH // total for position in accumulate(parts))]
    return tuple(
        Segment(x, end - x, colour)
        for (x, end), colour in zip(pairwise(borders), palette, strict=True)
        if end > x
    )
