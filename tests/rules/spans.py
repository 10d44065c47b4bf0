"""What figures give away, worked out by brute force: every small group, dense matrices, integers only.

Shares no code with `surveys.rules.disclosure`; good for a dozen panels, not for more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import TypeVar

Matrix = list[list[int]]
Panel = TypeVar("Panel", bound=str)


def rank(matrix: Matrix) -> int:
    """By the fraction-free elimination of Bareiss."""
    rows, done, last = [list(row) for row in matrix], 0, 1
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((r for r in range(done, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        for r in range(done + 1, len(rows)):
            for c in range(column + 1, len(rows[r])):
                rows[r][c] = (rows[done][column] * rows[r][c] - rows[r][column] * rows[done][c]) // last
            rows[r][column] = 0
        last = rows[done][column]
        done += 1
    return done


def small_groups(weights: Mapping[Panel, int], k: int) -> Iterator[frozenset[Panel]]:
    """Every set of panels with ballots that has fewer than k together."""
    counted = [panel for panel, n in weights.items() if n]
    for size in range(1, min(k, len(counted) + 1)):
        for group in combinations(counted, size):
            if sum(weights[panel] for panel in group) < k:
                yield frozenset(group)


def isolated(
    figures: Sequence[Collection[str]], weights: Mapping[Panel, int], k: int
) -> set[frozenset[Panel]]:
    """The small groups on which some combination of the figures that is zero on all other ballots is not
    zero.
    """
    found = set()
    for group in small_groups(weights, k):
        outside = [panel for panel, n in weights.items() if n and panel not in group]
        inside = sorted(group)
        without = [[int(panel in figure) for panel in outside] for figure in figures]
        with_group = [
            [*row, *(int(panel in figure) for panel in inside)]
            for row, figure in zip(without, figures, strict=True)
        ]
        # A combination of rows that vanishes outside but not inside: the group's columns add to the column
        # space.
        if rank(with_group) > rank(without):
            found.add(group)
    return found


def combined(
    figures: Sequence[Collection[str]], weights: Mapping[Panel, int], k: int, most: int = 2
) -> set[frozenset[Panel]]:
    """The small groups left when figures are added and taken away from each other up to `most` times: no
    algebra at all.
    """
    found = set()
    for times in product(range(-most, most + 1), repeat=len(figures)):
        left = frozenset(
            panel
            for panel, n in weights.items()
            if n and sum(t for t, figure in zip(times, figures, strict=True) if panel in figure)
        )
        if left and sum(weights[panel] for panel in left) < k:
            found.add(left)
    return found
