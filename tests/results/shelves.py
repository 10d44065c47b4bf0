"""Shelves without a store: volumes of given years, and an organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from surveys.instants import read_instant
from surveys.organisation.values import Organisation
from surveys.protocol.definition import Visibility
from surveys.results.book import open_book
from surveys.results.publications import Publication
from surveys.results.shelf import Volume
from surveys.results.sums import Sums
from tests.three_years import YEARS, Year, an_organisation, the_year


@dataclass(frozen=True)
class Held:
    """A shelf."""

    held: Sequence[Volume]
    organisation: Organisation

    def volumes(self) -> Sequence[Volume]:
        """The newest first."""
        return sorted(self.held, key=lambda volume: volume.year, reverse=True)

    def standing(self) -> Organisation:
        """The organisation without its people."""
        return replace(self.organisation, people=())


def a_volume(year: Year) -> Volume:
    """A published round."""
    definition = year.manifest.definition
    round_id = definition.round_id
    at = read_instant(f"{definition.year}-11-03T02:30:00Z")
    book = open_book(year.manifest, year.results)
    publication = Publication(round_id, year.results, "bundle.zip", "00" * 32, at)
    return Volume(publication, book, Sums(book), book.preset.level_ids)


@cache
def three(visibility: Visibility = Visibility.HEADS) -> Held:
    """The three years over the small bloc."""
    return Held([a_volume(the_year(year, visibility)) for year in YEARS], an_organisation(2026))
