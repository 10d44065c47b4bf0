"""Guessing is slowed down: by account, whichever way its address is written, and by the visitor's address."""

from __future__ import annotations

import pytest
from flask import Flask

from surveys.accounts.pages import guessing
from surveys.accounts.pages.guessing import GUESSABLE, limit_guessing
from tests.accounts.entering import CODE, LOGIN, Entrance

RECOVERY = ("1a2b-3c4d-5e6f",)


def guesses(entrance: Entrance, spellings: list[str]) -> list[int]:
    """What so many sign-ins without a password are answered, each from another address."""
    found = []
    for number, email in enumerate(spellings):
        browser = entrance.site.browser()
        browser.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        found.append(browser.post(LOGIN, {"email": email, "password": ""}).status_code)
    return found


def test_guessing_is_limited_by_account_whichever_way_its_address_is_written(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = entrance.somebody()
    spelled = [staff.email, staff.email.upper(), f" {staff.email}", staff.email.title()]
    name, _, domain = staff.email.partition("@")
    wide = f"{name}@{domain.translate({ord('o'): 0xFF4F})}"
    tried = [*spelled, wide] * 3
    assert guesses(entrance, tried) == [422] * 10 + [429] * 5
    for limiter in entrance.site.app.extensions["limiter"]:
        limiter.reset()
    monkeypatch.setattr(guessing, "_written", lambda email: email)
    assert set(guesses(entrance, tried)) == {422}


def test_guessing_is_limited_by_the_visitors_address_whichever_account_is_tried(entrance: Entrance) -> None:
    browser = entrance.site.browser()
    token = browser.token()
    answers = [
        browser.post(
            LOGIN, {"email": f"x{n}@example.org", "password": "", "csrf_token": token}, token=False
        ).status_code
        for n in range(31)
    ]
    assert answers == [422] * 30 + [429]


@pytest.mark.parametrize("page", GUESSABLE)
def test_every_page_where_something_can_be_guessed_counts(entrance: Entrance, page: str) -> None:
    staff = entrance.somebody(recovery=RECOVERY)
    begun = page in {"two_factor_token_validation", "mf_recovery", "wan_signin_response"}
    browser = entrance.password(staff) if begun else entrance.site.browser(staff)
    if page == "login":
        browser = entrance.site.browser()
    (rule,) = [each for each in entrance.site.app.url_map.iter_rules() if each.endpoint == f"security.{page}"]
    address = "/en" + rule.rule.split(">", 1)[1].replace("<token>", "x")
    form = {"email": staff.email}
    form |= {"csrf_token": browser.token(CODE if begun else "/en/account/me" if page != "login" else LOGIN)}
    answers = [browser.post(address, form, token=False).status_code for _ in range(11)]
    assert (429 in answers[:10], answers[10]) == (False, 429)


@pytest.mark.parametrize(("processes", "tries"), [(1, 10), (4, 2), (64, 1)])
def test_many_processes_let_no_more_tries_through_than_one_would(processes: int, tries: int) -> None:
    """Each counts by itself: its share, rounded down, but one try always."""
    app = Flask("guessed")
    for name in GUESSABLE:
        app.add_url_rule(f"/{name}", f"security.{name}", lambda: "wrong", methods=["POST"])
    limit_guessing(app, processes)
    app.secret_key = "for the session"
    client = app.test_client()
    answers = [client.post("/verify").status_code for _ in range(tries + 1)]
    assert answers == [200] * tries + [429]
