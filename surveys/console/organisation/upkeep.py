"""The organisation on the staff's desk: who sees and changes which part of it, every change with a reason in
the staff log.

Danger: `top_of` decides how much of the organisation somebody sees. A page asks its door whether the account
may come in for a unit, and then this desk for the part of the organisation around that unit which the account
looks after; it never takes the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from surveys.accounts.roles import EVERYWHERE, Role, Staff
from surveys.accounts.staff_log import Act, Actor, Entry, StaffLog
from surveys.jobs.queue import Job, Jobs, Tell, Work
from surveys.names import UnitCode
from surveys.organisation import waiting
from surveys.organisation.catalogue import Catalogue
from surveys.organisation.columns import cells_of, names_of
from surveys.organisation.corrections import Corrected, Correction, correct, planned
from surveys.organisation.difference import altered_fields
from surveys.organisation.errors import NoOrganisation, NoSuchUnit, NotesNotSeen, NoWaitingImport
from surveys.organisation.export import csv_zip, workbook
from surveys.organisation.imports import State, Waiting
from surveys.organisation.kept import Shelf
from surveys.organisation.parts import subtree
from surveys.organisation.register import Held, revision
from surveys.organisation.sheets import Letters
from surveys.organisation.values import Record, Unit
from surveys.spreadsheets.files import Sent
from surveys.stores.store import Store

EDITORS = frozenset({Role.ORGANIZER, Role.ADMINISTRATOR})
READ, WRITE = "organisation-read", "organisation-write"
ENTRIES_LOOKED_AT = 300
MOST_OF_A_FACT = 1000
_ACTS = frozenset({Act.ORGANISATION_IMPORTED.value, Act.ORGANISATION_CORRECTED.value})


@dataclass(frozen=True, slots=True)
class OrganisationUpkeep:
    """What staff's pages of the organisation work with. `now` is in UTC."""

    store: Store
    log: StaffLog
    jobs: Jobs
    shelf: Shelf
    now: Callable[[], datetime]

    def tops(self, by: Staff) -> tuple[Catalogue, ...]:
        """The parts that this account looks after, none of them within another. Raises NoOrganisation."""
        whole = self.shelf.open()
        held = by.units(EDITORS)
        if EVERYWHERE in held:
            return (whole,)
        found = [unit for unit in whole.units() if unit.code in held]
        tops = [unit for unit in found if not any(above.code in held for above in whole.path(unit.code)[:-1])]
        return tuple(whole.within(unit.code) for unit in tops)

    def top_of(self, by: Staff, unit: UnitCode) -> Catalogue:
        """The largest part around this unit that the account looks after. Raises NoOrganisation or
        NoSuchUnit.
        """
        whole = self.shelf.open()
        if unit == EVERYWHERE:
            return whole
        path, held = whole.path(unit), by.units(EDITORS)
        if EVERYWHERE in held:
            return whole
        top = next((each.code for each in path if each.code in held), None)
        if top is None:
            raise NoSuchUnit(unit)
        return whole.within(top)

    def everything(self, unit: UnitCode) -> bool:
        """Whether this is the whole organisation, or there is none yet."""
        try:
            return unit in (EVERYWHERE, self.shelf.open().top.code)
        except NoOrganisation:
            return unit == EVERYWHERE

    def last_changes(self, part: Catalogue) -> tuple[Entry, ...]:
        """The last changes of the organisation that the log's newest entries tell of, as far as they are
        about this part.
        """
        whole = part.top.code == self.shelf.open().top.code
        entries = self.log.entries(most=ENTRIES_LOOKED_AT)
        mine = (each for each in entries if each.act in _ACTS)
        return tuple(each for each in mine if whole or (each.unit is not None and part.has(each.unit)))[:3]

    def upload(self, by: Staff, unit: UnitCode, sent: Sequence[Sent]) -> Waiting:
        """Keep what was sent and begin to read it, for the unit and everything below it. Raises UnusableFile;
        nothing was kept then.
        """
        only = self._only(unit)
        received = waiting.receive(self.store, by.id, sent, only, self.now())
        self.jobs.begin(READ, received.id)
        return received

    def waiting(self, by: Staff) -> Waiting | None:
        """What this account has sent, as it stands. Stores nothing."""
        return waiting.look(self.store, by.id, self.now())

    def job(self, found: Waiting) -> Job | None:
        """The work that an import waits for, as it stands."""
        kind = {State.RECEIVED: READ, State.CONFIRMED: WRITE}.get(found.state)
        return None if kind is None else self.jobs.look(kind, found.id)

    def is_old(self, found: Waiting) -> bool:
        """Whether the organisation has changed since the import was compared with it."""
        return found.revision != revision(self.store.engine)

    def again(self, found: Waiting) -> None:
        """Begin the work that ended with an error once more."""
        kind = {State.RECEIVED: READ, State.CONFIRMED: WRITE}.get(found.state)
        if kind is not None:
            self.jobs.begin(kind, found.id)

    def choose_letters(self, by: Staff, unit: UnitCode, found: str, letters: Letters) -> None:
        """Say whether text in old encodings is converted or kept; where it is kept, the file is read anew.
        Raises NoWaitingImport.
        """
        shown = self.waiting(by)
        if shown is None or shown.id != found or shown.unit != self._only(unit):
            raise NoWaitingImport
        chosen = waiting.choose_letters(self.store, by.id, found, letters, self.now())
        if chosen.state is State.RECEIVED:
            self.jobs.begin(READ, found)

    def confirm(self, by: Staff, unit: UnitCode, found: str, reason: str, *, seen: bool) -> None:
        """Begin to import what was shown for this unit.

        Raises NoWaitingImport, OrganisationChanged, LettersNotDecided, or NotesNotSeen where there are notes
        and nobody has `seen` them; nothing is begun then.
        """
        # For a unit that the account may still change: what it sent while it looked after more is not
        # imported any more.
        shown = self.waiting(by)
        if shown is None or shown.id != found or shown.unit != self._only(unit):
            raise NoWaitingImport
        if shown.head.notes and not seen:
            raise NotesNotSeen
        waiting.confirm(self.store, by.id, found, (by.id, by.name), reason, self.now())
        self.jobs.begin(WRITE, found)

    def discard(self, by: Staff) -> None:
        """Forget what this account has sent. May be run again."""
        waiting.discard(self.store.engine, by.id)

    def forget_old(self) -> None:
        """Forget what has waited for more than a day. May be run again."""
        waiting.forget_old(self.store.engine, self.now())

    def correct(self, by: Staff, unit: UnitCode, correction: Correction, reason: str) -> Corrected:
        """Make a correction in the part around this unit that the account looks after, and write it down with
        the reason.

        Order: everything is checked, the log, then the store, which checks again. Raises what
        `corrections.correct` refuses; nothing was changed then.
        """
        part, held = self.top_of(by, unit), self.shelf.held()
        within = self._only(part.top.code)
        planning = planned(held, correction, within=within)
        plan = planning.corrected
        record = plan.after or plan.before
        if plan.before == plan.after or record is None:
            return plan
        place = record.code if isinstance(record, Unit) else record.unit
        facts = {"sheet": plan.sheet, "record": ", ".join(record.key), **_facts(plan)}
        with self.log.acting(Actor.of(by), Act.ORGANISATION_CORRECTED, unit=place, reason=reason, **facts):
            done = correct(self.store, correction, within=within, held=held)
        if (
            done.revision == held.revision + 1
        ):  # nobody came in between: what was planned is what there is now
            self.shelf.put(Held(planning.organisation, done.revision))
        return done

    def export(self, by: Staff, unit: UnitCode, form: str, language: str) -> bytes:
        """The unit and everything below it as a file (`xlsx`, explained in this language, or `zip` with .csv
        files); the log has it.

        Raises NoOrganisation, NoSuchUnit or NotAsCsv.
        """
        whole = self.shelf.held().organisation
        only = self._only(unit)
        part = whole if only is None else subtree(whole, only)
        with self.log.acting(
            Actor.of(by), Act.ORGANISATION_EXPORTED, unit=only, form=form, people=len(part.people)
        ):
            return csv_zip(part) if form == "zip" else workbook(part, language)

    def _only(self, unit: UnitCode) -> UnitCode | None:
        """The unit; None where it is everything."""
        return None if self.everything(unit) else unit


