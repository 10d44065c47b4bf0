"""What an editor of a rule should look at: outcomes that can never be given, and gaps between two of them.

Such a rule is well-formed and may be meant; so these are warnings, never refusals. They hold for every number
of ballots at once. Their twin in the browser is client/src/pages/desk/rule/doubts.ts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from surveys.rules.explanation import amount, said
from surveys.rules.preset import OutcomeRule, Preset, Words
from surveys.rules.regions import Range, box, fine, given, whole


@dataclass(frozen=True, slots=True)
class Doubt:
    """`kind` is contradiction, covered, gap or tangled; `about` are the ids of the outcomes."""

    kind: str
    about: tuple[str, ...]
    words: Words


def doubts(preset: Preset) -> tuple[Doubt, ...]:
    """Everything doubtful about a rule."""
    rules, levels = (*preset.outcomes, *preset.watch), len(preset.levels)
    of = whole(*(fine(rules, year, levels) for year in ("this", "last")))
    found = [_contradiction(rule) for rule in rules if box(rule.conditions, of) is None]
    for rule, region in zip(rules, given(preset, of), strict=True):
        if not region.told:
            found.append(_tangled(rule))
        elif region.before and not region.left:
            found.append(_covered(rule, region.before))
    return (*found, *_gaps(preset, of))


def _contradiction(rule: OutcomeRule) -> Doubt:
    words = {
        "vi": f"“{rule.words['vi']}” không bao giờ xảy ra: không có số phiếu nào đáp ứng mọi điều kiện.",
        "en": f"“{rule.words['en']}” can never apply: no counts meet all its conditions.",
    }
    return Doubt("contradiction", (rule.id,), words)


def _tangled(rule: OutcomeRule) -> Doubt:
    words = {
        "vi": f"“{rule.words['vi']}” và các hệ quả đứng trước cắt nhau thành quá nhiều trường hợp: con số "
        f"nêu ra chỉ theo điều kiện riêng của hệ quả này.",
        "en": f"“{rule.words['en']}” and the outcomes before it cut each other into too many cases: its "
        f"numbers follow its own conditions only.",
    }
    return Doubt("tangled", (rule.id,), words)


def _covered(rule: OutcomeRule, before: Sequence[OutcomeRule]) -> Doubt:
    first = {
        "vi": " hoặc ".join(f"“{other.words['vi']}”" for other in before),
        "en": " or ".join(f"“{other.words['en']}”" for other in before),
    }
    words = {
        "vi": f"“{rule.words['vi']}” không bao giờ xảy ra: khi đủ điều kiện thì {first['vi']} luôn được "
        f"xét trước.",
        "en": f"“{rule.words['en']}” can never apply: whenever its conditions hold, {first['en']} comes "
        f"first.",
    }
    return Doubt("covered", (rule.id, *(other.id for other in before)), words)


def _gaps(preset: Preset, of: Mapping[str, int]) -> list[Doubt]:
    """Between outcomes that look at one level of this year alone."""
    found = []
    step = len(preset.levels) + 1
    for level in preset.level_ids:
        axis = ("this", level)
        alone = [
            (own.ranges[axis], rule)
            for rule in preset.outcomes
            if (own := box(rule.conditions, of)) is not None and set(own.ranges) == {axis}
        ]
        reached: tuple[int, OutcomeRule] | None = None
        for (first, last), rule in sorted(alone, key=lambda each: each[0]):
            if reached is not None and first > reached[0] + 1:
                between = (reached[0] + 1, first - 1)
                found.append(_gap(preset, (axis[0], level), between, (reached[1], rule), of["this"], step))
            if reached is None or last > reached[0]:
                reached = (last, rule)
    return found


def _gap(
    preset: Preset,
    axis: tuple[str, str],
    between: Range,
    sides: tuple[OutcomeRule, OutcomeRule],
    n: int,
    step: int,
) -> Doubt:
    (low, high), (below, above) = between, sides
    # A threshold is a multiple of `step`; a range that begins just above one, or ends just below it, leaves
    # it out.
    at, to = low - low % step, high + -high % step
    if low == high:
        amounts = [amount("=", low, n)]
    else:
        amounts = [amount(">=" if at == low else ">", at, n), amount("<=" if to == high else "<", to, n)]
    said_so = said(preset, axis, amounts)
    words = {
        "vi": f"Giữa “{below.words['vi']}” và “{above.words['vi']}” có khoảng trống: khi {said_so['vi']} "
        f"thì không có hệ quả nào trong hai hệ quả này.",
        "en": f"“{below.words['en']}” and “{above.words['en']}” leave a gap: when {said_so['en']}, neither "
        f"applies.",
    }
    return Doubt("gap", (below.id, above.id), words)
