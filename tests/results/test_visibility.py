"""Who may see a result: four circles, each within the next, and a sentence for everybody who is outside."""

from __future__ import annotations

from functools import cache

import pytest

from surveys.errors import SurveysError
from surveys.names import PersonCode, UnitCode
from surveys.organisation.values import PaperResult
from surveys.protocol.definition import Visibility
from surveys.results.book import open_book
from surveys.results.errors import NotYourUnit, OnlyForHeads, OnlyForTheLeader, OnlyForTheUnit
from surveys.results.sums import Seen, Sums
from surveys.results.visibility import (
    Reader,
    check_contest,
    check_unit,
    may_see,
    may_see_paper,
    visible,
)
from tests.three_years import the_year

READERS = {
    "nobody": Reader(),
    "the leader": Reader(person=PersonCode("B1-03")),
    "another leader of the unit": Reader(person=PersonCode("B1-02"), units=frozenset({UnitCode("B")})),
    "head of the unit": Reader(heads=frozenset({UnitCode("B1")})),
    "head of the committee": Reader(heads=frozenset({UnitCode("B")})),
    "head of everything": Reader(heads=frozenset({UnitCode("*")})),
    "head of another committee": Reader(heads=frozenset({UnitCode("A")})),
    "member of the unit": Reader(units=frozenset({UnitCode("B1")})),
    "member of a neighbour": Reader(units=frozenset({UnitCode("B2")})),
    "auditor": Reader(audits=frozenset({UnitCode("K")})),
    "auditor of another committee": Reader(audits=frozenset({UnitCode("A")})),
}
# Of the result of B1-03 in B1: who is let in by each visibility.
LET_IN = {
    "subject": {"the leader", "auditor"},
    "heads": {"the leader", "auditor", "head of the unit", "head of the committee", "head of everything"},
    "unit": {
        "the leader",
        "auditor",
        "head of the unit",
        "head of the committee",
        "head of everything",
        "member of the unit",
    },
    "public": set(READERS),
}
REFUSALS: dict[str, type[SurveysError]] = {
    "subject": OnlyForTheLeader,
    "heads": OnlyForHeads,
    "unit": OnlyForTheUnit,
}


@cache
def sums(visibility: Visibility) -> Sums:
    made = the_year(2026, visibility)
    return Sums(open_book(made.manifest, made.results))


def of(held: Sums, person: str, unit: str) -> Seen:
    return next(seen for seen in held.contests if (seen.person, seen.unit.code) == (person, unit))


@pytest.mark.parametrize("visibility", list(Visibility))
@pytest.mark.parametrize("name", READERS)
def test_the_definition_says_who_may_see_a_result(visibility: str, name: str) -> None:
    held = sums(visibility)
    seen = of(held, "B1-03", "B1")
    if name in LET_IN[visibility]:
        check_contest(READERS[name], held, seen)
    else:
        with pytest.raises(REFUSALS[visibility]):
            check_contest(READERS[name], held, seen)


@pytest.mark.parametrize("name", READERS)
def test_each_circle_lies_within_the_next(name: str) -> None:
    let_in = [{seen.number for seen in visible(READERS[name], sums(v), sums(v).contests)} for v in Visibility]
    assert let_in[0] <= let_in[1] <= let_in[2] <= let_in[3]
    assert let_in[3] == {seen.number for seen in sums("public").contests}


def test_without_the_check_everybody_would_see_everything() -> None:
    held = sums("heads")
    assert visible(Reader(), held, held.contests) == ()
    assert len(held.contests) > 10


def test_those_who_voted_see_the_result_of_a_unit_above_theirs() -> None:
    held = sums("unit")
    voter = Reader(units=frozenset({UnitCode("B2")}))
    assert may_see(voter, held, of(held, "B1-01", "B"))
    assert not may_see(voter, held, of(held, "A1-01", "A"))


def test_a_paper_result_is_for_the_person_and_for_those_above() -> None:
    paper = PaperResult(2023, PersonCode("A1-01"), UnitCode("B2"), 9, 8, 5, 2, 1, 0)
    book = sums("public").book
    assert may_see_paper(Reader(person=PersonCode("A1-01")), book, paper)
    assert may_see_paper(Reader(heads=frozenset({UnitCode("B")})), book, paper)
    for stranger in (
        Reader(),
        Reader(heads=frozenset({UnitCode("A")})),
        Reader(units=frozenset({UnitCode("B2")})),
    ):
        assert not may_see_paper(stranger, book, paper)


@pytest.mark.parametrize(
    ("visibility", "reader", "unit", "let_in"),
    [
        ("heads", Reader(heads=frozenset({UnitCode("B")})), "B1", True),
        ("heads", Reader(heads=frozenset({UnitCode("B1")})), "B", False),
        ("heads", Reader(units=frozenset({UnitCode("B1")})), "B", False),
        ("unit", Reader(units=frozenset({UnitCode("B1")})), "B", True),
        ("unit", Reader(units=frozenset({UnitCode("B1")})), "A", False),
        ("subject", Reader(person=PersonCode("B1-01")), "B", False),
        ("subject", Reader(audits=frozenset({UnitCode("*")})), "K", True),
        ("public", Reader(), "K", True),
    ],
)
def test_the_pages_of_a_unit_are_for_its_head_and_those_above(
    visibility: str, reader: Reader, unit: UnitCode, let_in: bool
) -> None:
    book = sums(visibility).book
    if let_in:
        check_unit(reader, book, unit)
    else:
        with pytest.raises(NotYourUnit):
            check_unit(reader, book, unit)
