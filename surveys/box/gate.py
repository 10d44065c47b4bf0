"""The gate of the box: one row that says whether ballots are taken (docs/protocol.md 9.1, 9.4).

Casting and closing wait for each other on this row, so a ballot is either in the box before the gate shuts or
refused. States go one way: waiting → open → shut → sealed. By the generation an older copy of the box is
recognised (docs/decisions/0041).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, Engine, insert, select, update

from surveys.box import models
from surveys.box.errors import (
    BoxExists,
    BoxNotPrepared,
    ForeignBox,
    NotOpenYet,
    PollsClosed,
)
from surveys.box.models import FINGERPRINT_BYTES
from surveys.protocol.ballot import ballot_size
from surveys.protocol.manifest import Manifest
from surveys.stores.engines import reading
from surveys.stores.generations import FIRST, Generation

SLOTS_A_STATEMENT = 500


class State(Enum):
    """What the gate says; one byte in its row."""

    WAITING = b"w"
    OPEN = b"o"
    SHUT = b"c"
    SEALED = b"s"


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate as it stands."""

    state: State
    generation: Generation
    manifest: bytes


def prepare(engine: Engine, manifest: Manifest) -> None:
    """Make every slot of the box: for each panel as many as it has voters, each as long as the panel's
    ballots.

    One transaction, so a box is prepared or not. The gate waits; the box is of no generation yet.
    Raises BoxExists if the box is prepared already: nothing is changed then.
    """
    levels = len(manifest.definition.levels)
    with engine.begin() as connection:
        if connection.execute(select(models.gate.c.id)).first() is not None:
            raise BoxExists("this box is prepared already")
        connection.execute(
            insert(models.gate).values(
                id=1, state=State.WAITING.value, generation=FIRST.encode(), manifest=manifest.hash
            )
        )
        slot = 0
        for p, panel in enumerate(manifest.definition.panels):
            contests, last = len(panel.contests), slot + panel.voters
            while slot < last:
                slots = range(slot + 1, min(slot + SLOTS_A_STATEMENT, last) + 1)
                connection.execute(insert(models.head), [_empty_head(s, p, contests) for s in slots])
                empty = bytes(ballot_size(contests, levels))
                connection.execute(insert(models.paper), [{"slot": s, "ballot": empty} for s in slots])
                slot = slots[-1]


def look(engine: Engine) -> Gate:
    """The gate as it stands. Raises BoxNotPrepared."""
    with reading(engine) as connection:
        return read(connection)


def open_polls(engine: Engine) -> None:
    """waiting → open. On an open gate nothing happens; raises PollsClosed once it has been shut."""
    with engine.begin() as connection:
        state = hold(connection).state
        if state in (State.SHUT, State.SEALED):
            raise PollsClosed("a gate that was shut is not opened again")
        if state is State.WAITING:
            _set(connection, State.OPEN)


def shut(engine: Engine) -> None:
    """open → shut; waits for a ballot that is being stored at this moment, and is the last thing it waits
    for.

    On a shut or sealed gate nothing happens. Raises NotOpenYet if the polls never opened.
    """
    with engine.begin() as connection:
        state = hold(connection).state
        if state is State.WAITING:
            raise NotOpenYet("the polls have not opened")
        if state is State.OPEN:
            _set(connection, State.SHUT)


def enter(engine: Engine, entered: Generation) -> None:
    """Let the box be of another generation. On a box that is not prepared nothing happens; may be run
    again.
    """
    with engine.begin() as connection:
        connection.execute(update(models.gate).values(generation=entered.encode()))


def read(connection: Connection) -> Gate:
    """The gate row within a transaction. Raises BoxNotPrepared."""
    row = connection.execute(select(models.gate)).one_or_none()
    if row is None:
        raise BoxNotPrepared("this box is not prepared yet")
    return Gate(State(row.state), Generation.read(row.generation), row.manifest)


def hold(connection: Connection) -> Gate:
    """The gate row, held until the transaction ends: nobody else stores a ballot or moves the gate meanwhile.

    A write that changes nothing takes the lock at once; reading first and writing later could meet another
    writer. In PostgreSQL the transaction began with the store's lock, and a write would leave another version
    of the row for every ballot.
    """
    if connection.dialect.name != "postgresql":
        connection.execute(update(models.gate).values(state=models.gate.c.state))
    return read(connection)


def admit(gate: Gate, manifest: Manifest) -> None:
    """9.1, first check. Raises NotOpenYet, PollsClosed, or ForeignBox for a box of another manifest."""
    own(gate, manifest)
    if gate.state is State.WAITING:
        raise NotOpenYet("the polls have not opened")
    if gate.state is not State.OPEN:
        raise PollsClosed("the polls have closed")


def own(gate: Gate, manifest: Manifest) -> None:
    """Raises ForeignBox for a box of another manifest."""
    if gate.manifest != manifest.hash:
        raise ForeignBox("this box was made for another manifest")


def _set(connection: Connection, state: State) -> None:
    connection.execute(update(models.gate).values(state=state.value))


def _empty_head(slot: int, panel: int, contests: int) -> dict[str, object]:
    return {
        "slot": slot,
        "panel": panel,
        "used": b"\x00",
        "ballot_key": bytes(32),
        "sequence": bytes(4),
        "digest": bytes(32),
        "fingerprints": bytes(2 * contests * FINGERPRINT_BYTES),
    }
