"""Every way into the site, with who may come in. A new page is added here on purpose, or this test fails."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.published import SURVEY

ROUTES = {
    ("/", "front", "public", frozenset()),
    ("/<any(vi, en):language>/", "results.list_rounds", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<survey>", "results.show_results", "public", frozenset()),
}


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
