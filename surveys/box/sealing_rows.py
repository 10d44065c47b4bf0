"""Sealing of a box that is a schema of a PostgreSQL database: all rows are written anew, in the order of
digests (docs/protocol.md 9.4).

One transaction: either the old rows stand or the new ones. Danger: the old files are unlinked, not
overwritten, and the log of changes holds them until the server reuses it (docs/operations.md); what can be
asked of the database tells no order afterwards.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, Integer, SelectBase, Table, func, select, update

from surveys.box import gate, models
from surveys.box.errors import GateStillOpen
from surveys.box.gate import State
from surveys.box.sealed import AT_ONCE, checked_paper
from surveys.protocol.manifest import Manifest
from surveys.stores.postgres import rewrite


def _sealed_rows() -> dict[Table, SelectBase]:
    head, paper = models.head.c, models.paper.c
    used = func.get_byte(head.used, 0) == 1
    slot = func.row_number().over(order_by=head.digest).cast(Integer).label("slot")
    return {
        models.gate: select(models.gate),
        models.box_key: select(models.box_key),
        models.head: select(*(slot if each.name == "slot" else each for each in head)).where(used),
        models.paper: select(slot, paper.ballot).join(models.head, head.slot == paper.slot).where(used),
    }


def seal_rows(engine: Engine, manifest: Manifest) -> None:
    """Seal the box; on a sealed one nothing happens. Raises what `sealing.seal` raises, and then nothing was
    changed.
    """
    with engine.begin() as connection:
        found = gate.hold(connection)
        gate.own(found, manifest)
        if found.state in (State.WAITING, State.OPEN):
            raise GateStillOpen("shut the gate before sealing")
        if found.state is State.SHUT:
            _check(connection)
            connection.execute(update(models.gate).values(state=State.SEALED.value))
            rewrite(connection, _sealed_rows())


def _check(connection: Connection) -> None:
    column, last = models.head.c, 0
    used = select(column.slot, column.digest).where(column.used == b"\x01").order_by(column.slot)
    while heads := connection.execute(used.where(column.slot > last).limit(AT_ONCE)).all():
        for head in heads:
            checked_paper(connection, head)
        last = heads[-1].slot
