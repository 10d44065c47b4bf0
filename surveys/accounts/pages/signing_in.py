"""Signing in with Flask-Security-Too: password (Argon2id), then a code (TOTP) or a passkey; recovery codes;
its words in both languages.

Its views, our templates: it hands a template's name and its forms to `_render`, which makes the page of this
house. Danger: a session is worth an account; so its cookie is for /s only, ends with the working day, is sent
over https where there is one, and every form needs its token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from flask import Flask, Response, abort, render_template, request, session, url_for
from flask_login import current_user, user_logged_out
from flask_security import Security, TwoFactorVerifyCodeForm
from flask_security.signals import user_authenticated, user_failed_authn
from flask_security.utils import check_and_get_token_status
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import Form as BaseForm

from surveys.accounts.datastore import SignedIn, StaffDatastore
from surveys.accounts.pages import factors
from surveys.accounts.pages.guessing import limit_guessing
from surveys.accounts.pages.staying import keep_sessions
from surveys.accounts.pages.words import ERRORS, messages
from surveys.accounts.passwords import SHORTEST_PASSWORD
from surveys.accounts.sessions import LONGEST, Sessions
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.accounts.totp import ISSUER, code_secrets, secret_of
from surveys.stores.columns import Keyring
from surveys.web.languages import day, say
from surveys.web.qr import QrCode, qr_code

RECOVERY_CODES = 10
SECONDS_OF_SKEW = 30
"""How far a phone's clock may be off: the code before and the one after are taken too."""


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page that is one form of Flask-Security. `more` says whether the other way (passkey, recovery code)
    is offered.
    """

    form: FlaskForm
    more: bool


@dataclass(frozen=True, slots=True)
class CodeSetupPage:
    """Setting up codes: the QR code and the key to type, once the set-up has begun; `state` is its signed
    state.
    """

    form: FlaskForm
    code_form: FlaskForm
    set_up: bool
    qr: QrCode | None
    key: str
    state: str


@dataclass(frozen=True, slots=True)
class RegisteredPasskey:
    """A passkey in the list."""

    name: str
    used: str


@dataclass(frozen=True, slots=True)
class PasskeysPage:
    """The passkeys of an account; `options` (JSON) and `state` are there while a new one is being made."""

    form: FlaskForm
    passkeys: tuple[RegisteredPasskey, ...]
    options: str
    state: str


@dataclass(frozen=True, slots=True)
class PasskeyAskedPage:
    """The browser is asked for a passkey: at the sign-in or to confirm a step. `options` (JSON) and `state`
    once asked.
    """

    answer: FlaskForm
    options: str
    state: str
    confirming: bool


@dataclass(frozen=True, slots=True)
class RecoveryCodesPage:
    """Recovery codes, just made or asked to be shown; empty before."""

    codes: tuple[str, ...]


Given: TypeAlias = Mapping[str, Any]
"""What Flask-Security hands a template, by its names."""


class _Words:
    """Flask-Security's words, by the catalogues of this house."""

    @staticmethod
    def gettext(text: str, **values: object) -> str:
        return say(text, **values)

    @staticmethod
    def ngettext(one: str, many: str, num: int, **values: object) -> str:
        return say(one if num == 1 else many, num=num, **values)

    @staticmethod
    def format_list(parts: list[str], **_: object) -> str:
        return ", ".join(parts)


def sign_in(
    app: Flask,
    accounts: StaffDatastore,
    keyring: Keyring,
    log: StaffLog,
    *,
    https: bool,
    mount: str,
    processes: int = 1,
) -> CSRFProtect:
    """Give this app its sign-in, sessions and CSRF protection. `mount` is the path that the session's cookie
    is for.

    Limits are divided among so many `processes`.
    """
    app.config.update(
        SECRET_KEY=secret_of(keyring, "staff/session"),
        SESSION_COOKIE_NAME="tin_nhiem_staff",
        SESSION_COOKIE_PATH=mount,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        PERMANENT_SESSION_LIFETIME=LONGEST,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # compares the Referer, which our own policy forbids browsers to send
        RATELIMIT_HEADERS_ENABLED=False,
        **{f"SECURITY_{name}": value for name, value in _config(keyring).items()},
    )
    csrf = CSRFProtect(app)
    security = Security(
        app,
        accounts,
        render_template=_render,
        totp_cls=factors.OnceOnly,
        mf_recovery_codes_util_cls=factors.RecoveryCodes,
        password_util_cls=factors.Passwords,
        webauthn_util_cls=factors.AskedHere,
        login_form=factors.SignInForm,
        change_password_form=factors.NewPasswordForm,
        wan_signin_response_form=factors.OwnPasskeyForm,
    )
    security.i18n_domain = _Words()
    security.want_json(lambda _: False)
    app.view_functions["security.two_factor_rescue"] = _nobody_there
    keep_sessions(app, Sessions(accounts.store.engine, log.now))
    _keep_setups(app)
    limit_guessing(app, processes)
    _log(app, log)
    return csrf


