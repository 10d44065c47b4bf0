"""The staff log, for auditors and administrators: read, checked, and taken along as a file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from surveys.accounts.errors import LogBroken
from surveys.accounts.pages.door import AccessScope, StaffDoor, StaffPages
from surveys.accounts.roles import EVERYWHERE, Role, Staff, Tree, covers
from surveys.accounts.staff_log import Entry, StaffLog, written_out
from surveys.names import UnitCode
from surveys.web import fields
from surveys.web.doors import render

READERS = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})
ENTRIES_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class LogLine:
    """An entry and when it was made."""

    entry: Entry
    at: datetime


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of entries, newest first. `broken` is the first entry that does not hold, None where the whole
    chain does.
    """

    lines: tuple[LogLine, ...]
    number: int
    head: str
    broken: int | None
    whole: bool
    older: int | None


LOG_PAGES = StaffPages()


@LOG_PAGES.get("/log/", roles=READERS)
def listed(log: StaffLog, scope: AccessScope, staff: Staff) -> Response:
    before = fields.number(request.args, "before", low=1, high=10**9, absent=10**9)
    return render("accounts/log.html", log_page(log, staff, scope.parents(), before))


@LOG_PAGES.get("/log/staff-log.jsonl", roles=READERS)
def taken(log: StaffLog, scope: AccessScope, staff: Staff) -> Response:
    answer = Response(exported(log, staff, scope.parents()), mimetype="application/jsonl")
    answer.headers["Content-Disposition"] = 'attachment; filename="staff-log.jsonl"'
    return answer


def door(log: StaffLog, scope: AccessScope) -> StaffDoor:
    """The log's pages."""
    entrance = StaffDoor("log", scope)
    entrance.open_to(LOG_PAGES, log, scope)
    return entrance


def log_page(log: StaffLog, staff: Staff, tree: Tree, before: int) -> LogPage:
    """The entries this account may read, below a number."""
    found = [each for each in log.entries(before=before) if may_read(staff, each, tree)]
    number, head = log.head()
    try:
        log.check()
        broken = None
    except LogBroken as error:
        broken = error.number
    shown = found[:ENTRIES_A_PAGE]
    return LogPage(
        lines=tuple(LogLine(each, each.at) for each in shown),
        number=number,
        head=head.hex(),
        broken=broken,
        whole=_reads_all(staff, tree),
        older=shown[-1].number if len(found) > ENTRIES_A_PAGE else None,
    )


def exported(log: StaffLog, staff: Staff, tree: Tree) -> str:
    """The entries this account may read as lines of JSON, oldest first."""
    return written_out(each for each in reversed(log.entries()) if may_read(staff, each, tree))


def may_read(staff: Staff, entry: Entry, tree: Tree) -> bool:
    """Entries about a unit are for whoever reads the log over it; those about none, for whoever reads it over
    the whole organisation.
    """
    if _reads_all(staff, tree):
        return True
    return entry.unit is not None and _over(staff.units(READERS), entry.unit, tree)


def _reads_all(staff: Staff, tree: Tree) -> bool:
    held = staff.units(READERS)
    return EVERYWHERE in held or any(tree.get(unit, "") is None for unit in held)


def _over(held: Collection[UnitCode], unit: UnitCode, tree: Tree) -> bool:
    return any(covers(tree, above, unit) for above in held)
