"""Years are compared only between groups that each meet k, under one denominator; paper results are protected
like any other.
"""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from surveys.names import PersonCode, RoundId, UnitCode
from surveys.organisation.values import Organisation, PaperResult
from surveys.protocol.definition import Visibility
from surveys.results.errors import NothingPublished, NotPublished
from surveys.results.heat import figures_for_years
from surveys.results.leaders import figures_for_leader, trend
from surveys.results.ranges import Portion, Range
from surveys.results.shelf import find, of_years
from surveys.results.visibility import Reader
from surveys.results.why import Hidden
from surveys.results.years import of_paper, step
from surveys.rules.preset import Preset
from tests.results.shelves import Held, a_volume, three
from tests.three_years import NEWEST, SIZES, YEARS, a_year, an_organisation, by_standing, the_year

ABOVE = Reader(heads=frozenset({UnitCode("K")}))
LOCAL = Preset.load("local-annual")


def paper(returned: int, high: int, plain: int, low: int, summoned: int | None = 20) -> PaperResult:
    unmarked = returned - high - plain - low
    return PaperResult(2023, PersonCode("p"), UnitCode("A"), summoned, returned, high, plain, low, unmarked)


def test_a_leader_is_followed_across_posts_and_units_and_from_paper_to_rounds() -> None:
    page = trend(three(), Reader(person=PersonCode("A1-01")), PersonCode("A1-01"), "x")
    assert [(each.year, each.unit, each.round_id is None) for each in page.years] == [
        (2021, "B2", True),
        (2022, "B2", True),
        (2023, "B2", True),
        (2024, "B2", False),
        (2025, "A", False),
        (2026, "A", False),
    ]
    assert page.years[3].titles == ("Phó trưởng phòng",)
    assert page.years[4].titles == ("Bí thư Đảng ủy", "Giám đốc Sở")
    moved = {(s.earlier.year, s.later.year): s.moved for s in page.steps}
    assert moved[2024, 2025]
    assert not moved[2025, 2026]


def test_fewer_than_k_ballots_on_paper_are_hidden_and_not_compared() -> None:
    page = trend(three(), Reader(person=PersonCode("A1-01")), PersonCode("A1-01"), "x")
    assert page.years[0].hidden is Hidden.SMALL
    assert page.years[0].marks is None
    assert page.years[0].returned is None
    first = page.steps[0]
    assert (first.earlier.year, first.changes, first.hidden) == (2021, None, Hidden.SMALL)


def test_a_paper_result_that_agrees_is_a_range_and_so_is_the_change_after_it() -> None:
    page = trend(three(), Reader(person=PersonCode("A1-01")), PersonCode("A1-01"), "x")
    assert page.years[1].marks == (Range(8, 9), Range(0, 1), Range(0, 1), Range(0, 1))
    change = page.steps[1].changes
    assert change is not None
    assert change[0] == Portion(Fraction(5, 8) - 1, Fraction(5, 8) - Fraction(8, 9))
    assert of_paper(paper(9, 9, 0, 0), "", LOCAL, 5).marks == of_paper(paper(9, 8, 1, 0), "", LOCAL, 5).marks


def test_exact_years_have_an_exact_change() -> None:
    page = trend(three(), ABOVE, PersonCode("B1-02"), "x")
    last = page.steps[-1].changes
    assert last is not None
    assert [portion.ends for portion in last] == [("4.00", "4.00"), ("8.00", "8.00"), ("-12.00", "-12.00")]


def test_the_denominator_of_the_rule_holds_for_paper_as_well() -> None:
    summoned = Preset.load("nq85-2014")
    assert of_paper(paper(10, 5, 3, 2, 20), "", summoned, 5).n == 20
    assert of_paper(paper(10, 5, 3, 2, 20), "", LOCAL, 5).n == 10
    unknown = of_paper(paper(10, 5, 3, 2, None), "", summoned, 5)
    assert (unknown.hidden, unknown.marks) == (Hidden.UNKNOWN, None)
    assert of_paper(paper(10, 5, 3, 2), "", Preset.load("formal-vote"), 5).hidden is Hidden.LEVELS


def test_percentages_of_different_denominators_are_not_subtracted() -> None:
    one = of_paper(paper(10, 5, 3, 2), "", LOCAL, 5)
    other = replace(of_paper(paper(10, 5, 3, 2), "", Preset.load("nq85-2014"), 5), year=2024)
    assert step(one, other).changes is None
    assert step(one, other).hidden is Hidden.DENOMINATOR
    assert step(one, replace(one, year=2024)).changes is not None


def test_a_round_says_it_better_than_paper_about_the_same_year_and_unit() -> None:
    held = three()
    twice = PaperResult(2024, PersonCode("A1-01"), UnitCode("B2"), 9, 8, 0, 0, 8, 0)
    organisation = replace(held.organisation, history=(*held.organisation.history, twice))
    page = trend(
        replace(held, organisation=organisation), Reader(person=PersonCode("A1-01")), PersonCode("A1-01"), "x"
    )
    assert [each.round_id is None for each in page.years if each.year == 2024] == [False]


