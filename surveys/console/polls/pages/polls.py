"""The polls on the desk: opened, extended, closed; what is done before its time is confirmed on a page of its
own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, flash

from surveys.accounts.pages.door import StaffDoor, StaffPages, to
from surveys.accounts.roles import Staff
from surveys.console.polls.conducting import AtTheVote
from surveys.console.polls.forms import CloseForm, EarlyCloseForm, ExtendForm
from surveys.console.polls.pages.staff import RoundAtPolls, title_of
from surveys.console.readers import CONDUCTORS
from surveys.instants import from_local
from surveys.names import RoundId
from surveys.rules.preset import Words
from surveys.web.doors import render
from surveys.web.languages import say


@dataclass(frozen=True, slots=True)
class PollsPage:
    """Opening, extending, closing; `ask` says that a second person is needed."""

    there: AtTheVote
    title: Words
    closes: datetime
    extend: ExtendForm
    early: bool
    me: str


@dataclass(frozen=True, slots=True)
class ConfirmOpenPage:
    """Whether to open before the time that was decided."""

    there: AtTheVote
    title: Words
    now: datetime


@dataclass(frozen=True, slots=True)
class ConfirmClosePage:
    """Whether to close before the time; the reason stands in the minutes."""

    there: AtTheVote
    title: Words
    form: CloseForm


POLLS_PAGES = StaffPages()


@POLLS_PAGES.get("/rounds/<round_id>/polls", roles=CONDUCTORS)
def polls(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> Response:
    return _polls_page(desks, staff, round_id, None, 200)


@POLLS_PAGES.get("/rounds/<round_id>/open", roles=CONDUCTORS)
def confirm_open(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> Response:
    there = desks.polls.look(round_id)
    return render("desk/confirm_open.html", ConfirmOpenPage(there, title_of(there), desks.polls.now()))


@POLLS_PAGES.post("/rounds/<round_id>/open", roles=CONDUCTORS)
def open_(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> Response:
    done = desks.polls.open(staff, round_id)
    return _done(round_id, done, say("The polls are open."))


@POLLS_PAGES.post("/rounds/<round_id>/extend", roles=CONDUCTORS)
def extend(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> Response:
    form = ExtendForm()
    if not form.validate():
        return _polls_page(desks, staff, round_id, form, 422)
    zone = desks.polls.look(round_id).round.definition.time_zone
    done = desks.polls.extend(staff, round_id, from_local(form.until.data, zone), form.reason.data)
    return _done(round_id, done, say("The voting time is extended. Voters see the new time in the booth."))


@POLLS_PAGES.get("/rounds/<round_id>/close", roles=CONDUCTORS)
def confirm_close(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> Response:
    return _confirm_close_page(desks.polls.look(round_id), EarlyCloseForm(formdata=None), 200)


@POLLS_PAGES.post("/rounds/<round_id>/close", roles=CONDUCTORS)
def close(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> Response:
    there = desks.polls.look(round_id)
    form = EarlyCloseForm() if _early(desks, there) else CloseForm()
    if not form.validate():
        return _confirm_close_page(there, form, 422)
    done = desks.polls.close(staff, there.round, form.reason.data or "")
    return _done(round_id, done, say("The polls are closed. The server seals the box by itself."))


@POLLS_PAGES.post("/rounds/<round_id>/approve/<act>", roles=CONDUCTORS)
def approve(desks: RoundAtPolls, staff: Staff, round_id: RoundId, act: str) -> Response:
    desks.polls.approve(staff, round_id, act)
    return _done(round_id, True, say("Approved and done."))


@POLLS_PAGES.post("/rounds/<round_id>/withdraw/<act>", roles=CONDUCTORS)
def withdraw(desks: RoundAtPolls, staff: Staff, round_id: RoundId, act: str) -> Response:
    desks.polls.withdraw(staff, round_id, act)
    return to("rounds.polls", round_id=round_id)


def add_polls(door: StaffDoor, desks: RoundAtPolls) -> None:
    """Put the pages behind the door."""
    door.open_to(POLLS_PAGES, desks)


def _polls_page(
    desks: RoundAtPolls, staff: Staff, round_id: RoundId, form: ExtendForm | None, status: int
) -> Response:
    there, now = desks.polls.look(round_id), desks.polls.now()
    page = PollsPage(
        there=there,
        title=title_of(there),
        closes=there.closes,
        extend=ExtendForm(formdata=None) if form is None else form,
        early=now < (there.closes if there.round.opened else there.round.definition.opens),
        me=staff.id,
    )
    return render("desk/polls.html", page, status)


def _confirm_close_page(there: AtTheVote, form: CloseForm, status: int) -> Response:
    return render("desk/confirm_close.html", ConfirmClosePage(there, title_of(there), form), status)


def _early(desks: RoundAtPolls, there: AtTheVote) -> bool:
    return desks.polls.now() < there.closes


def _done(round_id: RoundId, done: bool, words: str) -> Response:
    asked = say("A second organizer is asked to approve this. Nothing has happened yet.")
    flash(words if done else asked, "success")
    return to("rounds.one" if done else "rounds.polls", round_id=round_id)
