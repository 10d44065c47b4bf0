"""An upload: files in, errors or the difference shown, confirmed with a reason, imported in the background.

The pages only show where the import stands (`imports.State`); what takes long is a job, whose bar they show.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, flash, request, url_for

from surveys.accounts.pages import jobs as job_pages
from surveys.accounts.pages.door import StaffDoor, StaffPages, to
from surveys.accounts.pages.jobs import JobShown, shown
from surveys.accounts.roles import EVERYWHERE, Staff
from surveys.console.organisation.forms import ConfirmForm, LettersForm, UploadForm
from surveys.console.organisation.upkeep import EDITORS, OrganisationUpkeep
from surveys.names import UnitCode
from surveys.organisation import waiting
from surveys.organisation.columns import COLUMNS
from surveys.organisation.errors import NoOrganisation, NotesNotSeen, SheetError
from surveys.organisation.explained import explained
from surveys.organisation.imports import State, Waiting
from surveys.organisation.pieces import RECORDS_A_PIECE
from surveys.organisation.preview import KINDS, Change, Kind
from surveys.organisation.sheets import Letters
from surveys.organisation.values import Record, Unit
from surveys.spreadsheets.errors import UnusableFile
from surveys.spreadsheets.files import Sent
from surveys.web import fields
from surveys.web.doors import render
from surveys.web.languages import current, say

MOST_BYTES = 16 * 1024 * 1024
CHANGES_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field of a record that changes: its label, what it said, what it will say."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A record that changes, by name."""

    kind: Kind
    name: str
    fields: tuple[ShownField, ...]


@dataclass(frozen=True, slots=True)
class UploadPage:
    """Where an upload stands. `elsewhere` is the unit of one that waits for another unit; `outside` the place
    that one would have changed.
    """

    path: tuple[Unit, ...]
    unit: UnitCode
    name: str
    whole: bool
    form: UploadForm
    most: int
    found: Waiting | None
    made: datetime | None
    elsewhere: str | None
    job: JobShown | None
    outside: str
    refused: str
    errors: tuple[SheetError, ...]
    sheet: str
    kind: Kind
    changes: tuple[ShownChange, ...]
    page: int
    pages: int
    stale: bool
    confirm: ConfirmForm


UPLOADS_PAGES = StaffPages()


@UPLOADS_PAGES.get("/organisation/<code:unit>/upload", roles=EDITORS)
def upload(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode) -> Response:
    return render("organisation/upload.html", _page(desk, staff, unit, UploadForm(formdata=None)))


@UPLOADS_PAGES.post("/organisation/<code:unit>/upload", roles=EDITORS, most_bytes=MOST_BYTES)
def send(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode) -> Response:
    form = UploadForm()
    sent = [Sent.of(each.filename or "", each.read()) for each in request.files.getlist("files") if each]
    if form.validate() and sent:
        try:
            desk.upload(staff, unit, sent)
            return to("organisation.upload", unit=unit)
        except UnusableFile as error:
            form.files.errors = [error.vi if current().value == "vi" else error.en]
    else:
        form.files.errors = [say("Choose a file first.")]
    return render("organisation/upload.html", _page(desk, staff, unit, form), 422)


@UPLOADS_PAGES.get("/organisation/<code:unit>/upload/state", roles=EDITORS)
def upload_state(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode) -> Response:
    found = desk.waiting(staff)
    return job_pages.answer(None if found is None else desk.job(found))


@UPLOADS_PAGES.post("/organisation/<code:unit>/upload/import", roles=EDITORS)
def confirm(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode) -> Response:
    form, found = ConfirmForm(), fields.text(request.form, "import", 32)
    if not form.validate():
        flash(say("Nothing was changed: a reason is needed, on one line."), "error")
        return to("organisation.upload", unit=unit)
    try:
        desk.confirm(staff, unit, found, form.reason.data, seen=form.seen.data)
    except NotesNotSeen:
        flash(say("Nothing was changed: look at the notes and tick that you have seen them."), "error")
    return to("organisation.upload", unit=unit)


@UPLOADS_PAGES.post("/organisation/<code:unit>/upload/letters", roles=EDITORS)
def letters(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode) -> Response:
    form, found = LettersForm(), fields.text(request.form, "import", 32)
    if form.validate() and form.letters.data in (Letters.CONVERT, Letters.KEEP):
        desk.choose_letters(staff, unit, found, Letters(form.letters.data))
    return to("organisation.upload", unit=unit)


@UPLOADS_PAGES.post("/organisation/<code:unit>/upload/again", roles=EDITORS)
def again(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode) -> Response:
    found = desk.waiting(staff)
    if found is not None:
        desk.again(found)
    return to("organisation.upload", unit=unit)


@UPLOADS_PAGES.post("/organisation/<code:unit>/upload/discard", roles=EDITORS)
def discard(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode) -> Response:
    desk.discard(staff)
    flash(say("The file is forgotten. Nothing was changed."), "success")
    return to("organisation.upload", unit=unit)


