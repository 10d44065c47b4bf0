"""A round after freezing, on the desk: where it stands, committee, polls, attendance, incidents, what the minutes will state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, flash, request, url_for

from surveys.accounts.pages import jobs as job_pages
from surveys.accounts.pages.door import Reach, StaffDoor, to
from surveys.accounts.roles import Staff, Tree, may, require
from surveys.accounts.staff_log import Actor
from surveys.roll.letters.delivery import Delivery
from surveys.rounds import drafts
from surveys.rounds.states import State, has_reached
from surveys.rules.preset import Words
from surveys.stages.committees import MemberThere
from surveys.stages.conducting import AtTheVote, PanelThere, UnitTurnout
from surveys.stages.counting_work import COUNT
from surveys.stages.desks import Desks
from surveys.stages.drafting import as_instant
from surveys.stages.land import InstanceLand
from surveys.stages.overview import KINDS
from surveys.stages.pages.forms import (
    CloseForm,
    CommitteeForm,
    EarlyCloseForm,
    ExtendForm,
    PresentForm,
)
from surveys.stages.pages.readers import COMMITTEE, CONDUCTORS, READERS
from surveys.web.doors import render
from surveys.web.errors import NoSuchPage
from surveys.web.languages import say

PANELS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class RoundPage:
    """Where a round stands, what is next, and what needs attention."""

    there: AtTheVote
    title: Words
    opens: datetime
    closes: datetime
    now: datetime
    turnout: tuple[UnitTurnout, ...]
    members: tuple[MemberThere, ...]
    without_quorum: tuple[PanelThere, ...]
    letters: Delivery | None
    count: job_pages.JobShown | None


@dataclass(frozen=True, slots=True)
class PollsPage:
    """Opening, extending, closing; `ask` says that a second person is needed."""

    there: AtTheVote
    title: Words
    closes: datetime
    extend: ExtendForm
    close: CloseForm
    early: bool
    me: str


@dataclass(frozen=True, slots=True)
class AttendancePage:
    """Who is present, unit by unit: the units this account looks after."""

    there: AtTheVote
    title: Words
    panels: tuple[PanelThere, ...]
    form: PresentForm
    correctable: bool


@dataclass(frozen=True, slots=True)
class CommitteePage:
    """The committee and how far its ceremony is."""

    there: AtTheVote
    title: Words
    members: tuple[MemberThere, ...]
    form: CommitteeForm
    changeable: bool


@dataclass(frozen=True, slots=True)
class MemberLinkPage:
    """A member's personal link: shown once."""

    survey: str
    name: str
    link: str


def add_conduct(door: StaffDoor, desks: Desks) -> None:
    """Hang the pages."""
    _status(door, desks)
    _polls(door, desks)
    _attendance(door, desks)
    _committee(door, desks)


def _status(door: StaffDoor, desks: Desks) -> None:
    @door.get("/rounds/<survey>", roles=READERS, reach=Reach.TOUCHES)
    def one(staff: Staff, survey: str) -> Response:
        if survey in drafts.roots(desks.polls.stores.app):
            return to("rounds.prepare", survey=survey)
        return render("desk/round.html", _round_page(desks, staff, survey))

    @door.get("/rounds/<survey>/jobs/<kind>", roles=READERS, reach=Reach.TOUCHES)
    def job(staff: Staff, survey: str, kind: str) -> Response:
        if kind not in KINDS:
            raise NoSuchPage
        return job_pages.answer(desks.jobs.look(kind, survey))


def _polls(door: StaffDoor, desks: Desks) -> None:
    @door.get("/rounds/<survey>/polls", roles=CONDUCTORS)
    def polls(staff: Staff, survey: str) -> Response:
        return _polls_page(desks, staff, survey, None, 200)

    @door.post("/rounds/<survey>/open", roles=CONDUCTORS)
    def open_(staff: Staff, survey: str) -> Response:
        done = desks.polls.open(staff, survey)
        return _done(survey, done, say("The polls are open."))

    @door.post("/rounds/<survey>/extend", roles=CONDUCTORS)
    def extend(staff: Staff, survey: str) -> Response:
        form = ExtendForm()
        if not form.validate():
            return _polls_page(desks, staff, survey, form, 422)
        zone = desks.polls.look(survey).round.definition.time_zone
        done = desks.polls.extend(staff, survey, as_instant(form.until.data, zone), form.reason.data)
        return _done(survey, done, say("The voting time is extended. Voters see the new time in the booth."))

    @door.post("/rounds/<survey>/close", roles=CONDUCTORS)
    def close(staff: Staff, survey: str) -> Response:
        form = _close_form(_early(desks, desks.polls.look(survey)))
        if not form.validate():
            return _polls_page(desks, staff, survey, form, 422)
        done = desks.polls.close(staff, survey, form.reason.data or "")
        return _done(survey, done, say("The polls are closed. The server seals the box by itself."))

    @door.post("/rounds/<survey>/approve/<act>", roles=CONDUCTORS)
    def approve(staff: Staff, survey: str, act: str) -> Response:
        desks.polls.approve(staff, survey, act)
        return _done(survey, True, say("Approved and done."))

    @door.post("/rounds/<survey>/withdraw/<act>", roles=CONDUCTORS)
    def withdraw(staff: Staff, survey: str, act: str) -> Response:
        desks.polls.withdraw(staff, survey, act)
        return to("rounds.polls", survey=survey)


