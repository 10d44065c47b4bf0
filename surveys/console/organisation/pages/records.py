"""Corrections by hand: a form for one record of a sheet, new, changed or removed, each with a reason for the
staff log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import Response, flash, request

from surveys.accounts.pages.door import StaffDoor, StaffPages, to
from surveys.accounts.roles import Staff
from surveys.console.organisation.forms import RecordForm, filled, form_of
from surveys.console.organisation.upkeep import EDITORS, OrganisationUpkeep
from surveys.names import UnitCode
from surveys.organisation.catalogue import Catalogue
from surveys.organisation.columns import COLUMNS, words_of
from surveys.organisation.corrections import Corrected, Correction, mark
from surveys.organisation.errors import NoSuchRecord, Outside, StillNamed, WrongFields
from surveys.organisation.explained import ExplainedColumn, explained
from surveys.organisation.values import Person, Post, Record, Unit
from surveys.web import fields
from surveys.web.doors import render
from surveys.web.errors import NoSuchPage
from surveys.web.forms import ReasonForm
from surveys.web.languages import current, say

# What a new record is known to be, from the page that its form was opened on.
_KNOWN: Mapping[str, str] = {
    "units": "parent",
    "people": "unit",
    "posts": "unit",
    "grading": "unit",
    "history": "unit",
}


@dataclass(frozen=True, slots=True)
class RecordPage:
    """The form of a record. `record` is its name in addresses, empty for a new one; `fixed` columns cannot be
    changed.
    """

    path: tuple[Unit, ...]
    unit: Unit
    sheet: str
    record: str
    shown: str
    columns: tuple[ExplainedColumn, ...]
    words: Mapping[str, tuple[tuple[str, str], ...]]
    fixed: frozenset[str]
    form: RecordForm
    removal: ReasonForm


RECORDS_PAGES = StaffPages()


@RECORDS_PAGES.get("/organisation/<code:unit>/new/<sheet>", roles=EDITORS)
def new_record(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode, sheet: str) -> Response:
    seen = _seen(desk, staff, unit, sheet)
    known = {_KNOWN[sheet]: unit, "person": fields.text(request.args, "person", 100)}
    form = form_of(sheet)(formdata=None, data=filled(sheet, None, known))
    return render("organisation/record.html", _page(seen, unit, sheet, None, form))


@RECORDS_PAGES.post("/organisation/<code:unit>/new/<sheet>", roles=EDITORS)
def add_record(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode, sheet: str) -> Response:
    seen, form = _seen(desk, staff, unit, sheet), form_of(sheet)()
    return _taken(desk, staff, seen, unit, sheet, None, form)


@RECORDS_PAGES.get("/organisation/<code:unit>/records/<sheet>/<code:record>", roles=EDITORS)
def record(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode, sheet: str, record: str) -> Response:
    seen = _seen(desk, staff, unit, sheet)
    held = _find(desk, seen, unit, sheet, record)
    form = form_of(sheet)(formdata=None, data={**filled(sheet, held, {}), "seen": mark(held)})
    return render("organisation/record.html", _page(seen, unit, sheet, held, form))


@RECORDS_PAGES.post("/organisation/<code:unit>/records/<sheet>/<code:record>", roles=EDITORS)
def change_record(
    desk: OrganisationUpkeep, staff: Staff, unit: UnitCode, sheet: str, record: str
) -> Response:
    seen, form = _seen(desk, staff, unit, sheet), form_of(sheet)()
    return _taken(desk, staff, seen, unit, sheet, _find(desk, seen, unit, sheet, record), form)


@RECORDS_PAGES.post("/organisation/<code:unit>/records/<sheet>/<code:record>/remove", roles=EDITORS)
def remove_record(
    desk: OrganisationUpkeep, staff: Staff, unit: UnitCode, sheet: str, record: str
) -> Response:
    seen, form = _seen(desk, staff, unit, sheet), ReasonForm()
    held = _find(desk, seen, unit, sheet, record)
    here = {"unit": unit, "sheet": sheet, "record": record}
    if not form.validate():
        flash(say("Nothing was changed: a reason is needed, on one line."), "error")
        return to("organisation.record", **here)
    try:
        desk.correct(staff, unit, Correction(sheet, held.key, None), form.reason.data)
    except StillNamed as error:
        flash(_still_named(error), "error")
        return to("organisation.record", **here)
    flash(say("Done, and written into the staff log."), "success")
    above = held.parent if isinstance(held, Unit) else unit
    return to("organisation.unit_page", unit=above or seen.top.code)


def add_records(door: StaffDoor, desk: OrganisationUpkeep) -> None:
    """Put the pages behind the door."""
    door.open_to(RECORDS_PAGES, desk)


def name_of(record: Record) -> str:
    """The record in addresses: its code, or for those without one a digest of what they are found by."""
    if isinstance(record, (Unit, Person)):
        return record.code
    return hashlib.sha256("\0".join(record.key).encode()).hexdigest()[:24]


def _taken(
    desk: OrganisationUpkeep,
    staff: Staff,
    seen: Catalogue,
    unit: UnitCode,
    sheet: str,
    held: Record | None,
    form: RecordForm,
) -> Response:
    """A form that was sent: made true, or shown again with what is wrong."""
    if held is not None:
        stored = filled(sheet, held, {})
        form.fix({column: stored[column] for column in _fixed(seen, sheet, held)})
    if form.validate():
        key = None if held is None else held.key
        correction = Correction(sheet, key, form.cells(sheet), form.seen.data or None)
        try:
            return _done(desk.correct(staff, unit, correction, form.reason.data), unit)
        except WrongFields as error:
            form.refuse(error.errors, current().value)
        except Outside as error:
            place = desk.shelf.open().unit(UnitCode(error.place)).name
            form.reason.errors = [
                say("This would change %(place)s, which you do not look after.", place=place)
            ]
    return render("organisation/record.html", _page(seen, unit, sheet, held, form), 422)


def _done(corrected: Corrected, unit: UnitCode) -> Response:
    if corrected.before == corrected.after:
        flash(say("Nothing was changed: it says that already."), "success")
    else:
        flash(say("Done, and written into the staff log."), "success")
    after = corrected.after
    if isinstance(after, Person):
        return to("organisation.person_page", unit=after.unit, person=after.code)
    return to("organisation.unit_page", unit=after.code if isinstance(after, Unit) else unit)


def _page(seen: Catalogue, unit: UnitCode, sheet: str, held: Record | None, form: RecordForm) -> RecordPage:
    said = explained()[sheet]
    path = seen.path(unit)
    return RecordPage(
        path=path,
        unit=path[-1],
        sheet=sheet,
        record="" if held is None else name_of(held),
        shown="" if held is None else _shown(seen, held),
        columns=said.columns,
        words={column.name: _choices(sheet, column) for column in said.columns},
        fixed=_fixed(seen, sheet, held),
        form=form,
        removal=ReasonForm(formdata=None),
    )


def _seen(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode, sheet: str) -> Catalogue:
    """What the account sees around the unit. Raises NoSuchPage for a sheet that there is not."""
    if sheet not in COLUMNS:
        raise NoSuchPage
    return desk.top_of(staff, unit)


def _find(desk: OrganisationUpkeep, seen: Catalogue, unit: UnitCode, sheet: str, name: str) -> Record:
    """The record of this name in this very unit, as it is stored. Raises NoSuchRecord, NoSuchUnit."""
    here: Mapping[str, Callable[[], Sequence[Record]]] = {
        # As it is stored: what is looked at only here has no unit above it.
        "units": lambda: [desk.shelf.open().unit(seen.unit(unit).code)],
        "people": lambda: [each for each in seen.people_of(unit) if not seen.from_elsewhere(each.code)],
        "posts": lambda: [each.post for each in seen.posts_in(unit)],
        "grading": lambda: seen.gradings_of(unit),
        "history": lambda: seen.results_in(unit),
    }
    for record in here[sheet]():
        if name_of(record) == name:
            return record
    raise NoSuchRecord(sheet, (name,))


def _fixed(seen: Catalogue, sheet: str, held: Record | None) -> frozenset[str]:
    """Columns that cannot be changed: codes, and what stands above the topmost unit that is looked after."""
    if held is None or sheet not in ("units", "people"):
        return frozenset()
    return frozenset({"code", "parent"} if held.key == seen.top.key else {"code"})


def _choices(sheet: str, column: ExplainedColumn) -> tuple[tuple[str, str], ...]:
    """The words that a column takes, as options: empty where it is free."""
    words = {
        "yes": say("yes"),
        "no": say("no"),
        "party": say("Party post"),
        "professional": say("Professional post"),
        "subtree": say("this unit and all below it"),
        "unit": say("this unit only"),
        "excellent": say("Excellent"),
        "good": say("Good"),
        "completed": say("Completed"),
        "not_completed": say("Not completed"),
    }
    taken = tuple((word, words[word]) for word in words_of(sheet, column.name))
    return (("", say("choose") if column.needed else say("left empty")), *taken) if taken else ()


def _shown(seen: Catalogue, held: Record) -> str:
    """The record's name for people."""
    if isinstance(held, (Unit, Person)):
        return held.name
    if isinstance(held, Post):
        return f"{held.title}, {seen.person(held.person).name}"
    return str(held.year)


def _still_named(error: StillNamed) -> str:
    words = {
        "units": say("units below"),
        "people": say("members"),
        "posts": say("posts"),
        "grading": say("gradings"),
        "history": say("earlier results"),
    }
    listed = ", ".join(f"{words[sheet]}: {number}" for sheet, number in error.named.items())
    return say("Nothing was changed: there still are %(listed)s. Remove or move those first.", listed=listed)
