"""Every way into the site, with who may come in. A new page is added here on purpose, or this test fails."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_office_app, create_trustee_app, create_voter_app
from surveys.accounts.roles import Role
from surveys.instance.counting_job import CountingWork
from surveys.instance.slip_service import InstanceOffice
from surveys.instance.trustee_service import InstanceCommittee
from surveys.jobs.queue import Jobs
from surveys.settings import Settings
from surveys.stores.store import Stores
from tests.published import SURVEY

ROUTES: set[tuple[str, str, str, frozenset[Role]]] = {
    ("/", "front", "public", frozenset()),
    ("/<any(vi, en):language>/", "results.list_rounds", "public", frozenset()),
    ("/<any(vi, en):language>/help", "handbook.list_handbooks", "public", frozenset()),
    ("/<any(vi, en):language>/help/<name>", "handbook.show_handbook", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<round_id>", "results.show_results", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<round_id>/board", "board.show_board", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<round_id>/manifest.json", "board.manifest", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<round_id>/checkpoint.txt", "board.checkpoint", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<round_id>/bundle.zip", "board.bundle", "public", frozenset()),
    ("/<any(vi, en):language>/rounds/<round_id>/verify", "board.verify_round", "public", frozenset()),
    ("/<any(vi, en):language>/verify", "board.verify", "public", frozenset()),
}


VOTER = {
    ("/<round_id>/panel", "registrar.panel", "POST"),
    ("/<round_id>/issue", "registrar.issue", "POST"),
    ("/<round_id>/head", "registrar.head", "GET"),
    ("/<round_id>/form", "registrar.form", "POST"),
    ("/<round_id>/form/<int:panel>", "registrar.form_of_a_panel", "GET"),
    ("/<round_id>/", "box.booth", "GET"),
    ("/<round_id>/check", "box.check", "GET"),
    ("/<round_id>/projector", "box.projector", "GET"),
    ("/<round_id>/receipt", "box.receipt", "GET"),
    ("/<round_id>/manifest", "box.manifest", "GET"),
    ("/<round_id>/exhibits", "box.listed", "GET"),
    ("/<round_id>/photo/<int:contest>", "box.photo", "GET"),
    ("/<round_id>/report/<int:contest>", "box.report", "GET"),
    ("/<round_id>/cast", "box.cast", "POST"),
    ("/<round_id>/trackers/<prefix>", "box.trackers", "GET"),
    ("/<round_id>/polls", "box.polls", "GET"),
}


OFFICE = {
    ("/<round_id>/", "office.slips", "GET"),
    ("/<round_id>/state", "office.state", "GET"),
    ("/<round_id>/voters", "office.voters", "GET"),
    ("/<round_id>/freeze", "office.freeze", "POST"),
    ("/<round_id>/replace", "office.replace", "POST"),
}


COMMITTEE = {
    ("/<round_id>/", "trustee.trustee", "GET"),
    *(
        (f"/<round_id>/{name}", f"trustee.{name}", "GET")
        for name in (
            *("state", "definition", "manifest", "ceremony", "board", "checkpoint", "plan"),
            *("roll", "issuance", "agreement", "tally", "results", "attendance", "minutes", "text", "pdf"),
        )
    ),
    *(
        (f"/<round_id>/{kind}", f"trustee.{kind}", "POST")
        for kind in ("commit", "deal", "confirm", "complaint", "cosign", "share", "certificate")
    ),
}


def addresses(app: Flask, audience: str) -> set[tuple[str, str, str]]:
    """Every address of an app without accounts, whose views are all for this audience."""
    found = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            view: Any = app.view_functions[rule.endpoint]
            assert str(view.audience) == audience
            found.add((rule.rule, rule.endpoint, "POST" if "POST" in (rule.methods or ()) else "GET"))
    assert app.secret_key is None  # it cannot set a cookie
    return found


def test_organizers_with_a_link_have_these_addresses_and_no_others(stores: Stores, tmp_path: Path) -> None:
    office = InstanceOffice(stores, lambda: datetime.now(UTC), Jobs(tmp_path / "jobs.sqlite"), "")
    app = create_office_app(Settings(), office)
    assert addresses(app, "link") == OFFICE
    client, round_id = app.test_client(), "ab" * 16
    for way, _, method in OFFICE - {("/<round_id>/", "office.slips", "GET")}:
        body = {"freeze": b"[]", "replace": b'{"code":"a","key":"%s","panel":0}' % (b"00" * 32)}
        raw = body.get(way.rsplit("/", 1)[1], b"")
        for headers in ({}, {"Authorization": "Bearer " + "A" * 43}, {"Authorization": "Basic YTpi"}):
            answer = client.open(
                way.replace("<round_id>", round_id), method=method, data=raw, headers=headers
            )
            assert (answer.status_code, answer.get_json()["error"]) == (401, "NoSuchLink"), way


def test_committee_members_with_a_link_have_these_addresses_and_no_others(
    stores: Stores, tmp_path: Path
) -> None:
    counts = CountingWork(stores, tmp_path, Jobs(tmp_path / "jobs.sqlite"))
    app = create_trustee_app(Settings(), InstanceCommittee(stores, counts, lambda: datetime.now(UTC)))
    assert addresses(app, "link") == COMMITTEE
    client, round_id = app.test_client(), "ab" * 16
    for way, _, method in COMMITTEE - {("/<round_id>/", "trustee.trustee", "GET")}:
        for headers in ({}, {"Authorization": "Bearer " + "A" * 43}):
            answer = client.open(
                way.replace("<round_id>", round_id), method=method, data=b"{}", headers=headers
            )
            assert (answer.status_code, answer.get_json()["error"]) == (401, "NoSuchLink"), way


def test_voters_have_these_addresses_and_no_others() -> None:
    assert addresses(create_voter_app(Settings(), {}, {}, {}), "voter") == VOTER


def test_the_site_has_these_pages_and_no_others(site: Flask) -> None:
    found = set()
    for rule in site.url_map.iter_rules():
        if rule.endpoint != "static":
            view: Any = site.view_functions[rule.endpoint]
            found.add((rule.rule, rule.endpoint, str(view.audience), view.roles))
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
