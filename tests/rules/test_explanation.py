"""What is said of a rule is what the rule does: its numbers are tried with every count, its words are read
back.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from math import gcd
from pathlib import Path
from typing import Any

import pytest

from surveys.rules import regions
from surveys.rules.doubts import doubts
from surveys.rules.explanation import MOST_BALLOTS, Explained, explain, fraction, when
from surveys.rules.outcomes import Previous, outcome
from surveys.rules.preset import Condition, Preset, names
from tests.rules.random_rules import a_rule, an_outcome, bands, random_rule

CASES = json.loads((Path(__file__).parent / "explained.json").read_text("utf-8"))
SEEDS = range(60)
# With thresholds of at most four parts and three levels, whatever can happen happens with one of these
# numbers of ballots.
ENOUGH = (*range(1, 14), 48)


@cache
def counts(levels: int, n: int) -> tuple[tuple[int, ...], ...]:
    """Every way to mark n ballots, rows not marked among them."""
    if levels == 0:
        return ((),)
    return tuple((first, *rest) for first in range(n + 1) for rest in counts(levels - 1, n - first))


def unlike(preset: Preset, year: str, sizes: Iterable[int]) -> Iterator[tuple[dict[str, int], int]]:
    """Figures of a year that differ in which conditions they meet, one of each kind; worked out with
    fractions, not by the rule.
    """
    conditions = [
        each for rule in (*preset.outcomes, *preset.watch) for each in rule.conditions if each.year == year
    ]
    seen = set()
    for n in sizes:
        for marks in counts(len(preset.levels), n):
            figures = dict(zip(preset.level_ids, marks, strict=True))
            kind = tuple(compared(each, figures[each.level], n) for each in conditions)
            if kind not in seen:
                seen.add(kind)
                yield figures, n


def compared(condition: Condition, count: int, n: int) -> int:
    """Whether a count is below, at or above the threshold of a condition."""
    left, right = count * condition.times, n * condition.of
    return (left > right) - (left < right)


def result(
    preset: Preset, figures: Mapping[str, int], n: int, before: Previous | None
) -> tuple[str, tuple[str, ...]]:
    """The outcome and the flags of a contest in which n ballots were returned by n persons summoned."""
    found = outcome(preset, figures, returned=n, summoned=n, present=n, previous=before)
    return found.id, found.watch


def pasts(preset: Preset) -> list[Previous | None]:
    """Last year's figures: unknown, and one of each kind."""
    needed = any(
        each.year == "last" for rule in (*preset.outcomes, *preset.watch) for each in rule.conditions
    )
    sizes = ENOUGH if needed else ()
    return [None, *(Previous(figures, n, n) for figures, n in unlike(preset, "last", sizes))]


def counted(each: Explained) -> dict[str, set[int]]:
    """Level → the counts that an explanation names."""
    return {
        span.level: {count for first, last in span.ranges for count in range(first, last + 1)}
        for span in each.spans
    }


def happening(
    preset: Preset, n: int, before: Iterable[Previous | None]
) -> dict[str, list[tuple[dict[str, int], Previous | None]]]:
    """Outcome or flag → the figures of this year and last year with which it is given."""
    found: dict[str, list[tuple[dict[str, int], Previous | None]]] = {
        each.id: [] for each in (*preset.outcomes, *preset.watch)
    }
    for marks in counts(len(preset.levels), n):
        figures = dict(zip(preset.level_ids, marks, strict=True))
        for past in before:
            first, flags = result(preset, figures, n, past)
            for id in {first, *flags} - {"none"}:
                found[id].append((figures, past))
    return found


def check(preset: Preset, *sizes: int) -> None:
    """The counts that are named are exactly those with which the outcome can be given."""
    before = pasts(preset)
    for n in sizes:
        told, found = explain(preset, n), happening(preset, n, before)
        assert not told.tangled
        for each in told.all:
            assert each.possible == bool(found[each.id]), (each.id, n)
            for level, named in counted(each).items():
                assert named == {figures[level] for figures, _ in found[each.id]}, (each.id, level, n)
            assert not (each.last and any(past is None for _, past in found[each.id]))


