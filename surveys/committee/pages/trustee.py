"""Committee members speak with the server (docs/protocol.md §16): in a browser or on the command line, with a personal link."""

from __future__ import annotations

from dataclasses import dataclass

from surveys.committee.desk import Desk
from surveys.protocol import canonical
from surveys.web.doors import Audience
from surveys.web.wire import JSON, OCTETS, Wire, bearer, script_root

# A share of 10 000 000 sums would be larger; the largest organisations have some 100 000.
MOST_BYTES = 64 * 1024 * 1024
MESSAGES = ("commit", "deal", "confirm", "complaint", "share", "certificate")
DOCUMENTS = {
    "definition": JSON,
    "manifest": JSON,
    "ceremony": JSON,
    "board": OCTETS,
    "checkpoint": "text/plain",
    "plan": JSON,
}


@dataclass(frozen=True, slots=True)
class Shell:
    """The page before its script runs. `results` is the address of the results after the language."""

    survey: str
    base: str
    results: str


def wire(desk: Desk) -> Wire:
    """The committee's addresses."""
    made = Wire("trustee", Audience.LINK)

    @made.page("/", "committee/trustee.html")
    def trustee(survey: str) -> Shell:
        return Shell(survey, f"{script_root()}/{survey}", f"/rounds/{survey}")

    @made.get("/state", mimetype=JSON)
    def state(survey: str) -> bytes:
        return canonical.encode(desk.state(survey, bearer()).as_json())

    @made.get("/papers", mimetype=JSON)
    def papers(survey: str) -> bytes:
        return canonical.encode(desk.papers(survey, bearer()))

    for name, mimetype in DOCUMENTS.items():
        _document(made, desk, name, mimetype)
    for kind in MESSAGES:
        _message(made, desk, kind)
    return made


def _document(made: Wire, desk: Desk, name: str, mimetype: str) -> None:
    def document(survey: str) -> bytes:
        return desk.document(survey, bearer(), name)

    document.__name__ = name
    made.get(f"/{name}", mimetype=mimetype)(document)


def _message(made: Wire, desk: Desk, kind: str) -> None:
    def message(survey: str, raw: bytes) -> bytes:
        return canonical.encode(desk.accept(survey, bearer(), kind, raw).as_json())

    message.__name__ = kind
    made.post(f"/{kind}", mimetype=JSON)(message)
