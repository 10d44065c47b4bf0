"""What happened at a vote and what its minutes will state, on the desk: incidents, leaders excluded after opening, names, complaints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, flash

from surveys.accounts.pages.door import StaffDoor, to
from surveys.accounts.roles import Staff
from surveys.protocol.manifest import Contest
from surveys.rounds.states import State, has_reached
from surveys.rules.preset import Words
from surveys.stages.conducting import AtTheVote
from surveys.stages.desks import Desks
from surveys.stages.pages.conduct import title_of
from surveys.stages.pages.forms import (
    ComplaintForm,
    FreezeContestForm,
    IncidentForm,
    RulingForm,
    StatementForm,
)
from surveys.stages.pages.readers import COMMITTEE, CONDUCTORS
from surveys.web.doors import render
from surveys.web.languages import say


@dataclass(frozen=True, slots=True)
class IncidentsPage:
    """What happened, and leaders excluded after opening."""

    there: AtTheVote
    title: Words
    form: IncidentForm
    freeze: FreezeContestForm
    contests: tuple[tuple[str, str], ...]
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


def add_statements(door: StaffDoor, desks: Desks) -> None:
    """Hang the pages."""
    _incidents(door, desks)
    _statement(door, desks)


def _incidents(door: StaffDoor, desks: Desks) -> None:
    @door.get("/rounds/<survey>/incidents", roles=COMMITTEE)
    def incidents(staff: Staff, survey: str) -> Response:
        return _incidents_page(desks, survey, None, None, 200)

    @door.post("/rounds/<survey>/incidents", roles=COMMITTEE)
    def record_incident(staff: Staff, survey: str) -> Response:
        form = IncidentForm()
        if not form.validate():
            return _incidents_page(desks, survey, form, None, 422)
        desks.stating.incident(staff, survey, form.kind.data, form.text.data)
        return to("rounds.incidents", survey=survey)

    @door.post("/rounds/<survey>/freeze-contest", roles=CONDUCTORS)
    def freeze_contest(staff: Staff, survey: str) -> Response:
        form = FreezeContestForm()
        form.contest.choices = [value for value, _ in _contests(desks.polls.look(survey))]
        if not form.validate():
            return _incidents_page(desks, survey, None, form, 422)
        desks.stating.freeze_contest(staff, survey, int(form.contest.data), form.reason.data)
        return to("rounds.incidents", survey=survey)


def _statement(door: StaffDoor, desks: Desks) -> None:
    @door.get("/rounds/<survey>/statement", roles=COMMITTEE)
    def statement(staff: Staff, survey: str) -> Response:
        return _statement_page(desks, survey, None, None, 200)

    @door.post("/rounds/<survey>/statement", roles=COMMITTEE)
    def state_names(staff: Staff, survey: str) -> Response:
        form = StatementForm()
        if not form.validate():
            return _statement_page(desks, survey, form, None, 422)
        names = (form.chair.data or "", form.secretary.data or "", form.custodian.data or "")
        desks.stating.names(staff, survey, *names)
        flash(say("Stated. It will stand in the minutes."), "success")
        return to("rounds.statement", survey=survey)

    @door.post("/rounds/<survey>/complaints", roles=COMMITTEE)
    def complain(staff: Staff, survey: str) -> Response:
        form = ComplaintForm()
        if not form.validate():
            return _statement_page(desks, survey, None, form, 422)
        desks.stating.complain(staff, survey, form.complaint.data)
        return to("rounds.statement", survey=survey)

    @door.post("/rounds/<survey>/rulings", roles=COMMITTEE)
    def rule(staff: Staff, survey: str) -> Response:
        form = RulingForm()
        if not form.validate():
            flash(say("Nothing was recorded: write the ruling."), "error")
        else:
            desks.stating.rule_on(staff, survey, form.number.data, form.ruling.data)
        return to("rounds.statement", survey=survey)


def _incidents_page(desks: Desks, survey: str, form: Any, freeze: Any, status: int) -> Response:
    there = desks.polls.look(survey)
    contests = there.round.definition.contests
    chosen = FreezeContestForm(formdata=None) if freeze is None else freeze
    chosen.contest.choices = [value for value, _ in _contests(there)]
    page = IncidentsPage(
        there=there,
        title=title_of(there),
        form=IncidentForm(formdata=None) if form is None else form,
        freeze=chosen,
        contests=_contests(there),
        frozen=tuple((contests[each.contest], each.reason) for each in there.conduct.facts.frozen),
        open=not has_reached(there.round.state, State.CERTIFIED),
    )
    return render("desk/incidents.html", page, status)


def _statement_page(desks: Desks, survey: str, form: Any, complaint: Any, status: int) -> Response:
    there = desks.polls.look(survey)
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
