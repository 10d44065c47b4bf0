"""A voter returns a ballot, looks it up, and loads the pages to do so (docs/protocol.md 15.1, 15.4 to 15.7).

No slip, no name and no cookie come this way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.box.board import Inclusion, Whereabouts
from surveys.box.errors import NotATracker, NotServed
from surveys.box.open_box import OpenBox
from surveys.box.receiving import receive_ballot
from surveys.protocol import canonical
from surveys.protocol.ballot import TRACKER_BYTES
from surveys.stores.exhibits import Exhibits
from surveys.web.wire import JSON, Wire, script_root


@dataclass(frozen=True, slots=True)
class Shell:
    """A page before its script runs: the vote's names, and where to speak to."""

    title_vi: str
    title_en: str
    survey: str
    base: str


def wire(boxes: Mapping[str, OpenBox], exhibits: Mapping[str, Exhibits]) -> Wire:
    """The box's addresses, for the votes (id in hex) that are served here."""
    made = Wire("box")
    _pages(made, boxes)
    _exhibits(made, boxes, exhibits)

    @made.get("/manifest", mimetype=JSON)
    def manifest(survey: str) -> bytes:
        return _box(boxes, survey).manifest.encode()

    @made.post("/cast")
    def cast(survey: str, raw: bytes) -> bytes:
        here = _box(boxes, survey)
        receipt = receive_ballot(here.box, here.manifest, raw, here.key)
        return receipt.digest + receipt.signature

    @made.get("/tracker/<code>", mimetype=JSON)
    def tracker(survey: str, code: str) -> bytes:
        return canonical.encode(_found(_box(boxes, survey).find(_tracker(code))))

    @made.get("/turnout", mimetype=JSON)
    def turnout(survey: str) -> bytes:
        now = _box(boxes, survey).turnout()
        return canonical.encode({"open": now.open, "percent": now.percent})

    return made


def _pages(made: Wire, boxes: Mapping[str, OpenBox]) -> None:
    @made.page("/", "box/booth.html")
    def booth(survey: str) -> Shell:
        return _shell(boxes, survey)

    @made.page("/check", "box/check.html")
    def check(survey: str) -> Shell:
        return _shell(boxes, survey)

    @made.page("/projector", "box/projector.html")
    def projector(survey: str) -> Shell:
        return _shell(boxes, survey)


def _exhibits(made: Wire, boxes: Mapping[str, OpenBox], exhibits: Mapping[str, Exhibits]) -> None:
    @made.get("/exhibits", mimetype=JSON)
    def listed(survey: str) -> bytes:
        _box(boxes, survey)
        here = exhibits[survey]
        left = {"photos": list(here.listed("photo")), "reports": list(here.listed("report"))}
        return canonical.encode(left | here.told().as_json())

    @made.get("/photo/<int:contest>", mimetype="image/jpeg")
    def photo(survey: str, contest: int) -> bytes:
        _box(boxes, survey)
        return exhibits[survey].read("photo", contest)

    @made.get("/report/<int:contest>", mimetype="application/pdf")
    def report(survey: str, contest: int) -> bytes:
        _box(boxes, survey)
        return exhibits[survey].read("report", contest)


def _shell(boxes: Mapping[str, OpenBox], survey: str) -> Shell:
    definition = _box(boxes, survey).manifest.definition
    return Shell(definition.title_vi, definition.title_en, survey, f"{script_root()}/{survey}")


def _box(boxes: Mapping[str, OpenBox], survey: str) -> OpenBox:
    if survey not in boxes:
        raise NotServed("no such vote is served here")
    return boxes[survey]


def _found(found: Whereabouts | Inclusion) -> dict[str, object]:
    if isinstance(found, Inclusion):
        return {
            "where": "board",
            "ballot": found.ballot.hex(),
            "index": found.index,
            "proof": [step.hex() for step in found.proof],
            "checkpoint": found.checkpoint.decode(),
        }
    return {"where": "box" if found is Whereabouts.IN_THE_BOX else "nowhere"}


def _tracker(code: str) -> bytes:
    try:
        raw = bytes.fromhex(code)
    except ValueError:
        raw = b""
    if len(raw) != TRACKER_BYTES or raw.hex() != code:
        raise NotATracker("a tracker has 10 bytes in hex")
    return raw