def _config(keyring: Keyring) -> Mapping[str, object]:
    return {
        "URL_PREFIX": "/<any(vi, en):language>/account",
        "STATIC_FOLDER": None,
        "PASSWORD_HASH": "argon2",
        "PASSWORD_SCHEMES": ["argon2"],
        "PASSWORD_SINGLE_HASH": True,
        "PASSWORD_SALT": secret_of(keyring, "staff/password"),
        "PASSWORD_LENGTH_MIN": SHORTEST_PASSWORD,
        "INPUT_NORMALIZE_FORM": "NFC",
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "RETURN_GENERIC_RESPONSES": True,
        "API_ENABLED_METHODS": ["session"],
        "CHANGEABLE": True,
        "SEND_PASSWORD_CHANGE_EMAIL": False,
        "TWO_FACTOR": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": SECONDS_OF_SKEW,
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TOTP_SECRETS": code_secrets(keyring),
        "TOTP_ISSUER": ISSUER,
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_N": RECOVERY_CODES,
        "WEBAUTHN": True,
        "WAN_RP_NAME": ISSUER,
        "WAN_ALLOW_AS_FIRST_FACTOR": False,
        "WAN_ALLOW_AS_MULTI_FACTOR": False,
        "WAN_ALLOW_AS_VERIFY": ["secondary"],
        "FRESHNESS": timedelta(minutes=30),
        "FRESHNESS_GRACE_PERIOD": timedelta(minutes=30),
        "LOGOUT_CSRF": True,
        **messages(),
        "POST_LOGIN_VIEW": "desk.home",
        "POST_LOGOUT_VIEW": "security.login",
        "POST_CHANGE_VIEW": "account.mine",
        "POST_VERIFY_VIEW": "account.mine",
        "TWO_FACTOR_POST_SETUP_VIEW": "account.mine",
        "WAN_POST_REGISTER_VIEW": "account.mine",
    }


def _render(template: str, **given: object) -> Response:
    """A template of Flask-Security, as a page of this house: 422 where something that was sent is refused."""
    name, page = _PAGES[template.removeprefix("security/").removesuffix(".html")]
    refused = request.method == "POST" and any(
        each.errors for each in given.values() if isinstance(each, BaseForm)
    )
    shown = render_template(name, page=page(given))
    return Response(shown, status=422 if refused else 200, mimetype="text/html")


def _keep_setups(app: Flask) -> None:
    """A wrong code at the set-up: Flask-Security would begin anew with another secret, and the phone hold a
    worthless one.
    """
    name = "security.two_factor_setup_validate"
    view: Any = app.view_functions[name]

    def confirm(token: str) -> Response:
        answer = app.make_response(view(token=token))
        over, wrong, state = check_and_get_token_status(token, "tf_setup", timedelta(minutes=30))
        if over or wrong or answer.location != url_for("security.two_factor_setup"):
            return answer
        session.pop("_flashes", None)
        form = TwoFactorVerifyCodeForm()
        told = ERRORS["TWO_FACTOR_INVALID_TOKEN"]
        form.code.errors = [say(told)]
        values = app.extensions["security"].totp_factory.fetch_setup_values(
            state["totp_secret"], current_user
        )
        page = CodeSetupPage(form, form, True, qr_code(values["image"]), values["key"], token)
        return Response(render_template("accounts/code_setup.html", page=page), 422, mimetype="text/html")

    app.view_functions[name] = confirm


