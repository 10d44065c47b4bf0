"""Roles reach over a unit and everything below it, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.accounts.errors import NotYours
from surveys.accounts.roles import EVERYWHERE, Grant, Role, Staff, covers, require, require_touching, within
from surveys.names import UnitCode

TREE = {
    UnitCode("K"): None,
    UnitCode("A"): UnitCode("K"),
    UnitCode("A1"): UnitCode("A"),
    UnitCode("A2"): UnitCode("A"),
    UnitCode("B"): UnitCode("K"),
    UnitCode("B1"): UnitCode("B"),
}
ORGANIZERS = frozenset({Role.ORGANIZER})


def staff(*grants: Grant) -> Staff:
    return Staff("1" * 32, "N", "n@example.org", None, True, grants)


@pytest.mark.parametrize(
    ("above", "unit", "held"),
    [
        ("K", "A1", True),
        ("A", "A1", True),
        ("A1", "A1", True),
        ("A1", "A", False),
        ("A", "B1", False),
        ("A", "nothing", False),
        ("nothing", "A", False),
        (EVERYWHERE, "nothing", True),
        (EVERYWHERE, EVERYWHERE, True),
        ("K", EVERYWHERE, False),
    ],
)
def test_a_role_covers_its_unit_and_what_lies_below(above: UnitCode, unit: UnitCode, held: bool) -> None:
    assert covers(TREE, above, unit) is held


def test_another_role_or_another_unit_is_refused() -> None:
    organizer = staff(Grant(Role.ORGANIZER, UnitCode("A")), Grant(Role.AUDITOR, UnitCode("B")))
    require(organizer, ORGANIZERS, UnitCode("A1"), TREE)
    for unit in (UnitCode("B"), UnitCode("B1"), UnitCode("K")):
        with pytest.raises(NotYours):
            require(organizer, ORGANIZERS, unit, TREE)
    with pytest.raises(NotYours):
        require(organizer, frozenset({Role.ADMINISTRATOR}), UnitCode("A"), TREE)


def test_without_the_unit_in_the_question_the_other_committee_would_be_open() -> None:
    assert staff(Grant(Role.ORGANIZER, UnitCode("A"))).has(ORGANIZERS)


def test_a_part_is_touched_from_above_and_from_below_but_not_from_beside() -> None:
    require_touching(staff(Grant(Role.ORGANIZER, UnitCode("A1"))), ORGANIZERS, UnitCode("A"), TREE)
    require_touching(staff(Grant(Role.ORGANIZER, UnitCode("K"))), ORGANIZERS, UnitCode("A"), TREE)
    with pytest.raises(NotYours):
        require_touching(staff(Grant(Role.ORGANIZER, UnitCode("B1"))), ORGANIZERS, UnitCode("A"), TREE)


def test_of_a_list_only_what_is_covered_is_left() -> None:
    assert within(
        [UnitCode("A1"), UnitCode("B1"), UnitCode("A2")],
        staff(Grant(Role.ORGANIZER, UnitCode("A"))),
        ORGANIZERS,
        TREE,
    ) == ("A1", "A2")


@given(st.sampled_from(sorted(TREE)), st.sampled_from(sorted(TREE)))
def test_covering_is_being_above_in_the_tree(above: str, unit: UnitCode) -> None:
    line, at = [], unit
    while at is not None:
        line.append(at)
        at = TREE[at]  # type: ignore[assignment]
    assert covers(TREE, above, unit) is (above in line)


def test_a_tree_that_goes_in_a_circle_ends() -> None:
    assert not covers(
        {UnitCode("A"): UnitCode("B"), UnitCode("B"): UnitCode("A")}, UnitCode("C"), UnitCode("A")
    )
