"""From the board to counts: sums over atoms, the opening by t shares, the packed logarithm, the tally file
(§12).

All of it is public arithmetic, done again by every trustee and every verifier.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt

from surveys.protocol import canonical
from surveys.protocol.ballot import Ballot, decode_ballot
from surveys.protocol.canonical import Fields
from surveys.protocol.choice_proof import value, value_points
from surveys.protocol.errors import Inconsistent, Malformed
from surveys.protocol.group import BASE, IDENTITY, ORDER, Point, Scalar, multiply
from surveys.protocol.kernel.machine import machine
from surveys.protocol.kernel.products import sum_of_multiples
from surveys.protocol.kernel.public import Public
from surveys.protocol.kernel.totals import Sums, add_pairs, pairs
from surveys.protocol.manifest import Manifest
from surveys.protocol.plan import Plan
from surveys.protocol.shares import MAX_SUMS, Share, coefficient, read_share

TALLY_FORMAT = "tin-nhiem/tally/2"
Sum = tuple[Point, Point]
AT_ONCE = 4096
"""Pairs of points that are added up together."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The tally file (12.6)."""

    plan: bytes
    sums: tuple[Sum, ...]
    shares: tuple[Share, ...]
    counts: tuple[tuple[int, ...], ...]

    def encode(self) -> bytes:
        """Canonical bytes of the tally file."""
        return canonical.encode(
            {
                "format": TALLY_FORMAT,
                "plan": self.plan.hex(),
                "sums": [[a.encode().hex(), b.encode().hex()] for a, b in self.sums],
                "shares": [share.as_json() for share in self.shares],
                "counts": [list(counts) for counts in self.counts],
            }
        )


def decode_tally(raw: bytes) -> Tally:
    """Parse strictly (12.6). Raises Malformed(check="12.1") for the file, "12.3" within a share, "12.5" in
    counts.
    """
    document = canonical.decode(raw, check="12.1", where="tally")
    fields = Fields(document, check="12.1", where="tally")
    if fields.text("format", 100) != TALLY_FORMAT:
        raise Malformed(check="12.1", where="tally.format", why=f"not {TALLY_FORMAT}")
    plan = fields.hex("plan", 32)
    sums = tuple(_sum(pair, s) for s, pair in enumerate(fields.hex_lists("sums", 32)))
    shares = tuple(
        read_share(Fields(each.mapping(), check="12.3", where=f"tally.shares[{i}]"))
        for i, each in enumerate(fields.objects("shares", 15))
    )
    counts = tuple(_counts(each, s) for s, each in enumerate(fields.list("counts", MAX_SUMS)))
    fields.done()
    return Tally(plan, sums, shares, counts)


def _sum(pair: Sequence[bytes], s: int) -> Sum:
    where = f"tally.sums[{s}]"
    if len(pair) != 2:
        raise Malformed(check="12.1", where=where, why="not a pair of points")
    return (
        Point.decode(pair[0], check="12.1", where=f"{where}[0]", identity=True),
        Point.decode(pair[1], check="12.1", where=f"{where}[1]", identity=True),
    )


def _counts(each: object, s: int) -> tuple[int, ...]:
    where = f"tally.counts[{s}]"
    if not isinstance(each, list):
        raise Malformed(check="12.5", where=where, why="not a list of counts")
    for n in each:
        if isinstance(n, bool) or not isinstance(n, int) or not 0 <= n < 2**24:
            raise Malformed(check="12.5", where=where, why="not a count")
    return tuple(each)


def ballots_by_panel(manifest: Manifest, ballots: Iterable[Ballot]) -> tuple[int, ...]:
    """How many ballots each panel returned."""
    counts = [0] * len(manifest.definition.panels)
    for ballot in ballots:
        counts[ballot.panel] += 1
    return tuple(counts)


