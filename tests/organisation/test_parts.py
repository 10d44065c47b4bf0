"""A part of an organisation is one of its own; put back it changes nothing outside, whatever is in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from surveys.names import PersonCode, UnitCode
from surveys.organisation import parts
from surveys.organisation.difference import difference
from surveys.organisation.errors import NoSuchUnit, Outside
from surveys.organisation.export import write_workbook
from surveys.organisation.parts import put_back, require_within, subtree
from surveys.organisation.sheets import check_organisation, read_organisation
from surveys.organisation.values import Grade, Grading, Organisation, Person, Post, PostKind, Scope, Unit
from tests.organisation.build import as_csv, good
from tests.organisation.strategies import organisations


@pytest.fixture
def small(tmp_path: Path) -> Organisation:
    return read_organisation(as_csv(tmp_path / "csv", good()))


@settings(max_examples=80, deadline=None)
@given(organisations())
def test_a_part_is_a_valid_organisation_and_put_back_unchanged_changes_nothing(whole: Organisation) -> None:
    with TemporaryDirectory() as folder:
        for unit in whole.units:
            part = subtree(whole, unit.code)
            check_organisation(part, "part")
            write_workbook(Path(folder) / "a.xlsx", part)
            assert put_back(whole, unit.code, read_organisation(Path(folder) / "a.xlsx")) == whole


def test_a_part_of_an_unknown_unit_is_refused(small: Organisation) -> None:
    with pytest.raises(NoSuchUnit):
        subtree(small, UnitCode("Z"))
    with pytest.raises(NoSuchUnit):
        put_back(small, UnitCode("Z"), small)


def test_a_person_from_elsewhere_comes_by_name_and_votes_nowhere(small: Organisation) -> None:
    whole = replace(
        small,
        posts=(
            *small.posts,
            Post(UnitCode("A2"), PersonCode("001"), "x", PostKind.PARTY, False, True, Scope.UNIT),
        ),
    )
    (guest,) = [person for person in subtree(whole, UnitCode("A2")).people if person.code == "001"]
    assert guest == Person(PersonCode("001"), "Nguyễn Thị Ánh", UnitCode("A2"), None, False)


def test_changes_inside_are_put_back(small: Organisation) -> None:
    part = subtree(small, UnitCode("A1"))
    changed = Organisation.of(
        [replace(part.units[0], name="Tên mới"), Unit(UnitCode("A1x"), UnitCode("A1"), "Tổ", None, "group")],
        [*part.people, Person(PersonCode("new"), "Người mới", UnitCode("A1x"), None, True)],
        [],
        [Grading(UnitCode("A1x"), 2026, Grade.GOOD)],
        [],
    )
    after = put_back(small, UnitCode("A1"), changed)
    check_organisation(after, "whole")
    assert {unit.code: unit.parent for unit in after.units} == {
        **{unit.code: unit.parent for unit in small.units},
        UnitCode("A1x"): "A1",
    }
    assert {record for record in after.people if record.unit not in ("A1", "A1x")} == {
        record for record in small.people if record.unit != "A1"
    }
    require_within(small, after, difference(small, after), UnitCode("A1"))


def test_the_part_of_another_unit_is_refused(small: Organisation) -> None:
    with pytest.raises(Outside) as refused:
        put_back(small, UnitCode("A1"), subtree(small, UnitCode("A2")))
    assert (refused.value.place, refused.value.unit) == ("A2", "A1")


REACHING: dict[str, tuple[Callable[[Organisation], Organisation], str]] = {
    "a unit of another place": (
        lambda part: Organisation.of(
            [*part.units, Unit(UnitCode("A2"), UnitCode("A1"), "x", None, "cell")], part.people, part.posts
        ),
        "A2",
    ),
    "a person of another place": (
        lambda part: Organisation.of(
            part.units,
            [*part.people, Person(PersonCode("003"), "Lê Ước", UnitCode("A1"), None, True)],
            part.posts,
        ),
        "A2",
    ),
    "nobody who holds a post elsewhere": (lambda part: Organisation.of(part.units, part.people[1:], []), "A"),
}


@pytest.mark.parametrize("name", REACHING)
def test_what_would_reach_outside_is_refused_with_the_place(name: str, small: Organisation) -> None:
    alter, place = REACHING[name]
    with pytest.raises(Outside) as refused:
        put_back(small, UnitCode("A1"), alter(subtree(small, UnitCode("A1"))))
    assert refused.value.place == place


WHOLE: dict[str, tuple[Callable[[Organisation], Organisation], str]] = {
    "a unit elsewhere renamed": (
        lambda o: replace(o, units=tuple(replace(u, name="x") if u.code == "A2" else u for u in o.units)),
        "A2",
    ),
    "a unit elsewhere removed": (
        lambda o: replace(o, units=tuple(u for u in o.units if u.code != "A3")),
        "A3",
    ),
    "a unit taken in": (
        lambda o: replace(
            o, units=tuple(replace(u, parent=UnitCode("A1")) if u.code == "A3" else u for u in o.units)
        ),
        "A3",
    ),
    "the unit itself moved": (
        lambda o: replace(
            o, units=tuple(replace(u, parent=UnitCode("A3")) if u.code == "A1" else u for u in o.units)
        ),
        "A3",
    ),
    "a person taken in": (
        lambda o: replace(
            o, people=tuple(replace(p, unit=UnitCode("A1")) if p.code == "003" else p for p in o.people)
        ),
        "A2",
    ),
    "a person given away": (
        lambda o: replace(
            o, people=tuple(replace(p, unit=UnitCode("A2")) if p.code == "002" else p for p in o.people)
        ),
        "A2",
    ),
    "a grading elsewhere": (
        lambda o: replace(o, gradings=(*o.gradings, Grading(UnitCode("A3"), 2026, Grade.GOOD))),
        "A3",
    ),
    "a post for somebody from elsewhere": (
        lambda o: replace(
            o,
            posts=(
                *o.posts,
                Post(UnitCode("A1"), PersonCode("004"), "x", PostKind.PARTY, False, False, Scope.UNIT),
            ),
        ),
        "A2",
    ),
    "a result elsewhere removed": (lambda o: replace(o, history=o.history[1:]), "A"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_file_may_differ_in_the_part_only(name: str, small: Organisation) -> None:
    alter, place = WHOLE[name]
    after = alter(small)
    with pytest.raises(Outside) as refused:
        require_within(small, after, difference(small, after), UnitCode("A1"))
    assert (refused.value.place, refused.value.unit) == (place, "A1")
    require_within(
        small, after, difference(small, after), UnitCode("K")
    )  # the twin: from above it may be done


def test_without_the_look_at_both_sides_a_person_could_be_taken_in(
    small: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: looked at only as it will be, the person lies inside."""
    after = WHOLE["a person taken in"][0](small)
    changes = difference(small, after)
    monkeypatch.setattr(parts, "_changed", lambda changes: ((None, new) for _, new in changes.people.changed))
    require_within(small, after, changes, UnitCode("A1"))


def test_the_unit_itself_may_be_renamed_and_everything_below_it_removed(small: Organisation) -> None:
    after = Organisation.of(
        [
            replace(unit, name="x") if unit.code == "A" else unit
            for unit in small.units
            if unit.code in ("K", "A")
        ],
        [],
        [],
    )
    require_within(small, after, difference(small, after), UnitCode("A"))