def import_work(store: Store, log: StaffLog) -> Mapping[str, Work]:
    """The work in the background: an upload is read and compared, a confirmed import is written. Each may be
    run again.
    """

    def read(about: str, tell: Tell) -> None:
        waiting.read_waiting(store, about, tell)

    def write(about: str, tell: Tell) -> None:
        found = waiting.find(store, about)
        if found.state is not State.CONFIRMED:
            return  # a kill came between the import and the end of the job
        head = found.head
        names = ", ".join(name for name, _ in head.files)[:MOST_OF_A_FACT]
        actor = Actor(*head.by)
        with log.acting(
            actor,
            Act.ORGANISATION_IMPORTED,
            unit=found.unit,
            reason=head.reason,
            file=names,
            added=sum(each.added for each in head.counts),
            changed=sum(each.changed for each in head.counts),
            removed=sum(each.removed for each in head.counts),
        ):
            waiting.import_waiting(store, about, tell)

    return {READ: read, WRITE: write}


def _facts(plan: Corrected) -> dict[str, str]:
    """What a correction says, for the log: each field that changes, or the whole record."""
    if plan.before is not None and plan.after is not None:
        changed = altered_fields(plan.before, plan.after)
        return {
            "changed": _short("; ".join(f"{name}: {_text(old)} → {_text(new)}" for name, old, new in changed))
        }
    if plan.after is not None:
        return {"added": _short(_whole(plan.sheet, plan.after))}
    assert plan.before is not None
    return {"removed": _short(_whole(plan.sheet, plan.before))}


def _whole(sheet: str, record: Record) -> str:
    pairs = zip(names_of(sheet), cells_of(record), strict=True)
    return "; ".join(f"{name}: {cell}" for name, cell in pairs if cell not in (None, ""))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def _short(text: str) -> str:
    return text if len(text) <= MOST_OF_A_FACT else f"{text[: MOST_OF_A_FACT - 1]}…"
