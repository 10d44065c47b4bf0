"""Instants in a column: a row holds their texts, who reads it gets instants (surveys.instants)."""

from __future__ import annotations

from sqlalchemy import Dialect, String
from sqlalchemy.types import TypeDecorator

from surveys.instants import Instant, instant_text, read_instant

WIDTH = len("2026-11-02T01:00:00Z")


class Moment(TypeDecorator[Instant]):
    """A column of instants. Their texts stand in the order of time, so that rows can be compared by it."""

    impl = String(WIDTH)
    cache_ok = True

    def process_bind_param(self, value: Instant | None, dialect: Dialect) -> str | None:
        """As the row holds it."""
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Instant | None:
        """As its reader gets it. Raises ValueError for what no instant was written as."""
        return None if value is None else read_instant(value)
