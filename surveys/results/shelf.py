"""Where published rounds stand to be read: the list of rounds, and each published round opened once.

Danger: results name people. `open` refuses every round whose definition does not say `visibility` public.
"""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Engine

from surveys.results import ledger
from surveys.results.book import Book, open_book
from surveys.results.errors import NotPublic, NotPublished
from surveys.results.ledger import Publication
from surveys.rounds import ledger as rounds
from surveys.rounds.ledger import Heading
from surveys.stores.columns import Keyring

BOOKS_KEPT = 4


class PublicShelf:
    """Reads only. What is published never changes, so a parsed book is kept as long as there is room for it."""

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine, self._keyring = engine, keyring
        self._kept = lru_cache(maxsize=BOOKS_KEPT)(self._read)

    def rounds(self) -> tuple[tuple[Heading, bool], ...]:
        """All rounds, newest year first, and whether their results are published."""
        published = ledger.published_surveys(self._engine)
        return tuple((heading, heading.survey in published) for heading in rounds.headings(self._engine))

    def open(self, survey: str) -> tuple[Publication, Book]:
        """A published round for everybody. Raises NoSuchRound, NotPublic, NotPublished, in this order."""
        return self._kept(survey)

    def _read(self, survey: str) -> tuple[Publication, Book]:
        held = rounds.find(self._engine, self._keyring, survey)
        if held.definition.visibility != "public":
            raise NotPublic(survey)
        publication = ledger.find(self._engine, self._keyring, survey)
        if held.manifest is None:
            raise NotPublished(survey)
        return publication, open_book(held.manifest, publication.results)
