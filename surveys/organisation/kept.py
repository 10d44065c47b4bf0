"""The catalogue that pages look things up in: loaded once, kept until the organisation has changed."""

from __future__ import annotations

import threading

from surveys.organisation.catalogue import Catalogue
from surveys.organisation.errors import NoOrganisation
from surveys.organisation.register import Held, load_held, revision
from surveys.stores.store import Store


class Shelf:
    """The catalogue of an instance. The revision in the store tells every process when its own is old."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: tuple[Held, Catalogue] | None = None

    def open(self) -> Catalogue:
        """The whole organisation as it stands. Raises NoOrganisation. Stores nothing."""
        return self._current()[1]

    def held(self) -> Held:
        """The same as a value, with its revision, for verbs that change it. Raises NoOrganisation."""
        return self._current()[0]

    def put(self, held: Held) -> None:
        """What the caller has just made of what stood here: nobody has to load it."""
        catalogue = Catalogue.of(held.organisation, held.revision)
        with self._lock:
            self._kept = held, catalogue

    def _current(self) -> tuple[Held, Catalogue]:
        kept = self._kept
        if kept is not None and kept[0].revision == revision(self._store.engine):
            return kept
        with self._lock:  # of many who come at once, one loads it
            if self._kept is None or self._kept[0].revision != revision(self._store.engine):
                held = load_held(self._store)
                if not held.organisation.units:
                    self._kept = None
                    raise NoOrganisation
                self._kept = held, Catalogue.of(held.organisation, held.revision)
            return self._kept
