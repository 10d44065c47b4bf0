"""The organizer makes slips in the browser and hands over public keys (docs/protocol.md §17). No code comes
this way.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from surveys.names import PersonCode, RoundId
from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Malformed
from surveys.roll.listing import Entry, Voter
from surveys.roll.slip_service import Office, OfficeState
from surveys.web.doors import Audience
from surveys.web.wire import JSON, Wire, WirePages, bearer, script_root

MOST_BYTES = 64 * 1024 * 1024
MOST_PANEL = 100_000


@dataclass(frozen=True, slots=True)
class Shell:
    """The page before its script runs. `booth` is the address of the booth on this site, from its root."""

    round_id: RoundId
    base: str
    booth: str


OFFICE_PAGES = WirePages()


@OFFICE_PAGES.page("/", "roll/slips.html")
def slips(office: Office, round_id: RoundId) -> Shell:
    return Shell(round_id, f"{script_root()}/{round_id}", f"/b/{round_id}/")


@OFFICE_PAGES.get("/state", mimetype=JSON)
def state(office: Office, round_id: RoundId) -> bytes:
    return _said(office.state(round_id, bearer()))


@OFFICE_PAGES.get("/voters", mimetype=JSON)
def voters(office: Office, round_id: RoundId) -> bytes:
    return canonical.encode({"survey": round_id, **office.invitation(round_id, bearer()).as_json()})


@OFFICE_PAGES.post("/freeze", mimetype=JSON)
def freeze(office: Office, round_id: RoundId, raw: bytes) -> bytes:
    return _said(office.freeze(round_id, bearer(), _entries(raw)))


@OFFICE_PAGES.post("/replace", mimetype=JSON)
def replace(office: Office, round_id: RoundId, raw: bytes) -> bytes:
    fields = Fields(canonical.decode(raw, check="17.4", where="replace"), check="17.4", where="replace")
    voter = Voter(fields.integer("panel", 0, MOST_PANEL), PersonCode(fields.text("code", 100)))
    entry = Entry(voter, fields.hex("key", 32))
    fields.done()
    return _said(office.replace(round_id, bearer(), entry))


def wire(office: Office) -> Wire:
    """The office's addresses."""
    made = Wire("office", Audience.LINK)
    made.open_to(OFFICE_PAGES, office)
    return made


def _said(state: OfficeState) -> bytes:
    return canonical.encode(asdict(state))


def _entries(raw: bytes) -> list[Entry]:
    listed = canonical.decode(raw, check="17.3", where="keys")
    if not isinstance(listed, list):
        raise Malformed(check="17.3", where="keys", why="not a list")
    return [_entry(each, f"keys[{i}]") for i, each in enumerate(listed)]


def _entry(each: object, where: str) -> Entry:
    match each:
        case [int(panel), str(code), str(key)] if not isinstance(panel, bool) and 0 <= panel <= MOST_PANEL:
            try:
                raw = bytes.fromhex(key)
            except ValueError:
                raw = b""
            if len(raw) == 32 and raw.hex() == key:
                return Entry(Voter(panel, PersonCode(code)), raw)
    raise Malformed(check="17.3", where=where, why="not [panel, voter's code, public key in hex]")
