"""Every page is sound HTML in both languages, and what names hold stays text."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import Services, create_public_app
from surveys.names import RoundId
from surveys.protocol.definition import Visibility
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from tests.published import MARKUP, SURVEY, a_second_definition, add_round, published_round
from tests.web.markup import faults

PAGES = (
    "/{}/",
    f"/{{}}/rounds/{SURVEY}",
    f"/{{}}/rounds/{SURVEY}?q=<script>&unit=A",
    "/{}/nothing",
    "/{}/rounds/none",
    "/{}/verify",
    f"/{{}}/rounds/{SURVEY}/board",
)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_sound(client: FlaskClient, address: str, language: str) -> None:
    assert faults(client.get(address.format(language)).text) == []


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ("<!doctype html><title>A</title><h1>B</h1>", "title"),
        ("<!doctype html><title>A</title><h1>A</h1><h1>A</h1>", "2 h1"),
        ("<!doctype html><title>A</title><h1 id=a>A</h1><p id=a>", "occurs twice"),
        ("<!doctype html><title>A</title><h1 style='color:red'>A</h1>", "attribute style"),
        ("<!doctype html><title>A</title><h1 onclick='x()'>A</h1>", "attribute onclick"),
        ("<!doctype html><title>A</title><h1>A</h1><script>x()</script>", "inline"),
        ("<!doctype html><title>A</title><h1>A</h1><p aria-labelledby=x>", "aria-labelledby x"),
        ("<!doctype html><title>A</title><h1>A</h1><div></p></div>", "unexpected-end-tag"),
    ],
)
def test_a_fault_is_seen(broken: str, fault: str) -> None:
    assert any(fault in found for found in faults(broken))


def test_a_name_that_is_markup_is_shown_as_text(client: FlaskClient) -> None:
    page = client.get(f"/vi/rounds/{SURVEY}").text
    assert MARKUP not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;Tú&#39;" in page


def test_what_was_searched_for_is_shown_as_text(client: FlaskClient) -> None:
    page = client.get(f'/en/rounds/{SURVEY}?q="><img src=x>').text
    assert "<img" not in page
    assert 'value="&#34;&gt;&lt;img src=x&gt;"' in page


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("", 4),
        ("q=dat", 1),
        ("q=nguyen van", 1),
        ("q=ĐẠT", 1),
        ("q=chi bo", 3),
        ("q=giam doc", 1),
        ("unit=A", 2),
        ("unit=A1", 1),
        ("unit=K", 0),
        ("unit=nowhere", 0),
        ("q=hang&unit=A", 0),
    ],
)
def test_the_search_finds(client: FlaskClient, question: str, found: int) -> None:
    page = client.get(f"/en/rounds/{SURVEY}?{question}").text
    assert f"{found} contest{'' if found == 1 else 's'} found." in page
    assert page.count("<article") == found


def test_a_page_number_beyond_the_last_shows_the_last(client: FlaskClient) -> None:
    assert client.get(f"/en/rounds/{SURVEY}?page=99").text.count("<article") == 4


def test_a_withheld_contest_says_why_and_nothing_else(client: FlaskClient) -> None:
    page = client.get(f"/en/rounds/{SURVEY}?unit=C").text
    assert "Withheld: fewer than 5 ballots were returned" in page
    assert "<table" not in page
    assert "Ballots returned" not in page.split("<article")[1]


def test_an_outcome_stands_with_its_source(client: FlaskClient) -> None:
    page = client.get(f"/en/rounds/{SURVEY}?unit=B").text
    assert "Out of planning for higher posts; resign, or a formal confidence vote." in page
    assert "Source: A local proposal after Regulation 96-QĐ/TW, not law." in page


def test_the_denominator_is_named(client: FlaskClient) -> None:
    assert "Denominator: ballots returned (18)." in client.get(f"/en/rounds/{SURVEY}?unit=B").text
    assert "Mẫu số: số phiếu thu về (18)." in client.get(f"/vi/rounds/{SURVEY}?unit=B").text


def test_a_group_that_agrees_is_a_range_and_cannot_be_worked_out(client: FlaskClient) -> None:
    page = client.get(f"/en/rounds/{SURVEY}?q=dat").text
    assert "≥ 90 %" in page
    assert "Hidden, so that no other group can be worked out" in page


@pytest.mark.parametrize("visibility", ["subject", "heads", "unit"])
def test_results_that_are_not_public_are_not_shown(tmp_path: Path, visibility: Visibility) -> None:
    stores = published_round(tmp_path, visibility)
    client = create_public_app(Services(Settings(), stores)).test_client()
    answer = client.get(f"/en/rounds/{SURVEY}")
    assert answer.status_code == 403
    assert "are not public" in answer.text
    assert "Nguyễn Văn Đạt" not in answer.text
    assert client.get("/en/").text.count(">Confidence vote 2026</a></h3>") == 1
    stores.close()


def test_there_are_no_results_before_the_count_is_published(tmp_path: Path) -> None:
    stores = published_round(tmp_path)
    running = RoundId("77" * 16)
    add_round(stores, a_second_definition(running, "Running"), upto=State.COUNTING)
    client = create_public_app(Services(Settings(), stores)).test_client()
    assert "Being counted" in client.get("/en/").text
    assert client.get(f"/en/rounds/{running}").status_code == 404
    assert "not published yet" in client.get(f"/en/rounds/{running}").text
    stores.close()


def test_a_failure_nobody_foresaw_shows_no_detail(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    site = create_public_app(Services(Settings(), stores))

    def fail() -> str:
        raise ZeroDivisionError("a secret detail")

    site.add_url_rule("/en/fails", "fails", fail)
    answer = site.test_client().get("/en/fails")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Something failed that nobody foresaw" in answer.text
    assert faults(answer.text) == []
    assert "a secret detail" in caplog.text


def test_a_site_without_rounds_says_so(tmp_path: Path) -> None:
    engines = Engines(tmp_path / "stores")
    engines.migrate_app()
    site: Flask = create_public_app(Services(Settings(), Stores(engines, Keyring.fresh())))
    assert "There is no round yet." in site.test_client().get("/en/").text
    engines.close()
