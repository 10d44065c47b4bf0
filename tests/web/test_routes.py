"""Every way into the site, with who may come in. A new page is added here on purpose, or this test fails."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_office_app, create_trustee_app, create_voter_app
from surveys.jobs.queue import Jobs
from surveys.settings import Settings
from surveys.stages.committee_desk import InstanceDesk
from surveys.stages.counting_work import CountingWork
from surveys.stages.office import InstanceOffice
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from tests.published import SURVEY

ROUTES = {
    ("/", "front", "public", frozenset()),
    ("/<any(vi, en):language>/", "results.list_rounds", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<survey>", "results.show_results", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<survey>/board", "board.show_board", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<survey>/board/<code>", "board.show_place", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<survey>/manifest.json", "board.manifest", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<survey>/checkpoint.txt", "board.checkpoint", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<survey>/bundle.zip", "board.bundle", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<survey>/verify", "board.verify_round", "public", frozenset()),
    ("/<any(vi, en):language>/verify", "board.verify", "public", frozenset()),
}


VOTER = {
    ("/<survey>/panel", "registrar.panel", "POST"),
    ("/<survey>/issue", "registrar.issue", "POST"),
    ("/<survey>/", "box.booth", "GET"),
    ("/<survey>/check", "box.check", "GET"),
    ("/<survey>/projector", "box.projector", "GET"),
    ("/<survey>/manifest", "box.manifest", "GET"),
    ("/<survey>/exhibits", "box.listed", "GET"),
    ("/<survey>/photo/<int:contest>", "box.photo", "GET"),
    ("/<survey>/report/<int:contest>", "box.report", "GET"),
    ("/<survey>/cast", "box.cast", "POST"),
    ("/<survey>/tracker/<code>", "box.tracker", "GET"),
    ("/<survey>/turnout", "box.turnout", "GET"),
}


OFFICE = {
    ("/<survey>/", "office.slips", "GET"),
    ("/<survey>/state", "office.state", "GET"),
    ("/<survey>/voters", "office.voters", "GET"),
    ("/<survey>/freeze", "office.freeze", "POST"),
    ("/<survey>/replace", "office.replace", "POST"),
}


COMMITTEE = {
    ("/<survey>/", "trustee.trustee", "GET"),
    *(
        (f"/<survey>/{name}", f"trustee.{name}", "GET")
        for name in ("state", "papers", "definition", "manifest", "ceremony", "board", "checkpoint", "plan")
    ),
    *(
        (f"/<survey>/{kind}", f"trustee.{kind}", "POST")
        for kind in ("commit", "deal", "confirm", "complaint", "share", "certificate")
    ),
}


def addresses(app: Flask, audience: str) -> set[tuple[str, str, str]]:
    """Every address of an app without accounts, whose views are all for this audience."""
    found = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            view = app.view_functions[rule.endpoint]
            assert str(view.audience) == audience  # type: ignore[attr-defined]
            found.add((rule.rule, rule.endpoint, "POST" if "POST" in (rule.methods or ()) else "GET"))
    assert app.secret_key is None  # it cannot set a cookie
    return found


def test_organizers_with_a_link_have_these_addresses_and_no_others(
    stores_and_keyring: tuple[Stores, Keyring], tmp_path: Path
) -> None:
    office = InstanceOffice(*stores_and_keyring, lambda: datetime.now(UTC), Jobs(tmp_path / "jobs.sqlite"))
    app = create_office_app(Settings(), office)
    assert addresses(app, "link") == OFFICE
    client, survey = app.test_client(), "ab" * 16
    for way, _, method in OFFICE - {("/<survey>/", "office.slips", "GET")}:
        body = {"freeze": b"[]", "replace": b'{"code":"a","key":"%s","panel":0}' % (b"00" * 32)}
        raw = body.get(way.rsplit("/", 1)[1], b"")
        for headers in ({}, {"Authorization": "Bearer " + "A" * 43}, {"Authorization": "Basic YTpi"}):
            answer = client.open(way.replace("<survey>", survey), method=method, data=raw, headers=headers)
            assert (answer.status_code, answer.get_json()["error"]) == (401, "NoSuchLink"), way


def test_committee_members_with_a_link_have_these_addresses_and_no_others(
    stores_and_keyring: tuple[Stores, Keyring], tmp_path: Path
) -> None:
    counts = CountingWork(*stores_and_keyring, tmp_path, Jobs(tmp_path / "jobs.sqlite"))
    app = create_trustee_app(Settings(), InstanceDesk(*stores_and_keyring, counts, lambda: datetime.now(UTC)))
    assert addresses(app, "link") == COMMITTEE
    client, survey = app.test_client(), "ab" * 16
    for way, _, method in COMMITTEE - {("/<survey>/", "trustee.trustee", "GET")}:
        for headers in ({}, {"Authorization": "Bearer " + "A" * 43}):
            answer = client.open(way.replace("<survey>", survey), method=method, data=b"{}", headers=headers)
            assert (answer.status_code, answer.get_json()["error"]) == (401, "NoSuchLink"), way


def test_voters_have_these_addresses_and_no_others() -> None:
    assert addresses(create_voter_app(Settings(), {}, {}, {}), "voter") == VOTER


def test_the_site_has_these_pages_and_no_others(site: Flask) -> None:
    found = set()
    for rule in site.url_map.iter_rules():
        if rule.endpoint != "static":
            view = site.view_functions[rule.endpoint]
            found.add((rule.rule, rule.endpoint, str(view.audience), view.roles))  # type: ignore[attr-defined]
            assert rule.methods == {"GET", "HEAD", "OPTIONS"}
    assert found == ROUTES


@pytest.mark.parametrize(
    "address", ["/", "/vi/", f"/en/rounds/{SURVEY}", f"/en/rounds/{SURVEY}?q=a&page=2", "/en/rounds/x"]
)
def test_a_get_changes_no_byte_of_the_store(client: FlaskClient, database: Path, address: str) -> None:
    before = hashlib.sha256(database.read_bytes()).digest()
    client.get(address)
    assert hashlib.sha256(database.read_bytes()).digest() == before


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_public_pages_only_read(client: FlaskClient, method: str) -> None:
    assert getattr(client, method)(f"/vi/rounds/{SURVEY}").status_code == 405
