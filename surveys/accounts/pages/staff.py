"""One's own account, and the accounts that an administrator looks after; the log of what staff did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import logout_user

from surveys.accounts import register
from surveys.accounts.administration import ADMINISTRATORS, Administration
from surveys.accounts.invitations import DAYS
from surveys.accounts.pages.door import EVERYBODY, Land, StaffDoor, to
from surveys.accounts.pages.forms import GrantEndedForm, GrantForm, InviteForm
from surveys.accounts.roles import Grant, Role, Staff
from surveys.accounts.staff_log import Act, Actor
from surveys.web.doors import render
from surveys.web.forms import ReasonForm
from surveys.web.languages import say


@dataclass(frozen=True, slots=True)
class MyAccountPage:
    """One's own account. `codes` is how many recovery codes are left."""

    staff: Staff
    code: bool
    passkeys: tuple[str, ...]
    codes: int


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


def own_door(administration: Administration, land: Land) -> StaffDoor:
    """Everybody's own account."""
    door = StaffDoor("account", land)

    @door.get("/account/me", roles=EVERYBODY)
    def mine(staff: Staff) -> Response:
        held = register.find_account(administration.engine, administration.keyring, staff.id)
        page = MyAccountPage(
            staff,
            held.secrets.totp is not None,
            tuple(each.name for each in held.passkeys),
            len(held.secrets.recovery),
        )
        return render("accounts/mine.html", page)

    @door.get("/account/second-factor", roles=EVERYBODY, unfinished=True)
    def second_factor(staff: Staff) -> Response:
        return render("accounts/second_factor.html", SecondFactorPage(staff.name))

    @door.post("/account/sign-out-everywhere", roles=EVERYBODY)
    def sign_out_everywhere(staff: Staff) -> Response:
        with administration.log.acting(Actor.of(staff), Act.ACCOUNT_SIGNED_OUT):
            register.sign_out_everywhere(administration.engine, staff.id)
        logout_user()
        return to("security.login")

    return door


def people_door(administration: Administration, land: Land) -> StaffDoor:
    """The accounts that administrators look after."""
    door = StaffDoor("people", land)

    @door.get("/people/", roles=ADMINISTRATORS)
    def listed(staff: Staff) -> Response:
        return render("accounts/people.html", PeoplePage(administration.seen_by(staff)))

    @door.get("/people/invite", roles=ADMINISTRATORS)
    def invite(staff: Staff) -> Response:
        return render("accounts/invite.html", InvitePage(InviteForm()))

    @door.post("/people/invite", roles=ADMINISTRATORS)
    def send_invite(staff: Staff) -> Response:
        form = InviteForm()
        if not form.validate():
            return render("accounts/invite.html", InvitePage(form), 422)
        made, token = administration.invite(
            staff, form.name.data, form.email.data, _grant(form), form.person.data or None, form.reason.data
        )
        return _invited(made, token)

    @door.get("/people/<account>", roles=ADMINISTRATORS)
    def person(staff: Staff, account: str) -> Response:
        return _person(administration, staff, account, GrantForm(formdata=None), 200)

    @door.post("/people/<account>/grant", roles=ADMINISTRATORS)
    def grant(staff: Staff, account: str) -> Response:
        form = GrantForm()
        if not form.validate():
            return _person(administration, staff, account, form, 422)
        administration.grant(staff, account, _grant(form), form.reason.data)
        return _back(account)

    @door.post("/people/<account>/end-grant", roles=ADMINISTRATORS)
    def end_grant(staff: Staff, account: str) -> Response:
        form = GrantEndedForm()
        if not form.validate():
            return _without_reason(account)
        administration.end_grant(
            staff, account, Grant(Role(form.role.data), form.unit.data), form.reason.data
        )
        return _back(account)

    @door.post("/people/<account>/link", roles=ADMINISTRATORS)
    def link(staff: Staff, account: str) -> Response:
        form = ReasonForm()
        if not form.validate():
            return _without_reason(account)
        return _invited(*administration.new_link(staff, account, form.reason.data))

    @door.post("/people/<account>/factors", roles=ADMINISTRATORS)
    def factors(staff: Staff, account: str) -> Response:
        form = ReasonForm()
        if not form.validate():
            return _without_reason(account)
        administration.forget_second_factors(staff, account, form.reason.data)
        return _back(account)

    @door.post("/people/<account>/active", roles=ADMINISTRATORS)
    def active(staff: Staff, account: str) -> Response:
        form = ReasonForm()
        if not form.validate():
            return _without_reason(account)
        administration.set_active(staff, account, "again" in request.form, form.reason.data)
        return _back(account)

    return door


def _grant(form: Any) -> Grant:
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
