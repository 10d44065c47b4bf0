"""What a rule says, in plain words and in numbers of ballots (docs/protocol.md 13.3; docs/operations.md, "The
rule of a round").

For each outcome and watch flag: when it applies, for N ballots (or persons summoned) the counts for which it
is given, and what exactly a threshold means. Its twin in the browser is
client/src/pages/desk/rule/explanation.ts; tests/rules/explained.json holds both.
Danger: organizers decide by these words; so the numbers are the counts themselves, not percentages, and leave
out no case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import gcd

from surveys.rules.preset import Condition, OutcomeRule, Preset, Words
from surveys.rules.regions import Axis, Range, Region, fine, given, whole

MOST_BALLOTS = 10**7
_OPERATORS: Mapping[str, Words] = {
    ">": {"vi": "trên", "en": "more than"},
    ">=": {"vi": "ít nhất", "en": "at least"},
    "<": {"vi": "dưới", "en": "less than"},
    "<=": {"vi": "không quá", "en": "at most"},
    "=": {"vi": "đúng", "en": "exactly"},
}
_FRACTIONS: Mapping[tuple[int, int], Words] = {
    (1, 1): {"vi": "toàn bộ", "en": "all"},
    (1, 2): {"vi": "một nửa", "en": "half"},
    (1, 3): {"vi": "một phần ba", "en": "one third"},
    (2, 3): {"vi": "hai phần ba", "en": "two thirds"},
    (1, 4): {"vi": "một phần tư", "en": "one quarter"},
    (3, 4): {"vi": "ba phần tư", "en": "three quarters"},
}
_OF: Mapping[str, Words] = {
    "returned": {"vi": "số phiếu thu về", "en": "of the ballots returned"},
    "summoned": {"vi": "số người được triệu tập", "en": "of the persons summoned"},
}
_N: Mapping[str, Words] = {
    "returned": {"vi": "phiếu thu về", "en": "ballots returned"},
    "summoned": {"vi": "người được triệu tập", "en": "persons summoned"},
}
_ONE: Mapping[str, str] = {"returned": "ballot returned", "summoned": "person summoned"}


@dataclass(frozen=True, slots=True)
class Span:
    """The counts of one level for which an outcome is given, if those of the other levels and last year's
    figures fit.
    """

    level: str
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """One outcome or watch flag: `when` it applies; `worked` is the same for N, and `spans` its counts, one
    of each level it names.

    `edges` say what exactly a threshold means. `before` are the outcomes that come first where both apply;
    `last` is whether it needs last year's figures; without `possible` there are no counts for it.
    """

    id: str
    when: Words
    worked: Words
    edges: tuple[Words, ...]
    spans: tuple[Span, ...]
    possible: bool
    before: tuple[str, ...]
    last: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rule worked out for N. Where the outcomes are too tangled, the counts are those that meet each one's
    own conditions.
    """

    n: int
    outcomes: tuple[Explained, ...]
    watch: tuple[Explained, ...]
    tangled: bool

    @property
    def all(self) -> tuple[Explained, ...]:
        """Outcomes, then watch flags."""
        return (*self.outcomes, *self.watch)


def explain(preset: Preset, n: int) -> Explanation:
    """The rule in words and worked out for N. Raises ValueError unless 1 ≤ n ≤ MOST_BALLOTS."""
    if not 1 <= n <= MOST_BALLOTS:
        raise ValueError(f"{n} is not from 1 to {MOST_BALLOTS}")
    rules, levels = (*preset.outcomes, *preset.watch), len(preset.levels)
    last = fine(rules, "last", levels)
    here = given(preset, whole(n, last))
    # For what exactly a threshold means: a number of ballots of which each threshold is a whole count.
    anywhere = given(preset, whole(fine(rules, "this", levels), last))
    found = [
        _explained(preset, rule, mine, everywhere)
        for rule, mine, everywhere in zip(rules, here, anywhere, strict=True)
    ]
    outcomes = len(preset.outcomes)
    return Explanation(
        n, tuple(found[:outcomes]), tuple(found[outcomes:]), not all(each.told for each in here)
    )


def when(preset: Preset, conditions: Sequence[Condition]) -> Words:
    """Conditions in words: "when more than half, and less than two thirds, of the ballots returned say “Low
    confidence”".
    """
    clauses = [
        _clause(preset, axis, [each for each in conditions if (each.year, each.level) == axis])
        for axis in _axes(conditions)
    ]
    return {
        "vi": f"khi {', và '.join(clause['vi'] for clause in clauses)}",
        "en": f"when {', and '.join(clause['en'] for clause in clauses)}",
    }


def amount(op: str, of: int, times: int) -> Words:
    """A threshold in words: "more than half", "at least 3/7"; `=` is "exactly"."""
    share = fraction(of, times)
    if op == ">=" and of == times:
        return share
    return {language: f"{_OPERATORS[op][language]} {share[language]}" for language in ("vi", "en")}


def fraction(of: int, times: int) -> Words:
    """A fraction in words, in lowest terms."""
    common = gcd(of, times)
    of, times = of // common, times // common
    return _FRACTIONS.get((of, times), {"vi": f"{of}/{times}", "en": f"{of}/{times}"})