def _attendance(door: StaffDoor, desks: Desks) -> None:
    @door.get("/rounds/<survey>/attendance", roles=CONDUCTORS, reach=Reach.TOUCHES)
    def attendance(staff: Staff, survey: str) -> Response:
        return render("desk/attendance.html", _attendance_page(desks, staff, survey))

    @door.post("/rounds/<survey>/attendance/<int:panel>", roles=CONDUCTORS, reach=Reach.TOUCHES)
    def record(staff: Staff, survey: str, panel: int) -> Response:
        there = desks.polls.look(survey)
        if panel >= len(there.panels):
            raise NoSuchPage
        require(staff, CONDUCTORS, there.panels[panel].unit, tree_of(desks.land, there))
        form = PresentForm()
        if not form.validate():
            flash(say("Nothing was recorded: write a whole number."), "error")
        else:
            desks.polls.record_present(staff, survey, panel, form.present.data)
            flash(say("Recorded: %(unit)s.", unit=there.panels[panel].name), "success")
        return to("rounds.attendance", survey=survey)


def _committee(door: StaffDoor, desks: Desks) -> None:
    @door.get("/rounds/<survey>/committee", roles=COMMITTEE)
    def committee(staff: Staff, survey: str) -> Response:
        return _committee_page(desks, survey, None, 200)

    @door.post("/rounds/<survey>/committee/<int:member>/link", roles=CONDUCTORS)
    def member_link(staff: Staff, survey: str, member: int) -> Response:
        name, token = desks.committees.link(Actor.of(staff), survey, member)
        page = MemberLinkPage(survey, name, f"{request.host_url}k/{survey}/#{token}")
        return render("desk/member_link.html", page)

    @door.post("/rounds/<survey>/committee", roles=CONDUCTORS)
    def restart(staff: Staff, survey: str) -> Response:
        form = CommitteeForm()
        if not form.validate():
            return _committee_page(desks, survey, form, 422)
        desks.committees.restart(Actor.of(staff), survey, form.names, form.threshold.data)
        flash(say("The ceremony begins again."), "success")
        return to("rounds.committee", survey=survey)


def _round_page(desks: Desks, staff: Staff, survey: str) -> RoundPage:
    there = desks.polls.look(survey)
    tree = tree_of(desks.land, there)
    root = _root(there)
    mine = [unit for unit in tree if may(staff, READERS, unit, tree)]
    over = root if root in mine else next((u for u in mine if tree.get(u) not in mine), root)
    return RoundPage(
        there=there,
        title=title_of(there),
        opens=datetime.fromisoformat(there.round.definition.opens),
        closes=datetime.fromisoformat(there.closes),
        now=desks.now(),
        turnout=desks.polls.turnout(there.round, tree, over),
        members=desks.committees.members(there.round),
        without_quorum=tuple(p for p in there.panels if not p.quorate and p.unit in mine)
        if there.round.state in (State.CONFIRMED, State.OPEN)
        else (),
        letters=desks.letters.delivery(survey, None if root in mine else mine),
        count=job_pages.shown(
            desks.jobs.look(COUNT, survey), url_for("rounds.job", survey=survey, kind=COUNT)
        )
        if may(staff, COMMITTEE, root, tree)
        else None,
    )


def _polls_page(desks: Desks, staff: Staff, survey: str, form: Any, status: int) -> Response:
    there = desks.polls.look(survey)
    early = _early(desks, there)
    page = PollsPage(
        there=there,
        title=title_of(there),
        closes=datetime.fromisoformat(there.closes),
        extend=form if isinstance(form, ExtendForm) else ExtendForm(formdata=None),
        close=form if isinstance(form, CloseForm) else _close_form(early, formdata=None),
        early=early,
        me=staff.id,
    )
    return render("desk/polls.html", page, status)


def _early(desks: Desks, there: AtTheVote) -> bool:
    return desks.now() < datetime.fromisoformat(there.closes)


def _close_form(early: bool, **given: Any) -> CloseForm:
    return (EarlyCloseForm if early else CloseForm)(**given)


def _attendance_page(desks: Desks, staff: Staff, survey: str) -> AttendancePage:
    there = desks.polls.look(survey)
    tree = tree_of(desks.land, there)
    mine = tuple(panel for panel in there.panels if may(staff, CONDUCTORS, panel.unit, tree))
    correctable = not has_reached(there.round.state, State.CLOSING)
    return AttendancePage(
        there, title_of(there), mine[:PANELS_SHOWN], PresentForm(formdata=None), correctable
    )


def _committee_page(desks: Desks, survey: str, form: Any, status: int) -> Response:
    there = desks.polls.look(survey)
    definition = there.round.definition
    held: Mapping[str, Any] = {
        "members": [{"name": name} for name in definition.trustees],
        "threshold": definition.threshold,
    }
    page = CommitteePage(
        there=there,
        title=title_of(there),
        members=desks.committees.members(there.round),
        form=CommitteeForm(formdata=None, data=held) if form is None else form,
        changeable=there.round.state is State.FROZEN,
    )
    return render("desk/committee.html", page, status)


def _done(survey: str, done: bool, words: str) -> Response:
    asked = say("A second organizer is asked to approve this. Nothing has happened yet.")
    flash(words if done else asked, "success")
    return to("rounds.one" if done else "rounds.polls", survey=survey)


def title_of(there: AtTheVote) -> Words:
    return there.round.title


def _root(there: AtTheVote) -> str:
    return next(unit.code for unit in there.round.definition.units if unit.parent is None)


def tree_of(land: InstanceLand, there: AtTheVote) -> Tree:
    """The units as they stand, and those of the round as they were when it was frozen."""
    return {**{unit.code: unit.parent for unit in there.round.definition.units}, **land.parents()}
