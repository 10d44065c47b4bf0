"""What voters read about a leader, on the desk: photo, self-report, questions and answers; for organizers and
for the leader.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Response, flash, request
from flask_wtf.file import FileField

from surveys.accounts.pages.door import Reach, StaffDoor, StaffPages, to
from surveys.accounts.roles import Staff
from surveys.console.exhibits.exhibiting import ASKERS, EXHIBITORS, Exhibiting, OnShow, Shown
from surveys.console.exhibits.forms import AnswerForm, PhotoForm, QuestionForm, ReportForm
from surveys.instants import instant
from surveys.names import RoundId
from surveys.rounds.calendar import ANSWERS, QUESTIONS, is_late, last_day, local_day
from surveys.rounds.errors import AnsweredMeanwhile
from surveys.rounds.questions import Question
from surveys.rules.preset import Words
from surveys.stores.exhibits import MOST_BYTES, NotAPhoto
from surveys.stores.reports import NotAReport
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
    """A question with the form for its answer; whether question and answer came after the rule's last
    days.
    """

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


LOOKS_PAGES = StaffPages()


@LOOKS_PAGES.get("/rounds/<round_id>/exhibits", roles=EXHIBITORS, reach=Reach.TOUCHES)
def exhibits(desk: Exhibiting, staff: Staff, round_id: RoundId) -> Response:
    only = fields.choice(request.args, "only", (WITHOUT_REPORT, UNANSWERED), "")
    return render("desk/exhibits.html", _exhibits_page(desk, staff, round_id, only))


@LOOKS_PAGES.get("/rounds/<round_id>/exhibits/<int:contest>", roles=EXHIBITORS, reach=Reach.TOUCHES)
def exhibit(desk: Exhibiting, staff: Staff, round_id: RoundId, contest: int) -> Response:
    return _exhibit(desk, staff, round_id, contest)


@LOOKS_PAGES.get("/rounds/<round_id>/exhibits/<int:contest>/photo", roles=EXHIBITORS, reach=Reach.TOUCHES)
def photo(desk: Exhibiting, staff: Staff, round_id: RoundId, contest: int) -> Response:
    raw = desk.read(staff, round_id, contest, "photo")
    return Response(raw, mimetype="image/jpeg")


@LOOKS_PAGES.get("/rounds/<round_id>/exhibits/<int:contest>/report", roles=EXHIBITORS, reach=Reach.TOUCHES)
def report(desk: Exhibiting, staff: Staff, round_id: RoundId, contest: int) -> Response:
    raw = desk.read(staff, round_id, contest, "report")
    return Response(raw, mimetype="application/pdf")


FILES_PAGES = StaffPages()


@FILES_PAGES.post(
    "/rounds/<round_id>/exhibits/<int:contest>/photo",
    roles=EXHIBITORS,
    reach=Reach.TOUCHES,
    most_bytes=MOST_BYTES + FORM_BYTES,
)
def keep_photo(desk: Exhibiting, staff: Staff, round_id: RoundId, contest: int) -> Response:
    form = PhotoForm()
    return _kept(desk, staff, round_id, contest, "photo", form, form.photo)


@FILES_PAGES.post(
    "/rounds/<round_id>/exhibits/<int:contest>/report",
    roles=EXHIBITORS,
    reach=Reach.TOUCHES,
    most_bytes=MOST_BYTES + FORM_BYTES,
)
def keep_report(desk: Exhibiting, staff: Staff, round_id: RoundId, contest: int) -> Response:
    form = ReportForm()
    return _kept(desk, staff, round_id, contest, "report", form, form.report)


QUESTIONS_PAGES = StaffPages()


@QUESTIONS_PAGES.post(
    "/rounds/<round_id>/exhibits/<int:contest>/questions", roles=ASKERS, reach=Reach.TOUCHES
)
def ask(desk: Exhibiting, staff: Staff, round_id: RoundId, contest: int) -> Response:
    form = QuestionForm()
    if not form.validate():
        return _exhibit(desk, staff, round_id, contest, question=form, status=422)
    desk.ask(staff, round_id, contest, form.question.data)
    flash(say("Entered. Voters see it once it is answered."), "success")
    return to("rounds.exhibit", round_id=round_id, contest=contest)


@QUESTIONS_PAGES.post(
    "/rounds/<round_id>/questions/<int:number>/answer", roles=EXHIBITORS, reach=Reach.TOUCHES
)
def answer(desk: Exhibiting, staff: Staff, round_id: RoundId, number: int) -> Response:
    form = AnswerForm()
    asked = desk.question(staff, round_id, number)
    if not form.validate():
        return _exhibit(desk, staff, round_id, asked.contest, answer=(number, form), status=422)
    try:
        desk.answer(staff, round_id, number, form.answer.data, form.version.data)
    except AnsweredMeanwhile as error:
        # What was typed stays, with the other answer above it: sent again, it takes that one's place.
        form.answer.errors = [_said(error)]
        form.version.data = desk.question(staff, round_id, number).version
        return _exhibit(desk, staff, round_id, asked.contest, answer=(number, form), status=409)
    flash(say("Answered. Voters who open the booth from now on see it."), "success")
    return to("rounds.exhibit", round_id=round_id, contest=asked.contest)


@QUESTIONS_PAGES.post("/rounds/<round_id>/questions/<int:number>/withdraw", roles=ASKERS, reach=Reach.TOUCHES)
def withdraw_question(desk: Exhibiting, staff: Staff, round_id: RoundId, number: int) -> Response:
    asked = desk.withdraw(staff, round_id, number)
    flash(say("The question is withdrawn."), "success")
    return to("rounds.exhibit", round_id=round_id, contest=asked.contest)


def add_exhibits(door: StaffDoor, desk: Exhibiting) -> None:
    """Put the pages behind the door."""
    door.open_to(LOOKS_PAGES, desk)
    door.open_to(FILES_PAGES, desk)
    door.open_to(QUESTIONS_PAGES, desk)


def _kept(
    desk: Exhibiting,
    staff: Staff,
    round_id: RoundId,
    contest: int,
    kind: str,
    form: PhotoForm | ReportForm,
    field: FileField,
) -> Response:
    if not form.validate():
        return _exhibit(desk, staff, round_id, contest, status=422, **{kind: form})
    with field.data.stream as file:
        raw = file.read()
    try:
        desk.keep(staff, round_id, contest, kind, raw)
    except (NotAPhoto, NotAReport) as error:
        field.errors = [_said(error)]
        return _exhibit(desk, staff, round_id, contest, status=422, **{kind: form})
    flash(say("Kept. Voters who open the booth from now on see it."), "success")
    return to("rounds.exhibit", round_id=round_id, contest=contest)


def _exhibits_page(desk: Exhibiting, staff: Staff, round_id: RoundId, only: str) -> ExhibitsPage:
    show = desk.look(staff, round_id)
    wanted = {
        WITHOUT_REPORT: lambda row: not row.report,
        UNANSWERED: lambda row: row.unanswered > 0,
    }.get(only, lambda _: True)
    return ExhibitsPage(show, show.round.title, tuple(filter(wanted, show.shown)), only, _days(desk, show))


def _exhibit(
    desk: Exhibiting,
    staff: Staff,
    round_id: RoundId,
    contest: int,
    *,
    photo: PhotoForm | None = None,
    report: ReportForm | None = None,
    question: QuestionForm | None = None,
    answer: tuple[int, AnswerForm] | None = None,
    status: int = 200,
) -> Response:
    show = desk.one(staff, round_id, contest)
    (shown,) = show.shown
    page = ExhibitPage(
        show=show,
        title=show.round.title,
        shown=shown,
        days=_days(desk, show),
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


def _days(desk: Exhibiting, show: OnShow) -> tuple[LastDay, ...]:
    definition = show.round.definition
    today = local_day(definition, instant(desk.now()))
    days = ((name, last_day(definition, name)) for name in (QUESTIONS, ANSWERS))
    return tuple(LastDay(name, day, today > day) for name, day in days if day is not None)


def _said(error: NotAPhoto | NotAReport | AnsweredMeanwhile) -> str:
    return sentence(error).words[current().value].text
