"""A voter asks for a ballot paper (docs/protocol.md 15.2, 15.3) and for what stands on it (15.8).

What is open is handed in; this room looks nothing up elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from surveys.names import RoundId
from surveys.protocol.issuance import BLINDED_BYTES, IssueRequest
from surveys.protocol.transcript import u32
from surveys.roll import listing
from surveys.roll.errors import NoSuchVote, UnknownPanel, WrongLength
from surveys.roll.issuing import Issuer
from surveys.web.wire import JSON, Wire, WirePages

PANEL_BYTES = 32 + 64
ISSUE_BYTES = 4 + 32 + BLINDED_BYTES + 64


REGISTRAR_PAGES = WirePages()


@REGISTRAR_PAGES.post("/panel", whose=slice(0, 32))
def panel(desks: Mapping[RoundId, Issuer], round_id: RoundId, raw: bytes) -> bytes:
    desk = _desk(desks, round_id)
    _exactly(raw, PANEL_BYTES)
    at = listing.panel_of(desk.roll, desk.manifest, raw[:32], raw[32:])
    return u32(at) + bytes([desk.window.papers_for(at, raw[:32])])


@REGISTRAR_PAGES.get("/head", mimetype=JSON, lasts=True)
def head(desks: Mapping[RoundId, Issuer], round_id: RoundId) -> bytes:
    return _desk(desks, round_id).head


@REGISTRAR_PAGES.post("/form", whose=slice(0, 32))
def form(desks: Mapping[RoundId, Issuer], round_id: RoundId, raw: bytes) -> bytes:
    desk = _desk(desks, round_id)
    _exactly(raw, PANEL_BYTES)
    return desk.forms.padded(listing.panel_of(desk.roll, desk.manifest, raw[:32], raw[32:]))


@REGISTRAR_PAGES.get("/form/<int:panel>", mimetype=JSON, lasts=True)
def form_of_a_panel(desks: Mapping[RoundId, Issuer], round_id: RoundId, panel: int) -> bytes:
    try:
        return _desk(desks, round_id).forms.form(panel).encode()
    except IndexError:
        raise UnknownPanel(panel) from None


@REGISTRAR_PAGES.post("/issue", whose=slice(4, 36))
def issue(desks: Mapping[RoundId, Issuer], round_id: RoundId, raw: bytes) -> bytes:
    desk = _desk(desks, round_id)
    _exactly(raw, ISSUE_BYTES)
    asked = IssueRequest(int.from_bytes(raw[:4], "big"), raw[4:36], raw[36:292], raw[292:])
    return desk.window.issue(asked)


def wire(desks: Mapping[RoundId, Issuer]) -> Wire:
    """The registrar's addresses, for the votes (id in hex) that are served here."""
    made = Wire("registrar")
    made.open_to(REGISTRAR_PAGES, desks)
    return made


def _desk(desks: Mapping[RoundId, Issuer], round_id: RoundId) -> Issuer:
    if round_id not in desks:
        raise NoSuchVote("no such vote is served here")
    return desks[round_id]


def _exactly(raw: bytes, length: int) -> None:
    if len(raw) != length:
        raise WrongLength(len(raw), length)
