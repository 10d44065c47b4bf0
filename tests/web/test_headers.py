"""Every answer carries the headers, none sets a cookie, and only our own host names are answered."""

from __future__ import annotations

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from app import Services, create_public_app
from surveys.settings import Settings
from surveys.stores.store import Stores
from surveys.web.headers import FIXED
from tests.published import SURVEY

ADDRESSES = (
    "/",
    "/vi/",
    "/en/",
    f"/vi/rounds/{SURVEY}",
    "/vi/nothing-here",
    "/en/rounds/unknown",
    f"/vi/rounds/{SURVEY}?page=x",
    "/static/css/site.css",
    "/static/build/audit.js",
    "/static/none.css",
    "/vi/verify",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_headers(client: FlaskClient, address: str) -> None:
    answer = client.get(address, buffered=True)
    assert {name: answer.headers.get(name) for name in FIXED} == FIXED
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_answer_sets_a_cookie(client: FlaskClient, address: str) -> None:
    assert client.get(address, buffered=True).headers.getlist("Set-Cookie") == []


def test_the_site_cannot_make_a_session(site: Flask) -> None:
    assert site.secret_key is None


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline() -> None:
    rules = dict(part.strip().split(" ", 1) for part in FIXED["Content-Security-Policy"].split(";"))
    assert rules.pop("default-src") == "'none'"
    # Photos are loaded before the ballot paper is taken and shown from the page's own memory.
    assert rules.pop("img-src") == "'self' blob:"
    # Typeset minutes stand beside their table, out of the bytes that the member signs.
    assert rules.pop("frame-src") == "blob:"
    assert set(rules.values()) == {"'self'", "'none'"}
    assert {"frame-ancestors", "base-uri", "form-action"} <= set(rules)


def test_pages_are_not_kept_and_static_files_are(client: FlaskClient) -> None:
    assert client.get("/vi/").headers["Cache-Control"] == "no-store"
    assert (
        client.get("/static/css/site.css", buffered=True)
        .headers["Cache-Control"]
        .startswith("public, max-age=")
    )


def test_a_script_that_a_page_names_by_its_hash_is_asked_for_anew(client: FlaskClient) -> None:
    answer = client.get("/static/build/audit.js", buffered=True)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.2"])
@pytest.mark.parametrize("address", ["/", "/vi/", "/static/css/site.css", "/vi/nothing"])
def test_a_foreign_host_name_is_refused(client: FlaskClient, host: str, address: str) -> None:
    answer = client.get(address, headers={"Host": host}, buffered=True)
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert host not in answer.text
    assert FIXED.items() <= dict(answer.headers).items()


def test_a_host_name_of_ours_is_answered(client: FlaskClient) -> None:
    assert client.get("/vi/", headers={"Host": "localhost:5000"}).status_code == 200


def test_without_the_list_the_foreign_host_would_be_answered(
    stores: Stores,
) -> None:
    site = create_public_app(Services(Settings(), stores))
    site.config["TRUSTED_HOSTS"] = None
    assert site.test_client().get("/vi/", headers={"Host": "evil.example"}).status_code == 200


def test_behind_tls_browsers_are_told_to_stay_there(stores: Stores) -> None:
    site = create_public_app(Services(Settings(https=True), stores))
    assert site.test_client().get("/vi/").headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize(("https", "scheme"), [(True, "https"), (False, "http")])
def test_behind_tls_an_address_that_is_handed_out_never_leads_over_plain_http(
    stores: Stores, https: bool, scheme: str
) -> None:
    site = create_public_app(Services(Settings(https=https), stores))
    site.add_url_rule("/own", "own", lambda: url_for("own", _external=True))
    assert site.test_client().get("/own").text == f"{scheme}://localhost/own"


def test_a_large_body_for_a_page_that_only_reads_is_refused(client: FlaskClient) -> None:
    answer = client.post("/vi/", data=b"x" * 20_000)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
