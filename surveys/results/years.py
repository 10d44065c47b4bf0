"""A leader's result in one year, from a published round or from paper, in one form that years can be compared
in.

Danger: a result of fewer than k ballots tells how a few people voted, on paper as well: it is hidden. One
that all but agrees is a range. So every year is made of shown values, and a difference of two years is a
range where one of them is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from surveys.names import PersonCode, RoundId, UnitCode
from surveys.organisation.values import Organisation, PaperResult
from surveys.results.book import Book, Verdict
from surveys.results.ranges import Portion, Range
from surveys.results.shelf import Shelf, Volume, of_years
from surveys.results.shown import all_but_agree, bands
from surveys.results.sums import Seen
from surveys.results.visibility import Reader, may_see, may_see_paper
from surveys.results.why import Hidden
from surveys.rules.denominators import denominator
from surveys.rules.outcomes import FROZEN, NO_QUORUM
from surveys.rules.preset import Preset

PAPER_LEVELS = ("high", "plain", "low")


@dataclass(frozen=True, slots=True)
class PersonYear:
    """One result of a person: `survey` None for paper; `marks` by level and then not marked, None with the
    reason.
    """

    year: int
    round_id: RoundId | None
    person: PersonCode
    unit: UnitCode
    unit_name: str
    titles: tuple[str, ...]
    returned: int | None
    denominator: str
    n: int
    marks: tuple[Range, ...] | None
    outcome: Verdict | None
    watch: tuple[Verdict, ...]
    hidden: Hidden | None

    @property
    def effective(self) -> bool:
        """Whether something follows from the result at all: no leader excluded after opening, quorum met."""
        return self.outcome is None or self.outcome.id not in (FROZEN, NO_QUORUM)

    def portion(self, level: int) -> Portion | None:
        """The share at a level; None where it is hidden."""
        return None if self.marks is None else self.marks[:-1][level].of_n(self.n)


@dataclass(frozen=True, slots=True)
class Step:
    """From one year to the next: the change of each level's share, or why there is none; `moved` to another
    post or unit.
    """

    earlier: PersonYear
    later: PersonYear
    changes: tuple[Portion, ...] | None
    hidden: Hidden | None
    moved: bool


def of_round(volume: Volume, seen: Seen, reader: Reader, levels: tuple[str, ...]) -> PersonYear:
    """A contest as a year of its leader; hidden where the reader may not see it, or where other levels were
    marked.
    """
    hidden = None
    if not may_see(reader, volume.sums, seen):
        hidden = Hidden.UNSEEN
    elif volume.levels != levels:
        hidden = Hidden.LEVELS
    elif seen.marks is None:
        hidden = Hidden.WITHHELD
    told = hidden is not Hidden.UNSEEN
    return PersonYear(
        year=volume.year,
        round_id=volume.round_id,
        person=seen.person,
        unit=seen.unit.code,
        unit_name=seen.unit.name,
        titles=seen.titles,
        returned=seen.returned if told else None,
        denominator=seen.denominator,
        n=seen.n,
        marks=None if hidden else seen.marks,
        outcome=seen.outcome if told else None,
        watch=seen.watch if told else (),
        hidden=hidden,
    )


def of_paper(result: PaperResult, name: str, preset: Preset, k: int) -> PersonYear:
    """A paper result under the denominator of this rule; hidden under k ballots, a range where it all but
    agrees.
    """
    n, hidden = 0, None
    marks: tuple[Range, ...] | None = None
    if preset.level_ids != PAPER_LEVELS:
        hidden = Hidden.LEVELS
    elif result.returned < k:
        hidden = Hidden.SMALL
    elif preset.denominator == "summoned" and result.summoned is None:
        hidden = Hidden.UNKNOWN
    else:
        n = denominator(preset, returned=result.returned, summoned=result.summoned or 0).n
        counts = (result.high, result.plain, result.low, result.not_marked)
        if all_but_agree(counts):
            marks = tuple(band.of(result.returned) for band in bands(counts))
        else:
            marks = tuple(map(Range.of, counts))
    return PersonYear(
        year=result.year,
        round_id=None,
        person=result.person,
        unit=result.unit,
        unit_name=name,
        titles=(),
        returned=None if hidden is Hidden.SMALL else result.returned,
        denominator=preset.denominator,
        n=n,
        marks=marks,
        outcome=None,
        watch=(),
        hidden=hidden,
    )


def step(earlier: PersonYear, later: PersonYear) -> Step:
    """The change between two results of one person."""
    moved = earlier.unit != later.unit or bool(
        earlier.titles and later.titles and not set(earlier.titles) & set(later.titles)
    )
    hidden = later.hidden or earlier.hidden
    if hidden is None and earlier.denominator != later.denominator:
        hidden = Hidden.DENOMINATOR
    if hidden is None and not (earlier.effective and later.effective):
        hidden = Hidden.EFFECT
    changes = None
    if hidden is None and earlier.marks is not None and later.marks is not None:
        pairs = [(later.portion(i), earlier.portion(i)) for i in range(len(later.marks) - 1)]
        changes = tuple(now - then for now, then in pairs if now is not None and then is not None)
        if len(changes) < len(pairs):
            changes, hidden = None, Hidden.NOBODY
    return Step(earlier, later, changes, hidden, moved)


class Years:
    """All years of all leaders that a shelf holds, as one reader may see them, under the newest round's rule.

    Paper results stand only where no published round says the same; where a year has two rounds, the largest
    counts.
    """

    def __init__(self, shelf: Shelf, reader: Reader, standing: Organisation | None = None) -> None:
        """Raises NothingPublished."""
        self.volumes = of_years(shelf)
        newest = self.volumes[0].book
        self.preset, self.k = newest.preset, newest.definition.k
        self._reader, self._newest = reader, newest
        self.standing = shelf.standing() if standing is None else standing
        self._levels = self.preset.level_ids
        self._names = {unit.code: unit.name for unit in self.standing.units}

    def of_person(self, person: PersonCode) -> tuple[PersonYear, ...]:
        """A person's results, the oldest first; those of one year by unit."""
        found = [each for volume in self.volumes for each in self._in_volume(volume, person=person)]
        held = {(each.year, each.unit) for each in found}
        paper = [row for row in self.standing.history if row.person == person]
        found += [each for each in self._on_paper(paper) if (each.year, each.unit) not in held]
        return tuple(sorted(found, key=lambda each: (each.year, each.unit.encode())))

    def of_year(self, year: int) -> Mapping[tuple[PersonCode, UnitCode], PersonYear]:
        """(person, unit) → result, of everybody in a year."""
        paper = self._on_paper(row for row in self.standing.history if row.year == year)
        found = {(each.person, each.unit): each for each in paper}
        for volume in self.volumes:
            if volume.year == year:
                found.update({(each.person, each.unit): each for each in self._in_volume(volume)})
        return found

    def _in_volume(self, volume: Volume, person: PersonCode | None = None) -> list[PersonYear]:
        return [
            of_round(volume, seen, self._reader, self._levels)
            for seen in volume.sums.contests
            if person is None or seen.person == person
        ]

    def _on_paper(self, rows: Iterable[PaperResult]) -> list[PersonYear]:
        return [
            of_paper(row, self._name(row.unit), self.preset, self.k)
            for row in rows
            if may_see_paper(self._reader, self._newest, row)
        ]

    def _name(self, unit: UnitCode) -> str:
        return self._names.get(unit) or _name_in(self._newest, unit)


def steps(years: Iterable[PersonYear]) -> tuple[Step, ...]:
    """The steps of one person: from each result to the same unit's in the year before; where the person was
    voted on in one unit only in both years, also across units. `years` the oldest first.
    """
    by_year: dict[int, list[PersonYear]] = {}
    for each in years:
        by_year.setdefault(each.year, []).append(each)
    found = []
    for year, later in by_year.items():
        earlier = by_year.get(year - 1, [])
        for now in later:
            same = [then for then in earlier if then.unit == now.unit]
            if not same and len(earlier) == len(later) == 1:
                same = earlier
            found += [step(then, now) for then in same]
    return tuple(found)


def _name_in(book: Book, unit: UnitCode) -> str:
    return book.units[unit].name if unit in book.units else unit
