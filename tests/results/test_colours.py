"""Colours can be told apart by lightness, and levels without any colour."""

from __future__ import annotations

from itertools import pairwise

import pytest

from surveys.pictures.colours import SCALE, colours, ink_on, lightness, patterns
from surveys.pictures.drawing import Box, hatch


def _contrast(one: str, other: str) -> float:
    bright, dark = sorted((lightness(one), lightness(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("levels", [2, 3, 4, 5])
def test_neighbouring_levels_differ_in_lightness(levels: int) -> None:
    for one, other in pairwise(colours(levels)):
        assert _contrast(one, other) > 1.3


@pytest.mark.parametrize("levels", [2, 3, 4, 5])
def test_the_worst_level_and_rows_not_marked_have_patterns_of_their_own(levels: int) -> None:
    lines = patterns(levels)
    assert len(lines) == len(colours(levels)) == levels + 1
    assert lines[0] == ""
    assert len({lines[0], lines[-2], lines[-1]}) == 3


@pytest.mark.parametrize("colour", [*SCALE, *colours(5)])
def test_what_is_written_on_a_colour_can_be_read(colour: str) -> None:
    assert _contrast(colour, ink_on(colour)) >= 4.5


@pytest.mark.parametrize("kind", ["/", "\\", "|", "-"])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 40), (200, 20), (17, 17)])
def test_a_hatch_stays_inside_its_box(kind: str, width: int, height: int) -> None:
    for stroke in hatch(Box(10, 20, width, height, "#000000"), kind, "#ffffff"):
        numbers = [int(n) for n in stroke.path.replace("M", " ").replace("L", " ").split()]
        assert all(10 <= x <= 10 + width for x in numbers[::2])
        assert all(20 <= y <= 20 + height for y in numbers[1::2])


def test_no_pattern_is_no_line() -> None:
    assert list(hatch(Box(0, 0, 50, 50, "#000000"), "", "#ffffff")) == []
