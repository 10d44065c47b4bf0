"""The certified papers of published rounds: who may have which, and the files themselves (docs/protocol.md
13.7, 14.1).

All of them are exact, also where the pages show a range; so whoever takes one along stands in the staff log.
Danger: what is handed out cannot be called back. Each verb asks in this order: the round is published, the
unit is one of it, the role and its unit by the round's own tree, the word of the definition; then the log is
written, then the file is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from surveys.accounts.roles import Role, Staff, may, require
from surveys.accounts.staff_log import Act, Actor, StaffLog
from surveys.audit.case import Signature
from surveys.names import NO_UNIT, RoundId, UnitCode
from surveys.papers.minutes_record import MinutesRecord
from surveys.papers.typeset import Paper, notice, one_unit, report, results_list, typeset, whole_round
from surveys.papers.word import MIMETYPE, editable
from surveys.papers.workbook import minutes_workbook
from surveys.protocol.definition import Visibility
from surveys.protocol.manifest import Unit
from surveys.results.boards import OfferedBundle
from surveys.results.book import Book
from surveys.results.errors import (
    BundleElsewhere,
    NobodyVotedOn,
    NoSuchUnit,
    NotSignedMinutes,
    PapersOnlyAbove,
)
from surveys.results.exports import results_csv
from surveys.results.shelf import Shelf, Volume, find
from surveys.results.visibility import PAPERS

UPWARD = frozenset({Role.AUTHORITY, Role.AUDITOR})
BUNDLE = frozenset({Role.AUDITOR})
SIGNERS = frozenset({Role.ORGANIZER, Role.COMMITTEE_HEAD})
"""Who gathers the signatures of chair, secretary and committee."""
PDF = "application/pdf"


class RoundPaper(StrEnum):
    """The papers of a whole round, by the name of the file."""

    MINUTES = "minutes.pdf"
    SIGNED = "minutes_signed.pdf"
    EDITABLE = "minutes.docx"
    WORKBOOK = "minutes.xlsx"
    TABLE = "results.csv"
    RESULTS = "results.json"

    def of_year(self, year: int) -> str:
        """The name under which it is taken along."""
        stem, _, suffix = self.value.partition(".")
        return f"{stem}-{year}.{suffix}"


class Form(StrEnum):
    """How a paper is handed out: as it is to be filed, or to be edited."""

    PDF = "pdf"
    DOCX = "docx"


class UnitPaper(StrEnum):
    """The papers of one unit: its own minutes, and of it and all below the report upward and the list."""

    MINUTES = "minutes"
    REPORT = "report"
    LIST = "list"


MIMETYPES = {
    RoundPaper.MINUTES: PDF,
    RoundPaper.SIGNED: PDF,
    RoundPaper.EDITABLE: MIMETYPE,
    RoundPaper.WORKBOOK: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    RoundPaper.TABLE: "text/csv",
    RoundPaper.RESULTS: "application/json",
}


_DRAWN_UP: Mapping[UnitPaper, Callable[[MinutesRecord, UnitCode], Paper]] = {
    UnitPaper.MINUTES: one_unit,
    UnitPaper.REPORT: report,
    UnitPaper.LIST: results_list,
}


class Archive(Protocol):
    """Where the files of published rounds lie: handed in by whoever knows the disk."""

    def bundle(self, round_id: RoundId) -> OfferedBundle:
        """The bundle. Raises NotPublished, or BundleElsewhere where the file is missing or another than the
        published one.
        """

    def minutes(self, round_id: RoundId) -> Path:
        """The typeset minutes that the bundle names, set anew where they are missing (some seconds).

        Raises as `bundle`, and NoTypesetMinutes, UncertifiedMinutes or TypesettingFailed; nothing is written
        then.
        """

    def signed(self, round_id: RoundId) -> tuple[Path, Sequence[Signature]] | None:
        """The minutes with the signatures so far, each of which holds; None where nobody has signed.

        Raises as `bundle`, and NotSignedMinutes where the kept file is not what it was.
        """

    def to_sign(self, round_id: RoundId) -> bytes:
        """The certified minutes with an empty field for each line of a signature. Raises as `minutes`."""

    def keep_signed(self, round_id: RoundId, content: bytes) -> Sequence[Signature]:
        """Keep minutes that somebody has signed, in the place of those they go on from; a second run keeps
        them again.

        Raises as `minutes`, then NotSignedMinutes, then SignaturesLost; what was kept stays then.
        """

    def record(self, round_id: RoundId) -> tuple[MinutesRecord, bytes | None]:
        """What the minutes tell, and the hash of the typeset file. Raises as `bundle`."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A file to take along: `name` in ASCII; either it lies at `path` or `content` holds it."""

    name: str
    mimetype: str
    path: Path | None = None
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Offered:
    """What an account may have of a round: all files of the round, its bundle, the minutes of the chosen
    unit with the notices to its `leaders` (number and name), its report upward and list.

    `units` are those that it may choose from. `lacking`: the bundle does not lie on this server, so only
    tables can be made.
    """

    unit: Unit
    units: tuple[Unit, ...]
    whole: bool
    bundle: bool
    unit_minutes: bool
    report: bool
    leaders: tuple[tuple[int, str], ...]
    only_above: bool
    lacking: bool