def level_words(preset: Preset, level: str) -> Words:
    """A level's own words."""
    return next(each.words for each in preset.levels if each.id == level)


def said(preset: Preset, axis: Axis, amounts: Sequence[Words]) -> Words:
    """How many say a level: "more than half of the ballots returned say “Low confidence”"."""
    year, level = axis
    of, words = _OF[preset.denominator], level_words(preset, level)
    shares = {
        "vi": " và ".join(each["vi"] for each in amounts),
        "en": ", and ".join(each["en"] for each in amounts) + ("," if len(amounts) > 1 else ""),
    }
    if year == "this":
        return {
            "vi": f"{shares['vi']} {of['vi']} ghi “{words['vi']}”",
            "en": f"{shares['en']} {of['en']} say “{words['en']}”",
        }
    return {
        "vi": f"năm trước {shares['vi']} {of['vi']} ghi “{words['vi']}”",
        "en": f"last year {shares['en']} {of['en']} said “{words['en']}”",
    }


def _clause(preset: Preset, axis: Axis, conditions: Iterable[Condition]) -> Words:
    return said(preset, axis, [amount(each.op, each.of, each.times) for each in conditions])


def _axes(conditions: Iterable[Condition]) -> tuple[Axis, ...]:
    """The years and levels that conditions name, this year's first."""
    named = dict.fromkeys((each.year, each.level) for each in conditions)
    return tuple(sorted(named, key=lambda axis: axis[0] != "this"))


def _explained(preset: Preset, rule: OutcomeRule, here: Region, anywhere: Region) -> Explained:
    axes = _axes(rule.conditions)
    spans = tuple(Span(axis[1], here.counts(axis)) for axis in axes if axis[0] == "this")
    return Explained(
        rule.id,
        when(preset, rule.conditions),
        _worked(preset, spans, bool(here.left), here.of["this"]),
        _edges(preset, rule, here, anywhere),
        spans,
        bool(here.left),
        tuple(first.id for first in here.before),
        any(each.year == "last" for each in rule.conditions),
    )


def _worked(preset: Preset, spans: Sequence[Span], possible: bool, n: int) -> Words:
    """ "of 100 ballots returned: from 51 to 66 “Low confidence”"."""
    of = {
        "vi": f"trong {_number(n, 'vi')} {_N[preset.denominator]['vi']}",
        "en": f"of {_number(n, 'en')} {_ONE[preset.denominator] if n == 1 else _N[preset.denominator]['en']}",
    }
    if not possible:
        return {"vi": f"{of['vi']}: không thể xảy ra", "en": f"{of['en']}: it cannot happen"}
    if not spans:
        return {"vi": f"{of['vi']}: dù ghi thế nào", "en": f"{of['en']}: whatever is marked"}
    parts = [
        (
            " hoặc ".join(_range(each, "vi") for each in span.ranges),
            ", or ".join(_range(each, "en") for each in span.ranges),
            level_words(preset, span.level),
        )
        for span in spans
    ]
    return {
        "vi": f"{of['vi']}: " + " và ".join(f"{vi} phiếu “{words['vi']}”" for vi, _, words in parts),
        "en": f"{of['en']}: " + " and ".join(f"{en} “{words['en']}”" for _, en, words in parts),
    }


def _range(each: Range, language: str) -> str:
    first, last = (_number(count, language) for count in each)
    if first == last:
        return f"{_OPERATORS['='][language]} {first}"
    return f"từ {first} đến {last}" if language == "vi" else f"from {first} to {last}"


def _edges(preset: Preset, rule: OutcomeRule, here: Region, anywhere: Region) -> tuple[Words, ...]:
    """What exactly each threshold means; with the count, where N has one."""
    found = {}
    several = len({each.level for each in rule.conditions}) > 1
    for each in rule.conditions:
        axis = (each.year, each.level)
        exact = each.year == "this" and each.of * here.of["this"] % each.times == 0
        region = here if exact else anywhere
        count = each.of * region.of[each.year] // each.times
        meant = any(first <= count <= last for first, last in region.counts(axis))
        words = level_words(preset, each.level) if several else None
        share = fraction(each.of, each.times)
        if each.of <= each.times:
            found[axis, share["en"]] = _edge(share, each.year, words, count if exact else None, meant)
    return tuple(found.values())


def _edge(share: Words, year: str, level: Words | None, count: int | None, meant: bool) -> Words:
    vi, en = f"đúng {share['vi']}", f"exactly {share['en']}"
    if count is not None:
        vi, en = f"{vi} ({_number(count, 'vi')} phiếu)", f"{en} ({_number(count, 'en')})"
    if level is not None:
        vi, en = f"{vi} “{level['vi']}”", f"{en} “{level['en']}”"
    if year == "last":
        vi, en = f"năm trước {vi}", f"last year {en}"
    return {
        "vi": f"{vi} thì {'thuộc' if meant else 'không thuộc'} trường hợp này",
        "en": f"{en} {'is' if meant else 'is not'} included",
    }


def _number(value: int, language: str) -> str:
    return f"{value:,}".replace(",", "." if language == "vi" else ",")
