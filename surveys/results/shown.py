"""What a page may show of a figure. A group that all but agrees would tell how each of its members voted: it
gets a band.

Exact figures stand in the minutes and the audit bundle. A group has a band when at most one of its ballots
differs from the rest, so "≥ 90 %" does not even say whether all agreed. Danger: the groups not shown are the
total less the groups shown; so the smallest other groups are hidden too, until what is left over does not all
but agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surveys.protocol.manifest import Unit
from surveys.results.book import Count
from surveys.results.ranges import Range

Marks = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A range in whole percent of a group's ballots: from `least` to 100 for the mark it all but agrees on,
    from 0 to `most` for each other.
    """

    least: int
    most: int

    def __str__(self) -> str:
        return f"≥ {self.least} %" if self.least else f"≤ {self.most} %"

    def of(self, returned: int) -> Range:
        """The counts that the band means in a group of so many ballots."""
        return Range(-(-self.least * returned // 100), self.most * returned // 100)


@dataclass(frozen=True, slots=True)
class Row:
    """Marks of a group: levels in order, then rows not marked. `counts` or `bands` or, where it is hidden,
    neither.

    `units` is empty for the whole contest.
    """

    units: tuple[Unit, ...]
    returned: int
    counts: Marks | None
    bands: tuple[Band, ...] | None


@dataclass(frozen=True, slots=True)
class ShownCount:
    """The row of the whole contest, and one for each group."""

    total: Row
    groups: tuple[Row, ...]


def shown(count: Count) -> ShownCount:
    """What may be shown of a contest."""
    groups = [(*group.counts, group.not_marked) for group in count.groups]
    hidden = hidden_groups(groups)
    total = _row((), (*count.counts, count.not_marked), hidden=False)
    rows = tuple(
        _row(group.units, marks, hidden=i in hidden)
        for i, (group, marks) in enumerate(zip(count.groups, groups, strict=True))
    )
    return ShownCount(total, rows)


def hidden_groups(groups: Sequence[Marks]) -> frozenset[int]:
    """The groups whose exact marks are not shown: those that all but agree, and as many others, the smallest
    first, as keep the sum of what is hidden from all but agreeing."""
    hidden = [i for i, marks in enumerate(groups) if all_but_agree(marks)]
    others = sorted(set(range(len(groups))) - set(hidden), key=lambda i: (sum(groups[i]), i))
    while (
        hidden
        and others
        and all_but_agree([sum(column) for column in zip(*(groups[i] for i in hidden), strict=True)])
    ):
        hidden.append(others.pop(0))
    return frozenset(hidden)


def all_but_agree(marks: Sequence[int]) -> bool:
    """Whether at most one ballot differs from the rest."""
    return sum(marks) > 0 and sum(marks) - max(marks) <= 1


def bands(marks: Sequence[int]) -> tuple[Band, ...]:
    """The bands of a group that all but agrees, wide enough to hold both cases: all agree, or all but one."""
    whole = sum(marks)
    top = 10 * (whole - 1) // whole
    return tuple(Band(10 * top, 100) if part == max(marks) else Band(0, 100 - 10 * top) for part in marks)


def _row(units: tuple[Unit, ...], marks: Marks, *, hidden: bool) -> Row:
    if all_but_agree(marks):
        return Row(units, sum(marks), None, bands(marks))
    return Row(units, sum(marks), None if hidden else marks, None)