class PanelSums:
    """Σα and Σβ of each contest of each panel, added up ballot by ballot: atoms of all contests are sums of
    these.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._panels = manifest.definition.panels
        self._first, slots = [], 0
        for panel in self._panels:
            self._first.append(slots)
            slots += len(panel.contests)
        self._waiting: list[tuple[int, Sum]] = []
        self._sums: dict[int, Sums] = {}
        self._known: dict[int, tuple[Sum, ...]] | None = None

    def add(self, ballot: Ballot) -> None:
        """Add one ballot whose proofs have been checked."""
        self._known = None
        for slot, row in enumerate(ballot.rows, self._first[ballot.panel]):
            self._waiting.append((slot, (row.alpha, row.beta)))
        if len(self._waiting) >= AT_ONCE:
            self._add_up()

    def _add_up(self) -> None:
        if self._waiting:
            add_pairs(machine(), self._sums, self._waiting)
            self._waiting = []

    def _pair(self, contest: int, panel: int) -> Sum | None:
        if self._known is None:
            self._add_up()
            self._known = pairs(machine(), self._sums)
        contests = self._panels[panel].contests
        if contest not in contests:
            return None
        found = self._known.get(self._first[panel] + contests.index(contest))
        return None if found is None else found[0]

    def over(self, contest: int, panels: Iterable[int]) -> Sum:
        """The sum of one atom (12.1)."""
        alpha, beta = IDENTITY, IDENTITY
        for panel in panels:
            pair = self._pair(contest, panel)
            if pair is not None:
                alpha, beta = alpha + pair[0], beta + pair[1]
        return alpha, beta

    def of(self, plan: Plan) -> tuple[Sum, ...]:
        """All sums of a plan, flattened in its order (12.1)."""
        return tuple(self.over(contest, panels) for contest, panels in plan.atoms())


def add_up(manifest: Manifest, board: Iterable[bytes]) -> tuple[tuple[int, ...], PanelSums]:
    """Ballots by panel and the sums of all panels, one ballot after the other: which atom a panel goes into
    follows from the numbers, and those are known at the end. Raises Malformed(check="8.2").
    """
    sums, by_panel = PanelSums(manifest), [0] * len(manifest.definition.panels)
    for i, raw in enumerate(board):
        ballot = decode_ballot(raw, manifest, f"board[{i}]")
        by_panel[ballot.panel] += 1
        sums.add(ballot)
    return tuple(by_panel), sums


def sums_of(manifest: Manifest, ballots: Iterable[Ballot], plan: Plan) -> tuple[Sum, ...]:
    """12.1 in one go."""
    sums = PanelSums(manifest)
    for ballot in ballots:
        sums.add(ballot)
    return sums.of(plan)


def usable(shares: Sequence[Share], threshold: int) -> list[tuple[Share, Scalar]]:
    """The first t of the (valid) shares with their coefficients (12.4).

    Raises Inconsistent when there are fewer, or two of one trustee: interpolating twice at one place opens
    anything.
    """
    if len({share.trustee for share in shares}) < len(shares):
        raise Inconsistent(check="12.4", where="tally.shares", why="two shares of one trustee")
    if len(shares) < threshold:
        raise Inconsistent(check="12.4", where="tally.shares", why=f"fewer than {threshold} shares")
    used = sorted(shares, key=lambda share: share.trustee)[:threshold]
    trustees = [share.trustee for share in used]
    return [(share, coefficient(share.trustee, trustees)) for share in used]


def open_sums(sums: Sequence[Sum], shares: Sequence[Share], threshold: int) -> tuple[Point, ...]:
    """V_s of 12.4 from the first t of the (valid) shares. Raises what `usable` raises."""
    used = usable(shares, threshold)
    opened = []
    for s, (_, beta) in enumerate(sums):
        total = beta
        for share, weight in used:
            total = total - multiply(share.points[s], weight)
        opened.append(total)
    return tuple(opened)


class PackedLogarithm:
    """Solves V = (n_1 + n_2·B + … )·G with n_j ≥ 0 and Σn_j ≤ N by baby steps and giant steps (12.5).

    Baby steps: all n_1 ≤ N_max with n_2 < width, in a table shared by all sums. Giant steps: the other
    counts, n_2 in strides of width. With width = √N_max and three levels a sum costs about N^1.5 additions.
    """

    def __init__(self, levels: int, most: int) -> None:
        self._points = value_points(levels)[1:]
        self._zeros = (0,) * (levels - 2)
        self._most = most
        self._width = min(most + 1, max(8, isqrt(most) + 1))
        self._table: dict[bytes, tuple[int, int]] = {}
        column = IDENTITY
        for n2 in range(self._width):
            at = column
            for n1 in range(most + 1 - n2):
                self._table[at.encode()] = (n1, n2)
                at = at + BASE
            column = column + self._points[1]
        self._strides = _strides(self._points, self._width)

    def solve(self, opened: Point, ballots: int) -> tuple[int, ...]:
        """(n_1, …, n_L). Raises Inconsistent(check="12.5") when there is no solution for so many ballots."""
        if ballots > self._most:
            raise ValueError("more ballots than this table was made for")
        found = self._search(opened, ballots, len(self._strides) - 1)
        if found is None:
            raise Inconsistent(
                check="12.5", where="tally.counts", why="the opened sum is not a sum of valid choices"
            )
        return found

    def _search(self, at: Point, left: int, axis: int) -> tuple[int, ...] | None:
        if axis < 0:
            small = self._table.get(at.encode())
            if small is None or sum(small) > left:
                return None
            return (*small, *self._zeros)
        stride, step = self._strides[axis]
        for i in range(left // step + 1):
            inner = self._search(at, left - i * step, axis - 1)
            if inner is not None and (step == 1 or sum(inner) + i * step <= left):
                return _with(inner, axis, i * step)
            at = at - stride
        return None


def _strides(points: Sequence[Point], width: int) -> list[tuple[Point, int]]:
    return [(multiply(points[1], Scalar(width)), width), *((point, 1) for point in points[2:])]


def _with(inner: tuple[int, ...], axis: int, n: int) -> tuple[int, ...]:
    counts = list(inner)
    counts[axis + 1] += n
    return tuple(counts)


def solve_all(
    opened: Sequence[Point], ballots: Sequence[int], levels: int, on_solved: Callable[[], None] | None = None
) -> tuple[tuple[int, ...], ...]:
    """The counts of every sum (12.5). `ballots` is N_s of each. Raises Inconsistent."""
    table = PackedLogarithm(levels, max(ballots, default=0))
    counts = []
    for point, most in zip(opened, ballots, strict=True):
        counts.append(table.solve(point, most))
        if on_solved is not None:
            on_solved()
    return tuple(counts)


def check_counts(
    counts: Sequence[Sequence[int]], opened: Sequence[Point], ballots: Sequence[int], levels: int
) -> None:
    """12.5: each list multiplies out to what was opened, and fits its number of ballots. Raises
    Inconsistent.
    """
    if not len(counts) == len(opened) == len(ballots):
        raise Inconsistent(check="12.5", where="tally.counts", why="not one list for each sum")
    points = value_points(levels)[1:]
    for s, (each, point, most) in enumerate(zip(counts, opened, ballots, strict=True)):
        where = f"tally.counts[{s}]"
        if len(each) != levels or min(each) < 0 or sum(each) > most:
            raise Inconsistent(
                check="12.5", where=where, why=f"not {levels} counts of at most {most} ballots"
            )
        total = IDENTITY
        for n, unit in zip(each, points, strict=True):
            total = total + multiply(unit, Scalar(n))
        if total != point:
            raise Inconsistent(check="12.5", where=where, why="not what the shares open")


def check_opening(
    sums: Sequence[Sum],
    shares: Sequence[Share],
    threshold: int,
    counts: Sequence[Sequence[int]],
    ballots: Sequence[int],
    levels: int,
) -> None:
    """12.4 and 12.5 together: `check_counts` of `open_sums`, in one weighted sum over all sums. Raises what
    these raise.

    Σ ρ_s·(B_s − Σλ_m·D_{m,s} − Σn_j·B^{j−1}·G) is O when every sum opens to its counts; when one does not, it
    is so with chance 2^-128. Then the sums are opened one by one, and the first that differs is named.
    """
    used = usable(shares, threshold)
    if not len(counts) == len(sums) == len(ballots) or any(
        len(each) != levels or min(each) < 0 or sum(each) > most
        for each, most in zip(counts, ballots, strict=True)
    ):
        return check_counts(counts, open_sums(sums, shares, threshold), ballots, levels)
    rho = [int.from_bytes(secrets.token_bytes(16), "little") for _ in sums]
    points, scalars = [beta for _, beta in sums], [Public(weight) for weight in rho]
    for share, coefficient_ in used:
        points += share.points
        scalars += [Public(-weight * int(coefficient_) % ORDER) for weight in rho]
    packed = sum(w * n * value(j) for w, each in zip(rho, counts, strict=True) for j, n in enumerate(each, 1))
    if not sum_of_multiples([*points, BASE], [*scalars, Public(-packed % ORDER)]).is_identity:
        check_counts(counts, open_sums(sums, shares, threshold), ballots, levels)
        raise AssertionError("the sums do not open together and each alone does")
    return None


def results_by_atom(
    plan: Plan, ballots: Sequence[int], counts: Sequence[Sequence[int]]
) -> Mapping[int, list[tuple[tuple[int, ...], int, tuple[int, ...]]]]:
    """Contest → its atoms as (panels, ballots returned, counts), in order."""
    by_contest: dict[int, list[tuple[tuple[int, ...], int, tuple[int, ...]]]] = {}
    for (contest, panels), each in zip(plan.atoms(), counts, strict=True):
        returned = sum(ballots[p] for p in panels)
        by_contest.setdefault(contest, []).append((panels, returned, tuple(each)))
    return by_contest
