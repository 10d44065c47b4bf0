"""A voter asks for a ballot paper (docs/protocol.md 15.2, 15.3). What is open is handed in; this room looks nothing up elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from surveys.protocol.issuance import BLINDED_BYTES, IssueRequest
from surveys.protocol.transcript import u32
from surveys.roll import listing, registrar
from surveys.roll.desk import Desk
from surveys.roll.errors import NoSuchVote, WrongLength
from surveys.web.wire import Wire

PANEL_BYTES = 32 + 64
ISSUE_BYTES = 4 + 32 + BLINDED_BYTES + 64


def wire(desks: Mapping[str, Desk]) -> Wire:
    """The registrar's addresses, for the votes (id in hex) that are served here."""
    made = Wire("registrar")

    @made.post("/panel")
    def panel(survey: str, raw: bytes) -> bytes:
        desk = _desk(desks, survey)
        _exactly(raw, PANEL_BYTES)
        return u32(listing.panel_of(desk.roll, desk.manifest, raw[:32], raw[32:]))

    @made.post("/issue")
    def issue(survey: str, raw: bytes) -> bytes:
        desk = _desk(desks, survey)
        _exactly(raw, ISSUE_BYTES)
        asked = IssueRequest(int.from_bytes(raw[:4], "big"), raw[4:36], raw[36:292], raw[292:])
        return registrar.issue_token(desk.roll, desk.keys, desk.manifest, asked)

    return made


def _desk(desks: Mapping[str, Desk], survey: str) -> Desk:
    if survey not in desks:
        raise NoSuchVote("no such vote is served here")
    return desks[survey]


def _exactly(raw: bytes, length: int) -> None:
    if len(raw) != length:
        raise WrongLength(len(raw), length)
