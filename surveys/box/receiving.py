"""A ballot is returned to the box (docs/protocol.md §9).

The box asks for no name, no slip and no cookie, and keeps no time, address or number of arrival: what it
stores is the ballot, at a random free slot of its panel. Danger: everything here runs while a voter waits and
an attacker may send anything, so the cheap checks come first and nothing is stored before the last.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select, update

from surveys.box import gate, models
from surveys.box.errors import (
    BoxDamaged,
    DuplicateComponent,
    OlderBallot,
    PanelFull,
    RevotingNotAllowed,
    TrackerClash,
    WrongSize,
)
from surveys.box.models import FINGERPRINT_BYTES
from surveys.box.receipts import BoxKey
from surveys.protocol.ballot import (
    HEADER,
    TRACKER_BYTES,
    Ballot,
    ballot_size,
    check_proofs,
    check_signature,
    check_token,
    decode_ballot,
)
from surveys.protocol.manifest import Manifest
from surveys.stores.engines import reading

RandomBytes = Callable[[int], bytes]
_USED = b"\x01"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The box's promise (9.3): tracker (10 bytes), digest (32) and the box key's signature (64)."""

    tracker: bytes
    digest: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a ballot goes: the slot its key has (None: a free one), and whether these very bytes lie there
    already.
    """

    slot: int | None
    same: bool


def receive_ballot(
    engine: Engine, manifest: Manifest, raw: bytes, key: BoxKey, randbytes: RandomBytes = secrets.token_bytes
) -> Receipt:
    """Check the bytes in the order of 9.1, store them, promise it.

    Gate, length, decoding (8.2), token (8.3), signature (8.4), sequence (9.2), uniqueness (8.6, 10.1); then
    the proofs (8.5), outside any transaction; then, in one write transaction that holds the gate, gate,
    sequence and uniqueness once more, for others may have come meanwhile, and one slot is written. Committed
    before it returns. The same bytes again give the same receipt and write nothing.

    Raises NotOpenYet, PollsClosed, ForeignBox, WrongSize, Rejected (8.2-8.5), OlderBallot,
    RevotingNotAllowed, DuplicateComponent, TrackerClash or PanelFull; nothing is stored then.
    """
    with reading(engine) as connection:
        gate.admit(gate.read(connection), manifest)
    check_size(raw, manifest)
    ballot = decode_ballot(raw, manifest)
    check_token(ballot, manifest)
    check_signature(ballot)
    prints = fingerprints(ballot)
    with reading(engine) as connection:
        place = _place(connection, ballot, raw, prints, revoting=manifest.definition.revoting)
    if not place.same:
        check_proofs(ballot, manifest)
        _store(engine, manifest, ballot, raw, prints, randbytes)
    signature = key.sign_receipt(manifest.hash, ballot.digest, ballot.key, ballot.sequence)
    return Receipt(ballot.tracker, ballot.digest, signature)


def fingerprints(ballot: Ballot) -> bytes:
    """The first 8 bytes of every α and β."""
    return b"".join(point[:FINGERPRINT_BYTES] for point in points(ballot))


def points(ballot: Ballot) -> list[bytes]:
    return [point.encode() for row in ballot.rows for point in (row.alpha, row.beta)]


def check_size(raw: bytes, manifest: Manifest) -> None:
    """9.1, second check. A panel that does not exist has no length: decoding refuses it (8.2)."""
    panels, levels = manifest.definition.panels, len(manifest.definition.levels)
    named = int.from_bytes(raw[36:40], "big")
    if len(raw) < ballot_size(1, levels):
        raise WrongSize(len(raw))
    if named < len(panels) and len(raw) != ballot_size(len(panels[named].contests), levels):
        raise WrongSize(len(raw))


def _store(
    engine: Engine, manifest: Manifest, ballot: Ballot, raw: bytes, prints: bytes, randbytes: RandomBytes
) -> None:
    with engine.connect() as connection:
        gate.admit(gate.hold(connection), manifest)
        place = _place(connection, ballot, raw, prints, revoting=manifest.definition.revoting)
        if place.same:
            return
        slot = place.slot if place.slot is not None else _free_slot(connection, ballot.panel, randbytes)
        write(connection, slot, ballot, raw)
        connection.commit()


def write(connection: Connection, slot: int, ballot: Ballot, raw: bytes) -> None:
    """Put a ballot into a slot, over whatever is there. Raises BoxDamaged where the slot is not of
    its width.
    """
    head, prints = models.head.c, fingerprints(ballot)
    changed = connection.execute(
        update(models.head)
        .where(head.slot == slot, func.length(head.fingerprints) == len(prints))
        .values(
            used=_USED,
            ballot_key=ballot.key,
            sequence=ballot.sequence.to_bytes(4, "big"),
            digest=ballot.digest,
            fingerprints=prints,
        )
    )
    # Another length would move the row, and rows that move tell the order of arrival (9.4).
    written = connection.execute(
        update(models.paper)
        .where(models.paper.c.slot == slot, func.length(models.paper.c.ballot) == len(raw))
        .values(ballot=raw)
    )
    if changed.rowcount != 1 or written.rowcount != 1:
        raise BoxDamaged("a slot is missing or has the wrong width")


def _place(connection: Connection, ballot: Ballot, raw: bytes, prints: bytes, *, revoting: bool) -> _Place:
    """9.2, 8.6 and 10.1 against what the box holds."""
    head = models.head.c
    own = connection.execute(
        select(head.slot, head.sequence).where(
            head.panel == ballot.panel, head.used == _USED, head.ballot_key == ballot.key
        )
    ).one_or_none()
    slot = None if own is None else own.slot
    if own is not None:
        if paper(connection, own.slot) == raw:
            return _Place(slot, same=True)
        if ballot.sequence <= int.from_bytes(own.sequence, "big"):
            raise OlderBallot("the box holds a ballot of this key that is as new or newer")
        if not revoting:
            raise RevotingNotAllowed("this vote takes the first ballot of a key")
    check_components_of_panel(connection, ballot, slot)
    _check_tracker(connection, ballot.tracker, slot)
    return _Place(slot, same=False)


def check_components_of_panel(connection: Connection, ballot: Ballot, own: int | None) -> None:
    """8.6 against every ballot of the panel but the one in the slot `own`. Raises DuplicateComponent."""
    head = models.head.c
    others = connection.execute(
        select(head.slot, head.fingerprints).where(head.panel == ballot.panel, head.used == _USED)
    ).all()
    _check_components(connection, ballot, fingerprints(ballot), [(s, f) for s, f in others if s != own])


def _check_components(
    connection: Connection, ballot: Ballot, prints: bytes, others: Sequence[tuple[int, bytes]]
) -> None:
    """8.6. Eight bytes of each point find the suspects at once; only then are whole points compared."""
    own = set(points(ballot))
    if len(own) != 2 * len(ballot.rows):
        raise DuplicateComponent("a ciphertext occurs twice in this ballot")
    mine = set(memoryview(prints).cast("Q"))
    if mine.isdisjoint(memoryview(b"".join(stored for _, stored in others)).cast("Q")):
        return
    size = (len(ballot.body) - HEADER) // len(ballot.rows)
    for slot, stored in others:
        if mine.isdisjoint(memoryview(stored).cast("Q")):
            continue
        body = paper(connection, slot)[HEADER : len(ballot.body)]
        for at in range(0, len(body), size):
            if body[at : at + 32] in own or body[at + 32 : at + 64] in own:
                raise DuplicateComponent("a ciphertext of this ballot occurs in another one of its panel")


def _check_tracker(connection: Connection, tracker: bytes, own: int | None) -> None:
    head = models.head.c
    found = connection.scalars(
        select(head.slot).where(func.substr(head.digest, 1, TRACKER_BYTES) == tracker, head.used == _USED)
    ).all()
    if any(slot != own for slot in found):
        raise TrackerClash("another ballot has this tracker")


def _free_slot(connection: Connection, panel: int, randbytes: RandomBytes) -> int:
    head = models.head.c
    free: Sequence[int] = connection.scalars(
        select(head.slot).where(head.panel == panel, head.used != _USED).order_by(head.slot)
    ).all()
    if not free:
        raise PanelFull("there are more ballots than voters: tokens were forged")
    return free[below(len(free), randbytes)]


def below(limit: int, randbytes: RandomBytes) -> int:
    """A uniform number below the limit: a slot that is likelier than another would tell something of the
    order.
    """
    bound = (1 << 64) - (1 << 64) % limit
    while True:
        number = int.from_bytes(randbytes(8), "big")
        if number < bound:
            return number % limit


def paper(connection: Connection, slot: int) -> bytes:
    raw: bytes | None = connection.scalar(select(models.paper.c.ballot).where(models.paper.c.slot == slot))
    if raw is None:
        raise BoxDamaged("a slot has no paper")
    return raw
