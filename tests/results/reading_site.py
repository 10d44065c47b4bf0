"""Rounds for the tests of reading links: three published ones for units, one for each other visibility, and
one that is being counted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from surveys.accounts.links import Purpose, make_link
from surveys.accounts.staff_log import StaffLog
from surveys.names import RoundId, UnitCode
from surveys.protocol.definition import Visibility
from surveys.results.reading import ReadingLinks
from surveys.results.shelf import StaffShelf, Volume, find
from surveys.rounds.states import State
from tests.staff import StaffSite, over
from tests.three_years import (
    NEWEST,
    SIZES,
    a_year,
    an_organisation,
    by_standing,
    publish_year,
    three_years,
)

RUNNING = RoundId("27" * 16)
# Earlier rounds whose results are not for units.
OTHERS = {
    Visibility.SUBJECT: RoundId("21" * 16),
    Visibility.HEADS: RoundId("22" * 16),
    Visibility.PUBLIC: RoundId("23" * 16),
}


def a_reading_site(folder: Path) -> StaffSite:
    """A staff's site over the rounds."""
    stores = three_years(folder, visibility=Visibility.UNIT)
    marks = by_standing(lambda *_: (1, 1, 1, 0), 1)
    for year, (visibility, round_id) in enumerate(OTHERS.items(), 2021):
        made = a_year(an_organisation(2026), year, round_id, marks, SIZES, visibility=visibility)
        publish_year(stores, made)
    running = a_year(an_organisation(2026), 2027, RUNNING, marks, SIZES, visibility=Visibility.UNIT)
    publish_year(stores, running, upto=State.COUNTING)
    return over(stores)


def links_at(site: StaffSite, now: datetime) -> ReadingLinks:
    """The links at a moment."""
    log = StaffLog(site.stores.app, lambda: now)
    parents = find(StaffShelf(site.stores.app), NEWEST).book.definition.parents
    shelf = StaffShelf(site.stores.app)
    return ReadingLinks(site.stores.engines.app, shelf, log, lambda: parents, lambda: now)


def volume(links: ReadingLinks, round_id: RoundId = NEWEST) -> Volume:
    return find(links.shelf, round_id)


def a_token(
    site: StaffSite, unit: UnitCode, *, days: int = 30, round_id: RoundId = NEWEST, ago: int = 0
) -> str:
    """A link's token, made so many days ago."""
    units = [each.code for each in an_organisation(2026).units]
    number = sorted(units, key=str.encode).index(unit)
    at = datetime.now(UTC) - timedelta(days=ago)
    return make_link(site.stores.engines.app, round_id, Purpose.READER, number, at, days)
