"""Any t shares open a sum, t − 1 open nothing; the packed logarithm finds the one solution (12.4, 12.5)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.protocol.choice_proof import PACKING, value_points
from surveys.protocol.errors import Inconsistent
from surveys.protocol.group import BASE, IDENTITY, Point, Scalar, base_multiply, multiply, sum_points
from surveys.protocol.shares import coefficient, interpolate
from surveys.protocol.tally import PackedLogarithm, check_counts, open_sums
from tests.vectors import second
from tests.vectors.book import randomness
from tests.vectors.vote import the_vote

N = 12


def _packed(counts: Sequence[int]) -> Point:
    units = value_points(len(counts))[1:]
    return sum_points(multiply(unit, Scalar(n)) for unit, n in zip(units, counts, strict=True))


TABLES = {levels: PackedLogarithm(levels, N) for levels in (2, 3, 4, 5)}


@st.composite
def _counts(draw: st.DrawFn) -> tuple[tuple[int, ...], int]:
    """Counts of 2 to 5 levels and a number of ballots that they fit, often exactly."""
    levels, ballots = draw(st.integers(2, 5)), draw(st.integers(0, N))
    left, counts = ballots, []
    for _ in range(levels):
        counts.append(draw(st.integers(0, left)))
        left -= counts[-1]
    order = draw(st.permutations(range(levels)))
    if draw(st.booleans()):
        counts[0] += left
    return tuple(counts[i] for i in order), ballots


@settings(max_examples=120, deadline=None)
@given(_counts())
def test_the_logarithm_finds_every_count_that_fits(found: tuple[tuple[int, ...], int]) -> None:
    counts, ballots = found
    assert TABLES[len(counts)].solve(_packed(counts), ballots) == counts


@settings(max_examples=60, deadline=None)
@given(_counts())
def test_one_ballot_less_than_the_sum_is_refused(found: tuple[tuple[int, ...], int]) -> None:
    counts, _ = found
    total = sum(counts)
    assert TABLES[len(counts)].solve(_packed(counts), total) == counts
    if total:
        with pytest.raises(Inconsistent) as refused:
            TABLES[len(counts)].solve(_packed(counts), total - 1)
        assert refused.value.check == "12.5"


@pytest.mark.parametrize("levels", [2, 3])
def test_all_counts_of_a_few_ballots_are_found(levels: int) -> None:
    table, most = PackedLogarithm(levels, 9), 9
    for ballots in (0, 1, most):
        every = [
            counts for counts in _grid(levels, ballots) if table.solve(_packed(counts), ballots) == counts
        ]
        assert len(every) == comb(ballots + levels, levels)


def _grid(levels: int, ballots: int) -> list[tuple[int, ...]]:
    if levels == 0:
        return [()]
    return [(n, *rest) for n in range(ballots + 1) for rest in _grid(levels - 1, ballots - n)]


@pytest.mark.parametrize("levels", [2, 3, 4, 5])
def test_what_is_no_sum_of_choices_is_refused(levels: int) -> None:
    top = Scalar.of(PACKING ** (levels - 1) * (N + 1))
    for point in (
        -BASE,
        base_multiply(top),
        base_multiply(Scalar(PACKING // 2)),
        base_multiply(Scalar(2**200)),
    ):
        with pytest.raises(Inconsistent):
            TABLES[levels].solve(point, N)


def test_a_carry_from_one_level_to_the_next_is_refused() -> None:
    """B counts of one level look like one of the next; so many ballots there never are."""
    opened = [_packed((0, 1, 0))]
    check_counts([(0, 1, 0)], opened, [5], 3)
    with pytest.raises(Inconsistent):
        check_counts([(PACKING, 0, 0)], opened, [5], 3)
    # The twin: with that many ballots both would multiply out.
    check_counts([(PACKING, 0, 0)], opened, [PACKING], 3)


def _shared(t: int, n: int) -> tuple[Scalar, dict[int, Point]]:
    """A secret and its n shares of G by a polynomial with t coefficients."""
    take = randomness(f"polynomial {t} of {n}")
    f = [int.from_bytes(take(32), "little") % second.ORDER for _ in range(t)]
    shares = {
        m: base_multiply(Scalar.decode(second.evaluate(f, m), check="", where="")) for m in range(1, n + 1)
    }
    return Scalar(f[0]), shares


@pytest.mark.parametrize(("t", "n"), [(2, 3), (3, 5), (4, 6), (2, 15), (14, 15)])
def test_every_t_shares_open_and_no_t_minus_one(t: int, n: int) -> None:
    secret, shares = _shared(t, n)
    expected = base_multiply(secret)
    chosen = list(combinations(shares, t))[:40]
    for subset in chosen:
        assert interpolate({m: shares[m] for m in subset}) == expected
    for subset in list(combinations(shares, t - 1))[:40]:
        assert interpolate({m: shares[m] for m in subset}) != expected


def test_one_wrong_share_opens_something_else() -> None:
    secret, shares = _shared(3, 5)
    for wrong in (1, 2, 3):
        chosen = {m: shares[m] + BASE if m == wrong else shares[m] for m in (1, 2, 3)}
        opened = interpolate(chosen)
        assert opened == base_multiply(secret) + base_multiply(coefficient(wrong, [1, 2, 3]))
        assert opened != base_multiply(secret)


def test_shares_under_each_others_numbers_open_something_else() -> None:
    secret, shares = _shared(3, 5)
    exchanged = {1: shares[2], 2: shares[1], 3: shares[3]}
    assert interpolate(exchanged) != base_multiply(secret)


def test_more_shares_than_needed_change_nothing_and_fewer_are_refused() -> None:
    vote = the_vote()
    one, two, three = vote.shares
    opened = open_sums(vote.sums, (one, two), 2)
    assert open_sums(vote.sums, (three, two, one), 2) == opened
    assert open_sums(vote.sums, (three, one), 2) == opened
    for few in ((), (one,), (one, one), (one, one, two), (one, two, two)):
        with pytest.raises(Inconsistent) as refused:
            open_sums(vote.sums, few, 2)
        assert refused.value.check == "12.4"
    assert IDENTITY not in opened
