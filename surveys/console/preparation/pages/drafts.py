"""Rounds on the desk: the list, a new one, and the task list of one in preparation with a page for each
point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask import Response, flash, request, url_for

from surveys.accounts.pages.door import StaffDoor, StaffPages, to
from surveys.accounts.pages.jobs import JobShown, shown
from surveys.accounts.roles import EVERYWHERE, Staff, may, touches
from surveys.console.preparation.drafting import (
    ORGANIZERS,
    Draft,
    Drafting,
    as_local,
    deadlines,
)
from surveys.console.preparation.forms import (
    BasicsForm,
    CalendarForm,
    CommitteeForm,
    ExcludeForm,
    IncludeForm,
    NewRoundForm,
    PapersForm,
    SettingsForm,
    SlipsForm,
)
from surveys.console.readers import READERS
from surveys.errors import SurveysError
from surveys.instance.kinds import FREEZE
from surveys.instance.scope import InstanceScope
from surveys.instants import from_local
from surveys.names import RoundId, UnitCode
from surveys.protocol.definition import Slips, Visibility
from surveys.rounds import drafts, ledger
from surveys.rounds.definition import Excluded, Presence, Terms
from surveys.rounds.states import State
from surveys.rules.preset import Preset, Words, names
from surveys.web.doors import render
from surveys.web.errors import NoSuchPage
from surveys.web.forms import ReasonForm
from surveys.web.languages import both, current, say
from surveys.web.sentences import sentence

PointForm = BasicsForm | ExcludeForm | CalendarForm | SettingsForm | CommitteeForm | SlipsForm | PapersForm
"""The form of one point of a round in preparation."""

# What a form writes as text and the terms hold as one of a few.
WORDS: Mapping[str, type[StrEnum]] = {"slips": Slips, "visibility": Visibility, "presence": Presence}


@dataclass(frozen=True, slots=True)
class RoundInList:
    """A round or draft in the list."""

    round_id: RoundId
    title: Words
    year: int
    state: str
    unit: UnitCode
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
    form: PointForm
    more: Mapping[str, object]


LISTS_PAGES = StaffPages()


@LISTS_PAGES.get("/rounds/", roles=READERS)
def listed(desk: Drafting, scope: InstanceScope, staff: Staff) -> Response:
    return render("desk/rounds.html", _list_page(desk, scope, staff))


@LISTS_PAGES.get("/rounds/new", roles=ORGANIZERS)
def new(desk: Drafting, scope: InstanceScope, staff: Staff) -> Response:
    return render("desk/new_round.html", _new_page(desk, scope, staff, NewRoundForm()))


@LISTS_PAGES.post("/rounds/new", roles=ORGANIZERS)
def create(desk: Drafting, scope: InstanceScope, staff: Staff) -> Response:
    form = NewRoundForm()
    page = _new_page(desk, scope, staff, form)
    if not form.validate():
        return render("desk/new_round.html", page, 422)
    if form.like.data:
        scope.require(staff, ORGANIZERS, form.like.data)
        round_id = desk.clone(staff, form.like.data, form.year.data)
    else:
        round_id = desk.create(staff, form.unit.data, form.year.data, form.preset.data)
    return to("rounds.prepare", round_id=round_id)


@LISTS_PAGES.get("/rounds/<round_id>/prepare", roles=ORGANIZERS)
def prepare(desk: Drafting, scope: InstanceScope, staff: Staff, round_id: RoundId) -> Response:
    if round_id not in drafts.roots(desk.stores.engines.app):
        return to("rounds.one", round_id=round_id)
    return render("desk/prepare.html", _prepare_page(desk, round_id))


@LISTS_PAGES.post("/rounds/<round_id>/discard", roles=ORGANIZERS)
def discard(desk: Drafting, scope: InstanceScope, staff: Staff, round_id: RoundId) -> Response:
    form = ReasonForm()
    if not form.validate():
        flash(say("Nothing was changed: a reason is needed, on one line."), "error")
        return to("rounds.prepare", round_id=round_id)
    desk.discard(staff, round_id, form.reason.data)
    flash(say("The round in preparation was given up."), "success")
    return to("rounds.listed")


POINTS_PAGES = StaffPages()


@POINTS_PAGES.get("/rounds/<round_id>/points/<point>", roles=ORGANIZERS)
def point(desk: Drafting, staff: Staff, round_id: RoundId, point: str) -> Response:
    return _point(desk, round_id, point, None, 200)


@POINTS_PAGES.post("/rounds/<round_id>/points/<point>", roles=ORGANIZERS)
def decide(desk: Drafting, staff: Staff, round_id: RoundId, point: str) -> Response:
    draft = desk.look(round_id)
    form = _form(point, draft)
    if not form.validate():
        return _point(desk, round_id, point, form, 422)
    desk.decide(staff, round_id, point, **_decided(point, form, draft.terms))
    flash(say("Decided, and written into the staff log."), "success")
    return to("rounds.prepare", round_id=round_id)


@POINTS_PAGES.post("/rounds/<round_id>/exclude", roles=ORGANIZERS)
def exclude(desk: Drafting, staff: Staff, round_id: RoundId) -> Response:
    draft = desk.look(round_id)
    form = _form("subjects", draft)
    if not form.validate():
        return _point(desk, round_id, "subjects", form, 422)
    unit, _, person = form.contest.data.partition("|")
    kept = [each for each in draft.terms.excluded if (each.unit, each.person) != (unit, person)]
    excluded = (*kept, Excluded(person, unit, form.kind.data, form.reason.data))
    desk.decide(staff, round_id, "subjects", excluded=excluded)
    return to("rounds.point", round_id=round_id, point="subjects")


@POINTS_PAGES.post("/rounds/<round_id>/include", roles=ORGANIZERS)
def include(desk: Drafting, staff: Staff, round_id: RoundId) -> Response:
    form = IncludeForm()
    unit, _, person = (form.contest.data or "").partition("|")
    terms = desk.look(round_id).terms
    kept = tuple(each for each in terms.excluded if (each.unit, each.person) != (unit, person))
    desk.decide(staff, round_id, "subjects", excluded=kept)
    return to("rounds.point", round_id=round_id, point="subjects")


@POINTS_PAGES.post("/rounds/<round_id>/agree", roles=ORGANIZERS)
def agree(desk: Drafting, staff: Staff, round_id: RoundId) -> Response:
    desk.decide(staff, round_id, "subjects")
    flash(say("Decided, and written into the staff log."), "success")
    return to("rounds.prepare", round_id=round_id)


def add_drafts(door: StaffDoor, desk: Drafting, scope: InstanceScope) -> None:
    """Put the pages behind the door."""
    door.open_to(LISTS_PAGES, desk, scope)
    door.open_to(POINTS_PAGES, desk)


def _list_page(desk: Drafting, scope: InstanceScope, staff: Staff) -> ListPage:
    tree = scope.parents()
    found = []
    for round_id, root in drafts.roots(desk.stores.engines.app).items():
        if may(staff, ORGANIZERS, root or EVERYWHERE, tree):
            terms = drafts.load_draft(desk.stores.app, round_id)
            title = terms.title
            found.append(RoundInList(round_id, title, terms.year, State.DRAFT.value, root, True))
    for heading in ledger.headings(desk.stores.engines.app):
        root = heading.root or EVERYWHERE
        if touches(staff, READERS, root, tree):
            title = heading.title
            mine = may(staff, ORGANIZERS, root, tree)
            found.append(
                RoundInList(heading.round_id, title, heading.year, heading.state.value, heading.root, mine)
            )
    return ListPage(tuple(found))


def _new_page(desk: Drafting, scope: InstanceScope, staff: Staff, form: NewRoundForm) -> NewRoundPage:
    units = scope.units_of(staff, ORGANIZERS)
    tree = scope.parents()
    earlier = tuple(
        (heading.round_id, f"{heading.title_vi} / {heading.title_en}")
        for heading in ledger.headings(desk.stores.engines.app)
        if may(staff, ORGANIZERS, heading.root or EVERYWHERE, tree)
    )
    form.unit.offer([(code, f"{name} ({code})") for code, name in units])
    form.like.choices = ["", *(round_id for round_id, _ in earlier)]
    if form.year.data is None and request.method == "GET":
        form.year.data = desk.now().year
    presets = tuple((name, both(Preset.load(name).title)) for name in names())
    return NewRoundPage(form, units, earlier, presets)


def _prepare_page(desk: Drafting, round_id: RoundId) -> PreparePage:
    draft = desk.look(round_id)
    electorate = None if draft.prepared is None else draft.prepared.electorate
    return PreparePage(
        draft=draft,
        title=draft.terms.title,
        problem=None if draft.problem is None else _said(draft.problem),
        voters=0 if electorate is None else sum(map(len, electorate.panels.values())),
        panels=0 if electorate is None else len(electorate.panels),
        contests=0 if electorate is None else len(electorate.contests),
        job=shown(draft.job, url_for("rounds.job", round_id=round_id, kind=FREEZE)),
        discard=ReasonForm(formdata=None),
    )


def _point(desk: Drafting, round_id: RoundId, point: str, form: PointForm | None, status: int) -> Response:
    draft = desk.look(round_id)
    page = PointPage(
        draft=draft,
        title=draft.terms.title,
        form=_form(point, draft) if form is None else form,
        more=_more(desk, point, draft),
    )
    return render(f"desk/point_{point}.html", page, status)


def _form(point: str, draft: Draft) -> PointForm:
    """The form of a point, filled with what is decided. Raises NoSuchPage for what is none."""
    terms = draft.terms
    if point == "basics":
        return BasicsForm(obj=terms)
    if point == "subjects":
        exclude = ExcludeForm()
        contests = () if draft.prepared is None else draft.prepared.electorate.contests
        exclude.contest.offer(
            [
                (f"{each.unit}|{each.person}", f"{each.name} – {each.titles[0]} ({each.unit}, {each.person})")
                for each in contests
            ]
        )
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
    if point == "papers":
        return PapersForm(data={**terms.papers.as_json(), "recipients": "\n".join(terms.papers.recipients)})
    raise NoSuchPage


def _decided(point: str, form: PointForm, terms: Terms) -> dict[str, Any]:
    """What a form decides, as fields of the terms."""
    if point == "calendar":
        zone = form.time_zone.data
        opens, closes = from_local(form.opens.data, zone), from_local(form.closes.data, zone)
        return {"opens": opens, "closes": closes, "time_zone": zone, "by_clock": form.by_clock.data}
    if point == "committee":
        return {"trustees": form.names, "threshold": form.threshold.data}
    if isinstance(form, PapersForm):
        return {"papers": form.stationery}
    fields = {name: value for name, value in form.data.items() if name != "csrf_token"}
    return {
        name: WORDS[name](value) if name in WORDS else value
        for name, value in fields.items()
        if name in Terms.__slots__
    }


def _more(desk: Drafting, point: str, draft: Draft) -> Mapping[str, object]:
    """What a point's page shows beside its form."""
    if point == "subjects":
        contests = () if draft.prepared is None else draft.prepared.electorate.contests
        everybody = () if draft.prepared is None else draft.prepared.organisation.people
        people = {each.code: each.name for each in everybody}
        return {"contests": contests, "people": people}
    if point == "calendar":
        return {"deadlines": deadlines(draft.terms, desk.now())}
    if point == "slips":
        invited = () if draft.prepared is None else draft.prepared.invited
        kept = drafts.proposed_roll(desk.stores.app, draft.round_id)
        return {
            "kept": 0 if kept is None else len(kept),
            "voters": len(invited),
            "without": tuple(each for each in invited if not each.email)[:20],
            "without_number": sum(not each.email for each in invited),
        }
    return {}


def _said(error: SurveysError) -> str:
    return sentence(error).words[current().value].text
