"""A round after freezing, on the desk: where it stands, committee, polls, attendance, incidents, what the
minutes will state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Response, flash, request, url_for

from surveys.accounts.pages import jobs as job_pages
from surveys.accounts.pages.door import Reach, StaffDoor, StaffPages, to
from surveys.accounts.roles import Staff, Tree, may, require
from surveys.accounts.staff_log import Actor
from surveys.console.letters.writing import LetterWriting
from surveys.console.polls.committees import Committees, MemberThere
from surveys.console.polls.conducting import AtTheVote, Conducting, UnitTurnout
from surveys.console.polls.forms import LinkLetterForm, PresentForm
from surveys.console.polls.member_mail import MemberMail
from surveys.console.polls.next_step import Step, next_step
from surveys.console.preparation.forms import CommitteeForm
from surveys.console.readers import COMMITTEE, CONDUCTORS, READERS
from surveys.instance.kinds import COUNT, MEMBERS, ROUND_JOBS
from surveys.instance.scope import InstanceScope
from surveys.jobs.queue import Jobs
from surveys.letters.delivery import Delivery
from surveys.letters.member_letters import MemberLetter
from surveys.names import RoundId
from surveys.rounds import drafts
from surveys.rounds.states import State, has_reached
from surveys.rules.preset import Words
from surveys.stages.attending import PanelThere
from surveys.web.doors import render
from surveys.web.errors import NoSuchPage
from surveys.web.languages import say

PANELS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class RoundPage:
    """Where a round stands, what is next, and what needs attention."""

    there: AtTheVote
    title: Words
    step: Step
    opens: datetime
    closes: datetime
    now: datetime
    turnout: tuple[UnitTurnout, ...]
    members: tuple[MemberThere, ...]
    without_quorum: tuple[PanelThere, ...]
    letters: Delivery | None
    count: job_pages.JobShown | None


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
    """The committee, how far its ceremony is, and how far the letters to members are; `mail`: they can
    leave.
    """

    there: AtTheVote
    title: Words
    members: tuple[MemberThere, ...]
    form: CommitteeForm
    changeable: bool
    mail: bool
    letters: Mapping[int, MemberLetter]
    job: job_pages.JobShown | None


@dataclass(frozen=True, slots=True)
class ScriptPage:
    """Who does what when, at the ceremony and at the count: to be printed."""

    there: AtTheVote
    title: Words
    head: str
    members: tuple[str, ...]
    enough: int
    opens: datetime
    closes: datetime
    look_up: int


@dataclass(frozen=True, slots=True)
class MemberLinkPage:
    """A member's personal link: shown once."""

    round_id: RoundId
    name: str
    link: str


@dataclass(frozen=True, slots=True)
class RoundAtPolls:
    """What the pages of a round after freezing ask."""

    polls: Conducting
    committees: Committees
    member_mail: MemberMail
    letters: LetterWriting
    jobs: Jobs
    scope: InstanceScope


STATUS_PAGES = StaffPages()


