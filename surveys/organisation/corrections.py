"""Corrections by hand: one record added, changed or removed, under the same checks as an import.

Nothing is logged here: the verb returns what was and what is now, and whoever calls it writes that down with
the reason. Danger: a form shows what was stored when it was opened; the mark that goes with it stops it from
undoing what somebody else did since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from surveys.jobs.progress import Silent
from surveys.names import UnitCode
from surveys.organisation.columns import COLUMNS, PARSERS, cells_of, names_of, records_of
from surveys.organisation.difference import EMPTY, difference
from surveys.organisation.errors import (
    NoOrganisation,
    NoSuchRecord,
    RecordChanged,
    SheetError,
    StillNamed,
    WrongFields,
)
from surveys.organisation.parts import require_within
from surveys.organisation.register import Held, held_in
from surveys.organisation.relations import Part, Parts, check_relations
from surveys.organisation.row import Row
from surveys.organisation.values import Organisation, Person, Record, Unit
from surveys.organisation.writing import Writer, revision_in
from surveys.stores.store import Store

FIRST_ROW = 1


@dataclass(frozen=True, slots=True)
class Correction:
    """What is asked for. Without `key` a record is added; without `cells` (column → text) one is removed.

    `seen` is the mark of the record as it was shown; None where none was shown.
    """

    sheet: str
    key: tuple[str, ...] | None
    cells: Mapping[str, str] | None
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """What was and what is now; both the same where nothing had to be changed."""

    sheet: str
    before: Record | None
    after: Record | None
    revision: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a correction would do, and the organisation as it would be."""

    corrected: Corrected
    organisation: Organisation


def mark(record: Record) -> str:
    """A short text that is another one for every other content of the record."""
    written = json.dumps(cells_of(record), ensure_ascii=False).encode()
    return hashlib.sha256(written).hexdigest()[:32]


def correct(
    store: Store,
    correction: Correction,
    *,
    within: UnitCode | None = None,
    held: Held | None = None,
) -> Corrected:
    """Make a correction, in one transaction. `held` is what the caller has in memory: used if it is not old.

    Order: the cells; the record, if it is still as it was shown; who else names it; the relations of the
    whole; the unit `within` which it must stay. The same change again changes nothing. Raises NoOrganisation,
    WrongFields, NoSuchRecord, RecordChanged, StillNamed or Outside; nothing was stored then.
    """
    with store.begin() as connection:
        if held is None or held.revision != revision_in(connection):
            held = held_in(connection, store.keyring)
        plan = planned(held, correction, within=within).corrected
        if plan.before == plan.after:
            return plan
        changes = difference(_alone(plan.sheet, plan.before), _alone(plan.sheet, plan.after))
        revision = Writer(connection, store.keyring, Silent()).apply(changes)
    return replace(plan, revision=revision)


def planned(held: Held, correction: Correction, *, within: UnitCode | None = None) -> Plan:
    """What a correction of this organisation would do. Refuses what `correct` refuses, and stores nothing."""
    new = None if correction.cells is None else _parsed(correction.sheet, correction.cells)
    whole = held.organisation
    if not whole.units:
        raise NoOrganisation
    old = None if correction.key is None else _found(whole, correction.sheet, correction.key)
    plan = Corrected(correction.sheet, old, new, held.revision)
    if old == new:
        return Plan(plan, whole)
    if old is not None and correction.seen is not None and mark(old) != correction.seen:
        raise RecordChanged
    if new is None and old is not None:
        _unnamed(whole, old)
    after = _after(whole, correction.sheet, old, new)
    if within is not None:
        require_within(whole, after, difference(whole, after), within)
    return Plan(plan, after)


def _parsed(sheet: str, cells: Mapping[str, str]) -> Record:
    """The record that these texts say, by the rules of a file's row."""
    errors: list[SheetError] = []
    filled = {column: text.strip() for column, text in cells.items() if column in names_of(sheet)}
    row = Row(
        lambda *error: errors.append(SheetError(*error)),
        sheet,
        FIRST_ROW,
        {column: text for column, text in filled.items() if text},
    )
    record = PARSERS[sheet](row)
    if errors:
        raise WrongFields(errors)
    return record


def _found(whole: Organisation, sheet: str, key: tuple[str, ...]) -> Record:
    found = next((record for record in records_of(whole, sheet) if record.key == key), None)
    if found is None:
        raise NoSuchRecord(sheet, key)
    return found


def _unnamed(whole: Organisation, old: Record) -> None:
    """Raises StillNamed for a unit or person that other records name."""
    if not isinstance(old, (Unit, Person)):
        return
    column = "unit" if isinstance(old, Unit) else "person"
    sheets = ("people", "posts", "grading", "history") if isinstance(old, Unit) else ("posts", "history")
    named = {
        sheet: sum(getattr(each, column) == old.code for each in records_of(whole, sheet)) for sheet in sheets
    }
    if isinstance(old, Unit):
        named["units"] = sum(each.parent == old.code for each in whole.units)
    still = {sheet: number for sheet, number in named.items() if number}
    if still:
        raise StillNamed(old.code, still)


def _after(whole: Organisation, sheet: str, old: Record | None, new: Record | None) -> Organisation:
    """The organisation with the new record in place of the old one. Raises WrongFields where the relations do
    not hold.
    """
    if isinstance(old, (Unit, Person)) and isinstance(new, (Unit, Person)) and old.code != new.code:
        vi = "không đổi được mã: hãy thêm mục mới rồi xóa mục cũ"
        en = "a code cannot be changed: add another one, then remove this one"
        raise WrongFields([SheetError(sheet, FIRST_ROW, "code", vi, en)])
    errors: list[SheetError] = []
    parts: dict[str, Part[Any]] = {}
    for name in COLUMNS:
        records = list(records_of(whole, name))
        if name == sheet and old is not None:
            records.remove(old)
        # The corrected record comes last and alone has a row: whatever is wrong is said of it.
        places = [0] * len(records)
        if name == sheet and new is not None:
            records.append(new)
            places.append(FIRST_ROW)
        parts[name] = Part(name, records, places)
    check_relations(
        Parts(parts["units"], parts["people"], parts["posts"], parts["grading"], parts["history"]),
        lambda *error: errors.append(SheetError(*error)),
    )
    if errors:
        raise WrongFields(errors)
    return _organisation(parts)


def _alone(sheet: str, record: Record | None) -> Organisation:
    """An organisation of this record alone, to be compared."""
    if record is None:
        return EMPTY
    return _organisation({sheet: Part(sheet, [record], [FIRST_ROW])})


def _organisation(parts: Mapping[str, Part[Any]]) -> Organisation:
    held = {name: parts[name].records if name in parts else () for name in COLUMNS}
    return Organisation.of(held["units"], held["people"], held["posts"], held["grading"], held["history"])