@pytest.mark.parametrize("name", names())
def test_the_numbers_of_a_preset_are_exactly_the_counts_for_which_its_outcome_is_given(name: str) -> None:
    preset = Preset.load(name)
    if len(preset.levels) > 3:
        assert explain(preset, 100).all == ()
        return
    check(preset, *range(1, 14))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_numbers_of_any_rule_are_exactly_the_counts_for_which_its_outcome_is_given(seed: int) -> None:
    check(random_rule(seed), 1, 5, 6)
    check(bands(seed), 12, 20)


def test_numbers_that_forget_what_comes_first_would_be_wrong() -> None:
    """The twin: an outcome's own conditions alone say 51 to 100, and from 67 on another outcome is given."""
    preset = Preset.load("nq85-2014")
    own = regions.box(preset.outcomes[1].conditions, regions.whole(100, 4))
    assert own is not None
    assert own.ranges == {("this", "low"): (51, 100)}
    resigning = explain(preset, 100).outcomes[1]
    assert resigning.spans[0].ranges == ((51, 66),)
    assert resigning.before == ("formal_vote",)
    assert result(preset, {"high": 0, "plain": 0, "low": 67}, 100, None)[0] == "formal_vote"


def test_a_year_that_is_not_known_meets_no_condition_and_so_leaves_room_for_what_follows() -> None:
    """Both halves of last year are taken, and still the last outcome is given: to whoever was not voted on
    last year.
    """
    preset = a_rule(
        an_outcome("low", ("low", ">", 1, 2, "last")),
        an_outcome("not_low", ("low", "<=", 1, 2, "last")),
        an_outcome("new", ("low", ">", 1, 2)),
    )
    assert explain(preset, 10).outcomes[2].possible
    assert doubts(preset) == ()
    figures = {"high": 0, "plain": 0, "low": 6}
    assert result(preset, figures, 10, None)[0] == "new"
    # The twin: with nothing but counts to go by, nothing would be left.
    of = regions.whole(10, 8)
    known = [regions.box(rule.conditions, of) for rule in preset.outcomes]
    left = [regions.Box({**known[2].ranges, regions.KNOWN: (1, 1)})]  # type: ignore[union-attr]
    for taken in known[:2]:
        left = regions.without(left, taken, of)  # type: ignore[arg-type]
    assert left == []


def test_counts_of_several_levels_share_the_ballots() -> None:
    preset = a_rule(an_outcome("split", ("high", ">=", 1, 2), ("low", ">=", 1, 2)))
    told = explain(preset, 100).outcomes[0]
    assert [span.ranges for span in told.spans] == [((50, 50),), ((50, 50),)]
    assert told.worked["en"] == "of 100 ballots returned: exactly 50 “high level” and exactly 50 “low level”"
    assert not explain(preset, 99).outcomes[0].possible


@pytest.mark.parametrize("seed", SEEDS)
def test_an_outcome_is_doubted_if_and_only_if_no_number_of_ballots_can_give_it(seed: int) -> None:
    preset = random_rule(seed, levels=2)
    given = set()
    before = pasts(preset)
    for figures, n in unlike(preset, "this", ENOUGH):
        for past in before:
            first, flags = result(preset, figures, n, past)
            given |= {first, *flags}
    doubted = {doubt.about[0] for doubt in doubts(preset) if doubt.kind != "gap"}
    assert doubted == {each.id for each in (*preset.outcomes, *preset.watch)} - given


