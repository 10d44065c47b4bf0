"""Where units and rounds of an instance lie, for the staff's doors
(`surveys.accounts.pages.door.AccessScope`).
"""

from __future__ import annotations

from collections.abc import Collection

from surveys.accounts.roles import EVERYWHERE, Role, Staff, Tree, may, require
from surveys.names import RoundId, UnitCode
from surveys.organisation.register import unit_names, unit_tree
from surveys.rounds import ledger
from surveys.stores.engines import Engines


class InstanceScope:
    """Over the app store of an instance."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def parents(self) -> Tree:
        """The units as they stand now."""
        return unit_tree(self._engines.app)

    def units_of(self, staff: Staff, roles: Collection[Role]) -> tuple[tuple[UnitCode, str], ...]:
        """(code, name) of the units that one of these roles covers, from the top down: what such an account
        may choose from.
        """
        names = unit_names(self._engines.app)
        tree = self.parents()
        return tuple((code, names[code]) for code in from_the_top(tree) if may(staff, roles, code, tree))

    def require(self, staff: Staff, roles: Collection[Role], round_id: RoundId) -> None:
        """Raises NotYours unless one of these roles covers the round's top unit, NoSuchRound where there is
        none.
        """
        require(staff, roles, self.root_of(round_id), self.parents())

    def root_of(self, round_id: RoundId) -> UnitCode:
        """The top unit of a round or draft; only roles over everything reach one whose unit is not known.
        Raises NoSuchRound.
        """
        return ledger.root_of(self._engines.app, round_id) or EVERYWHERE


def from_the_top(tree: Tree) -> tuple[UnitCode, ...]:
    """The units, each after the one above it, those of one parent by code."""
    children: dict[UnitCode | None, list[UnitCode]] = {}
    for unit in sorted(tree):
        children.setdefault(tree[unit], []).append(unit)
    found: list[UnitCode] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        unit = waiting.pop()
        found.append(unit)
        waiting.extend(reversed(children.get(unit, [])))
    return tuple(found)
