"""Where published rounds stand to be read: the list of rounds, and each published round opened once.

What is published never changes, so an opened volume is kept. Danger: results name people. `PublicShelf.open`
refuses every round whose definition does not say `visibility` public; `StaffShelf` opens all of them, and
whoever reads from it must ask `visibility` what the reader may see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from surveys.instants import Instant
from surveys.names import RoundId
from surveys.organisation.standing import load_standing
from surveys.organisation.values import Organisation
from surveys.protocol.definition import Visibility
from surveys.results import publications as ledger
from surveys.results.book import Book, open_book
from surveys.results.errors import NothingPublished, NotPublic, NotPublished
from surveys.results.publications import Publication
from surveys.results.sums import Sums
from surveys.rounds import ledger as rounds
from surveys.rounds.ledger import Heading
from surveys.stores.store import Store

BOOKS_KEPT = 4


@dataclass(frozen=True, slots=True)
class Volume:
    """A published round, opened: the book, its sums, and the ids of its levels."""

    publication: Publication
    book: Book
    sums: Sums
    levels: tuple[str, ...]

    @property
    def round_id(self) -> RoundId:
        """The round's id."""
        return self.publication.round_id

    @property
    def year(self) -> int:
        """The round's year."""
        return self.book.definition.year


class Shelf(Protocol):
    """What the verbs of this room read from."""

    def volumes(self) -> Sequence[Volume]:
        """Every published round, the newest first."""

    def standing(self) -> Organisation:
        """The organisation as it stands now, without its people."""


class PublicShelf:
    """Rounds for everybody. Reads only; a parsed book is kept as long as there is room for it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept = lru_cache(maxsize=BOOKS_KEPT)(self._read)

    def rounds(self) -> tuple[tuple[Heading, bool], ...]:
        """All rounds, newest year first, and whether their results are published."""
        published = ledger.published_rounds(self._store.engine)
        return tuple(
            (heading, heading.round_id in published) for heading in rounds.headings(self._store.engine)
        )

    def open(self, round_id: RoundId) -> Volume:
        """A published round for everybody. Raises NoSuchRound, NotPublic, NotPublished, in this order."""
        return self._kept(round_id)

    def _read(self, round_id: RoundId) -> Volume:
        held = rounds.find(self._store, round_id)
        if held.definition.visibility != Visibility.PUBLIC:
            raise NotPublic(round_id)
        return open_volume(self._store, round_id)


class StaffShelf:
    """All published rounds, whoever they are for, each opened once and kept; and the organisation as it
    stands.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._opened: dict[RoundId, Volume] = {}

    def volumes(self) -> tuple[Volume, ...]:
        """Every published round, the newest first: by year, then by the instant of opening."""
        for round_id in ledger.published_rounds(self._store.engine) - set(self._opened):
            self._opened[round_id] = open_volume(self._store, round_id)
        newest = sorted(self._opened.values(), key=_age, reverse=True)
        return tuple(newest)

    def standing(self) -> Organisation:
        """The organisation as it stands now: it may be imported anew at any time, so it is read each time."""
        return load_standing(self._store)


def open_volume(store: Store, round_id: RoundId) -> Volume:
    """A published round, read and added up. Raises NoSuchRound, NotPublished, ForeignResults."""
    publication = ledger.find(store, round_id)
    manifest = rounds.find(store, round_id).manifest
    if manifest is None:
        raise NotPublished(round_id)
    book = open_book(manifest, publication.results)
    return Volume(publication, book, Sums(book), book.preset.level_ids)


def find(shelf: Shelf, round_id: RoundId) -> Volume:
    """The volume of a round; of the newest year's largest round where `survey` is empty. Raises NotPublished,
    NothingPublished.
    """
    if round_id == "":
        return of_years(shelf)[0]
    for volume in shelf.volumes():
        if volume.round_id == round_id:
            return volume
    raise NotPublished(round_id)


def of_years(shelf: Shelf) -> tuple[Volume, ...]:
    """One volume for each year, the newest first: the round with most contests (a year may have a small
    try-out besides).

    Raises NothingPublished.
    """
    chosen: dict[int, Volume] = {}
    for volume in shelf.volumes():
        held = chosen.get(volume.year)
        if held is None or len(volume.book.entries) > len(held.book.entries):
            chosen[volume.year] = volume
    if not chosen:
        raise NothingPublished
    return tuple(chosen[year] for year in sorted(chosen, reverse=True))


def _age(volume: Volume) -> tuple[int, Instant, str]:
    return volume.year, volume.book.definition.opens, volume.round_id
