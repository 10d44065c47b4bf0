"""The only place where counts are added after publication (docs/protocol.md 13.2): contests, units, turnout,
aggregates.

Made once for a published round; everything a page shows afterwards is read from here. Danger: pages must tell
no more than `surveys.results.shown` allows. So exact figures end here: `Seen` holds what may be shown of a
contest, ranges where a group all but agrees, and every later sum is a function of `Seen` values alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from surveys.names import PersonCode, UnitCode
from surveys.protocol.manifest import Unit
from surveys.results.book import Book, Count, Entry, Verdict, Words
from surveys.results.errors import ForeignResults
from surveys.results.ranges import NOTHING, Portion, Range, total
from surveys.results.shown import Band, Row, shown
from surveys.results.why import Hidden
from surveys.rules.atoms import Atom, publishable_units
from surveys.rules.outcomes import FROZEN, NO_QUORUM, NONE


@dataclass(frozen=True, slots=True)
class Seen:
    """What may be shown of one contest: `marks` by level in order and then not marked, None where it is
    withheld.

    `bands` are there where the whole contest all but agrees; `marks` are then the ranges that they mean.
    """

    number: int
    person: PersonCode
    name: str
    titles: tuple[str, ...]
    unit: Unit
    summoned: int
    present: int | None
    issued: int | None
    returned: int | None
    denominator: str
    n: int
    marks: tuple[Range, ...] | None
    bands: tuple[Band, ...] | None
    groups: tuple[Row, ...]
    outcome: Verdict | None
    watch: tuple[Verdict, ...]
    withheld: Words | None

    @property
    def exact(self) -> bool:
        """Whether the counts are shown as they are."""
        return self.marks is not None and self.bands is None

    @property
    def effective(self) -> bool:
        """Whether the contest counts in aggregates: not withheld, no leader excluded after opening, quorum
        met.
        """
        return self.outcome is not None and self.outcome.id not in (FROZEN, NO_QUORUM)

    @property
    def follows(self) -> bool:
        """Whether the rule draws something from the result: an outcome or a watch flag."""
        return self.effective and self.outcome is not None and (self.outcome.id != NONE or bool(self.watch))

    def portion(self, level: int) -> Portion | None:
        """The share of the rule's denominator at the level with this index (-1: the lowest); None where there
        is none.
        """
        return None if self.marks is None else self.marks[:-1][level].of_n(self.n)


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """A contest's marks in one unit and all below it; `marks` None with the reason in `hidden`."""

    unit: Unit
    depth: int
    summoned: int
    returned: int | None
    marks: tuple[Range, ...] | None
    bands: tuple[Band, ...] | None
    hidden: Hidden | None


