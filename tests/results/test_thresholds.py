"""Figures that are known from outside, thresholds where each rule puts them, and exactly a half or two thirds
on the page's values.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from surveys.names import PersonCode, UnitCode
from surveys.results.leaders import figures_for_leader
from surveys.results.thresholds import Threshold, consequences, thresholds
from surveys.results.visibility import Reader
from surveys.rules.preset import Preset, names
from tests.organisations import one_hall
from tests.results.shelves import Held, a_volume
from tests.three_years import NEWEST, a_year

HALF, TWO_THIRDS = Fraction(1, 2), Fraction(2, 3)


def page_of(preset: str, voters: int, marks: tuple[int, ...], present: int | None = None) -> Any:
    """The leader's page of a hall that marked so; what is not marked returned no ballot."""
    hall = one_hall(voters)
    returned = {UnitCode("H"): sum(marks)}
    there = None if present is None else {UnitCode("H"): present}
    made = a_year(hall, 2026, NEWEST, lambda *_: marks, returned, preset=preset, present=there)
    return figures_for_leader(
        Held([a_volume(made)], hall), Reader(person=PersonCode("v001")), PersonCode("v001")
    ).contests[0]


def shares(page: Any) -> list[str]:
    return [page.seen.portion(i).ends[0] for i in range(len(page.seen.marks) - 1)]


def test_of_485_summoned_323_146_and_6_are_the_known_percentages() -> None:
    page = page_of("nq85-2014", 485, (323, 146, 6))
    assert (page.seen.denominator, page.seen.n) == ("summoned", 485)
    assert shares(page) == ["66.60", "30.10", "1.24"]
    assert page.seen.outcome.id == "none"


def test_the_same_marks_are_of_the_returned_ballots_under_the_party_rule() -> None:
    page = page_of("qd96-2023", 485, (323, 146, 6))
    assert (page.seen.denominator, page.seen.n) == ("returned", 475)
    assert shares(page) == ["68.00", "30.74", "1.26"]


@pytest.mark.parametrize(
    ("preset", "half", "two_thirds", "above_half", "above_two_thirds"),
    [
        ("local-annual", "none", "removed", "out_of_planning", "removed"),
        ("qd96-2023", "none", "removed", "out_of_planning", "removed"),
        ("nq96-2023", "none", "dismissal", "may_resign", "dismissal"),
        ("nq85-2014", "none", "formal_vote", "may_resign", "formal_vote"),
        ("nq35-2012", "none", "may_resign", "may_resign", "formal_vote"),
        ("qd262-2014", "none", "out_of_planning", "out_of_planning", "considered_for_relief"),
    ],
)
def test_exactly_a_half_and_two_thirds_have_the_outcome_of_the_rules_own_operator(
    preset: str, half: str, two_thirds: str, above_half: str, above_two_thirds: str
) -> None:
    found = [page_of(preset, 60, (60 - low, 0, low)) for low in (30, 40, 31, 41)]
    ids = [page.seen.outcome.id for page in found]
    rules = Preset.load(preset)
    assert ids == [half, two_thirds, above_half, above_two_thirds], [rule.id for rule in rules.outcomes]
    for page in found:
        held = [rule.consequence.rule.id for rule in page.rules if rule.held]
        assert held == ([] if page.seen.outcome.id == "none" else [page.seen.outcome.id])


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("local-annual", [(HALF, ">"), (TWO_THIRDS, ">=")]),
        ("nq85-2014", [(HALF, ">"), (TWO_THIRDS, ">=")]),
        ("nq35-2012", [(HALF, ">"), (TWO_THIRDS, ">")]),
        ("qd262-2014", [(HALF, ">"), (TWO_THIRDS, ">")]),
        ("formal-vote", [(HALF, ">")]),
        ("grading", []),
    ],
)
def test_thresholds_stand_where_the_rule_puts_them(preset: str, expected: list[tuple[Fraction, str]]) -> None:
    rule = Preset.load(preset)
    lowest = len(rule.levels) - 1
    assert thresholds(rule) == tuple(Threshold(lowest, at, op) for at, op in expected)


@pytest.mark.parametrize("preset", names())
def test_every_consequence_of_a_rule_is_told_with_all_its_bounds(preset: str) -> None:
    rule = Preset.load(preset)
    told = consequences(rule)
    assert [each.rule for each in told] == [*rule.outcomes, *rule.watch]
    for each in told:
        assert [(b.op, b.at, b.last_year) for b in each.bounds] == [
            (c.op, Fraction(c.of, c.times), c.year == "last") for c in each.rule.conditions
        ]


def test_below_the_quorum_nothing_follows_whatever_the_marks() -> None:
    page = page_of("local-annual", 60, (0, 0, 30), present=39)
    assert page.seen.outcome.id == "no_quorum"
    assert not page.seen.effective
    assert not any(rule.held for rule in page.rules)
