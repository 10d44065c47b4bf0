"""The pages of a reading link: what those who belong to the unit may see of one round, and nothing else, kept
and listed by nobody.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import Services, create_reading_app, make_site
from surveys.accounts.roles import EVERYWHERE
from surveys.names import UnitCode
from surveys.results.reading import OneVolume, ReadingLinks
from surveys.results.texts import DASH, portion_text
from surveys.results.units import Question, figures_for_unit
from surveys.results.visibility import Reader, may_open, upwards, visible
from surveys.settings import Settings
from surveys.web.headers import FIXED
from surveys.web.languages import Language, voice_of
from tests.codes import units
from tests.results.reading_site import OTHERS, RUNNING, a_reading_site, a_token, links_at, volume
from tests.staff import StaffSite, said
from tests.three_years import (
    NEWEST,
    SURVEYS,
)
from tests.web.markup import faults

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
ENGLISH = voice_of(Language.EN, ROOT / "translations")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffSite]:
    made = a_reading_site(tmp_path_factory.mktemp("instance"))
    yield made
    made.stores.close()


@pytest.fixture(scope="module")
def links(site: StaffSite) -> ReadingLinks:
    return links_at(site, NOW)


@pytest.fixture(scope="module")
def app(site: StaffSite) -> Flask:
    return create_reading_app(Services(Settings(), site.stores))


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    return app.test_client()


def rows_of(page: str, table: str) -> list[list[str]]:
    """The rows of the table with this caption, header apart, as they are read."""
    (found,) = [
        each for each in re.findall(r"<table.*?</table>", page, re.S) if f">{table}</caption>" in each
    ]
    return [
        [unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr>.*?</tr>", found.split("<tbody>")[1], re.S)
    ]


# What a link shows.


@pytest.mark.parametrize("unit", ["B1", "B2", "C1", "E1", "A", "K"])
def test_a_link_shows_exactly_what_those_who_belong_to_the_unit_may_see(
    site: StaffSite, links: ReadingLinks, reader: FlaskClient, unit: UnitCode
) -> None:
    token, held = a_token(site, unit), volume(links)
    who = Reader(units=frozenset({unit}))
    for code in upwards(held.book, unit):
        page = reader.get(f"/en/{token}/{code}").get_data(as_text=True)
        may = visible(who, held.sums, held.sums.inside(code))
        assert may, code
        expected = [
            [
                each.name,
                each.unit.name,
                *(portion_text(ENGLISH, each.portion(level)) for level in range(3)),
                ENGLISH.both(each.outcome.words)
                if each.outcome
                else ENGLISH.both(each.withheld or {"en": DASH}),
            ]
            for each in may
        ]
        assert sorted(rows_of(page, "Leaders with their shares")) == sorted(expected)
        unseen = len(held.sums.inside(code)) - len(may)
        assert (f"{unseen} result" in page and "not shown and not counted here" in page) is (unseen > 0)
        # Whoever audits sees more than this link shows: nothing was hidden by there being nothing.
        everything = Reader(audits=frozenset({EVERYWHERE}))
        assert (len(visible(everything, held.sums, held.sums.inside(code))) > len(may)) is (unseen > 0)


def test_sums_on_the_page_are_of_what_its_reader_may_see_alone(
    site: StaffSite, links: ReadingLinks, reader: FlaskClient
) -> None:
    token, held = a_token(site, UnitCode("B1")), volume(links)
    page = reader.get(f"/en/{token}/K").get_data(as_text=True)
    counted = {row[0]: row[1] for row in rows_of(page, "Leaders and turnout, unit by unit")}
    who = Reader(units=frozenset({UnitCode("B1")}))
    for code in units(*"ABCDE"):
        unit = held.book.units[code]
        assert counted[unit.name] == str(len(visible(who, held.sums, held.sums.inside(code))))
    assert counted[held.book.units[UnitCode("A")].name] == "0"
    assert held.sums.inside(UnitCode("A"))


def test_what_is_withheld_stays_hidden(site: StaffSite, links: ReadingLinks, reader: FlaskClient) -> None:
    held = volume(links)
    hidden = [each for each in held.sums.inside(UnitCode("C1")) if each.withheld is not None]
    assert hidden
    rows = rows_of(
        reader.get(f"/en/{a_token(site, UnitCode('C1'))}").get_data(as_text=True), "Leaders with their shares"
    )
    for each in hidden:
        (row,) = [row for row in rows if row[0] == each.name]
        assert row[2:5] == [DASH] * 3
    # A group that agrees is a range, as everywhere.
    page = said(reader.get(f"/en/{a_token(site, UnitCode('A1'), round_id=SURVEYS[2025])}"))
    assert "≥ 90 %" in page.replace("\xa0", " ")


def test_nothing_of_another_round_stands_on_the_page(
    site: StaffSite, links: ReadingLinks, reader: FlaskClient
) -> None:
    token = a_token(site, UnitCode("B1"))
    for code in ("", "/B", "/K"):
        page = reader.get(f"/en/{token}{code}").get_data(as_text=True)
        assert "Change in points" not in page
        assert "Largest falls first" not in page
        for other in (*SURVEYS.values(), *OTHERS.values(), RUNNING):
            assert other not in page
    one = OneVolume(volume(links), links.shelf)
    who = Reader(units=frozenset({UnitCode("B1")}))
    shown = figures_for_unit(one, who, UnitCode("B"), Question(), NEWEST)
    assert (shown.compared, {row.change for row in shown.rows}) == (False, {None})
    # Off the whole shelf the same reader would see the change since the year before.
    whole = figures_for_unit(links.shelf, who, UnitCode("B"), Question(), NEWEST)
    assert whole.compared
    assert any(row.change is not None for row in whole.rows)


def test_every_address_on_the_page_lies_under_the_link_or_is_of_the_public_site(
    site: StaffSite, reader: FlaskClient
) -> None:
    token = a_token(site, UnitCode("B1"))
    for code in ("", "/B1", "/B", "/K"):
        page = reader.get(f"/en/{token}{code}?order=name").get_data(as_text=True)
        found = set(re.findall(r'(?:href|action|src)="([^"]+)"', page))
        outside = {each for each in found if f"/{token}" not in each}
        of_the_site = {"/en/", "/en/help", "/en/verify", "/s/", "#content", "/static/icons/ballot.svg"}
        assert {each.partition("?h=")[0] for each in outside} <= {*of_the_site, *styles()}
        for each in found - outside:
            assert reader.get(unescape(each)).status_code == 200


def styles() -> set[str]:
    return {f"/static/css/{name}.css" for name in ("site", "figures", "desk", "round")}


def test_searching_and_sorting_stay_under_the_link(site: StaffSite, reader: FlaskClient) -> None:
    token = a_token(site, UnitCode("B1"))
    page = reader.get(f"/en/{token}").get_data(as_text=True)
    assert f'<form method="get" action="/en/{token}/B1"' in page
    assert 'method="post"' not in page
    found = reader.get(f"/vi/{token}/B?q=giam+doc&order=name").get_data(as_text=True)
    assert faults(found) == []
    assert "Có 1 kết quả." in found
    assert reader.get(f"/en/{token}/B?order=drop").status_code == 400


@pytest.mark.parametrize("unit", ["A", "A1", "B2", "C"])
def test_the_page_of_a_unit_that_is_not_above_is_refused_with_the_reason(
    site: StaffSite, links: ReadingLinks, reader: FlaskClient, unit: UnitCode
) -> None:
    token = a_token(site, UnitCode("B1"))
    for language, reason in (("en", "and of no other"), ("vi", "không mở đơn vị nào khác")):
        answer = reader.get(f"/{language}/{token}/{unit}")
        assert answer.status_code == 403
        assert reason in said(answer)
        assert faults(answer.get_data(as_text=True)) == []
    assert not may_open(Reader(units=frozenset({UnitCode("B1")})), volume(links).book, unit)
    # The unit's own link opens it.
    assert reader.get(f"/en/{a_token(site, unit)}/{unit}").status_code == 200


def test_a_unit_below_is_not_opened_by_the_link_of_the_one_above(
    site: StaffSite, reader: FlaskClient
) -> None:
    assert reader.get(f"/en/{a_token(site, UnitCode('B'))}/B1").status_code == 403
    assert reader.get(f"/en/{a_token(site, UnitCode('B'))}/K").status_code == 200
    assert reader.get(f"/en/{a_token(site, UnitCode('B'))}/nowhere").status_code == 404


# The door.


def test_these_are_the_addresses_and_each_only_reads(site: StaffSite, app: Flask) -> None:
    found = {(rule.rule, rule.endpoint) for rule in app.url_map.iter_rules()}
    prefix = "/<any(vi, en):language>"
    assert found == {
        ("/", "front"),
        (f"{prefix}/<token>", "reading.own"),
        (f"{prefix}/<token>/<code:unit>", "reading.unit"),
    }
    views: list[Any] = [app.view_functions[name] for _, name in found]
    assert {str(view.audience) for view in views} == {"public", "link"}
    assert app.secret_key is None  # it cannot set a cookie
    token = a_token(site, UnitCode("B1"))
    for method in ("post", "put", "delete", "patch"):
        assert getattr(app.test_client(), method)(f"/en/{token}").status_code == 405
    database = site.stores.engines.root / "app.sqlite"
    before = hashlib.sha256(database.read_bytes()).digest()
    for address in (f"/en/{token}", f"/vi/{token}/K", f"/en/{token}/A", "/en/nothing"):
        app.test_client().get(address)
    assert hashlib.sha256(database.read_bytes()).digest() == before


def test_no_answer_may_be_kept_listed_or_followed_from_or_sets_a_cookie(
    site: StaffSite, reader: FlaskClient
) -> None:
    token = a_token(site, UnitCode("B1"))
    for address in (f"/en/{token}", f"/vi/{token}/A", "/en/nothing", "/en/a/b/c", "/"):
        headers = reader.get(address).headers
        assert {name: headers.get(name) for name in FIXED} == FIXED
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["Cache-Control"] == "no-store"
        assert headers.getlist("Set-Cookie") == []
    assert '<meta name="robots" content="noindex, nofollow">' in reader.get(f"/en/{token}").text


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_of_a_link_is_sound(site: StaffSite, reader: FlaskClient, language: str) -> None:
    token = a_token(site, UnitCode("B1"))
    for code in ("", "/B1", "/B", "/K", "/K?q=<script>&order=unit&only=unified", "/B?q=nobody", "/A"):
        text = reader.get(f"/{language}/{token}{code}").get_data(as_text=True)
        assert faults(text) == [], code
        assert "<script>" not in text


def test_a_page_that_breaks_leaves_no_token_in_the_server_s_log(
    site: StaffSite, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def volumes(self) -> None:
            raise RuntimeError("no shelf")

        standing = volumes

    services = Services(Settings(), site.stores)
    vars(services)["shelf"] = Broken()
    app = create_reading_app(services)
    token = a_token(site, UnitCode("B1"))
    with caplog.at_level(logging.ERROR):
        assert app.test_client().get(f"/en/{token}/B").status_code == 500
    assert "Broken: /<any(vi, en):language>/<token>/<code:unit> [GET]" in caplog.text
    assert "no shelf" in caplog.text
    assert token not in caplog.text
    # Flask's own line would have written it down.
    caplog.clear()
    with app.test_request_context(f"/en/{token}/B"), caplog.at_level(logging.ERROR):
        Flask.log_exception(app, (None, None, None))
    assert token in caplog.text


def test_the_whole_site_serves_it_and_a_site_for_voters_alone_does_not(
    site: StaffSite, tmp_path: Path
) -> None:
    token = a_token(site, UnitCode("B1"))
    for serve, status in (("all", 200), ("voter", 404)):
        whole = make_site(Settings(serve=serve, instance=tmp_path), site.stores)
        told: list[tuple[str, list[tuple[str, str]]]] = []
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": f"/read/vi/{token}",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "HTTP_HOST": "localhost",
        }
        body = b"".join(whole(environ, lambda line, headers, *_: told.append((line, headers))))  # type: ignore[arg-type]
        whole.close()
        assert int(told[0][0][:3]) == status, serve
        if status == 200:
            assert f'action="/read/vi/{token}/B1"'.encode() in body
            assert f'href="/read/en/{token}"'.encode() in body
