"""Sessions end: a copied cookie is dead after the sign-out, after the sign-out everywhere, after ten hours;
none is fixed in advance.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import session
from flask_login import user_logged_in
from sqlalchemy import func, select

from app import STAFF
from surveys.accounts import keeping as register
from surveys.accounts.models import ended_sessions
from surveys.accounts.sessions import LONGEST, Sessions
from tests.accounts.entering import CODE, LOGIN, Entrance, acts, cookie, opens, with_cookie
from tests.staff import PASSWORD, Browser

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
OTHER = "Đây là mật khẩu khác hẳn"


def test_a_copied_cookie_is_dead_after_the_sign_out(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = entrance.somebody()
    browser = entrance.inside(staff)
    copied = cookie(browser)
    assert opens(with_cookie(entrance.site, copied))
    browser.post("/en/account/logout", at="/en/account/me")
    assert not opens(browser)
    assert not opens(with_cookie(entrance.site, copied))
    assert acts(entrance.site, staff)[-1] == ("account.signed_out", "")
    monkeypatch.setattr(Sessions, "goes_on", lambda *_: True)
    assert opens(with_cookie(entrance.site, copied))


def test_signing_out_ends_this_session_and_no_other(entrance: Entrance) -> None:
    staff = entrance.somebody()
    here, elsewhere = entrance.inside(staff), entrance.inside(staff, 1)
    here.post("/en/account/logout", at="/en/account/me")
    assert opens(elsewhere)


def test_every_cookie_is_dead_after_the_sign_out_everywhere(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = entrance.somebody()
    here, elsewhere = entrance.inside(staff), entrance.inside(staff, 1)
    copied = [cookie(here), cookie(elsewhere)]
    with monkeypatch.context() as without:
        without.setattr(register, "sign_out_everywhere", lambda *_: "")
        here.post("/en/account/sign-out-everywhere", at="/en/account/me")
        assert [opens(with_cookie(entrance.site, each)) for each in copied] == [True, True]
    again = with_cookie(entrance.site, copied[0])
    again.post("/en/account/sign-out-everywhere", at="/en/account/me")
    assert [opens(with_cookie(entrance.site, each)) for each in copied] == [False, False]


def test_a_change_of_the_password_ends_every_other_session(entrance: Entrance) -> None:
    staff = entrance.somebody()
    here, elsewhere = entrance.inside(staff), entrance.inside(staff, 1)
    before = cookie(here)
    form = {"password": PASSWORD, "new_password": OTHER, "new_password_confirm": OTHER}
    here.post("/en/account/change", form)
    assert opens(here)
    assert not opens(elsewhere)
    assert not opens(with_cookie(entrance.site, before))


def test_a_password_step_from_before_a_change_leads_nowhere(entrance: Entrance) -> None:
    """The cookie after the password and before the code names a session of the old password."""
    staff = entrance.somebody()
    halfway = entrance.password(staff)
    register.sign_out_everywhere(entrance.site.stores.engines.app, staff.id)
    assert halfway.get(CODE).status_code == 302
    assert not opens(halfway)


def begun(entrance: Entrance, ago: timedelta) -> Browser:
    browser = entrance.inside(entrance.somebody())
    with browser.client.session_transaction(base_url=f"http://localhost{STAFF}") as held:
        held["begun"] = int(time.time() - ago.total_seconds())
    return browser


def test_a_session_is_dead_after_ten_hours_whatever_was_done_in_it(entrance: Entrance) -> None:
    assert timedelta(hours=10) == LONGEST
    assert opens(begun(entrance, LONGEST - timedelta(minutes=1)))
    assert not opens(begun(entrance, LONGEST))


@pytest.mark.parametrize("lacks", ["number", "begun"])
def test_a_cookie_that_does_not_say_when_it_began_opens_nothing(entrance: Entrance, lacks: str) -> None:
    browser = entrance.inside(entrance.somebody())
    with browser.client.session_transaction(base_url=f"http://localhost{STAFF}") as held:
        del held[lacks]
    assert not opens(browser)


@contextmanager
def beginning_without_a_clean_cookie(entrance: Entrance) -> Iterator[None]:
    """What begins a session, but for the cleaning."""
    app = entrance.site.app
    begin, _ = app.extensions["tin-nhiem-sessions"]

    def only_numbered(_: object, user: object) -> None:
        session.update(number="1" * 32, begun=int(time.time()))

    user_logged_in.disconnect(begin, app)
    user_logged_in.connect(only_numbered, app)
    yield
    user_logged_in.disconnect(only_numbered, app)
    user_logged_in.connect(begin, app)


def test_what_somebody_planted_before_the_sign_in_is_worth_nothing_after_it(entrance: Entrance) -> None:
    """Somebody puts their own cookie into another's browser, knowing the secret of its forms, and waits for
    the sign-in.
    """
    site = entrance.site

    def forged() -> int:
        attacker = site.browser()
        known = attacker.token()
        victim = with_cookie(site, cookie(attacker))
        staff = entrance.somebody()
        victim.post(LOGIN, {"email": staff.email, "password": PASSWORD})
        victim.post(CODE, {"code": site.code(staff)})
        assert opens(victim)
        sent = {"csrf_token": known}
        return int(victim.post("/en/account/sign-out-everywhere", sent, token=False).status_code)

    assert forged() == 400
    with beginning_without_a_clean_cookie(entrance):
        assert forged() == 303


def test_two_sign_ins_of_an_account_have_different_sessions(entrance: Entrance) -> None:
    staff = entrance.somebody()
    numbers = set()
    for step in (0, 1):
        with entrance.inside(staff, step).client.session_transaction(
            base_url=f"http://localhost{STAFF}"
        ) as held:
            numbers.add((held["number"], "tf_user_id" in held))
    assert {pending for _, pending in numbers} == {False}
    assert len(numbers) == 2


def test_ended_sessions_are_forgotten_once_their_age_alone_ends_them(entrance: Entrance) -> None:
    engine, now = entrance.site.stores.engines.app, [NOW]
    sessions = Sessions(engine, lambda: now[0])
    begin = int(NOW.timestamp())

    def kept() -> int:
        with engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(ended_sessions)) or 0

    before = kept()
    for _ in range(2):
        sessions.end("a")
    assert (kept() - before, sessions.goes_on("a", begin), sessions.goes_on("b", begin)) == (1, False, True)
    now[0] += LONGEST
    sessions.end("b")
    assert sessions.goes_on("a", begin) is False
    assert kept() - before == 2
    now[0] += timedelta(seconds=1)
    sessions.end("c")
    assert kept() - before == 2
    assert sessions.goes_on("a", begin) is False


def test_a_session_that_begins_in_the_future_is_none(entrance: Entrance) -> None:
    """The clock was set back, or the cookie is of another instance: it would last longer than ten hours."""
    sessions = Sessions(entrance.site.stores.engines.app, lambda: NOW)
    assert sessions.goes_on("x", int(NOW.timestamp()) + 30)
    assert not sessions.goes_on("x", int(NOW.timestamp()) + 3600)


def test_the_cookie_is_for_the_staffs_path_and_no_script_reads_it(entrance: Entrance) -> None:
    (held,) = [
        each
        for each in entrance.site.browser().get("/en/account/login").headers.getlist("Set-Cookie")
        if each.startswith("tin_nhiem_staff=")
    ]
    assert {part.strip() for part in held.split(";")[1:]} == {f"Path={STAFF}", "HttpOnly", "SameSite=Lax"}
