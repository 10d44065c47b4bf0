"""Which counts meet the conditions of a rule (docs/protocol.md 13.3), as ranges of integers.

A condition bounds one level's count in one year, so an outcome's conditions are a box: for each year and
level a range of counts. Of all boxes only those counts are possible whose sum is at most N of that year.
Danger: what is worked out here is what an organizer decides by; tests hold it against
`surveys.rules.outcomes` for every count of small N.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import lcm

from surveys.rules.errors import Tangled
from surveys.rules.preset import Condition, OutcomeRule, Preset

MOST_PIECES = 200
Axis = tuple[str, str]
"""A year (this or last) and a level."""
KNOWN = ("known", "")
"""Whether last year's figures are known, 0 or 1: where they are not, no condition on them holds."""
Range = tuple[int, int]
"""From the smallest count to the largest, both meant."""


@dataclass(frozen=True, slots=True)
class Box:
    """Ranges by year and level; an axis that is not named is free."""

    ranges: Mapping[Axis, Range]


@dataclass(frozen=True, slots=True)
class Region:
    """Where an outcome or flag is given: disjoint boxes out of `of`. `before` are the outcomes that come
    first somewhere.

    Without `told` the outcomes cut each other into too many pieces: then the box is that of its own
    conditions.
    """

    left: tuple[Box, ...]
    before: tuple[OutcomeRule, ...]
    of: Mapping[str, int]
    told: bool

    def counts(self, axis: Axis) -> tuple[Range, ...]:
        """The counts of one level in one year that occur, whatever the others are: ranges in ascending order
        that do not touch.
        """
        return joined(_seen(axis, each, self.of) for each in self.left)


def given(preset: Preset, of: Mapping[str, int]) -> tuple[Region, ...]:
    """Where each outcome, then each watch flag, is given, with N of each year: its own box without those that
    come first.
    """
    found: list[tuple[OutcomeRule, Box | None]] = []
    regions = []
    for rule in preset.outcomes:
        own = box(rule.conditions, of)
        first = [
            (other, taken)
            for other, taken in found
            if own is not None and taken is not None and meet(own, taken, of)
        ]
        left, told = _without_all([] if own is None else [own], [taken for _, taken in first], of)
        regions.append(Region(left, tuple(other for other, _ in first), of, told))
        found.append((rule, own))
    flags = [box(rule.conditions, of) for rule in preset.watch]
    return (*regions, *(Region(() if own is None else (own,), (), of, True) for own in flags))


def met(condition: Condition, n: int) -> Range:
    """The counts out of 0…n that meet a condition; none where the first is larger than the second."""
    count, rest = divmod(condition.of * n, condition.times)
    if condition.op == ">":
        return count + 1, n
    if condition.op == ">=":
        return count + (rest > 0), n
    return 0, min(n, count - (rest == 0) if condition.op == "<" else count)


def box(conditions: Iterable[Condition], of: Mapping[str, int]) -> Box | None:
    """The box of conditions that must all hold, with N of each year; None where no counts meet them."""
    ranges: dict[Axis, Range] = {}
    for condition in conditions:
        if condition.year == "last":
            ranges[KNOWN] = (1, 1)
        axis = (condition.year, condition.level)
        n = of[condition.year]
        low, high = ranges.get(axis, (0, n))
        first, last = met(condition, n)
        ranges[axis] = (max(low, first), min(high, last))
    found = Box(ranges)
    return found if possible(found, of) else None


def whole(this: int, last: int) -> dict[str, int]:
    """N of each year, and of whether last year is known."""
    return {"this": this, "last": last, KNOWN[0]: 1}


def possible(each: Box, of: Mapping[str, int]) -> bool:
    """Whether some counts lie in the box: no range is empty, and the smallest counts of a year are no more
    than its N.
    """
    if any(first > last for first, last in each.ranges.values()):
        return False
    return all(_least(each, year) <= n for year, n in of.items())


def without(boxes: Sequence[Box], taken: Box, of: Mapping[str, int]) -> list[Box]:
    """What is left of disjoint boxes without another one, as disjoint boxes. Raises Tangled."""
    left: list[Box] = []
    for each in boxes:
        if not possible(_both(each, taken, of), of):
            left.append(each)
            continue
        ranges = dict(each.ranges)
        for axis, (first, last) in taken.ranges.items():
            low, high = ranges.get(axis, (0, of[axis[0]]))
            for cut in ((low, first - 1), (last + 1, high)):
                piece = Box({**ranges, axis: cut})
                if possible(piece, of):
                    left.append(piece)
            ranges[axis] = (max(low, first), min(high, last))
        if len(left) > MOST_PIECES:
            raise Tangled(MOST_PIECES)
    return left


def meet(one: Box, other: Box, of: Mapping[str, int]) -> bool:
    """Whether some counts lie in both."""
    return possible(_both(one, other, of), of)


def joined(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The same counts in ranges that do not touch, in ascending order."""
    apart: list[Range] = []
    for first, last in sorted(ranges):
        if apart and first <= apart[-1][1] + 1:
            apart[-1] = (apart[-1][0], max(apart[-1][1], last))
        else:
            apart.append((first, last))
    return tuple(apart)


def fine(outcomes: Iterable[OutcomeRule], year: str, levels: int) -> int:
    """A number of ballots so large that whatever any number of them could do, this one can do too.

    Every threshold of that year is a whole count of it, and so is one more than each threshold on every level
    at once.
    """
    of_year = [each for rule in outcomes for each in rule.conditions if each.year == year]
    return lcm(1, *(each.times for each in of_year)) * (levels + 1)


def _without_all(own: list[Box], first: Iterable[Box], of: Mapping[str, int]) -> tuple[tuple[Box, ...], bool]:
    left = own
    try:
        for taken in first:
            left = without(left, taken, of)
    except Tangled:
        return tuple(own), False
    return tuple(left), True


def _seen(axis: Axis, each: Box, of: Mapping[str, int]) -> Range:
    first, last = each.ranges.get(axis, (0, of[axis[0]]))
    # All other levels at their least leave the most room for this one.
    return first, min(last, of[axis[0]] - _least(each, axis[0]) + first)


def _both(one: Box, other: Box, of: Mapping[str, int]) -> Box:
    ranges = dict(one.ranges)
    for axis, (first, last) in other.ranges.items():
        low, high = ranges.get(axis, (0, of[axis[0]]))
        ranges[axis] = (max(low, first), min(high, last))
    return Box(ranges)


def _least(each: Box, year: str) -> int:
    return sum(first for (when, _), (first, _) in each.ranges.items() if when == year)
