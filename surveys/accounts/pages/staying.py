"""How long somebody stays signed in: what a session is worth, and when it ends (docs/operations.md, "Staff").

A session begins with a sign-in, and nothing that was in the cookie before is worth anything in it: a number
and the secret of its forms are made anew. It ends with its sign-out, for copies of the cookie too, after ten
hours whatever was done in it, and with every other session of its account
(`surveys.accounts.keeping.sign_out_everywhere`). Danger: there is one way to be signed in, the session; a
second one (a token in a header, a cookie that remembers) would be outside all of this, so those of
Flask-Security are shut here.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, Response, abort, g, request, session
from flask_login import user_logged_in, user_logged_out

from surveys.accounts.pages.door import signed_in, to, with_second_factor
from surveys.accounts.sessions import Sessions

_OF_THE_SIGN_IN = ("_user_id", "_fresh", "_id", "_flashes")
_TO_FINISH = frozenset(
    {
        "login",
        "logout",
        "verify",
        "two_factor_setup",
        "two_factor_setup_validate",
        "wan_register",
        "wan_register_response",
    }
)


def keep_sessions(app: Flask, sessions: Sessions) -> None:
    """Let sessions begin and end as they should. Flask-Security is in the app already."""
    login: Any = app.login_manager  # type: ignore[attr-defined]
    load = login._user_callback

    def account_of(name: str) -> object:
        return load(name) if _goes_on(sessions) else None

    def begin(_: object, user: object) -> None:
        kept = {key: session[key] for key in _OF_THE_SIGN_IN if key in session}
        session.clear()
        session.update(kept, number=secrets.token_hex(16), begun=int(sessions.now().timestamp()))
        g.pop("csrf_token", None)

    def end(_: object, user: object) -> None:
        if "number" in session:
            sessions.end(session["number"])
        session.clear()

    login.user_loader(account_of)
    login.request_loader(lambda _: None)
    user_logged_in.connect(begin, app)
    user_logged_out.connect(end, app)
    app.extensions["tin-nhiem-sessions"] = begin, end  # signals hold their receivers weakly
    app.before_request(_way_in)


def _goes_on(sessions: Sessions) -> bool:
    number, begun = session.get("number"), session.get("begun")
    return isinstance(number, str) and isinstance(begun, int) and sessions.goes_on(number, begun)


def _way_in() -> Response | None:
    """What Flask-Security's pages leave open: programs, an account without a second factor, a signed-in one
    at the sign-in's code.
    """
    room, _, page = (request.endpoint or "").partition(".")
    if room != "security":
        return None
    if request.is_json:
        abort(400)
    if signed_in() is None:
        return None
    if page == "two_factor_token_validation":
        return to("desk.home")
    if page not in _TO_FINISH and not with_second_factor():
        return to("account.second_factor")
    return None
