"""One's own account, and the accounts that an administrator looks after; the log of what staff did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, flash, request, session, url_for

from surveys.accounts import keeping as register
from surveys.accounts.administration import ADMINISTRATORS, Administration
from surveys.accounts.invitations import DAYS
from surveys.accounts.pages.door import EVERYBODY, AccessScope, StaffDoor, StaffPages, to
from surveys.accounts.pages.forms import GrantEndedForm, GrantForm, InviteForm, TokenEndedForm, TokenForm
from surveys.accounts.roles import Grant, Role, Staff
from surveys.accounts.staff_log import Act, Actor
from surveys.accounts.tokens import MOST_TOKENS, READING, Token, Tokens
from surveys.web.doors import render
from surveys.web.forms import ReasonForm
from surveys.web.languages import say


@dataclass(frozen=True, slots=True)
class HeldToken:
    """A token in the list; `over` where its time is over."""

    token: Token
    until: datetime
    over: bool


@dataclass(frozen=True, slots=True)
class MyAccountPage:
    """One's own account. `codes` is how many recovery codes are left; `reads` says that one of its roles
    reads results.
    """

    staff: Staff
    code: bool
    passkeys: tuple[str, ...]
    codes: int
    tokens: tuple[HeldToken, ...]
    reads: bool


@dataclass(frozen=True, slots=True)
class TokenPage:
    """The form for a new token; `grants` are the roles that it may hold, `most` how many tokens an account
    has at most.
    """

    form: TokenForm
    grants: tuple[Grant, ...]
    most: int


@dataclass(frozen=True, slots=True)
class TokenMadePage:
    """A new token: its secret is shown once. `api` is the address of the interface, `example` a request on a
    command line.
    """

    token: Token
    until: datetime
    secret: str
    api: str
    example: str


@dataclass(frozen=True, slots=True)
class SecondFactorPage:
    """The choice of a second factor, before anything else can be done."""

    name: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The accounts that this administrator sees."""

    people: tuple[Staff, ...]


@dataclass(frozen=True, slots=True)
class InvitePage:
    """The form for somebody new."""

    form: InviteForm


@dataclass(frozen=True, slots=True)
class InvitedPage:
    """The link of an invitation: shown once."""

    staff: Staff
    link: str
    days: int


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One account, and what may be done to it."""

    staff: Staff
    factor: bool
    password: bool
    grant: GrantForm
    ended: GrantEndedForm
    reason: ReasonForm


OWN_PAGES = StaffPages()


@OWN_PAGES.get("/account/me", roles=EVERYBODY)
def mine(administration: Administration, tokens: Tokens, staff: Staff) -> Response:
    held = register.find_account(administration.store, staff.id)
    page = MyAccountPage(
        staff,
        held.secrets.totp is not None,
        tuple(each.name for each in held.passkeys),
        len(held.secrets.recovery),
        _held(tokens, staff),
        staff.has(READING),
    )
    return render("accounts/mine.html", page)


@OWN_PAGES.get("/account/second-factor", roles=EVERYBODY, unfinished=True)
def second_factor(administration: Administration, tokens: Tokens, staff: Staff) -> Response:
    return render("accounts/second_factor.html", SecondFactorPage(staff.name))


@OWN_PAGES.post("/account/sign-out-everywhere", roles=EVERYBODY)
def sign_out_everywhere(administration: Administration, tokens: Tokens, staff: Staff) -> Response:
    with administration.log.acting(Actor.of(staff), Act.ACCOUNT_SIGNED_OUT):
        register.sign_out_everywhere(administration.store.engine, staff.id)
    session.clear()
    return to("security.login")


@OWN_PAGES.get("/account/token", roles=READING, fresh="account.new_token")
def new_token(administration: Administration, tokens: Tokens, staff: Staff) -> Response:
    return _token_page(staff, TokenForm(formdata=None), 200)


@OWN_PAGES.post("/account/token", roles=READING, fresh="account.new_token")
def make_token(administration: Administration, tokens: Tokens, staff: Staff) -> Response:
    form = TokenForm()
    form.grants.choices = [(_written(grant), "") for grant in _readable(staff)]
    if not form.validate():
        return _token_page(staff, form, 422)
    made, secret = tokens.make(staff, form.name.data, form.held, form.days.data)
    api = f"{request.host_url}api/v1"
    example = f'curl -H "Authorization: Bearer {secret}" {api}/rounds'
    page = TokenMadePage(made, made.expires, secret, api, example)
    return render("accounts/token_made.html", page)


@OWN_PAGES.post("/account/token/end", roles=EVERYBODY)
def end_token(administration: Administration, tokens: Tokens, staff: Staff) -> Response:
    form = TokenEndedForm()
    if form.validate():
        ended = tokens.end(staff, form.token.data)
        flash(say("The token “%(name)s” has ended.", name=ended.name), "success")
    return to("account.mine")


def own_door(administration: Administration, tokens: Tokens, scope: AccessScope) -> StaffDoor:
    """Everybody's own account."""
    door = StaffDoor("account", scope)
    door.open_to(OWN_PAGES, administration, tokens)
    return door


