"""The thresholds of a rule as positions on a scale from 0 to 1, derived from its conditions and from nothing
else.

A condition times·count op of·N says: count/N op of/times. Danger: a threshold drawn from memory ("more than
half") could contradict the rule that was voted under; a rule that an organizer has edited is drawn as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from surveys.rules.preset import Condition, OutcomeRule, Preset


@dataclass(frozen=True, slots=True)
class Bound:
    """One condition: the share of `level` (an index) compared with `at` by `op`, this year's or last
    year's.
    """

    level: int
    op: str
    at: Fraction
    last_year: bool


@dataclass(frozen=True, slots=True)
class Consequence:
    """An outcome or watch flag with the bounds that must all hold."""

    rule: OutcomeRule
    bounds: tuple[Bound, ...]
    watch: bool


@dataclass(frozen=True, slots=True)
class Threshold:
    """A place where something begins: at `at` of the level, by the operator (`>` or `>=`) of the rule that
    begins there.
    """

    level: int
    at: Fraction
    op: str


def consequences(preset: Preset) -> tuple[Consequence, ...]:
    """Every outcome and then every watch flag, in the order in which they are tried."""
    watch = [Consequence(rule, _bounds(preset, rule), True) for rule in preset.watch]
    return (*(Consequence(rule, _bounds(preset, rule), False) for rule in preset.outcomes), *watch)


def thresholds(preset: Preset) -> tuple[Threshold, ...]:
    """Where this year's share has to come for something to follow, each once, by level and place.

    Upper bounds (`<`) only say where another outcome takes over; a scale shows where that one begins.
    """
    found = {
        (bound.level, bound.at, bound.op)
        for consequence in consequences(preset)
        for bound in consequence.bounds
        if bound.op in (">", ">=") and not bound.last_year
    }
    return tuple(Threshold(level, at, op) for level, at, op in sorted(found))


def _bounds(preset: Preset, rule: OutcomeRule) -> tuple[Bound, ...]:
    return tuple(_bound(preset, condition) for condition in rule.conditions)


def _bound(preset: Preset, condition: Condition) -> Bound:
    level = preset.level_ids.index(condition.level)
    return Bound(level, condition.op, Fraction(condition.of, condition.times), condition.year == "last")
