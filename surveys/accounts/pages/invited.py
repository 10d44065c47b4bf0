"""The page of an invitation: whoever has the link chooses the password of the account that was made
for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from argon2 import PasswordHasher
from flask import Response, flash

from surveys.accounts import invitations
from surveys.accounts.administration import Administration
from surveys.accounts.errors import WeakPassword
from surveys.accounts.keeping import Account
from surveys.accounts.pages.door import to
from surveys.accounts.pages.forms import AcceptForm
from surveys.accounts.pages.open_door import OpenDoor, OpenPages
from surveys.accounts.pages.words import too_easy
from surveys.accounts.passwords import SHORTEST_PASSWORD
from surveys.accounts.staff_log import Act, Actor
from surveys.web.doors import Audience, Door, render
from surveys.web.languages import say


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """The form of somebody invited; `renewed` where the account has had a password."""

    name: str
    email: str
    form: AcceptForm
    shortest: int
    renewed: bool


INVITATION_PAGES = OpenPages()


@INVITATION_PAGES.get("/invitation/<token>")
def look(administration: Administration, token: str) -> Response:
    return _page(administration, token, AcceptForm(), 200)


@INVITATION_PAGES.post("/invitation/<token>")
def accept(administration: Administration, token: str) -> Response:
    form = AcceptForm()
    if not form.validate():
        return _page(administration, token, form, 422)
    before = _account(administration, token)
    try:
        account = invitations.accept(
            administration.store,
            token,
            form.password.data,
            administration.now(),
            PasswordHasher().hash,
        )
    except WeakPassword:
        form.password.errors = [too_easy()]
        return _page(administration, token, form, 422)
    first = before.secrets.password is None
    act = Act.ACCOUNT_ACCEPTED if first else Act.ACCOUNT_PASSWORD
    administration.log.write(Actor.of(account.staff), act)
    flash(say("Your password is set. Sign in with it now."), "success")
    return to("security.login")


def _page(administration: Administration, token: str, form: AcceptForm, status: int) -> Response:
    account = _account(administration, token)
    renewed = account.secrets.password is not None
    page = InvitationPage(account.staff.name, account.staff.email, form, SHORTEST_PASSWORD, renewed)
    return render("accounts/invitation.html", page, status)


def _account(administration: Administration, token: str) -> Account:
    return invitations.invited(administration.store, token, administration.now())


def door(administration: Administration) -> Door:
    """The invitation's pages."""
    entrance = OpenDoor("invitation", Audience.LINK)
    entrance.open_to(INVITATION_PAGES, administration)
    return entrance
