"""The focus list names those whom shown figures name for certain, the gravest first, each with every
reason.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from surveys.names import PersonCode, RoundId, UnitCode
from surveys.protocol.definition import Visibility
from surveys.results.errors import NotYourUnit
from surveys.results.focus import Gravity, figures_for_focus
from surveys.results.shelf import Volume
from surveys.results.units import Only, Order, Question, figures_for_unit, unified_leaders
from surveys.results.visibility import Reader
from tests.results.shelves import Held, a_volume, three
from tests.three_years import NEWEST, SIZES, a_year, an_organisation, the_year

ABOVE = Reader(heads=frozenset({UnitCode("K")}))


def focus(reader: Reader = ABOVE, unit: UnitCode = UnitCode("")) -> dict[tuple[str, str], list[Gravity]]:
    page = figures_for_focus(three(), reader, unit)
    return {(e.seen.person, e.seen.unit.code): [r.gravity for r in e.reasons] for e in page.entries}


def test_outcomes_come_first_then_what_must_be_repeated_then_falls() -> None:
    found = focus()
    assert next(iter(found)) == ("B1-02", "B")
    assert found["B1-02", "B"] == [Gravity.OUTCOME]
    assert found["E1-01", "E"] == [Gravity.NO_EFFECT, Gravity.TURNOUT]
    assert found["D1-03", "D1"] == [Gravity.HIGH_FELL]
    worst = [min(-g for g in gravities) for gravities in found.values()]
    assert worst == sorted(worst)


def test_a_leader_who_was_excluded_and_a_withheld_result_are_not_on_the_list() -> None:
    found = focus()
    assert ("D1-02", "D") not in found
    assert not any(unit in ("A3", "C", "C1") for _, unit in found)
    page = figures_for_focus(three(), ABOVE, UnitCode(""))
    assert page.withheld == 3
    assert page.looked_at == len(three().volumes()[0].sums.contests)


def _two_years(before: tuple[int, int, int], now: tuple[int, int, int]) -> list[Gravity]:
    """The reasons for D1-03 when cell D1 marked so in two years."""
    bloc = an_organisation(2026)

    def year(number: int, round_id: RoundId, marks: tuple[int, int, int]) -> Volume:
        def mark(person: str, unit: str, panel: str, returned: int) -> tuple[int, ...]:
            return marks if panel == "D1" else (returned - 2, 1, 1)

        return a_volume(a_year(bloc, number, round_id, mark, dict(SIZES)))

    shelf = Held([year(2025, RoundId("25" * 16), before), year(2026, NEWEST, now)], bloc)
    page = figures_for_focus(shelf, ABOVE, UnitCode("D1"))
    return [r.gravity for e in page.entries if e.seen.person == "D1-03" for r in e.reasons]


def test_a_fall_counts_from_as_many_ballots_as_the_smallest_group_has() -> None:
    assert _two_years((8, 2, 1), (4, 6, 1)) == []  # four of eleven ballots
    assert _two_years((8, 2, 1), (3, 7, 1)) == [Gravity.HIGH_FELL]
    assert _two_years((6, 4, 0), (4, 2, 5)) == [Gravity.LOW_ROSE]


def test_a_fall_that_a_range_leaves_open_accuses_nobody() -> None:
    # From a range of 10 to 11 of 11 to 5: five ballots are certain; to 6, only perhaps.
    assert _two_years((11, 0, 0), (5, 4, 2)) == [Gravity.HIGH_FELL]
    assert _two_years((11, 0, 0), (6, 3, 2)) == []


def test_the_list_is_for_those_above() -> None:
    assert focus(Reader(heads=frozenset({UnitCode("B")})), UnitCode("B")) == {
        ("B1-02", "B"): [Gravity.OUTCOME]
    }
    with pytest.raises(NotYourUnit):
        figures_for_focus(three(), Reader(heads=frozenset({UnitCode("B")})), UnitCode("D"))


def test_leaders_of_a_unit_are_sorted_found_and_filtered() -> None:
    def names(**asked: object) -> list[str]:
        page = figures_for_unit(three(), ABOVE, "B", Question(**asked))  # type: ignore[arg-type]
        return [f"{row.seen.person}@{row.seen.unit.code}" for row in page.rows]

    assert names(order=Order.LOW)[0] == "B1-02@B"
    assert names(order=Order.HIGH)[-1] == "B1-02@B"
    assert names(order=Order.UNIT) == ["B1-01@B", "B1-02@B", "B1-03@B1", "B2-03@B2"]
    assert names(only=Only.FOLLOWS) == ["B1-02@B"]
    assert names(only=Only.SEPARATE, order=Order.UNIT) == ["B1-01@B", "B1-02@B"]
    assert names(only=Only.UNIFIED, order=Order.UNIT) == ["B1-03@B1", "B2-03@B2"]
    assert names(kind="cell", order=Order.UNIT) == ["B1-03@B1", "B2-03@B2"]
    assert set(names(words="bi thu dang uy")) == {"B1-01@B"}
    assert names(words="nobody") == []


def test_names_are_sorted_by_the_given_name() -> None:
    page = figures_for_unit(three(), ABOVE, UnitCode(""), Question(order=Order.NAME))
    given = [row.seen.name.rpartition(" ")[2] for row in page.rows]
    assert given == sorted(given)


def test_what_is_hidden_comes_last_in_every_order_of_figures() -> None:
    for order in (Order.LOW, Order.HIGH):
        rows = figures_for_unit(three(), ABOVE, UnitCode(""), Question(order=order)).rows
        assert [row.low is None for row in rows] == sorted(row.low is None for row in rows)


def test_a_unit_page_has_the_units_below_it_and_counts_what_it_does_not_show() -> None:
    page = figures_for_unit(three(), ABOVE, UnitCode("K"), Question())
    assert [line.unit.code for line in page.below] == ["A", "B", "C", "D", "E"]
    assert (page.unseen, page.whole.leaders.withheld) == (0, 3)
    shelf = replace(three(), held=[a_volume(the_year(2026, Visibility.SUBJECT))])
    own = figures_for_unit(
        shelf, Reader(person=PersonCode("B1-02"), heads=frozenset({UnitCode("B")})), UnitCode("B"), Question()
    )
    assert [row.seen.person for row in own.rows] == ["B1-02"]
    assert own.unseen == 3
    assert own.whole.leaders.leaders == 1


def test_unified_is_who_holds_the_party_post_and_heads_the_agency() -> None:
    unified = unified_leaders(an_organisation(2026))
    assert ("A", "A1-01") in unified
    assert ("B", "B1-01") not in unified
    assert ("B", "B1-02") not in unified
    assert ("B1", "B1-03") in unified
