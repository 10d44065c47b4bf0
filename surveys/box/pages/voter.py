"""A voter returns a ballot, and looks it up (docs/protocol.md 15.1, 15.4, 15.5). No slip, no name and no cookie come this way."""

from __future__ import annotations

from collections.abc import Mapping

from surveys.box.board import Whereabouts, find_tracker
from surveys.box.errors import NotATracker, NotServed
from surveys.box.open_box import OpenBox
from surveys.box.receiving import receive_ballot
from surveys.protocol import canonical
from surveys.protocol.ballot import TRACKER_BYTES
from surveys.web.wire import Wire

WORDS = {Whereabouts.IN_THE_BOX: "box", Whereabouts.ON_THE_BOARD: "board", Whereabouts.NOWHERE: "nowhere"}


def wire(boxes: Mapping[str, OpenBox]) -> Wire:
    """The box's addresses, for the votes (id in hex) that are served here."""
    made = Wire("box")

    @made.get("/manifest")
    def manifest(survey: str) -> bytes:
        return _box(boxes, survey).manifest.encode()

    @made.post("/cast")
    def cast(survey: str, raw: bytes) -> bytes:
        here = _box(boxes, survey)
        receipt = receive_ballot(here.box, here.manifest, raw, here.key)
        return receipt.digest + receipt.signature

    @made.get("/tracker/<code>", mimetype="application/json")
    def tracker(survey: str, code: str) -> bytes:
        here = _box(boxes, survey)
        return canonical.encode({"where": WORDS[find_tracker(here.box, _tracker(code))]})

    return made


def _box(boxes: Mapping[str, OpenBox], survey: str) -> OpenBox:
    if survey not in boxes:
        raise NotServed("no such vote is served here")
    return boxes[survey]


def _tracker(code: str) -> bytes:
    try:
        raw = bytes.fromhex(code)
    except ValueError:
        raw = b""
    if len(raw) != TRACKER_BYTES or raw.hex() != code:
        raise NotATracker("a tracker has 10 bytes in hex")
    return raw
