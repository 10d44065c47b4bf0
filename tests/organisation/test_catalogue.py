"""What pages look up: the tree, people, posts, contests; and a part of it is all that somebody sees of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from surveys.names import PersonCode, UnitCode
from surveys.organisation.catalogue import Catalogue
from surveys.organisation.errors import NoOrganisation, NoSuchPerson, NoSuchUnit
from surveys.organisation.kept import Shelf
from surveys.organisation.parts import subtree
from surveys.organisation.register import import_organisation
from surveys.organisation.sheets import read_organisation
from surveys.organisation.values import Organisation, Post, PostKind, Scope, unified_units
from surveys.rehearsal.demo_organisation import YEAR, demo_organisation
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Store, Stores
from tests.codes import units
from tests.organisation.build import as_csv, good
from tests.organisation.strategies import organisations
from tests.pace import within

ANSWERS: dict[str, Callable[[Catalogue, UnitCode], Any]] = {
    "unit": Catalogue.unit,
    "path": Catalogue.path,
    "children": Catalogue.children,
    "units": Catalogue.units,
    "numbers": Catalogue.numbers,
    "people_of": Catalogue.people_of,
    "posts_in": Catalogue.posts_in,
    "unified_in": Catalogue.unified_in,
    "gradings_of": Catalogue.gradings_of,
    "grading": lambda catalogue, unit: catalogue.grading(unit, 2025),
    "results_in": Catalogue.results_in,
    "contests_in": Catalogue.contests_in,
    "contests_over": Catalogue.contests_over,
    "find_units": lambda catalogue, unit: catalogue.find_units("a", unit),
    "find_people": lambda catalogue, unit: set(catalogue.find_people("n", unit)),
    "within": lambda catalogue, unit: catalogue.within(unit).units(),
}
OF_A_PERSON: dict[str, Callable[[Catalogue, PersonCode], Any]] = {
    "person": Catalogue.person,
    "posts_of": Catalogue.posts_of,
    "results_of": Catalogue.results_of,
}
OF_ALL: dict[str, Callable[[Catalogue], Any]] = {
    "top": lambda catalogue: catalogue.top,
    "revision": lambda catalogue: catalogue.revision,
    "graded_years": Catalogue.graded_years,
    "gaps": Catalogue.gaps,
    "has": lambda catalogue: {code: catalogue.has(code) for code in units(*"ABCDE")},
}


@pytest.fixture(scope="module")
def demo() -> Catalogue:
    return Catalogue.of(demo_organisation(), 1)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Organisation:
    return read_organisation(as_csv(tmp_path_factory.mktemp("small"), good()))


def answer(ask: Callable[..., Any], *about: Any) -> Any:
    try:
        return ask(*about)
    except (NoSuchUnit, NoSuchPerson) as refused:
        return type(refused)


def test_every_answer_is_compared() -> None:
    public = {name for name in vars(Catalogue) if not name.startswith("_")}
    assert public == {*ANSWERS, *OF_A_PERSON, *OF_ALL, "from_elsewhere", "of"}


@settings(max_examples=150, deadline=None)
@given(organisations())
def test_a_part_answers_as_if_there_were_nothing_else(organisation: Organisation) -> None:
    whole = Catalogue.of(organisation, 7)
    for unit in organisation.units:
        seen, alone = whole.within(unit.code), Catalogue.of(subtree(organisation, unit.code), 7)
        for name, of_all in OF_ALL.items():
            assert of_all(seen) == of_all(alone), name
        for other in organisation.units:
            for name, ask in ANSWERS.items():
                assert answer(ask, seen, other.code) == answer(ask, alone, other.code), (name, unit, other)
        for person in organisation.people:
            for name, of in OF_A_PERSON.items():
                assert answer(of, seen, person.code) == answer(of, alone, person.code), (name, unit, person)


def test_without_the_look_at_the_top_a_part_would_answer_for_everything(
    demo: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = demo.within(UnitCode("DU01"))
    for ask in (part.unit, part.people_of, part.within, part.numbers):
        with pytest.raises(NoSuchUnit):
            ask(UnitCode("DU02"))
    with pytest.raises(NoSuchPerson):
        part.person(PersonCode("DU02-C01-01"))
    monkeypatch.setattr(Catalogue, "has", lambda *_: True)
    assert part.people_of(UnitCode("DU02-C01"))
    assert part.person(PersonCode("DU02-C01-01"))


def test_a_part_of_a_part_is_that_part_and_never_more(demo: Catalogue) -> None:
    part = demo.within(UnitCode("DU01")).within(UnitCode("DU01-C01"))
    assert part.units() == (replace(demo.unit(UnitCode("DU01-C01")), parent=None),)
    with pytest.raises(NoSuchUnit):
        demo.within(UnitCode("DU01-C01")).within(UnitCode("DU01"))


def test_somebody_from_elsewhere_who_holds_a_post_is_there_by_name_only(small: Organisation) -> None:
    posts = [
        *small.posts,
        Post(UnitCode("A2"), PersonCode("001"), "Phụ trách", PostKind.PROFESSIONAL, False, True, Scope.UNIT),
    ]
    catalogue = Catalogue.of(Organisation.of(small.units, small.people, posts), 1)
    whole, part = (
        catalogue.person(PersonCode("001")),
        catalogue.within(UnitCode("A2")).person(PersonCode("001")),
    )
    assert (whole.unit, whole.votes, whole.email) == ("A1", True, "anh@example.org")
    assert (part.unit, part.votes, part.email, part.name) == ("A2", False, None, whole.name)
    assert catalogue.within(UnitCode("A2")).from_elsewhere(PersonCode("001"))
    assert not catalogue.from_elsewhere(PersonCode("001"))
    assert [each.post.unit for each in catalogue.within(UnitCode("A2")).posts_of(PersonCode("001"))] == ["A2"]


def test_the_demo_has_its_numbers(demo: Catalogue) -> None:
    numbers = demo.numbers()
    assert (numbers.units, numbers.people, numbers.voters, numbers.unified) == (468, 5000, 5000, 396)
    assert len(demo.children(UnitCode("KHOI"))) == 57
    assert sum(demo.numbers(unit.code).people for unit in demo.children(UnitCode("KHOI"))) == 5000
    assert {unit.code for unit in demo.units() if demo.unified_in(unit.code)} == unified_units(
        demo_organisation()
    )
    assert [unit.code for unit in demo.path(UnitCode("DU07-C03"))] == ["KHOI", "DU07", "DU07-C03"]


def test_who_votes_where(demo: Catalogue) -> None:
    cell = demo.unit(UnitCode("DU01-C01"))
    own = demo.contests_in(cell.code)
    over = demo.contests_over(cell.code)
    assert len(demo.contests_in(UnitCode("KHOI"))) == 5
    assert len(over) == 5 + len(demo.contests_in(UnitCode("DU01"))) + len(own)
    assert {each.voters for each in demo.contests_in(UnitCode("KHOI"))} == {5000}
    assert {each.voters for each in own} == {len(demo.people_of(cell.code))}


def test_a_contest_has_one_leader_with_all_titles_the_one_voted_on_first(small: Organisation) -> None:
    catalogue = Catalogue.of(small, 1)
    (contest,) = catalogue.contests_in(UnitCode("A"))
    assert (contest.person.code, contest.titles, contest.voters) == ("001", ("Bí thư", "Giám đốc"), 3)
    (narrow,) = catalogue.contests_in(UnitCode("A1"))
    assert (narrow.electorate, narrow.voters) == ("unit", 2)


def test_search_needs_no_accents_and_takes_words_in_any_order(demo: Catalogue, small: Organisation) -> None:
    catalogue = Catalogue.of(small, 1)
    for words in ("anh", "thi nguyen", "NGUYỄN THỊ", "001"):
        assert [person.code for person in catalogue.find_people(words)] == ["001"]
    assert next(unit.code for unit in demo.find_units("so noi vu")) == "DU01"
    assert demo.within(UnitCode("DU02")).find_units("so noi vu") == ()
    assert catalogue.find_people("anh", UnitCode("A2")) == ()


def test_what_is_missing_is_named(small: Organisation) -> None:
    gaps = Catalogue.of(small, 1).gaps()
    assert [unit.code for unit in gaps.empty_units] == ["A3"]
    assert (gaps.graded_year, [unit.code for unit in gaps.not_graded]) == (2026, ["A2", "A3"])
    assert gaps.no_address == 2
    assert gaps.nobody_votes == ()
    alone = replace(small.posts[-1], unit=UnitCode("A3"), subject=True, electorate=Scope.UNIT)
    gaps = Catalogue.of(replace(small, posts=(alone,)), 1).gaps()
    assert [(each.unit.code, each.voters) for each in gaps.nobody_votes] == [("A3", 0)]


def test_the_demo_lacks_nothing_but_addresses(demo: Catalogue) -> None:
    gaps = demo.gaps()
    assert (gaps.empty_units, gaps.not_graded, gaps.graded_year, gaps.nobody_votes) == ((), (), YEAR, ())


def test_what_is_kept_is_loaded_anew_in_every_process_when_something_has_changed(
    small: Organisation, tmp_path: Path
) -> None:
    ring = Keyring.fresh()
    one, other = Engines(tmp_path), Engines(tmp_path)
    one.migrate_app()
    here, there = Shelf(Store(one.app, ring)), Shelf(Store(other.app, ring))
    with pytest.raises(NoOrganisation):
        here.open()
    import_organisation(Store(one.app, ring), small, confirmed=False)
    first = here.open()
    assert here.open() is first
    assert there.open().units() == first.units()
    import_organisation(Store(other.app, ring), replace(small, gradings=()), confirmed=True)
    assert here.open().gradings_of(UnitCode("A")) == there.open().gradings_of(UnitCode("A")) == ()
    assert here.open().revision == first.revision + 1


def test_the_demo_is_loaded_in_a_moment_and_looked_up_in_none(tmp_path: Path) -> None:
    stores = Stores(Engines(tmp_path), Keyring.fresh())
    stores.engines.migrate_app()
    import_organisation(stores.app, demo_organisation(), confirmed=False)
    shelf = Shelf(stores.app)
    begun = time.process_time()
    with within(3):
        shelf.open()
    loading = time.process_time() - begun
    begun = time.process_time()
    for _ in range(10):
        part = shelf.open().within(UnitCode("DU01"))
        part.find_people("nguyen")
        part.gaps()
    assert time.process_time() - begun < loading
