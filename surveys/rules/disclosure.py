"""Proof, by exact linear algebra, that published figures single out no group of fewer than k ballots.

Each figure is the sum of one contest over a set of panels: a 0/1 row over the panels. Whatever a reader computes from the
figures is a vector in the span of those rows. A group is isolated when some non-zero vector of the span is supported on
panels with together at least one and fewer than k ballots.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction

from surveys.rules.atoms import Atom, publishable_units
from surveys.rules.errors import Leak

Row = dict[int, Fraction]
BAND = 90


def published_figures(
    atoms: Collection[Atom], parents: Mapping[str, str | None], panels: Collection[str]
) -> list[frozenset[str]]:
    """The panel sets of every figure of one contest: the electorate, each atom, each unit that atoms make up."""
    figures = {frozenset(panels), *(frozenset(atom.panels) for atom in atoms)}
    figures |= set(publishable_units(atoms, parents, panels).values())
    return sorted(figures, key=lambda figure: (len(figure), sorted(figure)))


def prove(figures: Sequence[Collection[str]], weights: Mapping[str, int], k: int) -> None:
    """Raises Leak naming the panels if the figures isolate between 1 and k − 1 ballots; returns if they cannot.

    Panels that occur in the same figures have equal columns, so a vector of the span is constant on such a class. A
    vector supported inside a set S of classes exists exactly when the rank drops on leaving out the columns of S; it
    is enough to try the largest sets S with fewer than k ballots.
    """
    classes = _classes(figures, weights)
    sizes = [sum(weights[panel] for panel in members) for members in classes]
    column = {panel: c for c, members in enumerate(classes) for panel in members}
    rows = [{column[panel]: Fraction(1) for panel in figure} for figure in figures]
    full = _rank(rows, frozenset())
    empty = frozenset(c for c, size in enumerate(sizes) if size == 0)
    small = [c for c, size in enumerate(sizes) if 0 < size < k]
    for chosen in _largest(small, sizes, k):
        if _rank(rows, chosen | empty) < full - _hidden(rows, empty, full):
            members = sorted(panel for c in chosen for panel in classes[c])
            raise Leak(tuple(members), sum(sizes[c] for c in chosen), k)


def banded(count: int, n: int) -> str | None:
    """For dashboards: "≥ 90 %" or "≤ 10 %" where everybody agreed (count is n or 0), None where the exact figure may stand.

    Raises ValueError unless 0 ≤ count ≤ n.
    """
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n}")
    if n == 0 or 0 < count < n:
        return None
    return f"≥ {BAND} %" if count == n else f"≤ {100 - BAND} %"


def _classes(figures: Sequence[Collection[str]], weights: Mapping[str, int]) -> list[list[str]]:
    signature: dict[str, list[int]] = {panel: [] for panel in weights}
    for f, figure in enumerate(figures):
        for panel in figure:
            signature[panel].append(f)
    grouped: dict[tuple[int, ...], list[str]] = {}
    for panel, held in signature.items():
        if held:
            grouped.setdefault(tuple(held), []).append(panel)
    return list(grouped.values())


def _hidden(rows: Sequence[Row], empty: frozenset[int], full: int) -> int:
    """How much of the rank lies on panels without a ballot, where there is nothing to learn."""
    return full - _rank(rows, empty) if empty else 0


def _rank(rows: Iterable[Row], without: frozenset[int]) -> int:
    """Exact rank of the rows with some columns left out."""
    pivots: dict[int, Row] = {}
    for row in rows:
        at = {c: value for c, value in row.items() if c not in without}
        while at:
            lead = min(at)
            pivot = pivots.get(lead)
            if pivot is None:
                pivots[lead] = at
                break
            factor = at[lead] / pivot[lead]
            for c, value in pivot.items():
                changed = at.get(c, Fraction(0)) - factor * value
                if changed:
                    at[c] = changed
                else:
                    at.pop(c, None)
    return len(pivots)


def _largest(small: Sequence[int], sizes: Sequence[int], k: int) -> Iterable[frozenset[int]]:
    """All sets of small classes with fewer than k ballots to which no further one can be added."""
    ordered = sorted(small, key=lambda c: sizes[c])

    def extend(start: int, chosen: tuple[int, ...], left: int) -> Iterable[frozenset[int]]:
        grew = False
        for i in range(start, len(ordered)):
            if sizes[ordered[i]] <= left:
                grew = True
                yield from extend(i + 1, (*chosen, ordered[i]), left - sizes[ordered[i]])
        others = [c for c in ordered if c not in chosen and sizes[c] <= left]
        if chosen and not grew and not others:
            yield frozenset(chosen)

    yield from extend(0, (), k - 1)
