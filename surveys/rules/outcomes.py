"""What follows from a result (docs/protocol.md 13.3): on integers, by the rule's own operators. Exactly half
is not more than half.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from surveys.rules.denominators import denominator
from surveys.rules.preset import Condition, OutcomeRule, Preset, Words
from surveys.rules.quorum import quorum_met

NONE = "none"
NO_QUORUM = "no_quorum"
NONE_WORDS = {"vi": "Không có hệ quả theo quy định", "en": "No consequence under the rule"}
NO_QUORUM_WORDS = {
    "vi": "Không đủ số người tối thiểu: kết quả không có hiệu lực",
    "en": "Quorum not met: the result has no effect",
}
FROZEN = "frozen"
FROZEN_WORDS = {
    "vi": "Đã đưa ra khỏi danh sách sau khi mở bỏ phiếu: kết quả không có hiệu lực",
    "en": "Excluded after the polls opened: the result has no effect",
}
_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Previous:
    """Last year's counts of the same person in the same unit."""

    levels: Mapping[str, int]
    returned: int
    summoned: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The id (`none` where nothing follows), words, legal source, and the ids of the watch flags raised."""

    id: str
    words: Words
    source: Words
    watch: tuple[str, ...]


def outcome(
    preset: Preset,
    counts: Mapping[str, int],
    *,
    returned: int,
    summoned: int,
    present: int,
    previous: Previous | None = None,
    frozen: bool = False,
) -> Outcome:
    """What follows by this rule; `frozen` for a leader excluded after the polls opened. Conditions on last
    year do not hold where last year is not known, none where N is 0.

    Raises ValueError unless `counts` has exactly the rule's levels, none of them negative, together at most
    `returned`, and returned ≤ present ≤ summoned (13.1). Last year's figures are taken as the manifest states
    them, but must have the rule's levels (4.2).
    """
    _consistent(preset, counts, returned=returned, present=present, summoned=summoned)
    if previous is not None and set(previous.levels) != set(preset.level_ids):
        raise ValueError("last year's figures do not have the levels of the rule")
    if frozen:
        return Outcome(FROZEN, FROZEN_WORDS, preset.source, ())
    if quorum_met(preset, present=present, summoned=summoned) is False:
        return Outcome(NO_QUORUM, NO_QUORUM_WORDS, preset.source, ())
    this = (counts, denominator(preset, returned=returned, summoned=summoned).n)
    last = _last(preset, previous)
    watch = tuple(rule.id for rule in preset.watch if _holds(rule, this, last))
    for rule in preset.outcomes:
        if _holds(rule, this, last):
            return Outcome(rule.id, rule.words, rule.source, watch)
    return Outcome(NONE, NONE_WORDS, preset.source, watch)


def last_year_matters(preset: Preset, previous: Previous) -> bool:
    """Whether some condition on last year holds for these figures. Where none does, everything follows as
    without them.

    So a definition need not tell them (decision 0020).
    """
    last = _last(preset, previous)
    return any(
        condition.year == "last" and _true(condition, ({}, 0), last)
        for rule in (*preset.outcomes, *preset.watch)
        for condition in rule.conditions
    )


def _consistent(
    preset: Preset, counts: Mapping[str, int], *, returned: int, present: int, summoned: int
) -> None:
    if set(counts) != set(preset.level_ids):
        raise ValueError("the counts do not have the levels of the rule")
    if min(counts.values()) < 0:
        raise ValueError("a count is negative")
    if not sum(counts.values()) <= returned <= present <= summoned:
        raise ValueError(
            f"not counts {sum(counts.values())} <= returned {returned} <= present {present} <= summoned "
            f"{summoned}"
        )


_Figures = tuple[Mapping[str, int], int]


def _last(preset: Preset, previous: Previous | None) -> _Figures | None:
    if previous is None:
        return None
    if preset.denominator == "returned":
        return previous.levels, previous.returned
    return None if previous.summoned is None else (previous.levels, previous.summoned)


def _holds(rule: OutcomeRule, this: _Figures, last: _Figures | None) -> bool:
    return all(_true(condition, this, last) for condition in rule.conditions)


def _true(condition: Condition, this: _Figures, last: _Figures | None) -> bool:
    figures = this if condition.year == "this" else last
    if figures is None:
        return False
    counts, n = figures
    # Of nobody nothing follows: 3·0 >= 2·0 would otherwise remove a person on whom no ballot was cast.
    if n == 0:
        return False
    return _COMPARE[condition.op](condition.times * counts[condition.level], condition.of * n)
