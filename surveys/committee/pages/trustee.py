"""Committee members speak with the server (docs/protocol.md §16): in a browser or on the command line, with a
personal link.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from surveys.committee.service import CommitteeService
from surveys.names import RoundId
from surveys.protocol import canonical
from surveys.web.doors import Audience
from surveys.web.wire import JSON, OCTETS, Wire, WirePages, bearer, script_root

# A share of 10 000 000 sums would be larger; the largest organisations have some 100 000.
MOST_BYTES = 64 * 1024 * 1024
MESSAGES = ("commit", "deal", "confirm", "complaint", "cosign", "share", "certificate")
DOCUMENTS = {
    "definition": JSON,
    "manifest": JSON,
    "ceremony": JSON,
    "board": OCTETS,
    "checkpoint": "text/plain",
    "plan": JSON,
    "roll": JSON,
    "issuance": JSON,
    "agreement": JSON,
    "tally": JSON,
    "results": JSON,
    "attendance": JSON,
    "minutes": JSON,
    "text": "text/plain",
    "pdf": "application/pdf",
}


@dataclass(frozen=True, slots=True)
class Shell:
    """The page before its script runs. `results` is the address of the results after the language."""

    round_id: RoundId
    base: str
    results: str


TRUSTEE_PAGES = WirePages()


@TRUSTEE_PAGES.page("/", "committee/trustee.html")
def trustee(desk: CommitteeService, round_id: RoundId) -> Shell:
    return Shell(round_id, f"{script_root()}/{round_id}", f"/rounds/{round_id}")


@TRUSTEE_PAGES.get("/state", mimetype=JSON)
def state(desk: CommitteeService, round_id: RoundId) -> bytes:
    return canonical.encode(desk.state(round_id, bearer()).as_json())


def document(desk: CommitteeService, name: str, round_id: RoundId) -> bytes:
    """One of the documents, at an address of its own name."""
    return desk.document(round_id, bearer(), name)


def message(desk: CommitteeService, kind: str, round_id: RoundId, raw: bytes) -> bytes:
    """One of the messages, at an address of its own kind."""
    return canonical.encode(desk.accept(round_id, bearer(), kind, raw).as_json())


def wire(desk: CommitteeService) -> Wire:
    """The committee's addresses."""
    made = Wire("trustee", Audience.LINK)
    made.open_to(TRUSTEE_PAGES, desk)
    for name, mimetype in DOCUMENTS.items():
        made.get(f"/{name}", mimetype=mimetype)(_named(name, partial(document, desk, name)))
    for kind in MESSAGES:
        made.post(f"/{kind}", mimetype=JSON)(_named(kind, partial(message, desk, kind)))
    return made


def _named(name: str, view: partial[bytes]) -> partial[bytes]:
    """The view under the name of its endpoint."""
    view.__name__ = name  # type: ignore[attr-defined]
    return view
