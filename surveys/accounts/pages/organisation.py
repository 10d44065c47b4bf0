"""Signing in with the organisation's own account: OpenID Connect, code flow with PKCE (Authlib).

The way out is a link, since browsers follow no form to another site under our policy. The way back shows a
form: what signs in is sent by this site's own page, with its token, and no link alone changes anything.
Danger: an answer is good once. Its state is in the cookie of the browser that asked, and is noted as ended
here before the code is used, so a copy of cookie and answer is refused too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Flask, Response, current_app, redirect, request, session, url_for
from flask_security.utils import login_user
from joserfc.errors import JoseError
from requests import RequestException

from surveys.accounts import vouched
from surveys.accounts.datastore import SignedIn, StaffDatastore
from surveys.accounts.errors import NotInvited, NotVouchedFor, ProviderUnreachable
from surveys.accounts.pages.door import VOUCHED, to
from surveys.accounts.pages.forms import AnswerForm
from surveys.accounts.pages.open_door import OpenDoor, OpenPages
from surveys.accounts.sessions import Sessions
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.provider import Provider
from surveys.web.doors import Audience, Door, render

NAME = "organisation"
LEEWAY = 60
"""Seconds by which the provider's clock may be off."""
SECONDS = 10.0


@dataclass(slots=True)
class Entrance:
    """The provider, and whom it leads to. `client` is there once the app is."""

    provider: Provider
    accounts: StaffDatastore
    log: StaffLog
    client: FlaskOAuth2App = field(init=False, repr=False)

    @property
    def sessions(self) -> Sessions:
        return Sessions(self.accounts.store.engine, self.log.now)


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """What came back, to be sent by our own form."""

    form: AnswerForm
    issuer: str


ORGANISATION_PAGES = OpenPages()


@ORGANISATION_PAGES.get("/account/organisation")
def begin(entrance: Entrance) -> Response:
    try:
        _metadata(entrance)
        answer: Response = entrance.client.authorize_redirect(url_for("provider.answer", _external=True))
    except (RequestException, OAuthError, ValueError, RuntimeError) as error:
        raise ProviderUnreachable(type(error).__name__) from error
    return answer


@ORGANISATION_PAGES.get("/account/organisation/answer")
def answer(entrance: Entrance) -> Response:
    if "error" in request.args:
        raise NotVouchedFor("the provider refused")
    form = AnswerForm(request.args)
    if not form.code.data or not form.state.data:
        raise NotVouchedFor("no answer")
    return render("accounts/organisation.html", AnswerPage(form, entrance.provider.issuer))


@ORGANISATION_PAGES.post("/account/organisation/answer")
def enter(entrance: Entrance) -> Response:
    provider = entrance.provider
    nobody = Actor(NAME, provider.issuer)
    try:
        claims = _claims(entrance, request.form.get("state", ""))
        vouched.check(provider, claims)
        user = vouched.account_of(entrance.accounts, provider, claims)
    except (NotVouchedFor, NotInvited) as error:
        entrance.log.write(nobody, Act.ACCOUNT_REFUSED, auth_type=NAME, refusal=type(error).__name__)
        raise
    return _let_in(user, vouched.has_second_factor(provider, claims))


@ORGANISATION_PAGES.get("/account/organisation/out")
def leave(entrance: Entrance) -> Response:
    try:
        out = _metadata(entrance).get("end_session_endpoint")
        if not isinstance(out, str):
            raise ProviderUnreachable("no way out")
        back = url_for("security.login", _external=True)
        made = entrance.client.create_logout_url(back, client_id=entrance.provider.client_id)
    except (RequestException, ValueError, RuntimeError) as error:
        raise ProviderUnreachable(type(error).__name__) from error
    return redirect(made["url"])  # type: ignore[return-value]


def _metadata(entrance: Entrance) -> dict[str, object]:
    """What the provider says about itself, if it is the one that we were told of."""
    found: dict[str, object] = entrance.client.load_server_metadata()
    if found.get("issuer") != entrance.provider.issuer:
        entrance.client.server_metadata.clear()
        raise NotVouchedFor("the address answers for another issuer")
    return found


def _claims(entrance: Entrance, state: str) -> vouched.Claims:
    """What the provider says of the person, checked: state, code, PKCE, signature, issuer, audience, nonce,
    expiry. Raises NotVouchedFor or ProviderUnreachable.
    """
    number, sessions = f"{NAME}/{state}", entrance.sessions
    # Whoever has not asked leaves nothing behind: no row, no answer of others used up.
    if f"_state_{NAME}_{state}" not in session:
        raise NotVouchedFor("this browser has not asked")
    if not sessions.goes_on(number, int(sessions.now().timestamp())):
        raise NotVouchedFor("an answer is good once")
    sessions.end(number)
    provider = entrance.provider
    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }
    try:
        _metadata(entrance)
        token = entrance.client.authorize_access_token(claims_options=options, leeway=LEEWAY)
    except RequestException as error:
        raise ProviderUnreachable(type(error).__name__) from error
    except (OAuthError, OAuth2Error, JoseError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise NotVouchedFor(type(error).__name__) from error
    claims = token.get("userinfo")
    if not claims:
        raise NotVouchedFor("no identity in the answer")
    return dict(claims)


def _let_in(user: SignedIn, vouched_for: bool) -> Response:
    """Sign in, or ask for the account's own second factor first."""
    if not vouched_for:
        plugins = current_app.extensions["security"].two_factor_plugins
        asked: Response | None = plugins.tf_enter(user, False, NAME, None)
        if asked is not None:
            return asked
    login_user(user, authn_via=[NAME])
    if vouched_for:
        session[VOUCHED] = True
    return to("desk.home")


def entrance(provider: Provider | None, accounts: StaffDatastore, log: StaffLog) -> Entrance | None:
    """The way in by this provider, where there is one."""
    return None if provider is None else Entrance(provider, accounts, log)


def doors(entrance: Entrance | None) -> tuple[Door, ...]:
    """The pages, where there is a provider."""
    if entrance is None:
        return ()
    made = OpenDoor("provider", Audience.PUBLIC)
    made.open_to(ORGANISATION_PAGES, entrance)
    return (made,)


def join(entrance: Entrance | None, app: Flask) -> None:
    """Make the client of this app."""
    if entrance is not None:
        entrance.client = OAuth(app).register(
            NAME,
            client_id=entrance.provider.client_id,
            client_secret=entrance.provider.client_secret,
            server_metadata_url=f"{entrance.provider.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "default_timeout": SECONDS,
            },
        )
