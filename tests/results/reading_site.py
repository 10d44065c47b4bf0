"""Rounds for the tests of reading links: three published ones for units, one for each other visibility, and one that is being counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from surveys.accounts.links import Purpose, make_link
from surveys.accounts.staff_log import StaffLog
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

RUNNING = "27" * 16
# Earlier rounds whose results are not for units.
OTHERS = {"subject": "21" * 16, "heads": "22" * 16, "public": "23" * 16}


def a_reading_site(folder: Path) -> StaffSite:
    """A staff's site over the rounds."""
    stores, keyring = three_years(folder, visibility="unit")
    marks = by_standing(lambda *_: (1, 1, 1, 0), 1)
    for year, (visibility, survey) in enumerate(OTHERS.items(), 2021):
        made = a_year(an_organisation(2026), year, survey, marks, SIZES, visibility=visibility)
        publish_year(stores, keyring, made)
    running = a_year(an_organisation(2026), 2027, RUNNING, marks, SIZES, visibility="unit")
    publish_year(stores, keyring, running, upto=State.COUNTING)
    return over(stores, keyring)


def links_at(site: StaffSite, now: datetime) -> ReadingLinks:
    """The links at a moment."""
    log = StaffLog(site.stores.app, site.keyring, lambda: now)
    parents = find(StaffShelf(site.stores.app, site.keyring), NEWEST).book.definition.parents
    shelf = StaffShelf(site.stores.app, site.keyring)
    return ReadingLinks(site.stores.app, shelf, log, lambda: parents, lambda: now)


def volume(links: ReadingLinks, survey: str = NEWEST) -> Volume:
    return find(links.shelf, survey)


def a_token(site: StaffSite, unit: str, *, days: int = 30, survey: str = NEWEST, ago: int = 0) -> str:
    """A link's token, made so many days ago."""
    units = [each.code for each in an_organisation(2026).units]
    number = sorted(units, key=str.encode).index(unit)
    at = datetime.now(UTC) - timedelta(days=ago)
    return make_link(site.stores.app, survey, Purpose.READER, number, at, days)