def add_uploads(door: StaffDoor, desk: OrganisationUpkeep) -> None:
    """Put the pages behind the door."""
    door.open_to(UPLOADS_PAGES, desk)


def _page(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode, form: UploadForm) -> UploadPage:
    """The page, in whatever state the upload is."""
    whole = desk.everything(unit)
    path = _path(desk, staff, unit)
    found = desk.waiting(staff)
    elsewhere = None
    if found is not None and found.unit != (None if whole else unit):
        elsewhere, found = found.unit or EVERYWHERE, None
    page = fields.number(request.args, "page", low=1, high=1_000_000, absent=1)
    sheet = fields.choice(request.args, "sheet", COLUMNS, "")
    kind = fields.choice(request.args, "kind", KINDS, "added")
    total = 0
    if found is not None and found.state is State.REFUSED:
        kept = 0 if found.head.refused is None else found.head.refused.errors
        total, size = kept, RECORDS_A_PIECE
    elif found is not None:
        sheet, kind = sheet or _first(found)[0], kind if sheet else _first(found)[1]
        total = next((each.of(kind) for each in found.head.counts if each.sheet == sheet), 0)
        size = CHANGES_A_PAGE
    else:
        size = 1
    pages = max(1, -(-total // size))
    page = min(page, pages)
    return UploadPage(
        path=path,
        unit=unit,
        name=path[-1].name if path else "",
        whole=whole,
        form=form,
        most=MOST_BYTES >> 20,
        found=found,
        made=None if found is None else found.made,
        elsewhere=elsewhere,
        job=_job(desk, found, unit),
        outside=_outside(desk, found),
        refused=_refused(found),
        errors=_errors(desk, found, page),
        sheet=sheet,
        kind=kind,
        changes=_changes(desk, found, sheet, kind, page),
        page=page,
        pages=pages,
        stale=found is not None and found.state in (State.WAITING, State.CONFIRMED) and desk.is_old(found),
        confirm=ConfirmForm(formdata=None),
    )


def _path(desk: OrganisationUpkeep, staff: Staff, unit: UnitCode) -> tuple[Unit, ...]:
    """Where the unit lies; nowhere before the first import."""
    try:
        seen = desk.top_of(staff, unit)
    except NoOrganisation:
        return ()
    return seen.path(seen.top.code if unit == EVERYWHERE else unit)


def _first(found: Waiting) -> tuple[str, Kind]:
    """The first sheet and kind with a change, those that change or take away before those that add."""
    for each in found.head.counts:
        for kind in ("changed", "removed"):
            if each.of(kind):
                return each.sheet, kind
    return next(((each.sheet, "added") for each in found.head.counts if each.added), ("units", "added"))


def _job(desk: OrganisationUpkeep, found: Waiting | None, unit: UnitCode) -> JobShown | None:
    return None if found is None else shown(desk.job(found), url_for("organisation.upload_state", unit=unit))


def _outside(desk: OrganisationUpkeep, found: Waiting | None) -> str:
    """The name of the place that the file would have changed and may not."""
    if found is None or found.head.refused is None or not found.head.refused.place:
        return ""
    place, whole = UnitCode(found.head.refused.place), desk.shelf.open()
    return whole.unit(place).name if whole.has(place) else place


def _refused(found: Waiting | None) -> str:
    """What the reader says of a file that is none."""
    if found is None or found.head.refused is None:
        return ""
    return found.head.refused.vi if current().value == "vi" else found.head.refused.en


def _errors(desk: OrganisationUpkeep, found: Waiting | None, page: int) -> tuple[SheetError, ...]:
    if found is None or found.state is not State.REFUSED:
        return ()
    return waiting.errors_of(desk.store, found, page - 1)


def _changes(
    desk: OrganisationUpkeep, found: Waiting | None, sheet: str, kind: Kind, page: int
) -> tuple[ShownChange, ...]:
    if found is None or found.state is not State.WAITING:
        return ()
    first = (page - 1) * CHANGES_A_PAGE
    kept = waiting.changes_of(desk.store, found, sheet, kind, first, CHANGES_A_PAGE)
    return tuple(_shown(sheet, each) for each in kept)


def _shown(sheet: str, change: Change) -> ShownChange:
    labels = {column.name: column.label[current().value] for column in explained()[sheet].columns}
    changed = tuple(ShownField(labels[name], _text(old), _text(new)) for name, old, new in change.fields)
    return ShownChange(change.kind, _named(change.record), changed)


def _named(record: Record) -> str:
    name = getattr(record, "name", None) or getattr(record, "title", None)
    keys = ", ".join(record.key)
    return f"{name} ({keys})" if name and name not in record.key else keys


def _text(value: object) -> str:
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return "–" if value is None else str(value)
