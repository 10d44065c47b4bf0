"""Bars fill their width exactly, and colours can be told apart by lightness."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.results.charts import WIDTH, colours, stacked_bar


@given(st.lists(st.integers(0, 5000), min_size=4, max_size=4))
def test_segments_meet_and_fill_the_bar(parts: list[int]) -> None:
    segments = stacked_bar(parts, colours(3))
    if sum(parts) == 0:
        assert segments == ()
        return
    assert segments[0].x == 0
    assert segments[-1].x + segments[-1].width == WIDTH
    assert all(left.x + left.width == right.x for left, right in pairwise(segments))


def test_an_empty_part_has_no_segment() -> None:
    assert [segment.width for segment in stacked_bar((1, 0, 1, 0), colours(3))] == [500, 500]


def _lightness(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("levels", [2, 3, 4, 5])
def test_neighbouring_levels_differ_in_lightness(levels: int) -> None:
    for one, other in pairwise(colours(levels)):
        bright, dark = sorted((_lightness(one), _lightness(other)), reverse=True)
        assert (bright + 0.05) / (dark + 0.05) > 1.3
