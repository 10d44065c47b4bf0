"""The four steps of trust that heat map and cross table share, with their words, colours and legend."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from surveys.pictures.colours import SCALE, ink_on
from surveys.pictures.drawing import LINE, QUIET, Box, Letters, Shape, hatch
from surveys.pictures.lettering import width_of
from surveys.results.grades import STEPS, band_of
from surveys.results.ranges import Portion
from surveys.results.texts import DASH
from surveys.web.languages import Voice


def step_words(voice: Voice) -> tuple[str, ...]:
    """The steps from the lowest to the highest."""
    first = voice.say("under %(part)s", part=STEPS[1])
    between = [
        voice.say("%(from)s to under %(to)s", **{"from": low, "to": high})
        for low, high in pairwise(STEPS[1:])
    ]
    return (first, *between, voice.say("%(part)s or more", part=STEPS[-1]))


def step_of(portion: Portion) -> int:
    """The step that a share stands in; of a range, the one that is certain: where its low end stands."""
    return max(i for i, step in enumerate(STEPS) if step <= portion.low)


def cell(x: int, y: int, width: int, height: int, portion: Portion | None, text: str) -> Iterator[Shape]:
    """A cell with its figure; hatched along its lower edge where a range covers two steps, hatched all over
    where it is hidden, plain where there is nothing.
    """
    if portion is None:
        box = Box(x, y, width, height, "#ffffff", LINE)
        yield box
        yield from hatch(box, "" if text == DASH else "/", LINE, gap=8)
        size = width_of(text, 12)
        yield Box(x + width // 2 - size // 2 - 3, y + height // 2 - 8, size + 6, 16, "#ffffff")
        yield Letters(x + width // 2, y + height // 2 + 4, text, 12, "middle", False, QUIET)
        return
    colour = SCALE[step_of(portion)]
    yield Box(x, y, width, height, colour, LINE)
    if band_of(portion) is None:
        yield from hatch(Box(x, y + height - 6, width, 6, colour), "/", ink_on(colour), gap=4)
    yield Letters(x + width // 2, y + height // 2 + 4, text, 12, "middle", False, ink_on(colour))


def legend(voice: Voice, width: int, y: int) -> tuple[int, list[Shape]]:
    """The steps with their colours; the height below it, and the shapes."""
    x, shapes = 10, list[Shape]()
    for colour, words in zip(SCALE, step_words(voice), strict=True):
        size = width_of(words, 12)
        if x + size + 26 > width:
            x, y = 10, y + 20
        shapes += [Box(x, y, 16, 12, colour, LINE), Letters(x + 22, y + 11, words, 12)]
        x += size + 38
    return y + 26, shapes
