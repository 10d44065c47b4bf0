"""Guessing is slowed down, by the account that is tried and by the visitor's address. In memory only: written
nowhere.

Danger: an account that can be named in two ways could be tried twice as often; so its name is the address as
the sign-in reads it.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

TRIES_OF_AN_ADDRESS, ADDRESS_FOR = 30, "minute"
TRIES_OF_AN_ACCOUNT, ACCOUNT_FOR = 10, "15 minutes"
LETTERS_TO_AN_ACCOUNT = "3 per hour"
GUESSABLE = (
    "login",
    "two_factor_token_validation",
    "mf_recovery",
    "verify",
    "change_password",
    "wan_signin_response",
    "two_factor_setup_validate",
)


def limit_guessing(app: Flask, processes: int = 1) -> Limiter:
    """Count what is sent to the pages where something could be guessed; over the limit they answer 429.

    Each of so many processes counts by itself and lets its share through, so that all together let through no
    more than one would.
    """
    of_an_account = f"{max(1, TRIES_OF_AN_ACCOUNT // processes)} per {ACCOUNT_FOR}"
    of_an_address = f"{max(1, TRIES_OF_AN_ADDRESS // processes)} per {ADDRESS_FOR}"
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    for name in GUESSABLE:
        view: Any = app.view_functions[f"security.{name}"]
        by_account = limiter.limit(of_an_account, key_func=_account, methods=["POST"])
        by_address = limiter.limit(of_an_address, methods=["POST"])
        app.view_functions[f"security.{name}"] = by_address(by_account(view))
    if (letters := "forgotten.send") in app.view_functions:
        view = app.view_functions[letters]
        by_account = limiter.limit(LETTERS_TO_AN_ACCOUNT, key_func=_account, methods=["POST"])
        app.view_functions[letters] = limiter.limit(of_an_address, methods=["POST"])(by_account(view))
    if (answer := "provider.enter") in app.view_functions:
        view = app.view_functions[answer]
        app.view_functions[answer] = limiter.limit(of_an_address, methods=["POST"])(view)
    return limiter


def _account() -> str:
    if request.endpoint in {"security.login", "forgotten.send"}:
        return _written(request.form.get("email", ""))
    return str(session.get("_user_id") or session.get("tf_user_id") or get_remote_address())


def _written(email: str) -> str:
    """The address as the sign-in looks it up: whoever writes it in other letters tries the same account."""
    try:
        known: str = current_app.extensions["security"]._mail_util.normalize(email)
    except ValueError:
        known = email
    return known.strip().casefold()
