"""Who may see a contest's result: what the round's definition says, frozen before the vote (decision 0005).

Four circles, each within the next: `subject` (the person voted on), `heads` (also whoever heads the contest's unit or a
unit above it), `unit` (also whoever belongs to the contest's unit or to a unit that voted in it), `public`. Auditors hold
the audit bundle, so they see everything in it. Danger: results slander and pressure; nobody is let in by silence, and a
round that is not published never gets this far (`shelf`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from surveys.organisation.values import PaperResult
from surveys.results.book import Book
from surveys.results.errors import NotYourUnit, OnlyForHeads, OnlyForTheLeader, OnlyForTheUnit
from surveys.results.sums import Seen, Sums

_NOBODYS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: their code as a person, the units that they head, the units that they belong to.

    To head a unit, or to be the authority above it, covers all units below.
    """

    person: str | None = None
    heads: frozenset[str] = _NOBODYS
    units: frozenset[str] = _NOBODYS
    auditor: bool = False


def check_contest(reader: Reader, sums: Sums, seen: Seen) -> None:
    """Passes if the reader may see this contest. Raises OnlyForTheLeader, OnlyForHeads or OnlyForTheUnit, which say why not."""
    visibility = sums.book.definition.visibility
    if visibility == "public" or reader.auditor or reader.person == seen.person:
        return
    if visibility == "subject":
        raise OnlyForTheLeader(seen.number)
    if heads_over(reader, sums.book, seen.unit.code):
        return
    if visibility == "heads":
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
    """A paper result has no definition: it is for the person it is about and for those above, as with `heads`."""
    return reader.person == result.person or heads_over(reader, book, result.unit)


def check_unit(reader: Reader, book: Book, code: str) -> None:
    """Passes if the reader may open the pages of a unit (which then show only what they may see). Raises NotYourUnit.

    For whoever heads it or a unit above, for auditors; by the definition's word also for its members, or for all.
    """
    visibility = book.definition.visibility
    if reader.auditor or visibility == "public" or heads_over(reader, book, code):
        return
    if visibility != "unit" or reader.units.isdisjoint(book.subtree(code)):
        raise NotYourUnit(code)


def heads_over(reader: Reader, book: Book, code: str) -> bool:
    """Whether the reader heads this unit, or a unit above it; no unit of another name is above anything."""
    return any(unit in reader.heads for unit in upwards(book, code))


def upwards(book: Book, code: str) -> Iterator[str]:
    """The unit's code and those of all units above it; nothing for a unit the round does not know."""
    at: str | None = code if code in book.units else None
    while at is not None:
        yield at
        at = book.units[at].parent