def _held(tokens: Tokens, staff: Staff) -> tuple[HeldToken, ...]:
    now = tokens.now()
    dated = ((each, each.expires) for each in tokens.of(staff))
    return tuple(HeldToken(each, until, until < now) for each, until in dated)


def _readable(staff: Staff) -> tuple[Grant, ...]:
    return tuple(grant for grant in staff.grants if grant.role in READING)


def _written(grant: Grant) -> str:
    return f"{grant.role.value}:{grant.unit}"


def _token_page(staff: Staff, form: TokenForm, status: int) -> Response:
    return render("accounts/token.html", TokenPage(form, _readable(staff), MOST_TOKENS), status)


PEOPLE_PAGES = StaffPages()


@PEOPLE_PAGES.get("/people/", roles=ADMINISTRATORS)
def listed(administration: Administration, staff: Staff) -> Response:
    return render("accounts/people.html", PeoplePage(administration.seen_by(staff)))


@PEOPLE_PAGES.get("/people/invite", roles=ADMINISTRATORS)
def invite(administration: Administration, staff: Staff) -> Response:
    return render("accounts/invite.html", InvitePage(InviteForm()))


@PEOPLE_PAGES.post("/people/invite", roles=ADMINISTRATORS)
def send_invite(administration: Administration, staff: Staff) -> Response:
    form = InviteForm()
    if not form.validate():
        return render("accounts/invite.html", InvitePage(form), 422)
    made, token = administration.invite(
        staff, form.name.data, form.email.data, _grant(form), form.person.data or None, form.reason.data
    )
    return _invited(made, token)


@PEOPLE_PAGES.get("/people/<account>", roles=ADMINISTRATORS)
def person(administration: Administration, staff: Staff, account: str) -> Response:
    return _person(administration, staff, account, GrantForm(formdata=None), 200)


@PEOPLE_PAGES.post("/people/<account>/grant", roles=ADMINISTRATORS)
def grant(administration: Administration, staff: Staff, account: str) -> Response:
    form = GrantForm()
    if not form.validate():
        return _person(administration, staff, account, form, 422)
    administration.grant(staff, account, _grant(form), form.reason.data)
    return _back(account)


@PEOPLE_PAGES.post("/people/<account>/end-grant", roles=ADMINISTRATORS)
def end_grant(administration: Administration, staff: Staff, account: str) -> Response:
    form = GrantEndedForm()
    if not form.validate():
        return _without_reason(account)
    administration.end_grant(staff, account, Grant(Role(form.role.data), form.unit.data), form.reason.data)
    return _back(account)


@PEOPLE_PAGES.post("/people/<account>/link", roles=ADMINISTRATORS)
def link(administration: Administration, staff: Staff, account: str) -> Response:
    form = ReasonForm()
    if not form.validate():
        return _without_reason(account)
    return _invited(*administration.new_link(staff, account, form.reason.data))


@PEOPLE_PAGES.post("/people/<account>/factors", roles=ADMINISTRATORS)
def factors(administration: Administration, staff: Staff, account: str) -> Response:
    form = ReasonForm()
    if not form.validate():
        return _without_reason(account)
    administration.forget_second_factors(staff, account, form.reason.data)
    return _back(account)


@PEOPLE_PAGES.post("/people/<account>/active", roles=ADMINISTRATORS)
def active(administration: Administration, staff: Staff, account: str) -> Response:
    form = ReasonForm()
    if not form.validate():
        return _without_reason(account)
    administration.set_active(staff, account, "again" in request.form, form.reason.data)
    return _back(account)


def people_door(administration: Administration, scope: AccessScope) -> StaffDoor:
    """The accounts that administrators look after."""
    door = StaffDoor("people", scope)
    door.open_to(PEOPLE_PAGES, administration)
    return door


def _grant(form: GrantForm | InviteForm) -> Grant:
    return Grant(Role(form.role.data), form.unit.data)


def _invited(made: Staff, token: str) -> Response:
    link = url_for("invitation.look", token=token, _external=True)
    return render("accounts/invited.html", InvitedPage(made, link, DAYS))


def _person(
    administration: Administration, by: Staff, account: str, form: GrantForm, status: int
) -> Response:
    held = administration.one(by, account)
    page = PersonPage(
        held.staff,
        held.has_second_factor,
        held.secrets.password is not None,
        form,
        GrantEndedForm(formdata=None),
        ReasonForm(formdata=None),
    )
    return render("accounts/person.html", page, status)


def _back(account: str) -> Response:
    flash(say("Done, and written into the staff log."), "success")
    return to("people.person", account=account)


def _without_reason(account: str) -> Response:
    flash(say("Nothing was changed: a reason is needed, on one line."), "error")
    return to("people.person", account=account)
