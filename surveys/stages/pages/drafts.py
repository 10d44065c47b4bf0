"""Rounds on the desk: the list, a new one, and the task list of one in preparation with a page for each point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, flash, request, url_for

from surveys.accounts.pages.door import StaffDoor, to
from surveys.accounts.pages.jobs import JobShown, shown
from surveys.accounts.roles import EVERYWHERE, Staff, may, touches
from surveys.errors import SurveysError
from surveys.rounds import drafts, ledger
from surveys.rounds.definition import Excluded, Terms
from surveys.rounds.states import State
from surveys.rules.preset import Preset, Words, names
from surveys.rules.told import Told
from surveys.stages.drafting import (
    ORGANIZERS,
    ChangedSince,
    Draft,
    DraftDesk,
    PanelToFreeze,
    as_instant,
    as_local,
    deadlines,
)
from surveys.stages.land import InstanceLand
from surveys.stages.office import FREEZE
from surveys.stages.pages.forms import (
    BasicsForm,
    CalendarForm,
    CommitteeForm,
    ExcludeForm,
    IncludeForm,
    NewRoundForm,
    SettingsForm,
    SlipsForm,
)
from surveys.stages.pages.readers import READERS
from surveys.stages.pages.rules import told_for
from surveys.web.doors import render
from surveys.web.errors import NoSuchPage
from surveys.web.forms import ReasonForm
from surveys.web.languages import both, current, say
from surveys.web.sentences import sentence


@dataclass(frozen=True, slots=True)
class RoundInList:
    """A round or draft in the list."""

    survey: str
    title: Words
    year: int
    state: str
    unit: str
    mine: bool


@dataclass(frozen=True, slots=True)
class ListPage:
    """The rounds this account sees."""

    rounds: tuple[RoundInList, ...]


@dataclass(frozen=True, slots=True)
class NewRoundPage:
    """The form for a new round; `units` are (code, name), `earlier` (id, title)."""

    form: NewRoundForm
    units: tuple[tuple[str, str], ...]
    earlier: tuple[tuple[str, str], ...]
    presets: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PreparePage:
    """The task list. `problem` is what the organisation lacks, in words."""

    draft: Draft
    title: Words
    problem: str | None
    voters: int
    panels: int
    contests: int
    job: JobShown | None
    discard: ReasonForm


@dataclass(frozen=True, slots=True)
class PointPage:
    """One point of a round: what is decided, its form, and what helps to decide."""

    draft: Draft
    title: Words
    form: Any
    more: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FreezePage:
    """Everything in one page, to confirm."""

    draft: Draft
    title: Words
    panels: tuple[PanelToFreeze, ...]
    voters: int
    rule: tuple[Told, ...]
    opens: datetime
    closes: datetime
    since: ChangedSince | None


def add_drafts(door: StaffDoor, desk: DraftDesk, land: InstanceLand) -> None:
    """Hang the pages."""
    _lists(door, desk, land)
    _points(door, desk)
    _freezing(door, desk)


def _lists(door: StaffDoor, desk: DraftDesk, land: InstanceLand) -> None:
    @door.get("/rounds/", roles=READERS)
    def listed(staff: Staff) -> Response:
        return render("desk/rounds.html", _list_page(desk, land, staff))

    @door.get("/rounds/new", roles=ORGANIZERS)
    def new(staff: Staff) -> Response:
        return render("desk/new_round.html", _new_page(desk, land, staff, NewRoundForm()))

    @door.post("/rounds/new", roles=ORGANIZERS)
    def create(staff: Staff) -> Response:
        form = NewRoundForm()
        page = _new_page(desk, land, staff, form)
        if not form.validate():
            return render("desk/new_round.html", page, 422)
        if form.like.data:
            land.require(staff, ORGANIZERS, form.like.data)
            survey = desk.clone(staff, form.like.data, form.year.data)
        else:
            survey = desk.create(staff, form.unit.data, form.year.data, form.preset.data)
        return to("rounds.prepare", survey=survey)

    @door.get("/rounds/<survey>/prepare", roles=ORGANIZERS)
    def prepare(staff: Staff, survey: str) -> Response:
        if survey not in drafts.roots(desk.stores.app):
            return to("rounds.one", survey=survey)
        return render("desk/prepare.html", _prepare_page(desk, survey))

    @door.post("/rounds/<survey>/discard", roles=ORGANIZERS)
    def discard(staff: Staff, survey: str) -> Response:
        form = ReasonForm()
        if not form.validate():
            flash(say("Nothing was changed: a reason is needed, on one line."), "error")
            return to("rounds.prepare", survey=survey)
        desk.discard(staff, survey, form.reason.data)
        flash(say("The round in preparation was given up."), "success")
        return to("rounds.listed")


def _points(door: StaffDoor, desk: DraftDesk) -> None:
    @door.get("/rounds/<survey>/points/<point>", roles=ORGANIZERS)
    def point(staff: Staff, survey: str, point: str) -> Response:
        return _point(desk, survey, point, None, 200)

    @door.post("/rounds/<survey>/points/<point>", roles=ORGANIZERS)
    def decide(staff: Staff, survey: str, point: str) -> Response:
        draft = desk.look(survey)
        form = _form(point, draft)
        if not form.validate():
            return _point(desk, survey, point, form, 422)
        desk.decide(staff, survey, point, **_decided(point, form, draft.terms))
        flash(say("Decided, and written into the staff log."), "success")
        return to("rounds.prepare", survey=survey)

    @door.post("/rounds/<survey>/exclude", roles=ORGANIZERS)
    def exclude(staff: Staff, survey: str) -> Response:
        draft = desk.look(survey)
        form = _form("subjects", draft)
        if not form.validate():
            return _point(desk, survey, "subjects", form, 422)
        unit, _, person = form.contest.data.partition("|")
        kept = [each for each in draft.terms.excluded if (each.unit, each.person) != (unit, person)]
        excluded = (*kept, Excluded(person, unit, form.kind.data, form.reason.data))
        desk.decide(staff, survey, "subjects", excluded=excluded)
        return to("rounds.point", survey=survey, point="subjects")

    @door.post("/rounds/<survey>/include", roles=ORGANIZERS)
    def include(staff: Staff, survey: str) -> Response:
        form = IncludeForm()
        unit, _, person = (form.contest.data or "").partition("|")
        terms = desk.look(survey).terms
        kept = tuple(each for each in terms.excluded if (each.unit, each.person) != (unit, person))
        desk.decide(staff, survey, "subjects", excluded=kept)
        return to("rounds.point", survey=survey, point="subjects")


def _freezing(door: StaffDoor, desk: DraftDesk) -> None:
    @door.post("/rounds/<survey>/slips-link", roles=ORGANIZERS)
    def slips_link(staff: Staff, survey: str) -> Response:
        token = desk.slips_link(staff, survey)
        answer = to("rounds.prepare", survey=survey)
        # The token stands in the fragment, which browsers keep to themselves.
        answer.headers["Location"] = f"/o/{survey}/#{token}"
        return answer

    @door.get("/rounds/<survey>/freeze", roles=ORGANIZERS)
    def look_through(staff: Staff, survey: str) -> Response:
        return render("desk/freeze.html", _freeze_page(desk, survey))

    @door.post("/rounds/<survey>/freeze", roles=ORGANIZERS)
    def freeze(staff: Staff, survey: str) -> Response:
        desk.freeze(staff, survey)
        return to("rounds.prepare", survey=survey)


def _list_page(desk: DraftDesk, land: InstanceLand, staff: Staff) -> ListPage:
    tree = land.parents()
    found = []
    for survey, root in drafts.roots(desk.stores.app).items():
        if may(staff, ORGANIZERS, root or EVERYWHERE, tree):
            terms = drafts.load_draft(desk.stores.app, desk.keyring, survey)
            title = terms.title
            found.append(RoundInList(survey, title, terms.year, State.DRAFT.value, root, True))
    for heading in ledger.headings(desk.stores.app):
        root = heading.root or EVERYWHERE
        if touches(staff, READERS, root, tree):
            title = heading.title
            mine = may(staff, ORGANIZERS, root, tree)
            found.append(
                RoundInList(heading.survey, title, heading.year, heading.state.value, heading.root, mine)
            )
    return ListPage(tuple(found))


def _new_page(desk: DraftDesk, land: InstanceLand, staff: Staff, form: NewRoundForm) -> NewRoundPage:
    units = land.units_of(staff, ORGANIZERS)
    tree = land.parents()
    earlier = tuple(
        (heading.survey, f"{heading.title_vi} / {heading.title_en}")
        for heading in ledger.headings(desk.stores.app)
        if may(staff, ORGANIZERS, heading.root or EVERYWHERE, tree)
    )
    form.unit.choices = [code for code, _ in units]
    form.like.choices = ["", *(survey for survey, _ in earlier)]
    if form.year.data is None and request.method == "GET":
        form.year.data = desk.now().year
    presets = tuple((name, both(Preset.load(name).title)) for name in names())
    return NewRoundPage(form, units, earlier, presets)


def _prepare_page(desk: DraftDesk, survey: str) -> PreparePage:
    draft = desk.look(survey)
    electorate = None if draft.prepared is None else draft.prepared.electorate
    return PreparePage(
        draft=draft,
        title=draft.terms.title,
        problem=None if draft.problem is None else _said(draft.problem),
        voters=0 if electorate is None else sum(map(len, electorate.panels.values())),
        panels=0 if electorate is None else len(electorate.panels),
        contests=0 if electorate is None else len(electorate.contests),
        job=shown(draft.job, url_for("rounds.job", survey=survey, kind=FREEZE)),
        discard=ReasonForm(formdata=None),
    )


def _point(desk: DraftDesk, survey: str, point: str, form: Any, status: int) -> Response:
    draft = desk.look(survey)
    page = PointPage(
        draft=draft,
        title=draft.terms.title,
        form=_form(point, draft) if form is None else form,
        more=_more(desk, point, draft),
    )
    return render(f"desk/point_{point}.html", page, status)


def _form(point: str, draft: Draft) -> Any:
    """The form of a point, filled with what is decided. Raises NoSuchPage for what is none."""
    terms = draft.terms
    if point == "basics":
        return BasicsForm(obj=terms)
    if point == "subjects":
        exclude = ExcludeForm()
        contests = () if draft.prepared is None else draft.prepared.electorate.contests
        exclude.contest.choices = [f"{each.unit}|{each.person}" for each in contests]
        return exclude
    if point == "calendar":
        opens, closes = (as_local(instant, terms.time_zone) for instant in (terms.opens, terms.closes))
        return CalendarForm(opens=opens, closes=closes, time_zone=terms.time_zone, by_clock=terms.by_clock)
    if point == "settings":
        return SettingsForm(obj=terms)
    if point == "committee":
        members = [{"name": name} for name in terms.trustees]
        return CommitteeForm(data={"members": members, "threshold": terms.threshold})
    if point == "slips":
        return SlipsForm(slips=terms.slips)
    raise NoSuchPage


def _decided(point: str, form: Any, terms: Terms) -> dict[str, Any]:
    """What a form decides, as fields of the terms."""
    if point == "calendar":
        zone = form.time_zone.data
        return {
            "opens": as_instant(form.opens.data, zone),
            "closes": as_instant(form.closes.data, zone),
            "time_zone": zone,
            "by_clock": form.by_clock.data,
        }
    if point == "committee":
        return {"trustees": form.names, "threshold": form.threshold.data}
    fields = {name: value for name, value in form.data.items() if name != "csrf_token"}
    return {name: value for name, value in fields.items() if name in Terms.__slots__}


def _more(desk: DraftDesk, point: str, draft: Draft) -> Mapping[str, Any]:
    """What a point's page shows beside its form."""
    if point == "subjects":
        contests = () if draft.prepared is None else draft.prepared.electorate.contests
        people = (
            {} if draft.prepared is None else {p.code: p.name for p in draft.prepared.organisation.people}
        )
        options = [
            (f"{each.unit}|{each.person}", f"{each.name} – {each.titles[0]} ({each.unit})")
            for each in contests
        ]
        return {"contests": contests, "people": people, "options": options}
    if point == "calendar":
        return {"deadlines": deadlines(draft.terms, desk.now())}
    if point == "slips":
        invited = () if draft.prepared is None else draft.prepared.invited
        kept = drafts.proposed_roll(desk.stores.app, desk.keyring, draft.survey)
        return {
            "kept": 0 if kept is None else len(kept),
            "voters": len(invited),
            "without": tuple(each for each in invited if not each.email)[:20],
            "without_number": sum(not each.email for each in invited),
        }
    return {}


def _freeze_page(desk: DraftDesk, survey: str) -> FreezePage:
    draft = desk.look(survey)
    if draft.problem is not None:
        raise draft.problem
    panels = desk.panels(draft)
    zone = draft.terms.time_zone
    earlier = request.args.get("since")
    return FreezePage(
        draft=draft,
        title=draft.terms.title,
        panels=panels,
        voters=sum(panel.voters for panel in panels),
        rule=told_for(draft.terms.preset, sum(panel.voters for panel in panels)),
        opens=as_local(draft.terms.opens, zone),
        closes=as_local(draft.terms.closes, zone),
        since=desk.changed_since(draft, earlier) if earlier else None,
    )


def _said(error: SurveysError) -> str:
    return sentence(error).words[current().value].text
