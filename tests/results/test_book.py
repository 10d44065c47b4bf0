"""A results file is read strictly, and only beside the manifest it belongs to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from surveys.errors import SurveysError
from surveys.names import RoundId, UnitCode
from surveys.protocol import canonical
from surveys.protocol.errors import Malformed
from surveys.results.book import open_book
from surveys.results.errors import ForeignResults
from tests.published import CONTESTS, a_definition, the_results

MANIFEST, RESULTS = the_results(a_definition())
Change = Callable[[dict[str, Any]], object]


def test_a_book_holds_what_the_file_says() -> None:
    book = open_book(MANIFEST, RESULTS)
    assert [entry.contest.person for entry in book.entries] == [person for person, *_ in CONTESTS]
    first = book.entries[0].count
    assert first is not None
    assert (first.counts, first.not_marked, first.returned, first.n) == ((16, 5, 2), 1, 24, 24)
    assert first.percent == ("66.67", "20.83", "8.33")
    assert [[unit.code for unit in group.units] for group in first.groups] == [["A1"], ["A2", "A3"]]
    assert book.entries[3].count is None
    assert book.entries[3].withheld is not None
    outcome = book.entries[2].count
    assert outcome is not None
    assert outcome.outcome.id == "out_of_planning"


def test_units_above_and_below_are_known() -> None:
    book = open_book(MANIFEST, RESULTS)
    assert book.subtree(UnitCode("A")) == {"A", "A1", "A2", "A3"}
    assert [unit.code for unit in book.path(book.units[UnitCode("A2")])] == ["A2", "A"]
    assert [unit.code for unit in book.path(book.units[UnitCode("K")])] == ["K"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (lambda r: r.update(survey="00" * 16), ForeignResults),
        (lambda r: r.update(year=2025), ForeignResults),
        (lambda r: r.update(k=6), ForeignResults),
        (lambda r: r.update(preset="qd96-2023"), ForeignResults),
        (lambda r: r.update(extra=1), Malformed),
        (lambda r: r["contests"].pop(), ForeignResults),
        (lambda r: r["contests"][0].update(name="Another"), ForeignResults),
        (lambda r: r["contests"][0].update(outcome="promoted"), ForeignResults),
        (lambda r: r["contests"][0]["breakdown"][0].update(units=["Z"]), ForeignResults),
        (lambda r: r["contests"][0]["levels"].update(high=-1), Malformed),
        (lambda r: r["contests"][0]["levels"].update(middling=1), Malformed),
        (lambda r: r["contests"][0].pop("returned"), Malformed),
        (lambda r: r["contests"][3].update(levels={"high": 3, "plain": 0, "low": 0}), Malformed),
        (lambda r: r["contests"][3].update(returned=3), Malformed),
    ],
)
def test_results_that_do_not_belong_here_are_refused(change: Change, refusal: type[SurveysError]) -> None:
    document = json.loads(RESULTS)
    change(document)
    with pytest.raises(refusal):
        open_book(MANIFEST, canonical.encode(document))


def test_results_of_another_round_are_refused() -> None:
    other = replace(MANIFEST, definition=a_definition(round_id=RoundId("11" * 16)))
    with pytest.raises(ForeignResults):
        open_book(other, RESULTS)
