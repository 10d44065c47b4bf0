"""What voters read about a leader, on the desk: photo, self-report, questions and answers; for organizers and for the leader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, flash, request

from surveys.accounts.pages.door import Reach, StaffDoor, to
from surveys.accounts.roles import Staff
from surveys.rounds.calendar import ANSWERS, QUESTIONS, is_late, last_day, local_day
from surveys.rounds.errors import AnsweredMeanwhile
from surveys.rounds.questions import Question
from surveys.rules.preset import Words
from surveys.stages.desks import Desks
from surveys.stages.exhibiting import ASKERS, EXHIBITORS, OnShow, Shown
from surveys.stages.pages.forms import AnswerForm, PhotoForm, QuestionForm, ReportForm
from surveys.stores.exhibits import MOST_BYTES, NotAPhoto, NotAReport
from surveys.stores.instants import INSTANT
from surveys.web import fields
from surveys.web.doors import MOST_BYTES as FORM_BYTES
from surveys.web.doors import render
from surveys.web.languages import current, say
from surveys.web.sentences import sentence

WITHOUT_REPORT, UNANSWERED = "without-report", "unanswered"


@dataclass(frozen=True, slots=True)
class LastDay:
    """A last day of the rule: `name` is questions or answers."""

    name: str
    day: date
    over: bool


@dataclass(frozen=True, slots=True)
class ExhibitsPage:
    """The contests that this account looks after, or those of them that lack something (`only`)."""

    show: OnShow
    title: Words
    rows: tuple[Shown, ...]
    only: str
    days: tuple[LastDay, ...]


@dataclass(frozen=True, slots=True)
class QuestionShown:
    """A question with the form for its answer; whether question and answer came after the rule's last days."""

    question: Question
    asked_late: bool
    answered_late: bool
    form: AnswerForm


@dataclass(frozen=True, slots=True)
class ExhibitPage:
    """One leader: what voters see, and the forms to change it. `asks`: this account may enter questions."""

    show: OnShow
    title: Words
    shown: Shown
    days: tuple[LastDay, ...]
    questions: tuple[QuestionShown, ...]
    photo: PhotoForm
    report: ReportForm
    question: QuestionForm
    asks: bool


def add_exhibits(door: StaffDoor, desks: Desks) -> None:
    """Hang the pages."""
    _looks(door, desks)
    _files(door, desks)
    _questions(door, desks)


def _looks(door: StaffDoor, desks: Desks) -> None:
    @door.get("/rounds/<survey>/exhibits", roles=EXHIBITORS, reach=Reach.TOUCHES)
    def exhibits(staff: Staff, survey: str) -> Response:
        only = fields.choice(request.args, "only", (WITHOUT_REPORT, UNANSWERED), "")
        return render("desk/exhibits.html", _exhibits_page(desks, staff, survey, only))

    @door.get("/rounds/<survey>/exhibits/<int:contest>", roles=EXHIBITORS, reach=Reach.TOUCHES)
    def exhibit(staff: Staff, survey: str, contest: int) -> Response:
        return _exhibit(desks, staff, survey, contest)

    @door.get("/rounds/<survey>/exhibits/<int:contest>/photo", roles=EXHIBITORS, reach=Reach.TOUCHES)
    def photo(staff: Staff, survey: str, contest: int) -> Response:
        raw = desks.exhibits.read(staff, survey, contest, "photo")
        return Response(raw, mimetype="image/jpeg")

    @door.get("/rounds/<survey>/exhibits/<int:contest>/report", roles=EXHIBITORS, reach=Reach.TOUCHES)
    def report(staff: Staff, survey: str, contest: int) -> Response:
        raw = desks.exhibits.read(staff, survey, contest, "report")
        return Response(raw, mimetype="application/pdf")


def _files(door: StaffDoor, desks: Desks) -> None:
    @door.post(
        "/rounds/<survey>/exhibits/<int:contest>/photo",
        roles=EXHIBITORS,
        reach=Reach.TOUCHES,
        most_bytes=MOST_BYTES + FORM_BYTES,
    )
    def keep_photo(staff: Staff, survey: str, contest: int) -> Response:
        form = PhotoForm()
        return _kept(desks, staff, survey, contest, "photo", form, form.photo)

    @door.post(
        "/rounds/<survey>/exhibits/<int:contest>/report",
        roles=EXHIBITORS,
        reach=Reach.TOUCHES,
        most_bytes=MOST_BYTES + FORM_BYTES,
    )
    def keep_report(staff: Staff, survey: str, contest: int) -> Response:
        form = ReportForm()
        return _kept(desks, staff, survey, contest, "report", form, form.report)


