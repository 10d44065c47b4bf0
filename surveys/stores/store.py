"""A store together with the keys of its sealed columns: what a verb is given that reads or writes them.

Danger: who is handed one of these can open every name in it. A verb that touches no sealed column is handed
the engine alone.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from surveys.names import RoundId
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines, reading


@dataclass(frozen=True, slots=True)
class Store:
    """One store and the keys of its sealed columns."""

    engine: Engine
    keyring: Keyring

    def begin(self) -> AbstractContextManager[Connection]:
        """One transaction that may write; whoever else wants to write waits until it ends."""
        return self.engine.begin()

    def reading(self) -> Connection:
        """A connection that only reads, and so waits for nobody who writes."""
        return reading(self.engine)


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores of an instance and the keys that all their sealed columns share."""

    engines: Engines
    keyring: Keyring

    @property
    def app(self) -> Store:
        """Organisation, rounds, committee, results, staff."""
        return Store(self.engines.app, self.keyring)

    def roll(self, round_id: RoundId) -> Store:
        """The roll of one survey: the voters' codes and the token keys are sealed in it."""
        return Store(self.engines.roll(round_id), self.keyring)

    def box(self, round_id: RoundId) -> Store:
        """The box of one survey: its own key is sealed in it."""
        return Store(self.engines.box(round_id), self.keyring)

    def close(self) -> None:
        """Let go of all files."""
        self.engines.close()
