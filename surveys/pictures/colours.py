"""Colours and patterns of levels: they differ in lightness, and in lines for eyes and printers that see no
colour at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from surveys.pictures.drawing import INK, PAPER, Box, Shape, hatch

NOT_MARKED = "#d9d9d9"
_HIGH, _SKY, _YELLOW, _ORANGE, _LOW = "#004b87", "#8ecae6", "#f7ef8a", "#c77400", "#661f00"
_PALETTES = {
    2: (_HIGH, _ORANGE),
    3: (_HIGH, _SKY, _LOW),
    4: (_HIGH, _SKY, _ORANGE, _LOW),
    5: (_HIGH, _SKY, _YELLOW, _ORANGE, _LOW),
}
_PATTERNS = {2: ("", "/"), 3: ("", "", "/"), 4: ("", "", "\\", "/"), 5: ("", "", "|", "\\", "/")}
# Four steps of trust, from the palest to the darkest, and what is written on them.
SCALE = ("#fbe3d0", "#dcebf5", "#8ebfe0", "#004b87")


def colours(levels: int) -> tuple[str, ...]:
    """A colour for each level, the first level's first; then the colour of rows not marked."""
    return (*_PALETTES[levels], NOT_MARKED)


def patterns(levels: int) -> tuple[str, ...]:
    """The lines across each level's colour, as `drawing.hatch` names them; then those of rows not marked."""
    return (*_PATTERNS[levels], "-")


def filled(box: Box, pattern: str) -> Iterator[Shape]:
    """A box with its pattern, in a colour that shows on it."""
    yield box
    yield from hatch(box, pattern, ink_on(box.fill) if box.fill == NOT_MARKED else "#ffffff")


def uncertain(box: Box) -> Iterator[Shape]:
    """A box for what is only known as a range: outlined and hatched on white."""
    yield Box(box.x, box.y, box.width, box.height, "#ffffff", box.fill)
    yield from hatch(box, "/", box.fill, gap=4)


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on this colour."""
    here = lightness(colour) + 0.05
    return INK if here / (lightness(INK) + 0.05) >= 1.05 / here else PAPER


def lightness(colour: str) -> float:
    """Relative luminance by WCAG."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
