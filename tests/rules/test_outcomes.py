"""Outcomes and percentages against independent arithmetic: fractions for the rule, decimals for the
rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.rules.denominators import LABELS, denominator, percent
from surveys.rules.outcomes import NO_QUORUM, NONE, Previous, last_year_matters, outcome
from surveys.rules.preset import Preset, names
from surveys.rules.quorum import quorum_met

LEVELS = ("high", "plain", "low")
GOOD = {"high": 3, "plain": 2, "low": 1}
# As the rule reads: a share of the ballots, compared with a fraction.
SHARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    ">": lambda share, bar: bar < share,
    ">=": lambda share, bar: not share < bar,
    "<": lambda share, bar: share < bar,
    "<=": lambda share, bar: not bar < share,
}


def _oracle(
    rule: Any, counts: dict[str, int], returned: int, summoned: int, present: int, last: Any
) -> tuple[str, list[str]]:
    """Outcome and flags by fractions from the rule's JSON: no code in common with the product."""
    if rule["quorum"] and summoned:
        needed = Fraction(rule["quorum"]["numerator"], rule["quorum"]["denominator"])
        if Fraction(present, summoned) < needed:
            return NO_QUORUM, []

    def holds(entry: Any) -> bool:
        for condition in entry["all"]:
            if condition["year"] == "this":
                votes, n = counts, {"returned": returned, "summoned": summoned}[rule["denominator"]]
            elif last is None:
                return False
            else:
                votes, n = last["levels"], last[rule["denominator"]]
            if not n:
                return False
            share, bar = Fraction(votes[condition["level"]], n), Fraction(condition["of"], condition["times"])
            if not SHARE[condition["op"]](share, bar):
                return False
        return True

    held = [entry["id"] for entry in rule["outcomes"] if holds(entry)]
    return (held or [NONE])[0], [entry["id"] for entry in rule["watch"] if holds(entry)]