def test_a_year_that_the_reader_may_not_see_stays_closed() -> None:
    held = [
        a_volume(the_year(year, Visibility.SUBJECT if year == 2025 else Visibility.HEADS)) for year in YEARS
    ]
    page = trend(Held(held, an_organisation(2026)), ABOVE, PersonCode("B1-02"), "x")
    closed = next(each for each in page.years if each.year == 2025)
    assert (closed.hidden, closed.marks, closed.outcome, closed.watch, closed.returned) == (
        Hidden.UNSEEN,
        None,
        None,
        (),
        None,
    )
    assert all(step.changes is None for step in page.steps)
    assert (
        trend(Held(held, an_organisation(2026)), Reader(person=PersonCode("B1-02")), PersonCode("B1-02"), "x")
        .steps[0]
        .changes
    )


def test_a_leader_sees_their_own_page_and_the_watch_rule_of_two_years() -> None:
    standing = by_standing(lambda person, unit: (0.05, 0.1, 0.85, 0.0), 1)
    bloc = an_organisation(2026)
    returned = dict(SIZES)
    first = a_year(bloc, 2025, RoundId("25" * 16), standing, returned)
    low = {
        (c["person"], c["unit"]): c for c in json.loads(first.results)["contests"] if c["levels"] is not None
    }
    last_year = low["B1-02", "B"]
    history = [
        *bloc.history,
        PaperResult(
            2025,
            PersonCode("B1-02"),
            UnitCode("B"),
            None,
            last_year["returned"],
            last_year["levels"]["high"],
            last_year["levels"]["plain"],
            last_year["levels"]["low"],
            last_year["not_marked"],
        ),
    ]
    known = Organisation.of(bloc.units, bloc.people, bloc.posts, bloc.gradings, history)
    second = a_year(known, 2026, NEWEST, standing, returned)
    shelf = Held([a_volume(first), a_volume(second)], known)
    page = figures_for_leader(shelf, Reader(person=PersonCode("B1-02")), PersonCode("B1-02"))
    assert [flag.id for flag in page.contests[0].seen.watch] == ["two_years"]
    assert {rule.consequence.rule.id for rule in page.contests[0].rules if rule.held} == {
        "removed",
        "two_years",
    }
    earlier = figures_for_leader(
        shelf, Reader(person=PersonCode("B1-02")), PersonCode("B1-02"), RoundId("25" * 16)
    )
    assert earlier.contests[0].seen.watch == ()


def test_a_year_has_its_largest_round_and_an_empty_shelf_has_none() -> None:
    held = three()
    small = a_volume(
        a_year(
            *_one_committee(),
            by_standing(lambda p, u: (1, 1, 1, 1), 1),
            {UnitCode("B1"): 18, UnitCode("B2"): 8},
        )
    )
    shelf = replace(held, held=[small, *held.held])
    assert [volume.round_id for volume in of_years(shelf)] == [NEWEST, "25" * 16, "24" * 16]
    assert find(shelf, RoundId("ff" * 16)).round_id == "ff" * 16
    with pytest.raises(NothingPublished):
        of_years(replace(held, held=[]))
    with pytest.raises(NotPublished):
        find(held, RoundId("00" * 16))


def _one_committee() -> tuple[Organisation, int, RoundId]:
    bloc = an_organisation(2026)
    inside = {"B", "B1", "B2"}
    units = [replace(u, parent=None) if u.code == "B" else u for u in bloc.units if u.code in inside]
    people = [person for person in bloc.people if person.unit in inside]
    posts = [post for post in bloc.posts if post.unit in inside]
    return Organisation.of(units, people, posts), 2026, RoundId("ff" * 16)


def test_units_by_years_are_what_their_leaders_got_and_say_what_is_left_out() -> None:
    page = figures_for_years(three(), ABOVE, UnitCode(""))
    assert page.years == (2021, 2022, 2023, 2024, 2025, 2026)
    rows = {row.unit.code: {each.year: each for each in row.cells} for row in page.rows}
    assert list(rows) == ["K", "A", "B", "C", "D", "E"]
    assert rows[UnitCode("B")][2021].hidden is Hidden.SMALL
    assert rows[UnitCode("B")][2023].marks == (Range.of(5), Range.of(2), Range.of(1), Range.of(0))
    assert rows[UnitCode("B")][2023].on_paper
    assert rows[UnitCode("C")][2026].hidden is Hidden.WITHHELD
    assert rows[UnitCode("E")][2026].hidden is Hidden.EFFECT
    assert (rows[UnitCode("D")][2026].leaders, rows[UnitCode("D")][2026].left_out) == (3, 1)
    assert rows[UnitCode("A")][2022].hidden is Hidden.NOBODY


def test_a_head_sees_no_year_of_units_beside_their_own() -> None:
    page = figures_for_years(three(), Reader(heads=frozenset({UnitCode("D")})), UnitCode("D"))
    assert [row.unit.code for row in page.rows] == ["D", "D1", "D2"]