@STATUS_PAGES.get("/rounds/<round_id>", roles=READERS, reach=Reach.TOUCHES)
def one(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> Response:
    if round_id in drafts.roots(desks.polls.stores.engines.app):
        return to("rounds.prepare", round_id=round_id)
    return render("desk/round.html", _round_page(desks, staff, round_id))


@STATUS_PAGES.get("/rounds/<round_id>/jobs/<kind>", roles=READERS, reach=Reach.TOUCHES)
def job(desks: RoundAtPolls, staff: Staff, round_id: RoundId, kind: str) -> Response:
    if kind not in ROUND_JOBS:
        raise NoSuchPage
    return job_pages.answer(desks.jobs.look(kind, round_id))


ATTENDANCE_PAGES = StaffPages()


@ATTENDANCE_PAGES.get("/rounds/<round_id>/attendance", roles=CONDUCTORS, reach=Reach.TOUCHES)
def attendance(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> Response:
    return render("desk/attendance.html", _attendance_page(desks, staff, round_id))


@ATTENDANCE_PAGES.post("/rounds/<round_id>/attendance/<int:panel>", roles=CONDUCTORS, reach=Reach.TOUCHES)
def record(desks: RoundAtPolls, staff: Staff, round_id: RoundId, panel: int) -> Response:
    there = desks.polls.look(round_id)
    if panel >= len(there.panels):
        raise NoSuchPage
    require(staff, CONDUCTORS, there.panels[panel].unit, tree_of(desks.scope, there))
    form = PresentForm()
    if not form.validate():
        flash(say("Nothing was recorded: write a whole number."), "error")
    else:
        desks.polls.record_present(staff, round_id, panel, form.present.data)
        flash(say("Recorded: %(unit)s.", unit=there.panels[panel].name), "success")
    return to("rounds.attendance", round_id=round_id)


COMMITTEE_PAGES = StaffPages()


@COMMITTEE_PAGES.get("/rounds/<round_id>/committee", roles=COMMITTEE)
def committee(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> Response:
    return _committee_page(desks, round_id, None, 200)


@COMMITTEE_PAGES.post("/rounds/<round_id>/committee/<int:member>/link", roles=CONDUCTORS)
def member_link(desks: RoundAtPolls, staff: Staff, round_id: RoundId, member: int) -> Response:
    name, token = desks.committees.link(Actor.of(staff), round_id, member)
    page = MemberLinkPage(round_id, name, f"{request.host_url}k/{round_id}/#{token}")
    return render("desk/member_link.html", page)


@COMMITTEE_PAGES.post("/rounds/<round_id>/committee/<int:member>/letter", roles=CONDUCTORS)
def member_letter(desks: RoundAtPolls, staff: Staff, round_id: RoundId, member: int) -> Response:
    form = LinkLetterForm()
    if not form.validate():
        flash(say("Nothing was sent: write one mail address."), "error")
    else:
        name = desks.member_mail.send_link(Actor.of(staff), round_id, member, form.address.data)
        flash(say("The letter to %(name)s is written and being sent.", name=name), "success")
    return to("rounds.committee", round_id=round_id)


@COMMITTEE_PAGES.post("/rounds/<round_id>/committee/letters", roles=CONDUCTORS)
def member_letters(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> Response:
    desks.member_mail.send_what_waits(round_id)
    return to("rounds.committee", round_id=round_id)


@COMMITTEE_PAGES.get("/rounds/<round_id>/committee/script", roles=COMMITTEE)
def script(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> Response:
    there = desks.polls.look(round_id)
    definition = there.round.definition
    page = ScriptPage(
        there=there,
        title=title_of(there),
        head=definition.trustees[0],
        members=definition.trustees,
        enough=-(-(len(definition.trustees) + definition.threshold) // 2),
        opens=definition.opens,
        closes=there.closes,
        look_up=definition.look_up,
    )
    return render("desk/script.html", page)


@COMMITTEE_PAGES.post("/rounds/<round_id>/committee", roles=CONDUCTORS)
def restart(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> Response:
    form = CommitteeForm()
    if not form.validate():
        return _committee_page(desks, round_id, form, 422)
    desks.committees.restart(Actor.of(staff), round_id, form.names, form.threshold.data)
    flash(say("The ceremony begins again."), "success")
    return to("rounds.committee", round_id=round_id)


def add_conduct(door: StaffDoor, desks: RoundAtPolls) -> None:
    """Put the pages behind the door."""
    door.open_to(STATUS_PAGES, desks)
    door.open_to(ATTENDANCE_PAGES, desks)
    door.open_to(COMMITTEE_PAGES, desks)


def _round_page(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> RoundPage:
    there = desks.polls.look(round_id)
    tree = tree_of(desks.scope, there)
    root = there.round.definition.top
    mine = [unit for unit in tree if may(staff, READERS, unit, tree)]
    over = root if root in mine else next((u for u in mine if tree.get(u) not in mine), root)
    members, now = desks.committees.members(there.round), desks.polls.now()
    return RoundPage(
        there=there,
        title=title_of(there),
        step=next_step(there, members, now),
        opens=there.round.definition.opens,
        closes=there.closes,
        now=now,
        turnout=desks.polls.turnout(there.round, tree, over),
        members=members,
        without_quorum=tuple(p for p in there.panels if not p.quorate and p.unit in mine)
        if there.round.state in (State.CONFIRMED, State.OPEN)
        else (),
        letters=desks.letters.delivery(round_id, None if root in mine else mine),
        count=job_pages.shown(
            desks.jobs.look(COUNT, round_id), url_for("rounds.job", round_id=round_id, kind=COUNT)
        )
        if may(staff, COMMITTEE, root, tree)
        else None,
    )


def _attendance_page(desks: RoundAtPolls, staff: Staff, round_id: RoundId) -> AttendancePage:
    there = desks.polls.look(round_id)
    tree = tree_of(desks.scope, there)
    mine = tuple(panel for panel in there.panels if may(staff, CONDUCTORS, panel.unit, tree))
    correctable = not has_reached(there.round.state, State.CLOSING)
    return AttendancePage(
        there, title_of(there), mine[:PANELS_SHOWN], PresentForm(formdata=None), correctable
    )


def _committee_page(
    desks: RoundAtPolls, round_id: RoundId, form: CommitteeForm | None, status: int
) -> Response:
    there = desks.polls.look(round_id)
    definition = there.round.definition
    held: Mapping[str, object] = {
        "members": [{"name": name} for name in definition.trustees],
        "threshold": definition.threshold,
    }
    page = CommitteePage(
        there=there,
        title=title_of(there),
        members=desks.committees.members(there.round),
        form=CommitteeForm(formdata=None, data=held) if form is None else form,
        changeable=there.round.state is State.FROZEN,
        mail=desks.member_mail.possible(there.round),
        letters=desks.member_mail.letters(round_id),
        job=job_pages.shown(
            desks.member_mail.job(round_id), url_for("rounds.job", round_id=round_id, kind=MEMBERS)
        ),
    )
    return render("desk/committee.html", page, status)


def title_of(there: AtTheVote) -> Words:
    return there.round.title


def tree_of(scope: InstanceScope, there: AtTheVote) -> Tree:
    """The units as they stand, and those of the round as they were when it was frozen."""
    return {**{unit.code: unit.parent for unit in there.round.definition.units}, **scope.parents()}
