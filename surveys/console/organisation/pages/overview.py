"""The staff's pages of the organisation: overview, tree with search, a unit, a person, files to take along.

Every page about a unit shows nothing but the part around it that the account looks after (`desk.top_of`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from surveys.accounts.pages.door import AccessScope, StaffDoor, StaffPages
from surveys.accounts.roles import EVERYWHERE, Staff
from surveys.accounts.staff_log import Entry
from surveys.console.organisation.forms import ExportForm
from surveys.console.organisation.pages.records import add_records, name_of
from surveys.console.organisation.pages.uploads import add_uploads
from surveys.console.organisation.upkeep import EDITORS, OrganisationUpkeep
from surveys.names import PersonCode, UnitCode
from surveys.organisation.catalogue import Catalogue, Contest, Gaps, HeldPost
from surveys.organisation.errors import NoOrganisation
from surveys.organisation.export import template
from surveys.organisation.index import Numbers
from surveys.organisation.values import Grading, PaperResult, Person, Post, Unit
from surveys.web import fields
from surveys.web.doors import render
from surveys.web.errors import BadField
from surveys.web.languages import current

PEOPLE_A_PAGE = 50
FOUND_A_PAGE = 50
MOST_GAPS = 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class LogLine:
    """A change of the organisation, and when it was made."""

    entry: Entry
    at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A part that the account looks after: `whole` where it is everything."""

    unit: Unit
    whole: bool
    numbers: Numbers
    gaps: Gaps
    changes: tuple[LogLine, ...]


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """What the account looks after; `first` where nothing was imported yet and this account may do it."""

    parts: tuple[Part, ...]
    first: bool
    everywhere: str
    most: int


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit in the tree with the units right below it."""

    unit: Unit
    numbers: Numbers
    unified: bool
    below: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class TreePage:
    """A unit's part of the tree, two levels of it; or what was found in it."""

    path: tuple[Unit, ...]
    unit: Unit
    words: str
    branches: tuple[Branch, ...]
    units: tuple[Unit, ...]
    people: tuple[tuple[Person, Unit], ...]
    found_units: int
    found_people: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post, who holds it, where, and its name in addresses."""

    post: Post
    person: Person
    unit: Unit
    unified: bool
    name: str


@dataclass(frozen=True, slots=True)
class ShownGrading:
    """A grading and its name in addresses."""

    grading: Grading
    name: str


@dataclass(frozen=True, slots=True)
class ShownResult:
    """An earlier result, whose it is, where, and its name in addresses."""

    result: PaperResult
    person: str
    unit: Unit
    name: str


@dataclass(frozen=True, slots=True)
class UnitPage:
    """One unit."""

    path: tuple[Unit, ...]
    unit: Unit
    numbers: Numbers
    branches: tuple[Branch, ...]
    posts: tuple[ShownPost, ...]
    contests: tuple[Contest, ...]
    people: tuple[Person, ...]
    elsewhere: frozenset[str]
    gradings: tuple[ShownGrading, ...]
    results: tuple[ShownResult, ...]
    page: int
    pages: int
    members: int


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person: posts, where they vote and on whom, earlier results."""

    path: tuple[Unit, ...]
    unit: Unit
    person: Person
    elsewhere: bool
    posts: tuple[ShownPost, ...]
    contests: tuple[Contest, ...]
    results: tuple[ShownResult, ...]


ORGANISATION_PAGES = StaffPages()


@ORGANISATION_PAGES.get("/organisation/", roles=EDITORS)
def overview(desk: OrganisationUpkeep, staff: Staff) -> Response:
    return render("organisation/overview.html", _overview(desk, staff))


@ORGANISATION_PAGES.get("/organisation/template.xlsx", roles=EDITORS)
def template_file(desk: OrganisationUpkeep, staff: Staff) -> Response:
    language = current().value
    return _file(
        template(language), XLSX, "mau-to-chuc.xlsx" if language == "vi" else "organisation-template.xlsx"
    )


@ORGANISATION_PAGES.get("/organisation/<code:unit>/", roles=EDITORS)
def unit_page(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode) -> Response:
    page = fields.number(request.args, "page", low=1, high=100_000, absent=1)
    return render("organisation/unit.html", _unit(desk.top_of(staff, unit), unit, page))


@ORGANISATION_PAGES.get("/organisation/<code:unit>/tree", roles=EDITORS)
def tree(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode) -> Response:
    words = fields.text(request.args, "q", 100)
    page = fields.number(request.args, "page", low=1, high=100_000, absent=1)
    return render("organisation/tree.html", _tree(desk.top_of(staff, unit), unit, words, page))


@ORGANISATION_PAGES.get("/organisation/<code:unit>/people/<code:person>", roles=EDITORS)
def person_page(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode, person: PersonCode) -> Response:
    return render("organisation/person.html", _person(desk.top_of(staff, unit), person))