@dataclass(frozen=True, slots=True)
class Signatures:
    """Those on the minutes so far, and whether the account may bring in more; `damaged` where the kept file
    is not what it was.
    """

    given: tuple[Signature, ...]
    gathers: bool
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of an instance."""

    shelf: Shelf
    archive: Archive
    log: StaffLog

    def offered(self, by: Staff, round_id: RoundId, code: UnitCode = NO_UNIT) -> Offered:
        """What this account may have, with one unit chosen (the highest of its units where `code` is empty).
        Reads only.

        Raises NotPublished, NoSuchUnit, or NotYours where the unit is not one of the account's.
        """
        volume = find(self.shelf, round_id)
        book, tree = volume.book, volume.book.definition.parents
        units = tuple(each for each in _voted_on_below(volume) if may(by, PAPERS, each.code, tree))
        mine = (each for each in book.units.values() if may(by, PAPERS, each.code, tree))
        unit = _unit(book, code) if code else next(iter(units), None) or next(mine, book.root)
        require(by, PAPERS, unit.code, tree)
        inside = bool(volume.sums.inside(unit.code))
        here = any(seen.unit.code == unit.code for seen in volume.sums.contests)
        kept = _kept_above(by, book, unit.code)
        return Offered(
            unit=unit,
            units=units,
            whole=may(by, PAPERS, book.root.code, tree),
            bundle=may(by, BUNDLE, book.root.code, tree),
            unit_minutes=here and not kept,
            report=inside and not kept and may(by, UPWARD, unit.code, tree),
            leaders=tuple(
                (each.number, each.contest.name) for each in book.entries if each.unit.code == unit.code
            ),
            only_above=kept,
            lacking=self._lacking(round_id),
        )

    def of_round(self, by: Staff, round_id: RoundId, paper: RoundPaper) -> Handed:
        """A paper of the whole round. Raises NotPublished or NotYours, then as `Archive`."""
        volume = find(self.shelf, round_id)
        require(by, PAPERS, volume.book.root.code, volume.book.definition.parents)
        name = paper.of_year(volume.year)
        with self._logged(by, volume, volume.book.root, paper):
            if paper is RoundPaper.MINUTES:
                return Handed(name, MIMETYPES[paper], self.archive.minutes(round_id))
            if paper is RoundPaper.SIGNED:
                kept = self.archive.signed(round_id)
                if kept is not None:
                    return Handed(name, MIMETYPES[paper], kept[0])
                return Handed(name, MIMETYPES[paper], content=self.archive.to_sign(round_id))
            return Handed(name, MIMETYPES[paper], content=self._table(volume, paper))

    def signatures(self, by: Staff, round_id: RoundId) -> Signatures:
        """Who has signed the minutes, and whether this account may bring in more. Raises as `of_round`."""
        volume = find(self.shelf, round_id)
        root, tree = volume.book.root.code, volume.book.definition.parents
        require(by, PAPERS, root, tree)
        try:
            kept = self.archive.signed(round_id)
        except NotSignedMinutes:
            return Signatures((), may(by, SIGNERS, root, tree), damaged=True)
        return Signatures(() if kept is None else tuple(kept[1]), may(by, SIGNERS, root, tree))

    def take_in(self, by: Staff, round_id: RoundId, content: bytes) -> None:
        """Keep minutes that somebody has signed. Raises NotPublished or NotYours, then as
        `Archive.keep_signed`.
        """
        volume = find(self.shelf, round_id)
        root = volume.book.root.code
        require(by, SIGNERS, root, volume.book.definition.parents)
        with self.log.acting(
            Actor.of(by), Act.MINUTES_SIGNED, unit=root, round_id=round_id, sha256=sha256(content).hexdigest()
        ):
            self.archive.keep_signed(round_id, content)

    def bundle(self, by: Staff, round_id: RoundId) -> Handed:
        """The audit bundle. Raises NotPublished or NotYours, then as `Archive.bundle`."""
        volume = find(self.shelf, round_id)
        require(by, BUNDLE, volume.book.root.code, volume.book.definition.parents)
        with self._logged(by, volume, volume.book.root, "bundle.zip"):
            path = self.archive.bundle(round_id).path
            return Handed(f"bundle-{volume.year}.zip", "application/zip", path)

    def of_unit(self, by: Staff, round_id: RoundId, code: UnitCode, kind: UnitPaper, form: Form) -> Handed:
        """A paper of one unit. Raises NotPublished, NoSuchUnit, NotYours, PapersOnlyAbove, NobodyVotedOn,
        then as `Archive.record`.
        """
        volume, unit = self._unit(by, round_id, code, PAPERS if kind is UnitPaper.MINUTES else UPWARD)
        below = kind is not UnitPaper.MINUTES
        if not any(below or seen.unit.code == code for seen in volume.sums.inside(code)):
            raise NobodyVotedOn(code)
        drawn_up = _DRAWN_UP[kind]
        return self._set(by, volume, unit, kind.value, form, lambda record: drawn_up(record, code))

    def notice(self, by: Staff, round_id: RoundId, code: UnitCode, number: int, form: Form) -> Handed:
        """The notice to the leader with this number, who is one of this unit. Raises as `of_unit`."""
        volume, unit = self._unit(by, round_id, code, PAPERS)
        if not any(each.number == number and each.unit.code == code for each in volume.book.entries):
            raise NobodyVotedOn(code)
        name = f"notice-{number}"
        return self._set(by, volume, unit, name, form, lambda record: notice(record, number))

    def _unit(
        self, by: Staff, round_id: RoundId, code: UnitCode, roles: frozenset[Role]
    ) -> tuple[Volume, Unit]:
        volume = find(self.shelf, round_id)
        unit = _unit(volume.book, code)
        require(by, roles, code, volume.book.definition.parents)
        if _kept_above(by, volume.book, code):
            raise PapersOnlyAbove(code)
        return volume, unit

    def _set(
        self,
        by: Staff,
        volume: Volume,
        unit: Unit,
        kind: str,
        form: Form,
        drawn_up: Callable[[MinutesRecord], Paper],
    ) -> Handed:
        with self._logged(by, volume, unit, f"{kind}.{form}"):
            record, _ = self.archive.record(volume.round_id)
            paper = drawn_up(record)
            content = typeset(paper) if form is Form.PDF else editable(paper)
        name = f"{kind}-{volume.year}-{_ascii(unit.code)}.{form}"
        return Handed(name, PDF if form is Form.PDF else MIMETYPE, content=content)

    def _table(self, volume: Volume, paper: RoundPaper) -> bytes:
        if paper is RoundPaper.TABLE:
            return results_csv(volume.book).encode()
        if paper is RoundPaper.RESULTS:
            return volume.publication.results
        record, pdf = self.archive.record(volume.round_id)
        if paper is RoundPaper.EDITABLE:
            return editable(whole_round(record))
        return minutes_workbook(record, pdf)

    def _logged(self, by: Staff, volume: Volume, unit: Unit, file: str) -> AbstractContextManager[None]:
        return self.log.acting(
            Actor.of(by), Act.RESULTS_EXPORTED, unit=unit.code, round_id=volume.round_id, file=str(file)
        )

    def _lacking(self, round_id: RoundId) -> bool:
        try:
            self.archive.bundle(round_id)
        except BundleElsewhere:
            return True
        return False


def _kept_above(by: Staff, book: Book, code: UnitCode) -> bool:
    """Whether the definition keeps a result for its leader alone, and this account is neither an auditor nor
    above the whole round.
    """
    if book.definition.visibility != Visibility.SUBJECT:
        return False
    tree = book.definition.parents
    return not (may(by, BUNDLE, code, tree) or may(by, PAPERS, book.root.code, tree))


def _voted_on_below(volume: Volume) -> Iterable[Unit]:
    """The units in which, or below which, somebody was voted on, a unit before those below it."""
    waiting = [volume.book.root]
    while waiting:
        unit = waiting.pop()
        if volume.sums.inside(unit.code):
            yield unit
            below = sorted(volume.sums.children.get(unit.code, ()), key=lambda each: each.code.encode())
            waiting += reversed(below)


def _unit(book: Book, code: UnitCode) -> Unit:
    if code not in book.units:
        raise NoSuchUnit(code)
    return book.units[code]


def _ascii(code: UnitCode) -> str:
    """A unit's code in a file's name."""
    return "".join(each if each.isascii() and (each.isalnum() or each in "-_.") else "_" for each in code)