def test_the_random_rules_are_of_every_kind() -> None:
    """Else the tests above would prove little."""
    kinds = {doubt.kind for seed in SEEDS for doubt in doubts(random_rule(seed))}
    told = [each for seed in SEEDS for each in explain(random_rule(seed), 6).all]
    assert kinds == {"contradiction", "covered"}
    assert sum(doubt.kind == "gap" for seed in SEEDS for doubt in doubts(bands(seed))) > 15
    assert {len(each.spans) for each in told} >= {0, 1, 2}
    told_bands = [each for seed in SEEDS for each in explain(bands(seed), 30).all]
    assert sum(len(span.ranges) > 1 for each in told_bands for span in each.spans) > 3
    assert sum(each.possible for each in told) > len(told) // 3
    assert sum(each.last for each in told) > 40


@pytest.mark.parametrize("seed", SEEDS)
def test_a_gap_is_doubted_if_and_only_if_counts_between_two_outcomes_give_neither(seed: int) -> None:
    preset = bands(seed)
    n = 120  # every threshold, and every middle between two of them
    for level in preset.level_ids:
        given = [
            first != "none"
            for count in range(n + 1)
            for first, _ in [
                result(
                    only(preset, level), {i: count if i == level else 0 for i in preset.level_ids}, n, None
                )
            ]
        ]
        inner = re.sub(r"^0+|0+$", "", "".join("1" if each else "0" for each in given))
        holes = len(re.findall("0+", inner))
        found = [
            each for each in doubts(preset) if each.kind == "gap" and f"“{level} level”" in each.words["en"]
        ]
        assert len(found) == holes


def only(preset: Preset, level: str) -> Preset:
    """The rule with the outcomes about one level."""
    kept = tuple(rule for rule in preset.outcomes if rule.conditions[0].level == level)
    return dataclasses.replace(preset, outcomes=kept)


@pytest.mark.parametrize("name", names())
def test_no_preset_is_doubted(name: str) -> None:
    assert doubts(Preset.load(name)) == ()


AMOUNT = {
    "en": {"more than": ">", "at least": ">=", "less than": "<", "at most": "<="},
    "vi": {"trên": ">", "ít nhất": ">=", "dưới": "<", "không quá": "<="},
}
SHARE = {
    "en": {
        "half": (1, 2),
        "one third": (1, 3),
        "two thirds": (2, 3),
        "one quarter": (1, 4),
        "three quarters": (3, 4),
        "all": (1, 1),
    },
    "vi": {
        "một nửa": (1, 2),
        "một phần ba": (1, 3),
        "hai phần ba": (2, 3),
        "một phần tư": (1, 4),
        "ba phần tư": (3, 4),
        "toàn bộ": (1, 1),
    },
}
OF = {
    "en": {"returned": " of the ballots returned sa", "summoned": " of the persons summoned sa"},
    "vi": {"returned": " số phiếu thu về ghi ", "summoned": " số người được triệu tập ghi "},
}


def read_back(preset: Preset, words: str, language: str) -> set[Condition]:
    """The conditions that a person reads out of the words, in lowest terms."""
    found = set()
    ids = {level.words[language]: level.id for level in preset.levels}
    for head, level in re.findall(r"([^“]+)“([^”]+)”", words):
        amounts, _, rest = head.partition(OF[language][preset.denominator])
        assert rest in ("", "y ", "id ")
        start = re.match(r"(?:when |khi |, and |, và )(last year |năm trước )?", amounts)
        assert start
        for each in re.split(", and | và ", amounts.removeprefix(start[0]).rstrip(",")):
            op = next((op for op in AMOUNT[language] if each.startswith(f"{op} ")), "")
            share = each.removeprefix(op).strip()
            of, times = SHARE[language].get(share) or map(int, share.split("/"))
            # "all" alone is no operator: of nothing there can be more.
            found.add(
                Condition(
                    ids[level], times, AMOUNT[language].get(op, ">="), of, "last" if start[1] else "this"
                )
            )
    return found