@dataclass(frozen=True, slots=True)
class Turnout:
    """Who came, in a unit and all below it: what the published results say of it. `returned` None with the
    reason.
    """

    unit: Unit
    summoned: int
    present: int | None
    issued: int | None
    returned: int | None
    hidden: Hidden | None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Several contests together: marks by level, then not marked, of the sum `n` of the denominators.

    `leaders` were counted; left out were `withheld` ones and those `without_effect` (excluded after opening,
    no quorum).
    """

    leaders: int
    withheld: int
    without_effect: int
    n: int
    marks: tuple[Range, ...]

    def portion(self, level: int) -> Portion | None:
        """The share at the level with this index; None where nothing was counted."""
        return self.marks[:-1][level].of_n(self.n) if self.marks else None


def over(contests: Iterable[Seen]) -> Aggregate:
    """The aggregate of these contests, from what is shown of each and nothing else. All must be of
    one rule.
    """
    held = tuple(contests)
    counted = [seen for seen in held if seen.effective and seen.marks is not None]
    columns = zip(*(seen.marks for seen in counted if seen.marks is not None), strict=True)
    return Aggregate(
        leaders=len(counted),
        withheld=sum(seen.marks is None for seen in held),
        without_effect=sum(seen.marks is not None and not seen.effective for seen in held),
        n=sum(seen.n for seen in counted),
        marks=tuple(total(column) for column in columns),
    )


def _seen(entry: Entry) -> Seen:
    contest, count = entry.contest, entry.count
    if count is None:
        marks: tuple[Range, ...] | None = None
        bands: tuple[Band, ...] | None = None
        rows: tuple[Row, ...] = ()
    else:
        _must_add_up(entry, count)
        may_show = shown(count)
        marks, bands, rows = _marks(may_show.total), may_show.total.bands, may_show.groups
    return Seen(
        number=entry.number,
        person=contest.person,
        name=contest.name,
        titles=contest.titles,
        unit=entry.unit,
        summoned=entry.summoned,
        present=None if count is None else count.present,
        issued=None if count is None else count.issued,
        returned=None if count is None else count.returned,
        denominator="" if count is None else count.denominator,
        n=0 if count is None else count.n,
        marks=marks,
        bands=bands,
        groups=rows,
        outcome=None if count is None else count.outcome,
        watch=() if count is None else count.watch,
        withheld=entry.withheld,
    )


def _must_add_up(entry: Entry, count: Count) -> None:
    """The total is the sum of the atoms, and the denominator the rule's. Anything else is no result of this
    system.
    """
    by_atom = [sum(column) for column in zip(*(group.counts for group in count.groups), strict=True)]
    returned = sum(group.returned for group in count.groups)
    unmarked = sum(group.not_marked for group in count.groups)
    n = {"returned": count.returned, "summoned": entry.summoned}.get(count.denominator)
    if (tuple(by_atom), returned, unmarked, n) != (count.counts, count.returned, count.not_marked, count.n):
        raise ForeignResults(f"results.contests[{entry.number - 1}]")


def _marks(row: Row) -> tuple[Range, ...] | None:
    """The ranges of a row: known counts, or what its bands mean; None where it is hidden."""
    if row.counts is not None:
        return tuple(map(Range.of, row.counts))
    return None if row.bands is None else tuple(band.of(row.returned) for band in row.bands)


class Sums:
    """The sums of one book. Immutable: what has been computed once is kept."""

    def __init__(self, book: Book) -> None:
        """Raises ForeignResults where a total is not the sum of its atoms."""
        self.book = book
        self.contests = tuple(_seen(entry) for entry in book.entries)
        self.children: dict[UnitCode, list[Unit]] = {}
        for unit in book.units.values():
            if unit.parent is not None:
                self.children.setdefault(unit.parent, []).append(unit)
        self._voters = {panel.unit: panel.voters for panel in book.definition.panels}
        self._below = self._panels_below()
        self._whole: dict[frozenset[UnitCode], Seen] = {}
        self._atoms: dict[frozenset[UnitCode], int] = {}
        for seen, entry in zip(self.contests, book.entries, strict=True):
            if seen.returned is not None:
                self._whole.setdefault(self._electorate(entry), seen)
                for row in seen.groups:
                    self._atoms.setdefault(frozenset(unit.code for unit in row.units), row.returned)
        self._atom_of: dict[UnitCode, list[frozenset[UnitCode]]] = {}
        for atom in self._atoms:
            for code in atom:
                self._atom_of.setdefault(code, []).append(atom)
        self._by_unit: dict[int, tuple[UnitFigures, ...]] = {}
        self._turnout: dict[UnitCode, Turnout] = {}
        self._within: dict[UnitCode, frozenset[UnitCode]] = {}

    def inside(self, code: UnitCode) -> tuple[Seen, ...]:
        """The contests of a unit and of all below it, in the order of the book."""
        within = self.within(code)
        return tuple(seen for seen in self.contests if seen.unit.code in within)

    def within(self, code: UnitCode) -> frozenset[UnitCode]:
        """The codes of a unit and of all below it; nothing for a unit that the round does not know."""
        if code not in self._within:
            self._within[code] = self.book.subtree(code) if code in self.book.units else frozenset()
        return self._within[code]

    def by_unit(self, number: int) -> tuple[UnitFigures, ...]:
        """A contest (by its number) in every unit of its electorate down the tree, a unit before those below
        it.
        """
        if number not in self._by_unit:
            self._by_unit[number] = tuple(self._units_of(self.contests[number - 1]))
        return self._by_unit[number]

    def turnout(self, code: UnitCode) -> Turnout:
        """Turnout of a unit with all below it: from a contest of just these voters, else from atoms, else
        from its parts.
        """
        if code not in self._turnout:
            self._turnout[code] = self._turnout_of(self.book.units[code])
        return self._turnout[code]

    def voters_of(self, number: int) -> frozenset[UnitCode]:
        """The codes of the units whose panels vote in a contest (by its number)."""
        return self._electorate(self.book.entries[number - 1])

    def _panels_below(self) -> dict[UnitCode, frozenset[UnitCode]]:
        below: dict[UnitCode, set[UnitCode]] = {}
        for panel in self._voters:
            at: UnitCode | None = panel
            while at is not None:
                below.setdefault(at, set()).add(panel)
                at = self.book.units[at].parent
        return {code: frozenset(panels) for code, panels in below.items()}

    def _electorate(self, entry: Entry) -> frozenset[UnitCode]:
        panels = self.book.definition.panels
        return frozenset(panels[p].unit for p in entry.contest.panels)

    def _units_of(self, seen: Seen) -> Iterable[UnitFigures]:
        electorate = self.voters_of(seen.number)
        rows = {frozenset(unit.code for unit in row.units): row for row in seen.groups}
        atoms = [Atom(tuple(sorted(panels)), row.returned) for panels, row in rows.items()]
        parents = self.book.definition.parents
        whole = publishable_units(atoms, parents, electorate) if atoms else {}
        top = seen.unit if electorate <= self._below.get(seen.unit.code, frozenset()) else self.book.root
        # What is not shown as it is; a sum with all of it can be had from the total anyway, with some of it
        # could tell it.
        veiled = {panels for panels, row in rows.items() if row.counts is None}
        waiting = [(top, 0)]
        while waiting:
            unit, depth = waiting.pop()
            panels = self._below.get(unit.code, frozenset()) & electorate
            if panels:
                summoned = sum(self._voters[panel] for panel in panels)
                inside = [atom for atom in rows if atom <= panels] if unit.code in whole else None
                yield _unit_figures(seen, unit, depth, summoned, inside, rows, veiled)
                below = sorted(self.children.get(unit.code, ()), key=lambda u: u.code.encode(), reverse=True)
                waiting += [(child, depth + 1) for child in below]

    def _turnout_of(self, unit: Unit) -> Turnout:
        panels = self._below.get(unit.code, frozenset())
        summoned = sum(self._voters[panel] for panel in panels)
        if not panels:
            return Turnout(unit, 0, None, None, None, Hidden.NOBODY)
        if panels in self._whole:
            seen = self._whole[panels]
            return Turnout(unit, summoned, seen.present, seen.issued, seen.returned, None)
        atoms = self._covering(panels)
        if atoms is not None:
            return Turnout(unit, summoned, None, None, sum(self._atoms[atom] for atom in atoms), None)
        parts = [self.turnout(child.code) for child in self.children.get(unit.code, ())]
        parts = [part for part in parts if part.summoned]
        own = frozenset({unit.code}) & panels
        if own or any(part.returned is None for part in parts):
            return Turnout(unit, summoned, None, None, None, Hidden.MERGED)
        return Turnout(
            unit,
            summoned,
            _sum_if_known([part.present for part in parts]),
            _sum_if_known([part.issued for part in parts]),
            _sum_if_known([part.returned for part in parts]),
            None,
        )

    def _covering(self, panels: frozenset[UnitCode]) -> list[frozenset[UnitCode]] | None:
        """Disjoint atoms that are together just these panels; None where there are none."""
        left, chosen = set(panels), []
        for panel in sorted(panels):
            if panel in left:
                fitting = [atom for atom in self._atom_of.get(panel, ()) if atom <= left]
                if not fitting:
                    return None
                best = max(fitting, key=lambda atom: (len(atom), sorted(atom)))
                chosen.append(best)
                left -= best
        return chosen


def _unit_figures(
    seen: Seen,
    unit: Unit,
    depth: int,
    summoned: int,
    inside: Sequence[frozenset[UnitCode]] | None,
    rows: dict[frozenset[UnitCode], Row],
    veiled: set[frozenset[UnitCode]],
) -> UnitFigures:
    """`inside` are the atoms that make up the unit, None where no atoms do."""
    if seen.marks is None:
        return UnitFigures(unit, depth, summoned, None, None, None, Hidden.WITHHELD)
    if inside is None:
        return UnitFigures(unit, depth, summoned, None, None, None, Hidden.MERGED)
    returned = sum(rows[atom].returned for atom in inside)
    if len(inside) == len(rows):
        return UnitFigures(unit, depth, summoned, returned, seen.marks, seen.bands, None)
    if len(inside) == 1:
        only = rows[inside[0]]
        marks = _marks(only)
        return UnitFigures(
            unit, depth, summoned, returned, marks, only.bands, Hidden.OTHERS if marks is None else None
        )
    within = veiled & set(inside)
    if within == veiled and within and seen.exact:
        outside = [atom for atom in rows if atom not in inside]
        rest = [total(column) for column in zip(*(_known(rows[atom]) for atom in outside), strict=True)]
        left = tuple(
            Range(all_of.low - part.low, all_of.high - part.high)
            for all_of, part in zip(seen.marks, rest, strict=True)
        )
        return UnitFigures(unit, depth, summoned, returned, left, None, None)
    held = [_marks(rows[atom]) for atom in inside]
    if any(marks is None for marks in held):
        return UnitFigures(unit, depth, summoned, returned, None, None, Hidden.AGREEING)
    columns = zip(*(marks for marks in held if marks is not None), strict=True)
    return UnitFigures(unit, depth, summoned, returned, tuple(total(c) for c in columns), None, None)


def _known(row: Row) -> tuple[Range, ...]:
    marks = _marks(row)
    return (NOTHING,) if marks is None else marks


def _sum_if_known(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None
