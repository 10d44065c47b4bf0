"""Codes of units as tests write them, plain texts, taken for what the rooms ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from surveys.names import UnitCode

V = TypeVar("V")
S = TypeVar("S", bound=str)


def units(*codes: str) -> tuple[UnitCode, ...]:
    return tuple(map(UnitCode, codes))


def by_unit(given: Mapping[S, V]) -> dict[UnitCode, V]:
    """A number (or whatever it is) for each unit, in the order given."""
    return {UnitCode(code): value for code, value in given.items()}


def tree(given: Mapping[S, S | None]) -> dict[UnitCode, UnitCode | None]:
    """Each unit with the unit above it."""
    return {UnitCode(code): None if above is None else UnitCode(above) for code, above in given.items()}
