"""Every way into the site, with who may come in. A new page is added here on purpose, or this test fails."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_voter_app
from surveys.settings import Settings
from tests.published import SURVEY

ROUTES = {
    ("/", "front", "public", frozenset()),
    ("/<any(vi, en):language>/", "results.list_rounds", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<survey>", "results.show_results", "public", frozenset()),
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


def test_voters_have_these_addresses_and_no_others() -> None:
    app = create_voter_app(Settings(), {}, {}, {})
    found = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            view = app.view_functions[rule.endpoint]
            assert str(view.audience) == "voter"  # type: ignore[attr-defined]
            found.add((rule.rule, rule.endpoint, "POST" if "POST" in (rule.methods or ()) else "GET"))
    assert found == VOTER
    assert app.secret_key is None  # it cannot set a cookie


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
