"""A counted round as its minutes tell it, read from four members of the bundle (docs/protocol.md 13.7).

The one way into every paper, sheet and export of the certified minutes: what is drawn up before the certificate is signed and
what anybody makes anew from a published bundle come from the same bytes through this reader. Danger: it does not verify.
Whoever reads a foreign bundle runs the verifier first; here only the form is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.protocol import canonical
from surveys.protocol.canonical import MAX_INTEGER, Fields
from surveys.protocol.manifest import MAX_PANELS, Definition, Manifest, decode_manifest
from surveys.results.book import Book, open_book
from surveys.results.figures import Turnout
from surveys.results.minutes import Complaint, Conference, FrozenContest, Hashes, PollsAct

SOURCES = ("manifest.json", "results.json", "attendance.json", "minutes.json")
MOST_STATED = 1000


@dataclass(frozen=True, slots=True)
class MinutesRecord:
    """Everything the minutes hold. `present` is by panel, `head` the head of the committee, `turnout` over all panels.

    The hash of the typeset minutes is left out on purpose: a paper that depended on its own hash could not be made.
    """

    manifest: Manifest
    book: Book
    present: tuple[int, ...]
    head: str
    hashes: Hashes
    conference: Conference
    counted_by: tuple[str, ...]
    turnout: Turnout

    @property
    def definition(self) -> Definition:
        """What was voted on."""
        return self.manifest.definition

    @property
    def frozen(self) -> Mapping[int, str]:
        """Index of a contest whose leader was excluded after opening → the reason."""
        return {each.contest: each.reason for each in self.conference.frozen}


def read_record(members: Mapping[str, bytes]) -> MinutesRecord:
    """The record in these members (`SOURCES`). Raises Malformed (13.1, 13.2, 13.4), BadRule or ForeignResults."""
    manifest = decode_manifest(members["manifest.json"])
    book = open_book(manifest, members["results.json"])
    stated = _fields(members["attendance.json"], "13.1", "attendance")
    fields = _fields(members["minutes.json"], "13.4", "minutes")
    present = tuple(stated.integers("panels", MAX_PANELS))
    if len(present) != len(manifest.definition.panels):
        stated.refuse("panels", "not one number for each panel")
    return MinutesRecord(
        manifest=manifest,
        book=book,
        present=present,
        head=stated.text("head", 300, empty=True),
        hashes=Hashes(
            manifest=fields.hex("manifest", 32),
            ceremony=fields.hex("ceremony", 32),
            board=fields.hex("board", 32),
            plan=fields.hex("plan", 32),
            results=fields.hex("results", 32),
            roll=fields.hex("roll", 32),
            replaced=fields.integer("replaced", 0, MAX_INTEGER),
        ),
        conference=_conference(fields, len(manifest.definition.contests)),
        counted_by=tuple(fields.texts("counted_by", 15, 300)),
        turnout=Turnout(
            *(fields.integer(name, 0, MAX_INTEGER) for name in ("summoned", "present", "issued", "returned"))
        ),
    )


def pdf_hash(members: Mapping[str, bytes]) -> bytes | None:
    """SHA-256 of the typeset minutes as minutes.json names it; None where none were made. Raises Malformed (13.4)."""
    fields = _fields(members["minutes.json"], "13.4", "minutes")
    return None if fields.mapping().get("pdf", "") is None else fields.hex("pdf", 32)


def _fields(raw: bytes, check: str, where: str) -> Fields:
    return Fields(canonical.decode(raw, check=check, where=where), check=check, where=where)


def _conference(fields: Fields, contests: int) -> Conference:
    return Conference(
        log=tuple(
            PollsAct(
                at=act.text("at", 20),
                act=act.text("act", 20),
                by=act.text("by", 20),
                until=act.optional_text("until", 20),
                reason=act.text("reason", 1000, empty=True),
            )
            for act in fields.objects("log", MOST_STATED)
        ),
        chair=fields.text("chair", 300, empty=True),
        secretary=fields.text("secretary", 300, empty=True),
        custodian=fields.text("custodian", 300, empty=True),
        frozen=tuple(
            FrozenContest(each.integer("contest", 0, contests - 1), each.text("reason", 1000))
            for each in fields.objects("frozen", MOST_STATED)
        ),
        incidents=tuple(fields.texts("incidents", 1000, 10_000)),
        complaints=tuple(
            Complaint(each.text("complaint", 1000), each.text("ruling", 1000, empty=True))
            for each in fields.objects("complaints", MOST_STATED)
        ),
    )
