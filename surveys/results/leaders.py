"""One leader's page: their contests of a round against the rule's thresholds, by unit, and earlier years
(docs/protocol.md 13.2, 13.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from surveys.names import NO_ROUND, PersonCode, RoundId
from surveys.protocol.manifest import Unit
from surveys.results.book import Book, Words
from surveys.results.errors import NoSuchLeader
from surveys.results.shelf import Shelf, Volume, find
from surveys.results.sums import Seen, UnitFigures
from surveys.results.thresholds import Consequence, consequences
from surveys.results.visibility import Reader, check_contest, may_see
from surveys.results.years import PersonYear, Step, Years, steps
from surveys.rules.denominators import LABELS
from surveys.rules.preset import Preset


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """What a page says of the round that its figures come from."""

    round_id: RoundId
    title: Words
    year: int
    organisation: str
    preset: Preset
    denominator: Words
    k: int
    time_zone: str
    published_at: datetime
    bundle_sha256: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A consequence of the rule, and whether it is the one that this result has."""

    consequence: Consequence
    held: bool


@dataclass(frozen=True, slots=True)
class ContestPage:
    """One contest in full: `path` is its unit and the units above it, the nearest first."""

    seen: Seen
    path: tuple[Unit, ...]
    rules: tuple[Rule, ...]
    by_unit: tuple[UnitFigures, ...]


@dataclass(frozen=True, slots=True)
class TrendPage:
    """A person's results over the years, the oldest first, with the steps between them."""

    person: PersonCode
    name: str
    preset: Preset
    years: tuple[PersonYear, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class LeaderPage:
    """A leader's page. `contests`: those of this round that the reader may see, at least one."""

    round: RoundFacts
    name: str
    contests: tuple[ContestPage, ...]
    trend: TrendPage


def figures_for_leader(
    shelf: Shelf, reader: Reader, person: PersonCode, round_id: RoundId = NO_ROUND
) -> LeaderPage:
    """The page of a leader in a round (the newest where `survey` is empty). Reads only.

    Raises, in this order: NothingPublished or NotPublished, NoSuchLeader, then OnlyForTheLeader, OnlyForHeads
    or OnlyForTheUnit where the reader may see none of this person's contests.
    """
    volume = find(shelf, round_id)
    theirs = [seen for seen in volume.sums.contests if seen.person == person]
    if not theirs:
        raise NoSuchLeader(person)
    held = [seen for seen in theirs if may_see(reader, volume.sums, seen)]
    if not held:
        check_contest(reader, volume.sums, theirs[0])
    contests = tuple(contest_page(volume, seen) for seen in held)
    return LeaderPage(facts(volume), theirs[0].name, contests, trend(shelf, reader, person, theirs[0].name))


def trend(shelf: Shelf, reader: Reader, person: PersonCode, name: str) -> TrendPage:
    """A person's results over the years, as far as the reader may see them. Raises NothingPublished."""
    held = Years(shelf, reader)
    theirs = held.of_person(person)
    return TrendPage(person, name, held.preset, theirs, steps(theirs))


def contest_page(volume: Volume, seen: Seen) -> ContestPage:
    """A contest in full, for whoever may see it."""
    book = volume.book
    raised = {seen.outcome.id if seen.outcome else "", *(flag.id for flag in seen.watch)}
    rules = tuple(Rule(each, each.rule.id in raised) for each in consequences(book.preset))
    return ContestPage(seen, book.path(seen.unit), rules, volume.sums.by_unit(seen.number))


def facts(volume: Volume) -> RoundFacts:
    """What is said of a volume's round."""
    book: Book = volume.book
    definition = book.definition
    return RoundFacts(
        round_id=volume.round_id,
        title=definition.title,
        year=definition.year,
        organisation=definition.organisation,
        preset=book.preset,
        denominator=LABELS[book.preset.denominator],
        k=definition.k,
        time_zone=definition.time_zone,
        published_at=volume.publication.published_at,
        bundle_sha256=volume.publication.bundle_sha256,
    )
