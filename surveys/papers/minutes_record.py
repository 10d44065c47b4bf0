"""A counted round as its minutes tell it, read from four members of the bundle (docs/protocol.md 13.7).

The one way into every paper, sheet and export of the certified minutes: what is drawn up before the
certificate is signed and what anybody makes anew from a published bundle come from the same bytes through
this reader. Danger: it does not verify. Whoever reads a foreign bundle runs the verifier first; here only the
form is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.papers.minutes import Attendance, Conference, Hashes, Minutes, pdf_named
from surveys.protocol.manifest import Definition, Manifest, decode_manifest
from surveys.results.book import Book, open_book
from surveys.results.figures import Turnout

SOURCES = ("manifest.json", "results.json", "attendance.json", "minutes.json")


@dataclass(frozen=True, slots=True)
class MinutesRecord:
    """Everything the minutes hold. `present` is by panel, `head` the head of the committee, `turnout` over
    all panels.

    The hash of the typeset minutes is left out on purpose: a paper that depended on its own hash could not be
    made.
    """

    manifest: Manifest
    book: Book
    present: tuple[int, ...]
    head: str
    hashes: Hashes
    conference: Conference
    counted_by: tuple[str, ...]
    absent: tuple[str, ...]
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
    """The record in these members (`SOURCES`). Raises Malformed (13.1, 13.2, 13.4), BadRule or
    ForeignResults.
    """
    manifest = decode_manifest(members["manifest.json"])
    book = open_book(manifest, members["results.json"])
    stated = Attendance.decode(members["attendance.json"], manifest.definition)
    minutes = Minutes.decode(members["minutes.json"], manifest.definition)
    return MinutesRecord(
        manifest=manifest,
        book=book,
        present=stated.present,
        head=stated.head,
        hashes=minutes.hashes,
        conference=minutes.conference,
        counted_by=minutes.counted_by,
        absent=minutes.absent,
        turnout=minutes.turnout,
    )


def pdf_hash(members: Mapping[str, bytes]) -> bytes | None:
    """SHA-256 of the typeset minutes as minutes.json names it; None where none were made. Raises Malformed
    (13.4).
    """
    return pdf_named(members["minutes.json"])
