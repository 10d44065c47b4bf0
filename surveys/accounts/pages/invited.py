"""The page of an invitation: whoever has the link chooses the password of the account that was made for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from argon2 import PasswordHasher
from flask import Response, flash

from surveys.accounts import invitations
from surveys.accounts.administration import Administration
from surveys.accounts.errors import WeakPassword
from surveys.accounts.pages.door import to
from surveys.accounts.pages.forms import AcceptForm
from surveys.accounts.pages.words import too_easy
from surveys.accounts.passwords import SHORTEST_PASSWORD
from surveys.accounts.staff_log import Act, Actor
from surveys.web.doors import Audience, Door, View, render
from surveys.web.languages import say


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """The form of somebody invited."""

    name: str
    email: str
    form: AcceptForm
    shortest: int


class InvitationDoor(Door):
    """For holders of an invitation's link."""

    def post(self, rule: str) -> Callable[[View], View]:
        """The form that was sent."""

        def make(view: View) -> View:
            self._hang(rule, "POST", view.__name__, view, frozenset())
            return view

        return make


def door(administration: Administration) -> Door:
    """The invitation's pages."""
    entrance = InvitationDoor("invitation", Audience.LINK)

    @entrance.get("/invitation/<token>")
    def look(token: str) -> Response:
        return _page(token, AcceptForm(), 200)

    @entrance.post("/invitation/<token>")
    def accept(token: str) -> Response:
        form = AcceptForm()
        if not form.validate():
            return _page(token, form, 422)
        try:
            account = invitations.accept(
                administration.engine,
                administration.keyring,
                token,
                form.password.data,
                administration.now(),
                PasswordHasher().hash,
            )
        except WeakPassword:
            form.password.errors = [too_easy()]
            return _page(token, form, 422)
        administration.log.write(Actor.of(account.staff), Act.ACCOUNT_ACCEPTED)
        flash(say("Your password is set. Sign in with it now."), "success")
        return to("security.login")

    def _page(token: str, form: AcceptForm, status: int) -> Response:
        account = invitations.invited(
            administration.engine, administration.keyring, token, administration.now()
        )
        page = InvitationPage(account.staff.name, account.staff.email, form, SHORTEST_PASSWORD)
        return render("accounts/invitation.html", page, status)

    return entrance
