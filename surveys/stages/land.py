"""Where units and rounds of an instance lie, for the staff's doors (`surveys.accounts.pages.door.Land`)."""

from __future__ import annotations

from collections.abc import Collection

from surveys.accounts.roles import EVERYWHERE, Role, Staff, Tree, may, require
from surveys.organisation.register import unit_names, unit_tree
from surveys.rounds import ledger
from surveys.stores.engines import Stores


class InstanceLand:
    """Over the app store of an instance."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def parents(self) -> Tree:
        """The units as they stand now."""
        return unit_tree(self._stores.app)

    def units_of(self, staff: Staff, roles: Collection[Role]) -> tuple[tuple[str, str], ...]:
        """(code, name) of the units that one of these roles covers, from the top down: what such an account may choose from."""
        names = unit_names(self._stores.app)
        tree = self.parents()
        return tuple((code, names[code]) for code in from_the_top(tree) if may(staff, roles, code, tree))

    def require(self, staff: Staff, roles: Collection[Role], survey: str) -> None:
        """Raises NotYours unless one of these roles covers the round's top unit, NoSuchRound where there is none."""
        require(staff, roles, self.root_of(survey), self.parents())

    def root_of(self, survey: str) -> str:
        """The top unit of a round or draft; only roles over everything reach one whose unit is not known. Raises NoSuchRound."""
        return ledger.root_of(self._stores.app, survey) or EVERYWHERE


def from_the_top(tree: Tree) -> tuple[str, ...]:
    """The units, each after the one above it, those of one parent by code."""
    children: dict[str | None, list[str]] = {}
    for unit in sorted(tree):
        children.setdefault(tree[unit], []).append(unit)
    found: list[str] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        unit = waiting.pop()
        found.append(unit)
        waiting.extend(reversed(children.get(unit, [])))
    return tuple(found)
