"""Who may see a contest's result: what the round's definition says, frozen before the vote (decision 0005).

Four circles, each within the next: `subject` (the person voted on), `heads` (also whoever heads the contest's
unit or a unit above it), `unit` (also whoever belongs to the contest's unit or to a unit that voted in it),
`public`. Auditors of a unit, who may hold the audit bundle, see everything in it. Danger: results slander and
pressure; nobody is let in by silence, and a round that is not published never gets this far (`shelf`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from surveys.accounts.roles import EVERYWHERE, Role, Staff, may
from surveys.accounts.tokens import READING
from surveys.names import PersonCode, UnitCode
from surveys.organisation.values import PaperResult
from surveys.protocol.definition import Visibility
from surveys.results.book import Book
from surveys.results.errors import NotYourUnit, OnlyForHeads, OnlyForTheLeader, OnlyForTheUnit
from surveys.results.sums import Seen, Sums

READERS = READING
PAPERS = frozenset({Role.ORGANIZER, Role.COMMITTEE_HEAD, Role.AUTHORITY, Role.AUDITOR})
"""Over the round's top unit: the papers of the whole round. Over a unit: its minutes."""
_NOBODYS: frozenset[UnitCode] = frozenset()


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: their code as a person, the units that they head (or are the authority above), belong to,
    and audit.

    To head or audit a unit covers all units below; `*` is the whole organisation.
    """

    person: PersonCode | None = None
    heads: frozenset[UnitCode] = _NOBODYS
    units: frozenset[UnitCode] = _NOBODYS
    audits: frozenset[UnitCode] = _NOBODYS


def reader_of(staff: Staff) -> Reader:
    """Whom an account reads as: leaders as the person they are and as members of their unit, authorities as
    heads.
    """
    return Reader(
        person=staff.person if staff.has({Role.LEADER}) else None,
        heads=staff.units({Role.AUTHORITY}),
        units=staff.units({Role.LEADER}),
        audits=staff.units({Role.AUDITOR}),
    )


def check_contest(reader: Reader, sums: Sums, seen: Seen) -> None:
    """Passes if the reader may see this contest. Raises OnlyForTheLeader, OnlyForHeads or OnlyForTheUnit,
    which say why not.
    """
    visibility = sums.book.definition.visibility
    if visibility == Visibility.PUBLIC or reader.person == seen.person:
        return
    if covers(reader.audits, sums.book, seen.unit.code):
        return
    if visibility == Visibility.SUBJECT:
        raise OnlyForTheLeader(seen.number)
    if covers(reader.heads, sums.book, seen.unit.code):
        return
    if visibility == Visibility.HEADS:
        raise OnlyForHeads(seen.number)
    if reader.units.isdisjoint(sums.voters_of(seen.number) | {seen.unit.code}):
        raise OnlyForTheUnit(seen.number)


def may_see(reader: Reader, sums: Sums, seen: Seen) -> bool:
    """Whether `check_contest` passes."""
    try:
        check_contest(reader, sums, seen)
    except (OnlyForTheLeader, OnlyForHeads, OnlyForTheUnit):
        return False
    return True


def visible(reader: Reader, sums: Sums, contests: Iterable[Seen]) -> tuple[Seen, ...]:
    """Those of the contests that the reader may see, in their order."""
    return tuple(seen for seen in contests if may_see(reader, sums, seen))


def may_see_paper(reader: Reader, book: Book, result: PaperResult) -> bool:
    """A paper result has no definition: it is for the person it is about and for those above, as with
    `heads`.
    """
    return reader.person == result.person or covers(reader.heads, book, result.unit)


def check_unit(reader: Reader, book: Book, code: UnitCode) -> None:
    """Passes if the reader may open the pages of a unit (which then show only what they may see). Raises
    NotYourUnit.

    For whoever heads it or a unit above, for auditors; by the definition's word also for its members, or for
    all.
    """
    visibility = book.definition.visibility
    if visibility == Visibility.PUBLIC or covers(reader.heads | reader.audits, book, code):
        return
    if visibility != Visibility.UNIT or reader.units.isdisjoint(book.subtree(code)):
        raise NotYourUnit(code)


def may_open(reader: Reader, book: Book, code: UnitCode) -> bool:
    """Whether `check_unit` passes."""
    try:
        check_unit(reader, book, code)
    except NotYourUnit:
        return False
    return True


def covers(units: frozenset[UnitCode], book: Book, code: UnitCode) -> bool:
    """Whether this unit is one of those units or lies below one; `*` covers every unit that the round
    knows.
    """
    above = tuple(upwards(book, code))
    return not units.isdisjoint(above) or (EVERYWHERE in units and bool(above))


def upwards(book: Book, code: UnitCode) -> Iterator[UnitCode]:
    """The unit's code and those of all units above it; nothing for a unit the round does not know."""
    at: UnitCode | None = code if code in book.units else None
    while at is not None:
        yield at
        at = book.units[at].parent


def may_have_any(by: Staff, book: Book) -> bool:
    """Whether there is any paper of this round that the account may have."""
    tree = book.definition.parents
    return any(may(by, PAPERS, code, tree) for code in book.units)