def lowest(each: Condition) -> Condition:
    common = gcd(each.times, each.of)
    return dataclasses.replace(each, times=each.times // common, of=each.of // common)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("rule", [*names(), *range(60)])
def test_whoever_reads_the_words_knows_the_conditions(rule: str | int, language: str) -> None:
    preset = Preset.load(rule) if isinstance(rule, str) else random_rule(rule, most_times=9)
    for each in (*preset.outcomes, *preset.watch):
        words = when(preset, each.conditions)[language]
        assert read_back(preset, words, language) == {lowest(condition) for condition in each.conditions}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_said_of_exactly_a_threshold_is_true(seed: int) -> None:
    """Of 12 ballots each threshold is a whole count; of last year's all are tried that a few ballots can
    make.
    """
    preset, n = random_rule(seed, levels=2), 12
    found = happening(preset, n, pasts(preset))
    for rule, told in zip((*preset.outcomes, *preset.watch), explain(preset, n).all, strict=True):
        given = found[rule.id]
        expected = set()
        for each in rule.conditions:
            if each.of <= each.times:
                if each.year == "this":
                    meant = any(compared(each, figures[each.level], n) == 0 for figures, _ in given)
                else:
                    meant = any(
                        past and compared(each, past.levels[each.level], past.returned) == 0
                        for _, past in given
                    )
                share = fraction(each.of, each.times)["en"]
                start = (
                    f"last year exactly {share}"
                    if each.year == "last"
                    else f"exactly {share} ({n * each.of // each.times})"
                )
                name = f" “{each.level} level”" if len({c.level for c in rule.conditions}) > 1 else ""
                expected.add(f"{start}{name} {'is' if meant else 'is not'} included")
        assert {each["en"] for each in told.edges} == expected


def test_a_threshold_that_no_count_meets_exactly_has_no_number() -> None:
    edges = explain(Preset.load("qd96-2023"), 47).outcomes[0].edges
    assert [each["en"] for each in edges] == [
        "exactly half is not included",
        "exactly two thirds is not included",
    ]
    assert "(24 phiếu)" in explain(Preset.load("qd96-2023"), 48).outcomes[0].edges[0]["vi"]


@pytest.mark.parametrize("n", [0, -1, MOST_BALLOTS + 1])
def test_a_number_of_ballots_that_is_none_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="is not from"):
        explain(Preset.load("qd96-2023"), n)


def test_a_rule_that_cannot_be_told_apart_is_said_to_be_so_and_takes_no_time() -> None:
    cut = [
        an_outcome(
            f"x{i}",
            *(
                (level, op, 1 + (i * k) % 7, 11 + i, year)
                for k, level in enumerate(("high", "plain", "low", "fourth", "fifth"))
                for op in (">", "<=")
                for year in ("this", "last")
            ),
        )
        for i in range(19)
    ]
    loose = [
        [
            ("high", ">", 1, 30 + i),
            ("plain", ">=", 1, 30 - i),
            ("low", "<", 29, 30 + i),
            ("fourth", "<=", 19, 20 + i, "last"),
            ("fifth", ">", 1, 40 + i, "last"),
            ("low", ">", 1, 39 - i, "last"),
        ]
        for i in range(19)
    ]
    for made in (cut, [an_outcome(f"y{i}", *each) for i, each in enumerate(loose)]):
        preset = a_rule(*made, an_outcome("end", ("high", ">", 1, 100)), levels=5)
        told, found = explain(preset, 1000), doubts(preset)
        assert told.tangled == any(each.kind == "tangled" for each in found)
    assert told.tangled
    assert told.outcomes[-1].spans[0].ranges == ((11, 1000),)


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(dataclasses.asdict(value)))


def rule_of(case: dict[str, Any]) -> Preset:
    """The rule of a case: a preset by name, or a rule by its outcomes."""
    if isinstance(case["rule"], str):
        return Preset.load(case["rule"])
    return Preset.from_json({**Preset.load("local-annual").as_json(), **case["rule"]})


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_a_rule_is_explained_as_the_shared_cases_say(case: dict[str, Any]) -> None:
    preset = rule_of(case)
    assert as_json(explain(preset, case["n"])) == case["explanation"]
    assert [as_json(each) for each in doubts(preset)] == case["doubts"]
