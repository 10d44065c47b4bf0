"""A rule as pages tell it: its words, its numbers for N, what is doubtful, and a picture as plain numbers.

The picture is a bar from 0 to N for each outcome and each level that it names, marked where it is given. It
stands beside a table with the same numbers, and carries nothing that the table does not.
"""

from __future__ import annotations

from dataclasses import dataclass

from surveys.rules.doubts import Doubt, doubts
from surveys.rules.explanation import Explained, Explanation, explain, level_words
from surveys.rules.preset import OutcomeRule, Preset, Words

WIDTH = 1000
# They differ in lightness too, for eyes that do not tell hues; after the last one they begin anew.
COLOURS = ("#8a1620", "#c77400", "#0b4f8a", "#3c7a46", "#6b4c9a", "#545454")


@dataclass(frozen=True, slots=True)
class Line:
    """An outcome or flag with what is said of it; `before` are the words of the outcomes that come first
    where both apply, `levels` those of its spans.
    """

    rule: OutcomeRule
    said: Explained
    before: tuple[Words, ...]
    levels: tuple[Words, ...]
    flag: bool
    colour: str
    bars: tuple[tuple[tuple[int, int], ...], ...]
    """For each level that it names: (x, width) of what is marked on a bar that is `WIDTH` wide."""


@dataclass(frozen=True, slots=True)
class RuleSummary:
    """A rule told for N."""

    preset: Preset
    n: int
    lines: tuple[Line, ...]
    doubts: tuple[Doubt, ...]


def summarise(preset: Preset, n: int) -> RuleSummary:
    """Everything about a rule that a page says. Raises ValueError unless n is a number of ballots
    (`explain`).
    """
    explanation = explain(preset, n)
    rules = (*preset.outcomes, *preset.watch)
    lines = tuple(
        _line(preset, explanation, rule, said, i)
        for i, (rule, said) in enumerate(zip(rules, explanation.all, strict=True))
    )
    return RuleSummary(preset, n, lines, doubts(preset))


def _line(preset: Preset, explanation: Explanation, rule: OutcomeRule, said: Explained, i: int) -> Line:
    words = {each.id: each.words for each in preset.outcomes}
    return Line(
        rule,
        said,
        tuple(words[id] for id in said.before),
        tuple(level_words(preset, span.level) for span in said.spans),
        i >= len(preset.outcomes),
        COLOURS[i % len(COLOURS)],
        tuple(tuple(mark(span, explanation.n) for span in each.ranges) for each in said.spans),
    )


def mark(counts: tuple[int, int], n: int) -> tuple[int, int]:
    """Where counts lie on the bar: each of the n + 1 counts is as wide as any other; a single one can still
    be seen.
    """
    first, last = counts
    x = first * WIDTH // (n + 1)
    return min(x, WIDTH - 4), max((last + 1) * WIDTH // (n + 1) - x, 4)
