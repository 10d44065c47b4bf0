"""Unified against separate posts: does who holds both offices stand differently with the members? Stated with
its uncertainty.

A leader is one observation. Compared are heads: of the party unit and of the agency. The difference of the
mean shares has a 95 % interval by Welch, without assuming equal spread. A share that is only known as a range
widens it: the interval covers every value that the ranges allow. Danger: under ten leaders on a side nothing
is said; and a difference between posts is not an effect of the post: units differ in more than that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from surveys.names import NO_ROUND, RoundId, UnitCode
from surveys.organisation.values import Organisation, PostKind
from surveys.protocol.manifest import Unit
from surveys.results.leaders import RoundFacts, facts
from surveys.results.quantiles import t_quantile
from surveys.results.ranges import Portion
from surveys.results.shelf import Shelf
from surveys.results.sums import Seen
from surveys.results.units import open_unit, unified_leaders
from surveys.results.visibility import Reader, visible

FEWEST = 10
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean share of a side, from `low` to `high` as far as ranges go into it."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Unified less separate at one level: means, their difference, and the interval around it; both None
    under ten leaders.
    """

    level: int
    unified: Mean | None
    separate: Mean | None
    difference: Mean | None
    interval: Mean | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line: all units (`kind` empty) or those of one kind, with the number of leaders on each side and
    how many are ranges.
    """

    kind: str
    unified: int
    separate: int
    ranges: int
    high: Difference
    low: Difference

    @property
    def enough(self) -> bool:
        """Whether there are enough leaders on both sides to say anything."""
        return min(self.unified, self.separate) >= FEWEST


@dataclass(frozen=True, slots=True)
class ComparePage:
    """The comparison; `unclear` party leaders whose file does not say who heads, `left_out` hidden or without
    effect.
    """

    round: RoundFacts
    unit: Unit
    lines: tuple[Comparison, ...]
    unclear: int
    left_out: int
    unseen: int


def figures_for_comparison(
    shelf: Shelf, reader: Reader, code: UnitCode, round_id: RoundId = NO_ROUND
) -> ComparePage:
    """Unified against separate posts in a unit's subtree. Raises as `units.figures_for_unit`. Reads only."""
    volume, unit = open_unit(shelf, reader, code, round_id)
    inside = volume.sums.inside(unit.code)
    seen = visible(reader, volume.sums, inside)
    sides = heads(shelf.standing())
    usable = [each for each in seen if each.effective and each.n]
    compared = [each for each in usable if sides.get((each.unit.code, each.person)) is not None]
    kinds = sorted({each.unit.kind for each in compared})
    groups = [("", compared), *((kind, [e for e in compared if e.unit.kind == kind]) for kind in kinds)]
    lines = [_compare(kind, group, sides) for kind, group in groups if kind == "" or len(kinds) > 1]
    return ComparePage(
        round=facts(volume),
        unit=unit,
        lines=tuple(lines),
        unclear=sum(sides.get((each.unit.code, each.person), False) is None for each in usable),
        left_out=len(seen) - len(usable),
        unseen=len(inside) - len(seen),
    )


def heads(standing: Organisation) -> dict[tuple[str, str], bool | None]:
    """(unit, person) of heads → True for a unified post, False for a separate one, None where it is not clear
    who heads.

    Who heads the agency is said by the post. Who heads the party unit: the holder of a party post that says
    so; where none does, the only holder there is. A unit without a head of the agency is not compared.
    """
    unified = unified_leaders(standing)
    agency = {
        (post.unit, post.person)
        for post in standing.posts
        if post.kind == PostKind.PROFESSIONAL and post.head
    }
    led = {unit for unit, _ in agency}
    both = {unit for unit, _ in unified}
    party: dict[str, dict[str, bool]] = {}
    for post in standing.posts:
        if post.kind == PostKind.PARTY and post.unit in led:
            holders = party.setdefault(post.unit, {})
            holders[post.person] = holders.get(post.person, False) or post.head
    found: dict[tuple[str, str], bool | None] = dict.fromkeys(unified, True)
    found |= {each: False for each in agency - unified if each[0] not in both}
    for unit, holders in party.items():
        if unit not in both:
            named = [person for person, head in holders.items() if head] or list(holders)
            clear = len(named) == 1
            found |= {
                (unit, person): False if clear else None for person in named if (unit, person) not in agency
            }
    return found


def _compare(kind: str, group: Sequence[Seen], sides: dict[tuple[str, str], bool | None]) -> Comparison:
    unified = [each for each in group if sides[each.unit.code, each.person]]
    separate = [each for each in group if not sides[each.unit.code, each.person]]
    return Comparison(
        kind=kind,
        unified=len(unified),
        separate=len(separate),
        ranges=sum(not each.exact for each in group),
        high=welch(0, _portions(unified, 0), _portions(separate, 0)),
        low=welch(-1, _portions(unified, -1), _portions(separate, -1)),
    )


def _portions(group: Iterable[Seen], level: int) -> list[Portion]:
    return [portion for each in group if (portion := each.portion(level)) is not None]


def welch(level: int, one: Sequence[Portion], other: Sequence[Portion]) -> Difference:
    """The difference of the means of two samples with its interval; nothing under ten on a side.

    With ranges, the spread is the largest and the degrees of freedom are the fewest that any values in them
    could have.
    """
    if min(len(one), len(other)) < FEWEST:
        return Difference(level, None, None, None, None)
    first, second = _mean(one), _mean(other)
    difference = Mean(first.low - second.high, first.high - second.low)
    a, b = _largest_variance(one) / len(one), _largest_variance(other) / len(other)
    if a + b == 0:
        return Difference(level, first, second, difference, difference)
    freedom = (a + b) ** 2 / (a**2 / (len(one) - 1) + b**2 / (len(other) - 1))
    if not all(portion.exact for portion in (*one, *other)):
        freedom = min(len(one), len(other)) - 1
    half = t_quantile((1 + CONFIDENCE) / 2, freedom) * sqrt(a + b)
    return Difference(level, first, second, difference, Mean(difference.low - half, difference.high + half))


def _mean(sample: Sequence[Portion]) -> Mean:
    low = float(sum(portion.low for portion in sample) / len(sample))
    return Mean(low, float(sum(portion.high for portion in sample) / len(sample)))


def _largest_variance(sample: Sequence[Portion]) -> float:
    """No values within the ranges have a larger variance: the sum of squares around any fixed place is at
    least the variance's.
    """
    centre = sum(portion.low + portion.high for portion in sample) / (2 * len(sample))
    squares = sum(max((portion.low - centre) ** 2, (portion.high - centre) ** 2) for portion in sample)
    return float(squares / (len(sample) - 1))