@st.composite
def votes(draw: st.DrawFn, levels: tuple[str, ...]) -> tuple[dict[str, int], int, int, int]:
    """Counts, returned, present, summoned, often at exact shares of twelfths."""
    unit = draw(st.integers(0, 9))
    parts = [unit * draw(st.integers(0, 12)) + draw(st.sampled_from([0, 0, 0, 1])) for _ in levels]
    returned = sum(parts) + draw(st.sampled_from([0, 0, 1, unit]))
    present = returned + draw(st.sampled_from([0, 0, 1, 6 * unit]))
    summoned = present + draw(st.sampled_from([0, 0, 1, present // 2, 6 * unit]))
    return dict(zip(levels, parts, strict=True)), returned, present, summoned


@st.composite
def rules(draw: st.DrawFn) -> Any:
    """A preset, or a rule nobody has written yet."""
    rule: Any = Preset.load(draw(st.sampled_from(names()))).as_json()
    if draw(st.booleans()):
        return rule
    ids = [level["id"] for level in rule["levels"]]
    words = {"vi": "x", "en": "x"}
    condition = st.fixed_dictionaries(
        {
            "level": st.sampled_from(ids),
            "times": st.integers(1, 4),
            "op": st.sampled_from(sorted(SHARE)),
            "of": st.integers(1, 3),
            "year": st.sampled_from(["this", "this", "last"]),
        }
    )
    for name in ("outcomes", "watch"):
        conditions = draw(st.lists(st.lists(condition, min_size=1, max_size=3), max_size=4))
        rule[name] = [
            {"id": f"{name}{i}", **words, "source": words, "all": every} for i, every in enumerate(conditions)
        ]
    rule["denominator"] = draw(st.sampled_from(["returned", "summoned"]))
    return rule


@given(st.data())
def test_outcomes_agree_with_fractions(data: st.DataObject) -> None:
    rule = data.draw(rules())
    preset = Preset.from_json(rule)
    counts, returned, present, summoned = data.draw(votes(preset.level_ids))
    last, previous = None, None
    if data.draw(st.booleans()):
        levels, before, _, all_before = data.draw(votes(preset.level_ids))
        of = data.draw(st.sampled_from([all_before, None]))
        previous = Previous(levels, before, of)
        if of is not None or rule["denominator"] == "returned":
            last = {"levels": levels, "returned": before, "summoned": of}
    found = outcome(preset, counts, returned=returned, summoned=summoned, present=present, previous=previous)
    assert (found.id, list(found.watch)) == _oracle(rule, counts, returned, summoned, present, last)


@given(st.data())
def test_figures_of_last_year_that_do_not_matter_change_nothing(data: st.DataObject) -> None:
    """What the definition leaves out (decision 0020) is what every outcome stays the same without."""
    preset = Preset.from_json(data.draw(rules()))
    counts, returned, present, summoned = data.draw(votes(preset.level_ids))
    levels, before, _, all_before = data.draw(votes(preset.level_ids))
    previous = Previous(levels, before, data.draw(st.sampled_from([all_before, None])))
    judged = partial(outcome, preset, counts, returned=returned, summoned=summoned, present=present)
    if not last_year_matters(preset, previous):
        assert judged(previous=previous) == judged()


def test_two_years_running_matter_and_a_good_year_does_not() -> None:
    preset = Preset.load("local-annual")
    bad, good = Previous({"high": 1, "plain": 1, "low": 4}, 6), Previous({"high": 4, "plain": 1, "low": 1}, 6)
    assert (last_year_matters(preset, bad), last_year_matters(preset, good)) == (True, False)
    judged = partial(outcome, preset, bad.levels, returned=6, summoned=6, present=6)
    # The twin: left out, a bad year would be forgiven.
    assert judged(previous=bad) != judged()


def test_the_fractions_are_no_copy_that_agrees_with_anything() -> None:
    rule: Any = Preset.load("qd96-2023").as_json()
    low = {"high": 100, "plain": 100, "low": 400}
    assert _oracle(rule, low, 600, 600, 600, None) == ("removed", [])
    rule["outcomes"][1]["all"][0]["op"] = ">"
    assert _oracle(rule, low, 600, 600, 600, None) == (NONE, [])


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_percentages_are_rounded_half_up(a: int, b: int) -> None:
    count, n = sorted((a, b))
    if n == 0:
        assert percent(count, n) is None
        return
    with localcontext() as exact:
        exact.prec = 60
        # n has at most 7 digits, so what is no tie differs from one long before the 60th.
        right = (Decimal(100 * count) / n).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert percent(count, n) == str(right)


@pytest.mark.parametrize(
    ("count", "n", "text"),
    [
        (1, 20_000, "0.01"),
        (3, 20_000, "0.02"),
        (1, 20_001, "0.00"),
        (19_999, 20_000, "100.00"),
        (1, 800, "0.13"),
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (0, 7, "0.00"),
        (7, 7, "100.00"),
        (10**18 - 1, 2 * 10**18, "50.00"),
    ],
)
def test_a_tie_goes_up(count: int, n: int, text: str) -> None:
    assert percent(count, n) == text


@pytest.mark.parametrize(("count", "n"), [(-1, 5), (6, 5), (1, 0), (0, -1), (-2, -1)])
def test_a_share_that_cannot_be_is_refused(count: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{count} of {n}"):
        percent(count, n)


@pytest.mark.parametrize(("name", "n"), [("qd96-2023", 40), ("nq85-2014", 60)])
def test_the_denominator_is_named_in_both_languages(name: str, n: int) -> None:
    found = denominator(Preset.load(name), returned=40, summoned=60)
    assert found.n == n
    assert found.label == LABELS[found.name]
    assert set(found.label) == {"vi", "en"}


@pytest.mark.parametrize(
    ("counts", "returned", "present", "summoned"),
    [
        ({**GOOD, "low": -1}, 6, 6, 6),
        (GOOD, 5, 6, 6),
        (GOOD, 7, 6, 7),
        (GOOD, 6, 7, 6),
        (GOOD, 6, 6, 5),
        ({"high": 3, "plain": 2}, 6, 6, 6),
        ({**GOOD, "lowest": 0}, 6, 6, 6),
        ({}, 0, 0, 0),
    ],
)
def test_impossible_counts_are_refused(
    counts: dict[str, int], returned: int, present: int, summoned: int
) -> None:
    preset = Preset.load("qd96-2023")
    outcome(preset, GOOD, returned=6, summoned=6, present=6)
    with pytest.raises(ValueError, match=r"count|levels"):
        outcome(preset, counts, returned=returned, summoned=summoned, present=present)


def test_last_year_with_other_levels_is_refused() -> None:
    preset = Preset.load("local-annual")
    for levels in ({"high": 1, "low": 1}, {"confidence": 1, "no_confidence": 2}):
        with pytest.raises(ValueError, match="last year"):
            outcome(preset, GOOD, returned=6, summoned=6, present=6, previous=Previous(levels, 2))


@pytest.mark.parametrize("name", ["qd96-2023", "nq85-2014"])
@pytest.mark.parametrize(("present", "summoned"), [(-1, 5), (6, 5)])
def test_more_present_than_summoned_is_refused(name: str, present: int, summoned: int) -> None:
    with pytest.raises(ValueError, match="present"):
        quorum_met(Preset.load(name), present=present, summoned=summoned)
