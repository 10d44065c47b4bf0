"""Who is present, and whether papers may be issued (docs/protocol.md 7.3, 13.1).

Per panel issued ≤ present ≤ summoned, at every moment. Numbers only: who is present is written down nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select, update

from surveys.roll import models
from surveys.roll.errors import ImpossibleAttendance, IssuingClosed, NoQuorum, UnknownPanel
from surveys.roll.listing import BLINDED_BYTES
from surveys.roll.state import State
from surveys.rules.preset import Preset
from surveys.rules.quorum import quorum_met

NOT_ASKED = bytes(BLINDED_BYTES)


@dataclass(frozen=True, slots=True)
class PanelAttendance:
    """A panel's numbers: on the roll, present, papers issued; and whether papers are being issued."""

    summoned: int
    present: int
    issued: int
    state: State


def record_present(engine: Engine, panel: int, present: int) -> None:
    """Write down how many of a panel are present; may be corrected until issuing is closed.

    Raises UnknownPanel, IssuingClosed, or ImpossibleAttendance (more than summoned, fewer than have a paper
    already).
    """
    with engine.begin() as connection:
        found = hold(connection, panel)
        if found.state in (State.CLOSED, State.DESTROYED):
            raise IssuingClosed("no more papers are issued in this panel")
        if not found.issued <= present <= found.summoned:
            raise ImpossibleAttendance(panel, present, found.issued, found.summoned)
        connection.execute(
            update(models.panels)
            .where(models.panels.c.panel == panel)
            .values(present=present.to_bytes(4, "big"))
        )


def open_issuing(engine: Engine, panel: int, rule: Preset | None) -> None:
    """Let the registrar issue papers, if as many are present as the rule's quorum asks for; without a rule,
    however many are.

    On an issuing panel nothing happens. Raises UnknownPanel, NoQuorum, or IssuingClosed once it has been
    closed.
    """
    with engine.begin() as connection:
        found = hold(connection, panel)
        if found.state in (State.CLOSED, State.DESTROYED):
            raise IssuingClosed("no more papers are issued in this panel")
        if rule and quorum_met(rule, present=found.present, summoned=found.summoned) is False:
            raise NoQuorum(panel, found.present, found.summoned)
        _set(connection, panel, State.ISSUING)


def close_issuing(engine: Engine) -> None:
    """No more papers in any panel, for good; waits for one that is being issued. Repeating it changes
    nothing.
    """
    with engine.begin() as connection:
        connection.execute(
            update(models.panels)
            .where(models.panels.c.state.in_([State.WAITING.value, State.ISSUING.value]))
            .values(state=State.CLOSED.value)
        )


def attendance(engine: Engine) -> tuple[PanelAttendance, ...]:
    """The numbers of every panel, in order."""
    slip = models.slips.c
    asked = select(slip.panel, func.count()).where(slip.blinded != NOT_ASKED).group_by(slip.panel)
    with engine.connect() as connection:
        papers: dict[int, int] = dict(map(tuple, connection.execute(asked)))
        rows = connection.execute(select(models.panels).order_by(models.panels.c.panel)).all()
    return tuple(
        PanelAttendance(
            row.voters, int.from_bytes(row.present, "big"), papers.get(row.panel, 0), State(row.state)
        )
        for row in rows
    )


def read(connection: Connection, panel: int) -> PanelAttendance:
    """A panel's numbers within a transaction. Raises UnknownPanel."""
    row = connection.execute(select(models.panels).where(models.panels.c.panel == panel)).one_or_none()
    if row is None:
        raise UnknownPanel(panel)
    present = int.from_bytes(row.present, "big")
    return PanelAttendance(row.voters, present, issued(connection, panel), State(row.state))


def issued(connection: Connection, panel: int) -> int:
    """Papers of a panel, counted in its slips."""
    slip = models.slips.c
    return connection.execute(
        select(func.count()).select_from(models.slips).where(slip.panel == panel, slip.blinded != NOT_ASKED)
    ).scalar_one()


def hold(connection: Connection, panel: int) -> PanelAttendance:
    """A panel's numbers, held until the transaction ends. A write that changes nothing takes the lock at
    once; in PostgreSQL the transaction began with the store's lock.
    """
    if connection.dialect.name != "postgresql":
        connection.execute(
            update(models.panels).where(models.panels.c.panel == panel).values(state=models.panels.c.state)
        )
    return read(connection, panel)


def _set(connection: Connection, panel: int, state: State) -> None:
    connection.execute(update(models.panels).where(models.panels.c.panel == panel).values(state=state.value))
