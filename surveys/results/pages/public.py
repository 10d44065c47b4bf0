"""The public door of the results: the list of rounds, and the result tables of a published round.

Danger: results name people. A round's tables are shown here only where its definition says `visibility`
public; every other round stands in the list and says that its results are not public.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from surveys.handbook.contents import titles
from surveys.names import RoundId, UnitCode
from surveys.pictures.drawing import Figure
from surveys.protocol.manifest import Definition
from surveys.results.book import Book
from surveys.results.charts.levels import levels_figure
from surveys.results.finding import matches
from surveys.results.shelf import PublicShelf, Volume
from surveys.results.sums import Seen, Sums
from surveys.rounds.ledger import Heading
from surveys.rules.denominators import LABELS
from surveys.rules.preset import Preset, Words, names
from surveys.shipped import HANDBOOK
from surveys.web import fields
from surveys.web.doors import Audience, Door, Pages, render
from surveys.web.languages import Voice, current, voice

CONTESTS_A_PAGE = 12


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round in the list; `preset` is the rule's title."""

    heading: Heading
    title: Words
    preset: Words
    published: bool


@dataclass(frozen=True, slots=True)
class RoundsPage:
    """The first page: what this is, the list of rounds, and the handbooks (name → title)."""

    rounds: tuple[RoundLine, ...]
    handbooks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ContestBlock:
    """One contest: `place` is its unit and the units above it; no `figure` where it is withheld or nobody is
    in the denominator.
    """

    seen: Seen
    place: str
    figure: Figure | None


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """A unit in the filter."""

    code: UnitCode
    label: str


@dataclass(frozen=True, slots=True)
class Search:
    """What the visitor asked for."""

    words: str
    unit: UnitCode
    page: int


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """A page of result tables: `found` contests match, `pages` pages of them, and these are on this one."""

    title: Words
    definition: Definition
    preset: Preset
    denominator: Words
    published_at: datetime
    bundle_sha256: str
    units: tuple[UnitChoice, ...]
    search: Search
    found: int
    pages: int
    contests: tuple[ContestBlock, ...]


RESULTS_PAGES = Pages()


@RESULTS_PAGES.get("/")
def list_rounds(shelf: PublicShelf) -> Response:
    lines = tuple(_line(heading, published) for heading, published in shelf.rounds())
    return render("results/rounds.html", RoundsPage(lines, titles(HANDBOOK, current().value)))


@RESULTS_PAGES.get("/rounds/<round_id>", keeps=frozenset({"q", "unit", "page"}))
def show_results(shelf: PublicShelf, round_id: RoundId) -> Response:
    search = Search(
        words=fields.text(request.args, "q", 100),
        unit=UnitCode(fields.text(request.args, "unit", 100)),
        page=fields.number(request.args, "page", low=1, high=100_000, absent=1),
    )
    return render("results/round.html", results_page(shelf.open(round_id), search, voice()))


def door(shelf: PublicShelf) -> Door:
    """The pages over this shelf."""
    entrance = Door("results", Audience.PUBLIC)
    entrance.open_to(RESULTS_PAGES, shelf)
    return entrance


def results_page(volume: Volume, search: Search, speaker: Voice) -> ResultsPage:
    """The page that answers a search. A page number beyond the last one shows the last one."""
    book = volume.book
    found = _found(volume.sums, search)
    pages = max(1, -(-len(found) // CONTESTS_A_PAGE))
    page = min(search.page, pages)
    here = found[(page - 1) * CONTESTS_A_PAGE : page * CONTESTS_A_PAGE]
    definition = book.definition
    return ResultsPage(
        title=definition.title,
        definition=definition,
        preset=book.preset,
        denominator=LABELS[book.preset.denominator],
        published_at=volume.publication.published_at,
        bundle_sha256=volume.publication.bundle_sha256,
        units=_choices(book),
        search=Search(search.words, search.unit, page),
        found=len(found),
        pages=pages,
        contests=tuple(_block(seen, book, speaker) for seen in here),
    )


def _line(heading: Heading, published: bool) -> RoundLine:
    known = heading.preset in names()
    preset: Words = (
        Preset.load(heading.preset).title if known else {"vi": heading.preset, "en": heading.preset}
    )
    return RoundLine(heading, heading.title, preset, published)


def _block(seen: Seen, book: Book, speaker: Voice) -> ContestBlock:
    place = " · ".join(unit.name for unit in book.path(seen.unit))
    return ContestBlock(seen, place, levels_figure(speaker, book.preset, seen))


def _choices(book: Book) -> tuple[UnitChoice, ...]:
    """The root and the units right below it, as far as anybody in them was voted on."""
    top = {book.path(entry.unit)[-1].code for entry in book.entries}
    return tuple(UnitChoice(unit.code, unit.name) for unit in book.units.values() if unit.code in top)


def _found(sums: Sums, search: Search) -> list[Seen]:
    within = _within(sums.book, search.unit)
    return [seen for seen in sums.contests if seen.unit.code in within and matches(search.words, seen)]


def _within(book: Book, unit: UnitCode) -> frozenset[UnitCode]:
    """The units a filter means: all, the root alone, or a unit with all below it."""
    if unit == "":
        return frozenset(book.units)
    return frozenset({unit}) if unit == book.root.code else book.subtree(unit)