def _nobody_there() -> Response:
    """Flask-Security's call for help by mail: here the administrator is asked, and a recovery code has its
    own page.
    """
    abort(404)


def _form(name: str, more: Callable[[Given], bool] = lambda _: False) -> Callable[[Given], FormPage]:
    return lambda given: FormPage(given[name], more(given))


def _code_setup(given: Given) -> CodeSetupPage:
    address = given.get("authr_qrcode")
    return CodeSetupPage(
        form=given["two_factor_setup_form"],
        code_form=given["two_factor_verify_code_form"],
        set_up="disable" in given["choices"],
        qr=None if address is None else qr_code(address),
        key=given.get("authr_key", ""),
        state=given.get("state_token") or "",
    )


def _passkeys(given: Given) -> PasskeysPage:
    held = given.get("registered_credentials", ())
    return PasskeysPage(
        form=given["wan_register_form"],
        passkeys=tuple(RegisteredPasskey(each["name"], _day(each["lastuse"])) for each in held),
        options=given.get("credential_options", ""),
        state=given.get("wan_state", ""),
    )


def _day(written: str) -> str:
    # As the library writes it: in UTC, with or without saying so.
    return day(datetime.fromisoformat(written).date())


def _passkey_asked(confirming: bool) -> Callable[[Given], PasskeyAskedPage]:
    def page(given: Given) -> PasskeyAskedPage:
        return PasskeyAskedPage(
            answer=given["wan_signin_response_form"],
            options=given.get("credential_options", ""),
            state=given.get("wan_state", ""),
            confirming=confirming,
        )

    return page


def _has_recovery(given: Given) -> bool:
    rescue = given.get("two_factor_rescue_form")
    return rescue is not None and any(value == "recovery_code" for value, *_ in rescue.help_setup.choices)


_PAGES: Mapping[str, tuple[str, Callable[[Given], object]]] = {
    "login_user": ("accounts/sign_in.html", _form("login_user_form")),
    "verify": (
        "accounts/confirm.html",
        _form("verify_form", lambda given: bool(given["has_webauthn_verify_credential"])),
    ),
    "change_password": ("accounts/password.html", _form("change_password_form")),
    "two_factor_setup": ("accounts/code_setup.html", _code_setup),
    "two_factor_verify_code": ("accounts/code.html", _form("two_factor_verify_code_form", _has_recovery)),
    "two_factor_select": ("accounts/factor.html", _form("two_factor_select_form")),
    "wan_register": ("accounts/passkeys.html", _passkeys),
    "wan_signin": ("accounts/passkey.html", _passkey_asked(False)),
    "wan_verify": ("accounts/passkey.html", _passkey_asked(True)),
    "mf_recovery_codes": (
        "accounts/recovery_codes.html",
        lambda given: RecoveryCodesPage(tuple(given["recovery_codes"])),
    ),
    "mf_recovery": ("accounts/recovery.html", _form("mf_recovery_form")),
}


def _log(app: Flask, log: StaffLog) -> None:
    """Sign-ins, refusals and sign-outs are written into the staff log; changes are by the datastore, before
    they are kept.
    """

    def noted(act: Act) -> Callable[..., None]:
        def note(_: object, user: SignedIn, **more: object) -> None:
            # A changed password begins a new session, which is no sign-in.
            if more.get("authn_via") == ["change"]:
                return
            # Nobody is signed in by a cookie that goes out with the refusal of a log that cannot be written.
            held = dict(session)
            session.clear()
            by, how = Actor.of(user.staff), more.get("auth_type")
            if more.get("authn_via") == ["organisation"]:
                how = "organisation"
            log.write(by, act, auth_type=str(how)) if how else log.write(by, act)
            session.update(held)

        return note

    app.extensions["tin-nhiem-log"] = kept = (
        (user_authenticated, noted(Act.ACCOUNT_SIGNED_IN)),
        (user_failed_authn, noted(Act.ACCOUNT_REFUSED)),
        (user_logged_out, noted(Act.ACCOUNT_LEFT)),
    )
    # Signals hold their receivers weakly: the app holds them.
    for signal, receiver in kept:
        signal.connect(receiver, app)
