"""What happened at a vote and what its minutes will state, on the desk: incidents, leaders excluded after
opening, names, complaints.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, flash

from surveys.accounts.pages.door import StaffDoor, StaffPages, to
from surveys.accounts.roles import Staff
from surveys.console.polls.conducting import AtTheVote, Conducting
from surveys.console.polls.pages.staff import title_of
from surveys.console.readers import COMMITTEE, CONDUCTORS
from surveys.console.statements.forms import (
    ComplaintForm,
    FreezeContestForm,
    IncidentForm,
    RulingForm,
    StatementForm,
)
from surveys.console.statements.stating import Stating
from surveys.names import RoundId
from surveys.protocol.manifest import Contest
from surveys.rounds.conduct import IncidentKind
from surveys.rounds.states import State, has_reached
from surveys.rules.preset import Words
from surveys.web.doors import render
from surveys.web.languages import say


@dataclass(frozen=True, slots=True)
class IncidentsPage:
    """What happened, and leaders excluded after opening."""

    there: AtTheVote
    title: Words
    form: IncidentForm
    freeze: FreezeContestForm
    frozen: tuple[tuple[Contest, str], ...]
    open: bool


@dataclass(frozen=True, slots=True)
class StatementPage:
    """What the minutes will state beside the figures."""

    there: AtTheVote
    title: Words
    form: StatementForm
    complaint: ComplaintForm
    ruling: RulingForm
    open: bool


INCIDENTS_PAGES = StaffPages()


@INCIDENTS_PAGES.get("/rounds/<round_id>/incidents", roles=COMMITTEE)
def incidents(stating: Stating, polls: Conducting, staff: Staff, round_id: RoundId) -> Response:
    return _incidents_page(stating, polls, round_id, None, None, 200)


@INCIDENTS_PAGES.post("/rounds/<round_id>/incidents", roles=COMMITTEE)
def record_incident(stating: Stating, polls: Conducting, staff: Staff, round_id: RoundId) -> Response:
    form = IncidentForm()
    if not form.validate():
        return _incidents_page(stating, polls, round_id, form, None, 422)
    stating.incident(staff, round_id, IncidentKind(form.kind.data), form.text.data)
    return to("rounds.incidents", round_id=round_id)


@INCIDENTS_PAGES.post("/rounds/<round_id>/freeze-contest", roles=CONDUCTORS)
def freeze_contest(stating: Stating, polls: Conducting, staff: Staff, round_id: RoundId) -> Response:
    form = FreezeContestForm()
    form.contest.offer(_contests(polls.look(round_id)))
    if not form.validate():
        return _incidents_page(stating, polls, round_id, None, form, 422)
    stating.freeze_contest(staff, round_id, int(form.contest.data), form.reason.data)
    return to("rounds.incidents", round_id=round_id)


STATEMENT_PAGES = StaffPages()


@STATEMENT_PAGES.get("/rounds/<round_id>/statement", roles=COMMITTEE)
def statement(stating: Stating, polls: Conducting, staff: Staff, round_id: RoundId) -> Response:
    return _statement_page(stating, polls, round_id, None, None, 200)


@STATEMENT_PAGES.post("/rounds/<round_id>/statement", roles=COMMITTEE)
def state_names(stating: Stating, polls: Conducting, staff: Staff, round_id: RoundId) -> Response:
    form = StatementForm()
    if not form.validate():
        return _statement_page(stating, polls, round_id, form, None, 422)
    names = (form.chair.data or "", form.secretary.data or "", form.custodian.data or "")
    stating.names(staff, round_id, *names)
    flash(say("Stated. It will stand in the minutes."), "success")
    return to("rounds.statement", round_id=round_id)


@STATEMENT_PAGES.post("/rounds/<round_id>/complaints", roles=COMMITTEE)
def complain(stating: Stating, polls: Conducting, staff: Staff, round_id: RoundId) -> Response:
    form = ComplaintForm()
    if not form.validate():
        return _statement_page(stating, polls, round_id, None, form, 422)
    stating.complain(staff, round_id, form.complaint.data)
    return to("rounds.statement", round_id=round_id)


@STATEMENT_PAGES.post("/rounds/<round_id>/rulings", roles=COMMITTEE)
def rule(stating: Stating, polls: Conducting, staff: Staff, round_id: RoundId) -> Response:
    form = RulingForm()
    if not form.validate():
        flash(say("Nothing was recorded: write the ruling."), "error")
    else:
        stating.rule_on(staff, round_id, form.number.data, form.ruling.data)
    return to("rounds.statement", round_id=round_id)


def add_statements(door: StaffDoor, stating: Stating, polls: Conducting) -> None:
    """Put the pages behind the door."""
    door.open_to(INCIDENTS_PAGES, stating, polls)
    door.open_to(STATEMENT_PAGES, stating, polls)


def _incidents_page(
    stating: Stating,
    polls: Conducting,
    round_id: RoundId,
    form: IncidentForm | None,
    freeze: FreezeContestForm | None,
    status: int,
) -> Response:
    there = polls.look(round_id)
    contests = there.round.definition.contests
    chosen = FreezeContestForm(formdata=None) if freeze is None else freeze
    chosen.contest.offer(_contests(there))
    page = IncidentsPage(
        there=there,
        title=title_of(there),
        form=IncidentForm(formdata=None) if form is None else form,
        freeze=chosen,
        frozen=tuple((contests[each.contest], each.reason) for each in there.conduct.facts.frozen),
        open=not has_reached(there.round.state, State.CERTIFIED),
    )
    return render("desk/incidents.html", page, status)


def _statement_page(
    stating: Stating,
    polls: Conducting,
    round_id: RoundId,
    form: StatementForm | None,
    complaint: ComplaintForm | None,
    status: int,
) -> Response:
    there = polls.look(round_id)
    page = StatementPage(
        there=there,
        title=title_of(there),
        form=StatementForm(formdata=None, obj=there.conduct.facts) if form is None else form,
        complaint=ComplaintForm(formdata=None) if complaint is None else complaint,
        ruling=RulingForm(formdata=None),
        open=not has_reached(there.round.state, State.CERTIFIED),
    )
    return render("desk/statement.html", page, status)


def _contests(there: AtTheVote) -> tuple[tuple[str, str], ...]:
    return tuple(
        (str(c), f"{each.name} – {'; '.join(each.titles)} ({each.unit})")
        for c, each in enumerate(there.round.definition.contests)
    )
