"""Reading links: for which rounds and units, by whom, how long; what they are not good for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, insert

from app import Services, create_reading_app
from surveys.accounts.errors import NoSuchLink, NotYours
from surveys.accounts.links import Purpose, holder_of, make_link
from surveys.accounts.roles import EVERYWHERE, Grant, Role, Staff
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.protocol.definition import Visibility
from surveys.results.errors import (
    NoSuchReadingLink,
    NoSuchUnit,
    NotForUnits,
    NothingForUnit,
    NotPublished,
    ReadingLinkOver,
)
from surveys.results.reading import ReadingLinks
from surveys.results.units import Question
from surveys.roll.models import panels
from surveys.settings import Settings
from surveys.stores.engines import reading
from tests.programs import Program, api_over
from tests.results.reading_site import OTHERS, RUNNING, a_reading_site, a_token, links_at, volume
from tests.results.shelves import Held, a_volume
from tests.staff import Browser, StaffSite, said
from tests.three_years import (
    NEWEST,
    SIZES,
    a_year,
    an_organisation,
    by_standing,
)
from tests.web.markup import faults

ORGANIZER = Role.ORGANIZER
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
PLACES = (UnitCode("A"), UnitCode("B"), UnitCode("B1"), UnitCode("K"), EVERYWHERE)
FOUND = re.compile(r'<code class="hash" data-copy>([^<]+)</code>')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffSite]:
    made = a_reading_site(tmp_path_factory.mktemp("instance"))
    yield made
    made.stores.close()


@pytest.fixture(scope="module")
def links(site: StaffSite) -> ReadingLinks:
    return links_at(site, NOW)


@pytest.fixture(scope="module")
def organizers(site: StaffSite) -> dict[str, Staff]:
    return {place: site.account(f"organizer.{place}", Grant(ORGANIZER, place)) for place in PLACES}


@pytest.fixture(scope="module")
def app(site: StaffSite) -> Flask:
    return create_reading_app(Services(Settings(), site.stores))


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    return app.test_client()


def made(browser: Browser, unit: str, days: object = 30, round_id: RoundId = NEWEST) -> Any:
    """The answer to an organizer who makes a link on the page."""
    at = f"/en/results/{round_id}/reading"
    return browser.post(at, {"unit": unit, "days": days}, at="/en/account/me")


# How long it opens anything.


def test_a_link_ends_with_its_time(site: StaffSite, reader: FlaskClient) -> None:
    assert reader.get(f"/en/{a_token(site, UnitCode('D1'), days=30, ago=29)}").status_code == 200
    token = a_token(site, UnitCode("D1"), days=30, ago=31)
    for language, reason in (("en", "has expired"), ("vi", "đã hết hạn")):
        answer = reader.get(f"/{language}/{token}")
        assert (answer.status_code, reason in said(answer)) == (410, True)
        assert faults(answer.get_data(as_text=True)) == []


def test_a_newer_link_ends_the_older_and_no_other_unit_s(
    site: StaffSite, links: ReadingLinks, organizers: dict[str, Staff]
) -> None:
    beside = links.make(organizers["K"], NEWEST, UnitCode("B2"), 5)[1]
    first = links.make(organizers["B"], NEWEST, UnitCode("B1"), 5)[1]
    assert links.read(first, UnitCode(""), Question()).own.code == "B1"
    second = links.make(organizers["B"], NEWEST, UnitCode("B1"), 5)[1]
    with pytest.raises(NoSuchReadingLink):
        links.read(first, UnitCode(""), Question())
    assert links.read(second, UnitCode(""), Question()).own.code == "B1"
    assert links.read(beside, UnitCode(""), Question()).own.code == "B2"


def test_a_link_that_was_ended_opens_nothing_and_ending_may_be_repeated(
    site: StaffSite, links: ReadingLinks, organizers: dict[str, Staff]
) -> None:
    token = links.make(organizers["K"], NEWEST, UnitCode("E1"), 90)[1]
    beside = links.make(organizers["K"], NEWEST, UnitCode("D1"), 90)[1]
    for _ in range(2):
        links.end(organizers["K"], NEWEST, UnitCode("E1"))
    with pytest.raises(NoSuchReadingLink):
        links.read(token, UnitCode(""), Question())
    assert links.read(beside, UnitCode(""), Question()).own.code == "D1"
    assert {each.unit.code: each.until for each in links.of(organizers["K"], NEWEST)}[UnitCode("E1")] is None


def test_the_moment_of_its_end_is_the_last_at_which_a_link_opens(
    site: StaffSite, organizers: dict[str, Staff]
) -> None:
    token = links_at(site, NOW).make(organizers["K"], NEWEST, UnitCode("A2"), 1)[1]
    last = NOW + timedelta(days=1)
    assert links_at(site, last).read(token, UnitCode(""), Question()).own.code == "A2"
    with pytest.raises(ReadingLinkOver):
        links_at(site, last + timedelta(seconds=1)).read(token, UnitCode(""), Question())


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 42, "%C3%A9", "..%2F", "0" * 2000])
def test_what_is_no_link_opens_nothing_and_says_what_to_do(reader: FlaskClient, token: str) -> None:
    answer = reader.get(f"/en/{token}")
    assert answer.status_code == 404
    assert faults(answer.get_data(as_text=True)) == []
    if "%2F" not in token:
        assert "This reading link is wrong, has been ended, or a newer one has taken its place" in said(
            answer
        )
        assert "không đúng, đã bị kết thúc hoặc đã được thay" in said(reader.get(f"/vi/{token}"))


def test_links_of_another_kind_open_no_results_and_this_one_nothing_else(
    site: StaffSite, links: ReadingLinks, reader: FlaskClient
) -> None:
    for purpose in (Purpose.OFFICE, Purpose.TRUSTEE):
        other = make_link(site.stores.engines.app, NEWEST, purpose, 1, datetime.now(UTC), 5)
        assert reader.get(f"/en/{other}").status_code == 404
        assert holder_of(site.stores.engines.app, NEWEST, purpose, other, datetime.now(UTC)) == 1
    token = a_token(site, UnitCode("B1"))
    for purpose in (Purpose.OFFICE, Purpose.TRUSTEE):
        with pytest.raises(NoSuchLink):
            holder_of(site.stores.engines.app, NEWEST, purpose, token, datetime.now(UTC))
    program = Program(api_over(site).test_client(), token)
    for address in ("/rounds", f"/rounds/{NEWEST}/units/B1"):
        assert program.get(address).status_code == 401
    for address in (f"/en/results/{NEWEST}/units/B1", f"/en/results/{NEWEST}/papers"):
        answer = site.browser().get(address, Authorization=f"Bearer {token}")
        assert (answer.status_code, "/account/login" in answer.headers["Location"]) == (303, True)


# For which rounds, and by whom.


@pytest.mark.parametrize("round_id", OTHERS.values(), ids=OTHERS)
def test_a_round_that_is_not_for_units_has_no_links(
    site: StaffSite,
    links: ReadingLinks,
    organizers: dict[str, Staff],
    reader: FlaskClient,
    round_id: RoundId,
) -> None:
    by = organizers[EVERYWHERE]
    for refused in (
        lambda: links.of(by, round_id),
        lambda: links.make(by, round_id, UnitCode("B1"), 30),
        lambda: links.end(by, round_id, UnitCode("B1")),
    ):
        with pytest.raises(NotForUnits):
            refused()
    answer = made(site.browser(by), "B1", round_id=round_id)
    assert answer.status_code == 409
    assert "does not open its results to everybody in a unit" in said(answer)
    # A link that stands in the store all the same opens nothing.
    assert reader.get(f"/en/{a_token(site, UnitCode('B1'), round_id=round_id)}").status_code == 404
    assert len(links.of(by, NEWEST)) == 16


def test_before_publication_there_are_no_links(
    site: StaffSite, links: ReadingLinks, organizers: dict[str, Staff], reader: FlaskClient
) -> None:
    by = organizers[EVERYWHERE]
    with pytest.raises(NotPublished):
        links.make(by, RUNNING, UnitCode("B1"), 30)
    for answer in (
        site.browser(by).get(f"/en/results/{RUNNING}/reading"),
        made(site.browser(by), "B1", round_id=RUNNING),
    ):
        assert (answer.status_code, "not published yet" in said(answer)) == (404, True)
    assert reader.get(f"/en/{a_token(site, UnitCode('B1'), round_id=RUNNING)}").status_code == 404


@pytest.mark.parametrize(
    ("place", "unit", "may"),
    [
        ("B", "B", True),
        ("B", "B1", True),
        ("K", "B1", True),
        (EVERYWHERE, "B1", True),
        ("A", "B1", False),
        ("B1", "B", False),
        ("B1", "B2", False),
    ],
)
def test_only_who_organizes_the_unit_or_one_above_makes_and_ends_its_link(
    site: StaffSite, links: ReadingLinks, organizers: dict[str, Staff], place: str, unit: UnitCode, may: bool
) -> None:
    by, before = organizers[place], links.log.head()
    assert (unit in {each.unit.code for each in links.of(by, NEWEST)}) is may
    answer = made(site.browser(by), unit)
    if may:
        assert answer.status_code == 200
        links.end(by, NEWEST, unit)
        return
    assert answer.status_code == 403
    for act in (lambda: links.make(by, NEWEST, unit, 30), lambda: links.end(by, NEWEST, unit)):
        with pytest.raises(NotYours):
            act()
    assert links.log.head() == before


@pytest.mark.parametrize("role", [role for role in Role if role is not ORGANIZER])
def test_no_other_role_makes_links(site: StaffSite, links: ReadingLinks, role: Role) -> None:
    person = PersonCode("B1-01") if role is Role.LEADER else None
    by = site.account(f"no.{role.value}", Grant(role, EVERYWHERE), person=person)
    assert made(site.browser(by), "B1").status_code == 403
    with pytest.raises(NotYours):
        links.make(by, NEWEST, UnitCode("B1"), 30)


def test_who_organized_the_unit_then_and_does_not_now_makes_no_link(
    site: StaffSite, links: ReadingLinks, organizers: dict[str, Staff]
) -> None:
    moved = {**volume(links).book.definition.parents, UnitCode("B1"): UnitCode("A")}
    now = ReadingLinks(links.engine, links.shelf, links.log, lambda: moved, links.now)
    for place in ("A", "B"):
        with pytest.raises(NotYours):
            now.make(organizers[place], NEWEST, UnitCode("B1"), 30)
        assert "B1" not in {each.unit.code for each in now.of(organizers[place], NEWEST)}
    assert now.make(organizers["K"], NEWEST, UnitCode("B1"), 30)[0].code == "B1"


def test_an_unknown_unit_and_one_without_anything_to_see_have_no_link(
    site: StaffSite, links: ReadingLinks, organizers: dict[str, Staff]
) -> None:
    with pytest.raises(NoSuchUnit):
        links.make(organizers["K"], NEWEST, UnitCode("nowhere"), 30)
    with pytest.raises(NothingForUnit):
        bare(links).make(organizers["K"], NEWEST, UnitCode("E"), 30)
    assert "E" not in {each.unit.code for each in bare(links).of(organizers["K"], NEWEST)}
    assert "E" in {each.unit.code for each in links.of(organizers["K"], NEWEST)}


def bare(links: ReadingLinks) -> ReadingLinks:
    """The same over a round in which nobody is voted on in E itself; only its cell votes."""
    whole = an_organisation(2026)
    fewer = replace(whole, posts=tuple(post for post in whole.posts if post.unit != "E"))
    marks = by_standing(lambda *_: (1, 1, 1, 0), 1)
    held = a_volume(a_year(fewer, 2026, NEWEST, marks, SIZES, visibility=Visibility.UNIT))
    return ReadingLinks(links.engine, Held([held], whole), links.log, links.tree, links.now)


@pytest.mark.parametrize("days", ["0", "91", "-1", "x", "", "1.5"])
def test_a_time_that_is_none_is_refused_at_its_field_and_the_older_link_stands(
    site: StaffSite, organizers: dict[str, Staff], reader: FlaskClient, days: str
) -> None:
    token = a_token(site, UnitCode("B1"))
    answer = made(site.browser(organizers["B"]), "B1", days=days)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert faults(page) == []
    assert re.search(r'id="days"[^>]* aria-invalid="true"', page)
    assert '<option value="B1" selected>' in page
    assert reader.get(f"/en/{token}").status_code == 200


def test_a_form_without_its_token_is_refused_and_nothing_is_done(
    site: StaffSite, links: ReadingLinks, organizers: dict[str, Staff], reader: FlaskClient
) -> None:
    browser, token, before = site.browser(organizers["B"]), a_token(site, UnitCode("B1")), links.log.head()
    for address in ("reading", "reading/end"):
        answer = browser.post(f"/en/results/{NEWEST}/{address}", {"unit": "B1", "days": "30"}, token=False)
        assert (answer.status_code, "Open the page again" in said(answer)) == (400, True)
    assert links.log.head() == before
    assert reader.get(f"/en/{token}").status_code == 200


def test_making_and_ending_stand_in_the_staff_log_and_the_token_does_not(
    site: StaffSite, links: ReadingLinks, organizers: dict[str, Staff]
) -> None:
    browser = site.browser(organizers["B"])
    (link,) = FOUND.findall(made(browser, "B1", days=7).get_data(as_text=True))
    browser.post(f"/en/results/{NEWEST}/reading/end", {"unit": "B1"}, at="/en/account/me")
    ended, making = links.log.entries(most=2)
    facts = (making.act, making.unit, making.round_id, making.name, dict(making.facts))
    assert facts == ("round.link", "B1", NEWEST, "organizer.B", {"purpose": "reading", "days": 7})
    assert (ended.act, ended.unit, dict(ended.facts)) == ("round.link_ended", "B1", {"purpose": "reading"})
    token = link.rsplit("/", 1)[1]
    assert token not in repr(links.log.entries())
    assert token.encode() not in (site.stores.engines.root / "app.sqlite").read_bytes()


def test_the_organizer_s_pages_are_sound_and_lead_to_a_link_that_opens(
    site: StaffSite, organizers: dict[str, Staff], reader: FlaskClient
) -> None:
    browser = site.browser(organizers["B"])
    for language in ("vi", "en"):
        at = f"/{language}/results/{NEWEST}/reading"
        answer = browser.post(at, {"unit": "B1", "days": "1"}, at=at)
        page = answer.get_data(as_text=True)
        assert faults(page) == []
        (link,) = FOUND.findall(page)
        assert re.fullmatch(rf"http://localhost/read/{language}/[\w-]{{43}}", link)
        assert reader.get(link.split("/read")[1]).status_code == 200
        listed = browser.get(at)
        assert faults(listed.get_data(as_text=True)) == []
        assert link not in listed.get_data(as_text=True)
        assert "Chi bộ B1" in said(listed)
    done = browser.post(f"/vi/results/{NEWEST}/reading/end", {"unit": "B1"}, at="/en/account/me")
    assert done.status_code == 303
    assert "Đã kết thúc đường dẫn của Chi bộ B1" in said(browser.get(f"/vi/results/{NEWEST}/reading"))
    assert reader.get(link.split("/read")[1]).status_code == 404


def test_the_page_of_a_round_leads_its_organizers_to_the_links_where_there_may_be_some(
    site: StaffSite, organizers: dict[str, Staff]
) -> None:
    committee = site.account("head", Grant(Role.COMMITTEE_HEAD, EVERYWHERE))
    for round_id, by, leads in (
        (NEWEST, organizers["B1"], True),
        (NEWEST, committee, False),
        (OTHERS[Visibility.HEADS], organizers["B1"], False),
        (OTHERS[Visibility.PUBLIC], organizers["B1"], False),
        (RUNNING, organizers["B1"], False),
    ):
        with_roll(site, round_id)
        answer = site.browser(by).get(f"/en/rounds/{round_id}")
        assert answer.status_code == 200
        assert (f'href="/s/en/results/{round_id}/reading"' in answer.get_data(as_text=True)) is leads, (
            round_id
        )


def with_roll(site: StaffSite, round_id: RoundId) -> None:
    """A roll without slips, from which the round's page reads who was present."""
    if site.stores.engines.roll_path(round_id).is_file():
        return
    roll = site.stores.engines.create_roll(round_id)
    with roll.begin() as connection:
        connection.execute(delete(panels))
        for number, size in enumerate(SIZES.values()):
            row = {"panel": number, "voters": size, "token_key": b"", "private_key": b""}
            connection.execute(insert(panels).values(**row, present=bytes(4), state=b"d"))


def test_the_store_holds_a_digest_of_a_link_and_not_its_token(site: StaffSite) -> None:
    token = a_token(site, UnitCode("B1"))
    with reading(site.stores.engines.app) as connection:
        rows = repr(connection.exec_driver_sql("SELECT * FROM links WHERE purpose = 'reader'").all())
    assert NEWEST in rows
    assert token not in rows
