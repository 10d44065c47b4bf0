"""Proof, by exact linear algebra, that published figures single out no group of fewer than k ballots.

Each figure is the sum of one contest over a set of panels: a 0/1 row over the panels. Whatever a reader
computes from the figures is a vector in the span of those rows. A group is isolated when some non-zero vector
of the span is supported on panels with together at least one and fewer than k ballots.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from surveys.names import UnitCode
from surveys.rules.atoms import Atom, publishable_units
from surveys.rules.errors import Leak, Unproved

Row = dict[int, Fraction]
MOST_SETS = 10_000


def published_figures(
    atoms: Collection[Atom], parents: Mapping[UnitCode, UnitCode | None], panels: Collection[UnitCode]
) -> list[frozenset[UnitCode]]:
    """The panel sets of every figure of one contest: the electorate, each atom, each unit that atoms
    make up.
    """
    figures = {frozenset(panels), *(frozenset(atom.panels) for atom in atoms)}
    figures |= set(publishable_units(atoms, parents, panels).values())
    return sorted(figures, key=lambda figure: (len(figure), sorted(figure)))


def prove(figures: Sequence[Collection[UnitCode]], weights: Mapping[UnitCode, int], k: int) -> None:
    """Raises Leak naming the panels if the figures isolate between 1 and k − 1 ballots; returns if they
    cannot.

    Panels without a ballot add nothing to any figure and are left out. Panels that occur in the same figures
    cannot be told apart: every vector of the span is constant on such a class. So where each class has k
    ballots, nothing can be isolated. Otherwise the vectors that vanish on all large classes are looked at,
    classes on which these are proportional are joined, and so on until none is left or no more can be joined;
    then the sets of fewer than k ballots are tried, at most MOST_SETS. Raises Unproved where that is not
    enough (finding the vector of smallest support is hard in general), ValueError for a figure over an
    unknown panel or a negative weight.
    """
    if any(weight < 0 for weight in weights.values()):
        raise ValueError("a number of ballots is negative")
    if not set().union(*figures) <= set(weights):
        raise ValueError("a figure holds a panel without a number of ballots")
    parts = [
        _Part(frozenset(members), sum(weights[panel] for panel in members))
        for members in _classes(figures, weights)
    ]
    if all(part.ballots >= k for part in parts):
        return
    column = {panel: c for c, part in enumerate(parts) for panel in part.panels}
    space: list[Row] = [
        dict.fromkeys((column[panel] for panel in figure if panel in column), Fraction(1))
        for figure in figures
    ]
    while space := _vanishing(space, {c for c, part in enumerate(parts) if part.ballots >= k}):
        for row in space:
            _refuse_small(row, parts, k)
        before = len(parts)
        parts, space = _join(parts, space)
        if len(parts) == before:
            _try_sets(space, parts, k)
            return


@dataclass(frozen=True, slots=True)
class _Part:
    """Panels that a vector under consideration holds all or none of."""

    panels: frozenset[UnitCode]
    ballots: int


def _classes(
    figures: Sequence[Collection[UnitCode]], weights: Mapping[UnitCode, int]
) -> list[list[UnitCode]]:
    """The panels with ballots that occur in some figure, by the figures that they occur in."""
    held: dict[UnitCode, list[int]] = {}
    for f, figure in enumerate(figures):
        for panel in set(figure):
            if weights[panel]:
                held.setdefault(panel, []).append(f)
    grouped: dict[tuple[int, ...], list[UnitCode]] = {}
    for panel, within in held.items():
        grouped.setdefault(tuple(within), []).append(panel)
    return list(grouped.values())


def _vanishing(rows: Iterable[Row], on: Collection[int]) -> list[Row]:
    """A reduced basis of the vectors in the span of the rows that are zero in these columns."""
    pivots: dict[int, Row] = {}
    for row in rows:
        at = dict(row)
        for c in [c for c in at if c in pivots]:
            _subtract(at, at[c], pivots[c])
        if not at:
            continue
        # Columns to vanish are eliminated first, so a row with its pivot elsewhere has none of them left.
        lead = min(at, key=lambda c: (c not in on, c))
        scale = at[lead]
        at = {c: value / scale for c, value in at.items()}
        for other in pivots.values():
            if lead in other:
                _subtract(other, other[lead], at)
        pivots[lead] = at
    return [row for lead, row in pivots.items() if lead not in on]


def _subtract(row: Row, factor: Fraction, other: Row) -> None:
    for c, value in other.items():
        changed = row.get(c, Fraction(0)) - factor * value
        if changed:
            row[c] = changed
        else:
            row.pop(c, None)


def _join(parts: Sequence[_Part], space: Sequence[Row]) -> tuple[list[_Part], list[Row]]:
    """Parts on which all vectors of the space are proportional become one: a vector is zero on all of them or
    on none.
    """
    columns: dict[int, list[tuple[int, Fraction]]] = {}
    for r, row in enumerate(space):
        for c, value in row.items():
            columns.setdefault(c, []).append((r, value))
    alike: dict[tuple[tuple[int, Fraction], ...], list[int]] = {}
    for c, column in columns.items():
        first = column[0][1]
        alike.setdefault(tuple((r, value / first) for r, value in column), []).append(c)
    joined: list[_Part] = []
    number: dict[int, int] = {}
    for members in alike.values():
        number[members[0]] = len(joined)
        panels = frozenset[UnitCode]().union(*(parts[c].panels for c in members))
        joined.append(_Part(panels, sum(parts[c].ballots for c in members)))
    return joined, [{number[c]: value for c, value in row.items() if c in number} for row in space]


def _try_sets(space: Sequence[Row], parts: Sequence[_Part], k: int) -> None:
    held = Counter(c for row in space for c in row)
    # The basis is reduced: each row has a column of its own, so it takes part only where that column may be
    # non-zero.
    own = [frozenset(c for c in row if held[c] == 1) for row in space]
    for tried, chosen in enumerate(_small_sets([part.ballots for part in parts], k)):
        if tried == MOST_SETS:
            raise Unproved(len(parts), k)
        rows = [row for row, columns in zip(space, own, strict=True) if columns <= chosen]
        # A row alone has been looked at before.
        if len(rows) > 1:
            for row in _vanishing(rows, set(held) - chosen):
                _refuse_small(row, parts, k)


def _refuse_small(row: Row, parts: Sequence[_Part], k: int) -> None:
    ballots = sum(parts[c].ballots for c in row)
    if ballots < k:
        raise Leak(tuple(sorted(panel for c in row for panel in parts[c].panels)), ballots, k)


def _small_sets(sizes: Sequence[int], k: int) -> Iterator[set[int]]:
    """Sets with together fewer than k ballots, among them each that cannot be made larger."""
    order = sorted(range(len(sizes)), key=lambda c: sizes[c])
    waiting: list[tuple[int, tuple[int, ...], int]] = [(0, (), k - 1)]
    while waiting:
        start, chosen, free = waiting.pop()
        more = False
        for i in range(start, len(order)):
            if sizes[order[i]] > free:
                break
            more = True
            waiting.append((i + 1, (*chosen, order[i]), free - sizes[order[i]]))
        if chosen and not more:
            yield set(chosen)


def coarse_turnout(returned: int, summoned: int, k: int) -> int | None:
    """The turnout that may be shown while polls are open: percent, rounded down to whole steps of at least k
    ballots and a tenth.

    None where fewer than k people may vote: then even a step would tell of single persons.
    """
    if summoned < k:
        return None
    return coarse_number(returned, summoned, k) * 100 // summoned


def coarse_number(number: int, summoned: int, k: int) -> int:
    """Rounded down to whole steps of at least k and a tenth of those summoned."""
    step = max(k, -(-summoned // 10))
    return number // step * step
