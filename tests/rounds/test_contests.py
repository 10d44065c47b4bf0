"""Contests and panels out of an organisation: who is voted on by whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from surveys.names import PersonCode, UnitCode
from surveys.organisation.values import Organisation, Person, Post, PostKind, Scope
from surveys.rounds.contests import plan_electorate, warnings
from surveys.rounds.errors import NobodyVotes, NoSubjects
from tests.organisations import CELLS, a_bloc

LEVELS = ("high", "plain", "low")


def test_panels_are_the_units_where_people_vote() -> None:
    electorate = plan_electorate(a_bloc(), 2026, LEVELS)
    assert {unit: len(voters) for unit, voters in electorate.panels.items()} == CELLS


def test_a_persons_posts_in_one_unit_make_one_contest_with_the_post_voted_on_first() -> None:
    contests = {(c.unit, c.person): c for c in plan_electorate(a_bloc(), 2026, LEVELS).contests}
    assert contests[UnitCode("A"), PersonCode("A1-02")].titles == ("Bí thư", "Giám đốc")
    assert contests[UnitCode("A"), PersonCode("A1-02")].electorate == ("A1", "A2", "A3")
    assert contests[UnitCode("K"), PersonCode("A1-01")].electorate == ("A1", "A2", "A3", "B1")
    assert contests[UnitCode("A1"), PersonCode("A1-03")].electorate == ("A1",)


def test_last_years_result_comes_along_where_it_counts_the_same_levels() -> None:
    found = {c.unit: c.previous for c in plan_electorate(a_bloc(), 2026, LEVELS).contests}
    of_a = found[UnitCode("A")]
    assert of_a is not None
    assert (of_a.year, of_a.levels["low"], of_a.summoned) == (
        2025,
        8,
        15,
    )
    assert found[UnitCode("K")] is None
    assert all(
        c.previous is None for c in plan_electorate(a_bloc(), 2026, ("confidence", "no_confidence")).contests
    )
    assert all(c.previous is None for c in plan_electorate(a_bloc(), 2027, LEVELS).contests)


def test_subjects_can_be_taken_off_the_roll_of_the_unit_where_they_are_voted_on() -> None:
    off = plan_electorate(a_bloc(), 2026, LEVELS, subjects_vote=False)
    assert "A1-03" not in off.panels[UnitCode("A1")]
    assert "A1-01" in off.panels[UnitCode("A1")]


def test_people_who_do_not_vote_are_on_no_roll() -> None:
    bloc = a_bloc()
    people = [replace(person, votes=person.unit != "B1") for person in bloc.people]
    organisation = Organisation.of(bloc.units, people, [post for post in bloc.posts if post.unit != "B1"])
    assert "B1" not in plan_electorate(organisation, 2026, LEVELS).panels


def test_a_contest_without_a_voter_is_named() -> None:
    bloc = a_bloc()
    people = [replace(person, votes=person.unit != "B1") for person in bloc.people]
    with pytest.raises(NobodyVotes, match="Người B1 1"):
        plan_electorate(Organisation.of(bloc.units, people, bloc.posts), 2026, LEVELS)


def test_an_organisation_in_which_nobody_is_voted_on_is_refused() -> None:
    bloc = a_bloc()
    with pytest.raises(NoSubjects):
        plan_electorate(Organisation.of(bloc.units, bloc.people, ()), 2026, LEVELS)


def test_small_panels_small_electorates_and_too_many_places_are_warned_of() -> None:
    bloc = a_bloc()
    posts = [
        *bloc.posts,
        *(
            Post(u, PersonCode("A1-01"), "Ủy viên", PostKind.PARTY, False, True, Scope.SUBTREE)
            for u in (UnitCode("A2"), UnitCode("B"))
        ),
    ]
    found = warnings(plan_electorate(Organisation.of(bloc.units, bloc.people, posts), 2026, LEVELS), 5)
    assert {(w.kind, w.where, w.number) for w in found} == {
        ("small_panel", "A2", 2),
        ("small_panel", "B1", 3),
        ("small_electorate", "Người A1 1 (A2)", 2),
        ("small_electorate", "Người A1 1 (B)", 3),
        ("small_electorate", "Người B1 1 (B1)", 3),
        ("places", "Người A1 1", 3),
    }


def test_a_panel_without_a_contest_is_left_out() -> None:
    bloc = a_bloc()
    people = [*bloc.people, Person(PersonCode("B-9"), "Ai đó", UnitCode("B"), None, True)]
    only = [post for post in bloc.posts if post.unit == "A1"]
    assert list(plan_electorate(Organisation.of(bloc.units, people, only), 2026, LEVELS).panels) == ["A1"]


def test_a_member_of_the_committee_with_a_leaders_name_is_warned_of() -> None:
    electorate = plan_electorate(a_bloc(), 2026, ("high", "plain", "low"))
    found = warnings(electorate, 3, ("Người A1 1", "Người lạ"))
    assert [danger.where for danger in found if danger.kind == "committee"] == ["Người A1 1"]
