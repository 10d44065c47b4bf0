"""Clocks are changed while a vote goes on: what was meant is done at its instant, and no paper names an hour
that was not.

Paris is at UTC+2 until the night of 25 October 2026, then at UTC+1; at UTC+2 again from 28 March 2027.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from surveys.instants import from_local, instant_text, read_instant
from surveys.json_types import JsonObject
from surveys.papers.typeset.letters import ahead, moment
from surveys.protocol.manifest import Definition
from surveys.rounds.calendar import QUESTIONS, is_late, last_day, local_day
from surveys.rules.preset import Preset
from tests.published import a_definition

PARIS = "Europe/Paris"


def at(text: str) -> str:
    return instant_text(from_local(datetime.fromisoformat(text), PARIS))


@pytest.mark.parametrize(
    ("local", "means"),
    [
        ("2026-10-24T08:00", "2026-10-24T06:00:00Z"),
        ("2026-10-26T08:00", "2026-10-26T07:00:00Z"),
        ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),  # twice on the clocks: the first of the two
        ("2027-03-28T02:30", "2027-03-28T01:30:00Z"),  # on no clock: as if it had not been changed yet
        ("2027-03-28T03:30", "2027-03-28T01:30:00Z"),
    ],
)
def test_an_hour_that_is_entered_is_one_instant(local: str, means: str) -> None:
    assert at(local) == means


def test_a_vote_over_the_change_lasts_an_hour_more_and_its_end_is_after_its_beginning() -> None:
    opens, closes = read_instant(at("2026-10-24T08:00")), read_instant(at("2026-10-26T08:00"))
    assert (closes - opens).total_seconds() == 49 * 3600


def over_the_change(rule: JsonObject) -> Definition:
    return replace(
        a_definition(),
        time_zone=PARIS,
        utc_offset=120,
        rule=rule,
        opens=from_local(datetime(2026, 10, 26, 0, 30), PARIS),  # noqa: DTZ001
        closes=from_local(datetime(2026, 10, 27, 8), PARIS),  # noqa: DTZ001
    )


def test_last_days_are_counted_in_days_of_the_place_and_not_in_24_hours() -> None:
    """Half an hour after midnight, a day of 25 hours before: 24 hours back would be one day off."""
    rule: JsonObject = {**Preset.load("local-annual").as_json(), "deadlines": {QUESTIONS: 1}}
    definition = over_the_change(rule)
    assert local_day(definition, definition.opens) == date(2026, 10, 26)
    assert last_day(definition, QUESTIONS) == date(2026, 10, 25)
    assert not is_late(definition, QUESTIONS, read_instant(at("2026-10-25T23:59")))
    assert is_late(definition, QUESTIONS, read_instant(at("2026-10-26T00:00")))


def test_the_minutes_say_every_hour_in_the_one_that_they_name() -> None:
    """An hour under the name of another would be told as it was on no clock of that name."""
    closed = read_instant("2026-10-26T07:00:00Z")
    assert (ahead(120), moment(closed, 120)[:15]) == ("UTC+2", "09 giờ 00 phút,")


def test_no_paper_reads_a_table_of_zones() -> None:
    """Its bytes are compared by hash for years, and such tables change."""
    folder = Path(__file__).resolve().parents[2] / "surveys" / "papers"
    assert [path.name for path in folder.rglob("*.py") if "zoneinfo" in path.read_text("utf-8")] == []
