"""Who is there: recorded, looked at, and how many have returned a ballot (docs/protocol.md 7.3, 13.1).

Danger: the numbers of returned ballots are exact here; whoever shows them while polls are open makes them
coarse first.
"""

from __future__ import annotations

from dataclasses import dataclass

from surveys.box.board import returned
from surveys.names import UnitCode
from surveys.protocol.definition import Definition
from surveys.roll import attendance
from surveys.roll.state import State as Issuing
from surveys.rounds.ledger import Round
from surveys.rounds.states import State
from surveys.rules.preset import Preset
from surveys.rules.quorum import quorum_met
from surveys.stages import opening
from surveys.stores.engines import Engines


@dataclass(frozen=True, slots=True)
class PanelThere:
    """A unit at the vote: who is there, whether the rule's quorum holds, whether papers are being issued."""

    panel: int
    unit: UnitCode
    name: str
    summoned: int
    present: int
    quorate: bool
    issuing: bool


def panels_there(engines: Engines, definition: Definition) -> tuple[PanelThere, ...]:
    """Every panel in its order. Stores nothing."""
    rule = Preset.from_json(definition.rule)
    names = {unit.code: unit.name for unit in definition.units}
    numbers = attendance.attendance(engines.roll(definition.round_id))
    return tuple(
        PanelThere(
            p,
            panel.unit,
            names[panel.unit],
            there.summoned,
            there.present,
            quorum_met(rule, present=there.present, summoned=there.summoned) is not False,
            there.state is Issuing.ISSUING,
        )
        for p, (panel, there) in enumerate(zip(definition.panels, numbers, strict=True))
    )


def record_present(engines: Engines, found: Round, panel: int, present: int) -> None:
    """How many of a unit are there; while polls are open papers are issued as soon as the quorum holds. May
    be run again.

    Raises UnknownPanel, ImpossibleAttendance or IssuingClosed; nothing is changed then.
    """
    attendance.record_present(engines.roll(found.round_id), panel, present)
    if found.state is State.OPEN:
        opening.issue_where_quorate(engines, found.definition, [panel])


def ballots_returned(engines: Engines, definition: Definition) -> list[int]:
    """Ballots in the box by panel, exactly."""
    return list(returned(engines.box(definition.round_id), len(definition.panels)))
