"""The catalogue that pages look things up in: loaded once, kept until the organisation has changed."""

from __future__ import annotations

import threading

from sqlalchemy import Engine

from surveys.organisation.catalogue import Catalogue
from surveys.organisation.errors import NoOrganisation
from surveys.organisation.register import load_held, revision
from surveys.stores.columns import Keyring


class Shelf:
    """The catalogue of an instance. The revision in the store tells every process when its own is old."""

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine, self._keyring = engine, keyring
        self._lock = threading.Lock()
        self._kept: Catalogue | None = None

    def open(self) -> Catalogue:
        """The organisation as it stands. Raises NoOrganisation. Stores nothing."""
        kept, now = self._kept, revision(self._engine)
        if kept is not None and kept.revision == now:
            return kept
        with self._lock:  # of many who come at once, one loads it
            if self._kept is None or self._kept.revision != revision(self._engine):
                held = load_held(self._engine, self._keyring)
                self._kept = (
                    Catalogue.of(held.organisation, held.revision) if held.organisation.units else None
                )
            if self._kept is None:
                raise NoOrganisation
            return self._kept