@ORGANISATION_PAGES.post("/organisation/<code:unit>/export", roles=EDITORS)
def export(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode) -> Response:
    form = ExportForm()
    if not form.validate() or form.form.data not in ("xlsx", "zip"):
        raise BadField("form", "not one of the choices")
    kind = "zip" if form.form.data == "zip" else "xlsx"
    raw = desk.export(staff, unit, kind, current().value)
    return _file(raw, "application/zip" if kind == "zip" else XLSX, f"organisation.{kind}")


def door(desk: OrganisationUpkeep, scope: AccessScope) -> StaffDoor:
    """The pages over this desk."""
    entrance = StaffDoor("organisation", scope)
    entrance.open_to(ORGANISATION_PAGES, desk)
    add_uploads(entrance, desk)
    add_records(entrance, desk)
    return entrance


def _file(raw: bytes, mimetype: str, name: str) -> Response:
    answer = Response(raw, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _overview(desk: OrganisationUpkeep, staff: Staff) -> OverviewPage:
    first, parts = False, []
    try:
        for top in desk.tops(staff):
            changes = tuple(LogLine(each, each.at) for each in desk.last_changes(top))
            whole = desk.everything(top.top.code)
            parts.append(Part(top.top, whole, top.numbers(), top.gaps(), changes))
    except NoOrganisation:
        first = EVERYWHERE in staff.units(EDITORS)
    return OverviewPage(tuple(parts), first, EVERYWHERE, MOST_GAPS)


def _branch(seen: Catalogue, unit: Unit, levels: int) -> Branch:
    below = tuple(_branch(seen, child, levels - 1) for child in seen.children(unit.code)) if levels else ()
    return Branch(unit, seen.numbers(unit.code), bool(seen.unified_in(unit.code)), below)


def _tree(seen: Catalogue, unit: UnitCode, words: str, page: int) -> TreePage:
    here = seen.unit(unit)
    branches: tuple[Branch, ...] = ()
    units: tuple[Unit, ...] = ()
    people: tuple[Person, ...] = ()
    if fields.plain(words).split():
        units, people = seen.find_units(words, unit), seen.find_people(words, unit)
    else:
        branches = tuple(_branch(seen, child, 1) for child in seen.children(unit))
    pages = max(1, -(-max(len(units), len(people)) // FOUND_A_PAGE))
    page = min(page, pages)
    first, end = (page - 1) * FOUND_A_PAGE, page * FOUND_A_PAGE
    return TreePage(
        path=seen.path(unit),
        unit=here,
        words=words,
        branches=branches,
        units=units[first:end],
        people=tuple((each, seen.unit(each.unit)) for each in people[first:end]),
        found_units=len(units),
        found_people=len(people),
        page=page,
        pages=pages,
    )


def _unit(seen: Catalogue, unit: UnitCode, page: int) -> UnitPage:
    path, members = seen.path(unit), seen.people_of(unit)
    pages = max(1, -(-len(members) // PEOPLE_A_PAGE))
    page = min(page, pages)
    return UnitPage(
        path=path,
        unit=path[-1],
        numbers=seen.numbers(unit),
        branches=tuple(_branch(seen, child, 0) for child in seen.children(unit)),
        posts=_posts(seen, seen.posts_in(unit)),
        contests=seen.contests_in(unit),
        people=members[(page - 1) * PEOPLE_A_PAGE : page * PEOPLE_A_PAGE],
        elsewhere=frozenset(each.code for each in members if seen.from_elsewhere(each.code)),
        gradings=tuple(ShownGrading(each, name_of(each)) for each in seen.gradings_of(unit)),
        results=_results(seen, seen.results_in(unit)),
        page=page,
        pages=pages,
        members=len(members),
    )


def _person(seen: Catalogue, code: PersonCode) -> PersonPage:
    person = seen.person(code)
    path = seen.path(person.unit)
    return PersonPage(
        path=path,
        unit=path[-1],
        person=person,
        elsewhere=seen.from_elsewhere(code),
        posts=_posts(seen, seen.posts_of(code)),
        contests=seen.contests_over(person.unit) if person.votes else (),
        results=_results(seen, seen.results_of(code)),
    )


def _posts(seen: Catalogue, held: Sequence[HeldPost]) -> tuple[ShownPost, ...]:
    return tuple(
        ShownPost(each.post, each.person, seen.unit(each.post.unit), each.unified, name_of(each.post))
        for each in held
    )


def _results(seen: Catalogue, rows: Sequence[PaperResult]) -> tuple[ShownResult, ...]:
    return tuple(
        ShownResult(row, seen.person(row.person).name, seen.unit(row.unit), name_of(row)) for row in rows
    )
