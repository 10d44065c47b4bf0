"""The page for whoever has forgotten their password. It answers every address alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response

from surveys.accounts.forgotten import MINUTES
from surveys.accounts.pages.forms import ForgottenForm
from surveys.accounts.pages.open_door import OpenDoor, OpenPages
from surveys.web.doors import Audience, Door, render

Ask = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ForgottenPage:
    """The form; `ready` says whether letters can leave, `asked` that the form was sent."""

    form: ForgottenForm
    ready: bool
    asked: bool
    minutes: int


FORGOTTEN_PAGES = OpenPages()


@FORGOTTEN_PAGES.get("/account/forgotten")
def form(ask: Ask, ready: bool) -> Response:
    return _page(ForgottenForm(formdata=None), ready, 200)


@FORGOTTEN_PAGES.post("/account/forgotten")
def send(ask: Ask, ready: bool) -> Response:
    form = ForgottenForm()
    if not form.validate():
        return _page(form, ready, 422)
    if ready:
        ask(form.email.data)
    return _page(form, ready, 200, asked=True)


def _page(form: ForgottenForm, ready: bool, status: int, asked: bool = False) -> Response:
    return render("accounts/forgotten.html", ForgottenPage(form, ready, asked, MINUTES), status)


def door(ask: Ask, ready: bool) -> Door:
    """The page; `ask` lets a letter be written to an address."""
    entrance = OpenDoor("forgotten", Audience.PUBLIC)
    entrance.open_to(FORGOTTEN_PAGES, ask, ready)
    return entrance