def _questions(door: StaffDoor, desks: Desks) -> None:
    @door.post("/rounds/<survey>/exhibits/<int:contest>/questions", roles=ASKERS, reach=Reach.TOUCHES)
    def ask(staff: Staff, survey: str, contest: int) -> Response:
        form = QuestionForm()
        if not form.validate():
            return _exhibit(desks, staff, survey, contest, question=form, status=422)
        desks.exhibits.ask(staff, survey, contest, form.question.data)
        flash(say("Entered. Voters see it once it is answered."), "success")
        return to("rounds.exhibit", survey=survey, contest=contest)

    @door.post("/rounds/<survey>/questions/<int:number>/answer", roles=EXHIBITORS, reach=Reach.TOUCHES)
    def answer(staff: Staff, survey: str, number: int) -> Response:
        form = AnswerForm()
        asked = desks.exhibits.question(staff, survey, number)
        if not form.validate():
            return _exhibit(desks, staff, survey, asked.contest, answer=(number, form), status=422)
        try:
            desks.exhibits.answer(staff, survey, number, form.answer.data, form.version.data)
        except AnsweredMeanwhile as error:
            # What was typed stays, with the other answer above it: sent again, it takes that one's place.
            form.answer.errors = [_said(error)]
            form.version.data = desks.exhibits.question(staff, survey, number).version
            return _exhibit(desks, staff, survey, asked.contest, answer=(number, form), status=409)
        flash(say("Answered. Voters who open the booth from now on see it."), "success")
        return to("rounds.exhibit", survey=survey, contest=asked.contest)

    @door.post("/rounds/<survey>/questions/<int:number>/withdraw", roles=ASKERS, reach=Reach.TOUCHES)
    def withdraw_question(staff: Staff, survey: str, number: int) -> Response:
        asked = desks.exhibits.withdraw(staff, survey, number)
        flash(say("The question is withdrawn."), "success")
        return to("rounds.exhibit", survey=survey, contest=asked.contest)


def _kept(
    desks: Desks, staff: Staff, survey: str, contest: int, kind: str, form: Any, field: Any
) -> Response:
    if not form.validate():
        return _exhibit(desks, staff, survey, contest, status=422, **{kind: form})
    with field.data.stream as file:
        raw = file.read()
    try:
        desks.exhibits.keep(staff, survey, contest, kind, raw)
    except (NotAPhoto, NotAReport) as error:
        field.errors = [_said(error)]
        return _exhibit(desks, staff, survey, contest, status=422, **{kind: form})
    flash(say("Kept. Voters who open the booth from now on see it."), "success")
    return to("rounds.exhibit", survey=survey, contest=contest)


def _exhibits_page(desks: Desks, staff: Staff, survey: str, only: str) -> ExhibitsPage:
    show = desks.exhibits.look(staff, survey)
    wanted = {
        WITHOUT_REPORT: lambda row: not row.report,
        UNANSWERED: lambda row: row.unanswered > 0,
    }.get(only, lambda _: True)
    return ExhibitsPage(show, show.round.title, tuple(filter(wanted, show.shown)), only, _days(desks, show))


def _exhibit(
    desks: Desks,
    staff: Staff,
    survey: str,
    contest: int,
    *,
    photo: PhotoForm | None = None,
    report: ReportForm | None = None,
    question: QuestionForm | None = None,
    answer: tuple[int, AnswerForm] | None = None,
    status: int = 200,
) -> Response:
    show = desks.exhibits.one(staff, survey, contest)
    (shown,) = show.shown
    page = ExhibitPage(
        show=show,
        title=show.round.title,
        shown=shown,
        days=_days(desks, show),
        questions=tuple(_shown(show, each, answer) for each in shown.questions),
        photo=photo or PhotoForm(formdata=None),
        report=report or ReportForm(formdata=None),
        question=question or QuestionForm(formdata=None),
        asks=contest in show.asks,
    )
    return render("desk/exhibit.html", page, status)


def _shown(show: OnShow, each: Question, sent: tuple[int, AnswerForm] | None) -> QuestionShown:
    definition = show.round.definition
    fresh = AnswerForm(formdata=None, version=each.version, answer="\n\n".join(each.paragraphs))
    return QuestionShown(
        each,
        is_late(definition, QUESTIONS, each.asked),
        each.answered is not None and is_late(definition, ANSWERS, each.answered),
        sent[1] if sent is not None and sent[0] == each.number else fresh,
    )


def _days(desks: Desks, show: OnShow) -> tuple[LastDay, ...]:
    definition = show.round.definition
    today = local_day(definition, desks.now().strftime(INSTANT))
    days = ((name, last_day(definition, name)) for name in (QUESTIONS, ANSWERS))
    return tuple(LastDay(name, day, today > day) for name, day in days if day is not None)


def _said(error: NotAPhoto | NotAReport | AnsweredMeanwhile) -> str:
    return sentence(error).words[current().value].text
