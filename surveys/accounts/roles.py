"""Roles over units and everything below them: who may do what where (docs/operations.md, "Staff").

Danger: whoever asks only for the role and forgets the unit lets an organizer of one committee into another;
so both are asked in one verb, `require`, and pages get it from their door.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from surveys.accounts.errors import NotYours
from surveys.names import PersonCode, UnitCode

EVERYWHERE = UnitCode("*")
MAX_DEPTH = 100
Tree = Mapping[UnitCode, UnitCode | None]
"""Unit → its parent, None for the root."""


class Role(StrEnum):
    """What somebody is to a unit and all below it."""

    ORGANIZER = "organizer"
    COMMITTEE_HEAD = "committee_head"
    LEADER = "leader"
    AUTHORITY = "authority"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role over a unit (`*`: the whole organisation) and all below it."""

    role: Role
    unit: UnitCode


@dataclass(frozen=True, slots=True)
class Staff:
    """An account as others see it. `person` is the code of the leader it belongs to, in the organisation."""

    id: str
    name: str
    email: str
    person: PersonCode | None
    active: bool
    grants: tuple[Grant, ...]

    def has(self, roles: Collection[Role]) -> bool:
        """Whether the account has one of these roles anywhere."""
        return any(grant.role in roles for grant in self.grants)

    def units(self, roles: Collection[Role]) -> frozenset[UnitCode]:
        """The units over which it has one of these roles."""
        return frozenset(grant.unit for grant in self.grants if grant.role in roles)


def covers(tree: Tree, above: UnitCode, unit: UnitCode) -> bool:
    """Whether `above` is the unit, stands above it, or is everything."""
    if above == EVERYWHERE:
        return True
    at: UnitCode | None = unit
    for _ in range(MAX_DEPTH):
        if at == above:
            return True
        if at is None:
            return False
        at = tree.get(at)
    return False


def may(staff: Staff, roles: Collection[Role], unit: UnitCode, tree: Tree) -> bool:
    """Whether one of these roles covers the unit."""
    return any(covers(tree, above, unit) for above in staff.units(roles))


def require(staff: Staff, roles: Collection[Role], unit: UnitCode, tree: Tree) -> None:
    """Raises NotYours unless one of these roles covers the unit."""
    if not may(staff, roles, unit, tree):
        raise NotYours(tuple(sorted(roles)), unit)


def touches(staff: Staff, roles: Collection[Role], unit: UnitCode, tree: Tree) -> bool:
    """Whether one of these roles covers the unit, or some unit below it."""
    return any(covers(tree, above, unit) or covers(tree, unit, above) for above in staff.units(roles))


def require_touching(staff: Staff, roles: Collection[Role], unit: UnitCode, tree: Tree) -> None:
    """Raises NotYours unless one of these roles covers the unit or some unit below it."""
    if not touches(staff, roles, unit, tree):
        raise NotYours(tuple(sorted(roles)), unit)


def within(
    units: Iterable[UnitCode], staff: Staff, roles: Collection[Role], tree: Tree
) -> tuple[UnitCode, ...]:
    """Those of these units that one of the roles covers, in their order."""
    held = staff.units(roles)
    return tuple(unit for unit in units if any(covers(tree, above, unit) for above in held))


def meet(held: Iterable[Grant], other: Iterable[Grant], tree: Tree) -> tuple[Grant, ...]:
    """What both give: of two grants of one role the one over the lower unit, where one unit covers
    the other.
    """
    others = tuple(other)
    found = {
        Grant(each.role, each.unit if covers(tree, more.unit, each.unit) else more.unit)
        for each in held
        for more in others
        if each.role is more.role
        and (covers(tree, more.unit, each.unit) or covers(tree, each.unit, more.unit))
    }
    return tuple(sorted(found))
