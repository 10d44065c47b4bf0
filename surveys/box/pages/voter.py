"""A voter returns a ballot, looks it up, and loads the pages to do so (docs/protocol.md 15.1, 15.4 to 15.7).

No slip, no name and no cookie come this way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from surveys.box.errors import NotServed
from surveys.box.gate import State
from surveys.box.open_box import Bucket, OpenBox
from surveys.instants import instant_text
from surveys.names import RoundId
from surveys.protocol import canonical
from surveys.protocol.look_up import Veiled
from surveys.stores.exhibits import Exhibits
from surveys.web.wire import JSON, Wire, WirePages, script_root

_POLLS = {State.WAITING: "waiting", State.OPEN: "open", State.SHUT: "shut", State.SEALED: "sealed"}


@dataclass(frozen=True, slots=True)
class Shell:
    """A page before its script runs: the vote's names, and where to speak to."""

    title_vi: str
    title_en: str
    round_id: RoundId
    base: str


@dataclass(frozen=True, slots=True)
class Served:
    """The votes (id in hex) that are served here; `whole` reads the short code of a booth's typed address."""

    boxes: Mapping[RoundId, OpenBox]
    exhibits: Mapping[RoundId, Exhibits]
    whole: Callable[[str], RoundId]


BOX_PAGES = WirePages()


@BOX_PAGES.page("/", "box/booth.html")
def booth(served: Served, round_id: str) -> Shell:
    return _shell(served, served.whole(round_id))


@BOX_PAGES.page("/check", "box/check.html")
def check(served: Served, round_id: RoundId) -> Shell:
    return _shell(served, round_id)


@BOX_PAGES.page("/receipt", "box/receipt.html")
def receipt(served: Served, round_id: RoundId) -> Shell:
    return _shell(served, round_id)


@BOX_PAGES.page("/projector", "box/projector.html")
def projector(served: Served, round_id: RoundId) -> Shell:
    return _shell(served, round_id)


@BOX_PAGES.get("/exhibits", mimetype=JSON)
def listed(served: Served, round_id: RoundId) -> bytes:
    _box(served, round_id)
    here = served.exhibits[round_id]
    left = {"photos": list(here.listed("photo")), "reports": list(here.listed("report"))}
    return canonical.encode({**left, **here.announcements().as_json()})


@BOX_PAGES.get("/photo/<int:contest>", mimetype="image/jpeg")
def photo(served: Served, round_id: RoundId, contest: int) -> bytes:
    _box(served, round_id)
    return served.exhibits[round_id].read("photo", contest)


@BOX_PAGES.get("/report/<int:contest>", mimetype="application/pdf")
def report(served: Served, round_id: RoundId, contest: int) -> bytes:
    _box(served, round_id)
    return served.exhibits[round_id].read("report", contest)


@BOX_PAGES.get("/manifest", mimetype=JSON, lasts=True)
def manifest(served: Served, round_id: RoundId) -> bytes:
    return _box(served, round_id).whole_manifest


@BOX_PAGES.post("/cast", whose=slice(40, 72))
def cast(served: Served, round_id: RoundId, raw: bytes) -> bytes:
    receipt = _box(served, round_id).receive(raw)
    return receipt.digest + receipt.signature


@BOX_PAGES.get("/trackers/<prefix>", mimetype=JSON)
def trackers(served: Served, round_id: RoundId, prefix: str) -> bytes:
    return canonical.encode(_found(_box(served, round_id).look_up(prefix)))


@BOX_PAGES.get("/polls", mimetype=JSON)
def polls(served: Served, round_id: RoundId) -> bytes:
    now = _box(served, round_id).polls()
    told = {"now": _now(), "percent": now.percent, "polls": _POLLS[now.state]}
    return canonical.encode(told)


def wire(
    boxes: Mapping[RoundId, OpenBox], exhibits: Mapping[RoundId, Exhibits], whole: Callable[[str], RoundId]
) -> Wire:
    """The box's addresses, for the votes that are served here (`Served`)."""
    made = Wire("box")
    made.open_to(BOX_PAGES, Served(boxes, exhibits, whole))
    return made


def _shell(served: Served, round_id: RoundId) -> Shell:
    definition = _box(served, round_id).manifest.definition
    return Shell(definition.title_vi, definition.title_en, round_id, f"{script_root()}/{round_id}")


def _box(served: Served, round_id: RoundId) -> OpenBox:
    if round_id not in served.boxes:
        raise NotServed("no such vote is served here")
    return served.boxes[round_id]


def _found(found: Veiled | Bucket) -> dict[str, object]:
    if isinstance(found, Veiled):
        return {"salt": found.salt.hex(), "entries": b"".join(found.entries).hex()}
    return {
        "checkpoint": found.checkpoint.decode(),
        "first": found.stretch.first,
        "leaves": [leaf.hex() for leaf in found.stretch.leaves],
        "proof": [node.hex() for node in found.stretch.proof],
    }


def _now() -> str:
    """The server's time, as in 4.1: a voter's clock may be wrong by years."""
    return instant_text(datetime.now(UTC))
