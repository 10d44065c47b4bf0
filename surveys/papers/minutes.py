"""Attendance and counting minutes (biên bản kiểm phiếu) as values, with their one encoding (docs/protocol.md
13.1, 13.4, 13.5).

Who draws them up and who reads them from a bundle have the same values: what is read encodes to the bytes
that were read. The text is fixed to the byte, by `surveys.audit.minutes_text`. Danger: reading is not
verifying; the verifier shares nothing with this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from surveys.audit.minutes_text import text_of
from surveys.instants import instant_text
from surveys.protocol import canonical
from surveys.protocol.canonical import MAX_INTEGER, Fields
from surveys.protocol.files import Hashed, MinutesFile, Stated
from surveys.protocol.manifest import MAX_PANELS, Definition
from surveys.results.book import Book
from surveys.results.figures import Turnout
from surveys.rounds.stated import By, Complaint, FrozenContest, PollsAct

ATTENDANCE_FORMAT = "tin-nhiem/attendance/2"
MINUTES_FORMAT = "tin-nhiem/minutes/2"
BELOW_QUORUM = "không đủ số người tối thiểu / below quorum"
OFF_THE_CALENDAR = "ngoài giờ đã định / not at the appointed time"
MOST_STATED = 1000
MOST_MEMBERS = 15
_TURNOUT = ("summoned", "present", "issued", "returned")


@dataclass(frozen=True, slots=True)
class Hashes:
    """What the minutes are about, in 32-byte hashes: M, X, board root, P, SHA-256 of results file and roll
    file.

    `replaced` is the number of slips that were replaced (6.4).
    """

    manifest: bytes
    ceremony: bytes
    board: bytes
    plan: bytes
    results: bytes
    roll: bytes
    replaced: int

    def as_json(self) -> Hashed:
        """What the minutes say of it."""
        return {
            "manifest": self.manifest.hex(),
            "ceremony": self.ceremony.hex(),
            "board": self.board.hex(),
            "plan": self.plan.hex(),
            "results": self.results.hex(),
            "roll": self.roll.hex(),
            "replaced": self.replaced,
        }

    @classmethod
    def read(cls, fields: Fields) -> Hashes:
        """The hashes in the minutes. Raises Malformed."""
        return cls(
            manifest=fields.hex("manifest", 32),
            ceremony=fields.hex("ceremony", 32),
            board=fields.hex("board", 32),
            plan=fields.hex("plan", 32),
            results=fields.hex("results", 32),
            roll=fields.hex("roll", 32),
            replaced=fields.integer("replaced", 0, MAX_INTEGER),
        )


@dataclass(frozen=True, slots=True)
class Conference:
    """What the committee states (13.1): who led, what was done with the polls, what happened.

    `log` begins with the opening and ends with the closing.
    """

    log: tuple[PollsAct, ...]
    chair: str = ""
    secretary: str = ""
    custodian: str = ""
    frozen: tuple[FrozenContest, ...] = ()
    incidents: tuple[str, ...] = ()
    complaints: tuple[Complaint, ...] = ()

    @property
    def excluded(self) -> frozenset[int]:
        """The indices of the frozen contests."""
        return frozenset(each.contest for each in self.frozen)

    def as_json(self) -> Stated:
        """What attendance and minutes say of it alike."""
        return {
            "chair": self.chair,
            "secretary": self.secretary,
            "custodian": self.custodian,
            "opened": instant_text(self.log[0].at),
            "closed": instant_text(self.log[-1].at),
            "log": [act.as_json() for act in self.log],
            "frozen": [each.as_json() for each in self.frozen],
            "incidents": list(self.incidents),
            "complaints": [each.as_json() for each in self.complaints],
        }

    @classmethod
    def read(cls, fields: Fields, contests: int) -> Conference:
        """The same out of either file, of a round with so many contests. Raises Malformed."""
        log = tuple(PollsAct.read(act) for act in fields.objects("log", MOST_STATED))
        if not log:
            fields.refuse("log", "is empty")
        return cls(
            log=log,
            chair=fields.text("chair", 300, empty=True),
            secretary=fields.text("secretary", 300, empty=True),
            custodian=fields.text("custodian", 300, empty=True),
            frozen=tuple(
                FrozenContest.read(each, contests) for each in fields.objects("frozen", MOST_STATED)
            ),
            incidents=tuple(fields.texts("incidents", MOST_STATED, 10_000)),
            complaints=tuple(Complaint.read(each) for each in fields.objects("complaints", MOST_STATED)),
        )


@dataclass(frozen=True, slots=True)
class Attendance:
    """attendance.json (13.1): `present` by panel, `head` of the committee, and the conference."""

    present: tuple[int, ...]
    head: str
    conference: Conference

    def encode(self) -> bytes:
        """The file."""
        return canonical.encode(
            {
                "format": ATTENDANCE_FORMAT,
                "panels": list(self.present),
                "head": self.head,
                **self.conference.as_json(),
            }
        )

    @classmethod
    def decode(cls, raw: bytes, definition: Definition) -> Attendance:
        """The file of a round of this definition. Raises Malformed."""
        fields = _fields(raw, "13.1", "attendance")
        present = tuple(fields.integers("panels", MAX_PANELS))
        if len(present) != len(definition.panels):
            fields.refuse("panels", "not one number for each panel")
        head = fields.text("head", 300, empty=True)
        read = cls(present, head, Conference.read(fields, len(definition.contests)))
        _hold_against(read.encode(), raw, fields)
        return read


@dataclass(frozen=True, slots=True)
class Minutes:
    """minutes.json (13.4), but for what follows from the definition; `turnout` over all panels.

    `absent` are the members whom the shares name absent, `pdf` is the SHA-256 of the typeset minutes.
    """

    hashes: Hashes
    turnout: Turnout
    conference: Conference
    counted_by: tuple[str, ...]
    absent: tuple[str, ...] = ()
    pdf: bytes | None = None

    def as_json(self, definition: Definition) -> MinutesFile:
        """The value of the file."""
        return {
            "format": MINUTES_FORMAT,
            **self.hashes.as_json(),
            "software": definition.software,
            "rule": str(definition.rule["name"]),
            "organisation": definition.organisation,
            "number": definition.number,
            "place": definition.place,
            "summoned": self.turnout.summoned,
            "present": self.turnout.present,
            "issued": self.turnout.issued,
            "returned": self.turnout.returned,
            "committee": list(definition.trustees),
            "counted_by": list(self.counted_by),
            "absent": list(self.absent),
            "pdf": None if self.pdf is None else self.pdf.hex(),
            **self.conference.as_json(),
        }

    def encode(self, definition: Definition) -> bytes:
        """The file."""
        return canonical.encode(self.as_json(definition))

    @classmethod
    def decode(cls, raw: bytes, definition: Definition) -> Minutes:
        """The file of a round of this definition. Raises Malformed, also where it says anything else than the
        values.
        """
        fields = _fields(raw, "13.4", "minutes")
        read = cls(
            hashes=Hashes.read(fields),
            turnout=Turnout(*(fields.integer(name, 0, MAX_INTEGER) for name in _TURNOUT)),
            conference=Conference.read(fields, len(definition.contests)),
            counted_by=tuple(fields.texts("counted_by", MOST_MEMBERS, 300)),
            absent=tuple(fields.texts("absent", MOST_MEMBERS, 300)),
            pdf=_pdf(fields),
        )
        _hold_against(read.encode(definition), raw, fields)
        return read

    def text(self, definition: Definition, book: Book) -> bytes:
        """minutes.txt (13.5): every field of the minutes and every result, to the byte what a verifier
        expects.
        """
        return text_of(definition, book.as_json()["contests"], self.as_json(definition))


def pdf_named(raw: bytes) -> bytes | None:
    """SHA-256 of the typeset minutes as minutes.json names it; None where none were made. Raises Malformed
    (13.4).
    """
    return _pdf(_fields(raw, "13.4", "minutes"))


def polls_log(
    definition: Definition, opened: PollsAct, extended: Sequence[PollsAct], closed: PollsAct
) -> tuple[PollsAct, ...]:
    """The log of the polls (13.1). Where an act by hand is off the calendar and nobody gave a reason, the log
    says that it was.
    """
    end = extended[-1].until or definition.closes if extended else definition.closes
    if opened.by == By.HAND and not opened.reason and not definition.opens <= opened.at < definition.closes:
        opened = replace(opened, reason=OFF_THE_CALENDAR)
    if closed.by == By.HAND and not closed.reason and closed.at < end:
        closed = replace(closed, reason=OFF_THE_CALENDAR)
    return opened, *extended, closed


def _fields(raw: bytes, check: str, where: str) -> Fields:
    return Fields(canonical.decode(raw, check=check, where=where), check=check, where=where)


def _pdf(fields: Fields) -> bytes | None:
    return None if fields.mapping().get("pdf", "") is None else fields.hex("pdf", 32)


def _hold_against(encoded: bytes, raw: bytes, fields: Fields) -> None:
    """The file says what was read of it and nothing else. Raises Malformed."""
    if encoded != raw:
        said, right = fields.mapping(), _fields(encoded, fields.check, fields.where).mapping()
        first = min(name for name in {*said, *right} if said.get(name, ...) != right.get(name, ...))
        fields.refuse(first, "does not follow from the rest, or does not belong here")
