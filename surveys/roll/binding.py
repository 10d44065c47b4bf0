"""The roll's generation, by which an older copy of it is recognised (docs/decisions/0041)."""

from __future__ import annotations

from sqlalchemy import Engine, select, update

from surveys.roll import models
from surveys.stores.engines import reading
from surveys.stores.generations import Generation


def generation(engine: Engine) -> Generation:
    """Of which generation the roll is."""
    with reading(engine) as connection:
        return Generation.read(connection.execute(select(models.binding.c.generation)).scalar_one())


def enter(engine: Engine, entered: Generation) -> None:
    """Let it be of another generation. May be run again."""
    with engine.begin() as connection:
        connection.execute(update(models.binding).values(generation=entered.encode()))
