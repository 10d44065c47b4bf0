"""The turnout map: who returned a ballot, unit by unit, as far as published results say it."""

from __future__ import annotations

from dataclasses import dataclass

from surveys.names import NO_ROUND, RoundId, UnitCode
from surveys.protocol.manifest import Unit
from surveys.results.leaders import RoundFacts, facts
from surveys.results.shelf import Shelf
from surveys.results.sums import Turnout
from surveys.results.units import children, open_unit
from surveys.results.visibility import Reader


@dataclass(frozen=True, slots=True)
class Tile:
    """A unit on the map; `has_below` where one can go further down."""

    turnout: Turnout
    has_below: bool


@dataclass(frozen=True, slots=True)
class TurnoutPage:
    """A unit's turnout, and that of the units right below it."""

    round: RoundFacts
    unit: Unit
    whole: Turnout
    tiles: tuple[Tile, ...]


def figures_for_turnout(
    shelf: Shelf, reader: Reader, code: UnitCode, round_id: RoundId = NO_ROUND
) -> TurnoutPage:
    """The map of a unit. Raises as `units.figures_for_unit`. Reads only."""
    volume, unit = open_unit(shelf, reader, code, round_id)
    sums = volume.sums
    below = tuple(each for each in children(volume, unit) if sums.turnout(each.code).summoned)
    tiles = tuple(Tile(sums.turnout(each.code), bool(children(volume, each))) for each in below)
    return TurnoutPage(facts(volume), unit, sums.turnout(unit.code), tiles)
