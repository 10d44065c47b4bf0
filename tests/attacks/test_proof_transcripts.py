"""Every field of the ballot's challenge (8.5) is there for a reason: without it somebody can do what these
tests do.

Each test makes a proof under a challenge that leaves a field out, shows that the check with the same hole
accepts the forgery, and that the check of the specification refuses it. Prover and verifier with the hole
stand here, not in the product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from surveys.protocol.ballot import proof_challenge
from surveys.protocol.choice_proof import Row, check_rows, value, value_points
from surveys.protocol.errors import BadProof
from surveys.protocol.group import BASE, Point, Scalar, base_multiply, multiply
from surveys.protocol.transcript import challenge, u32
from tests.audit.build import a_vote

LEVELS = 3
SECRET = Scalar(2**200 + 77)
Y = base_multiply(SECRET)


@dataclass(frozen=True)
class Context:
    """What a challenge binds besides the rows."""

    manifest: bytes = b"M" * 32
    panel: int = 3
    key: bytes = b"K" * 32
    sequence: int = 1
    election_key: Point = Y


def _full(context: Context, rows: Sequence[Row]) -> Scalar:
    """The challenge of the specification."""
    return proof_challenge(
        context.manifest, context.panel, context.key, context.sequence, [row.statement() for row in rows]
    )


def _holed(context: Context, rows: Sequence[Row], hole: str) -> Scalar:
    """The challenge without one field."""
    fields = {
        "manifest": context.manifest,
        "panel": u32(context.panel),
        "key": context.key,
        "sequence": u32(context.sequence),
    }
    statements = [] if hole == "rows" else [_statement(row, hole) for row in rows]
    return challenge("ballot/proof", *(f for name, f in fields.items() if name != hole), *statements)


def _statement(row: Row, hole: str) -> bytes:
    points = [] if hole == "alpha" else [row.alpha]
    points += [] if hole == "beta" else [row.beta]
    for a, b in row.commitments:
        points += ([] if hole in ("a", "commitments") else [a]) + (
            [] if hole in ("b", "commitments") else [b]
        )
    return b"".join(point.encode() for point in points)


def _holds(context: Context, rows: Sequence[Row], c: Scalar) -> bool:
    try:
        check_rows(rows, c, context.election_key, b"any seed", check="8.5", where="ballot")
    except BadProof:
        return False
    return True


@dataclass(frozen=True)
class Branches:
    """Commitments a_j = w_jG, b_j = u_jY + t_jG for everything to come."""

    w: tuple[Scalar, ...]
    u: tuple[Scalar, ...]
    t: tuple[Scalar, ...]

    def points(self, election_key: Point) -> tuple[tuple[Point, Point], ...]:
        return tuple(
            (base_multiply(w), multiply(election_key, u) + base_multiply(t))
            for w, u, t in zip(self.w, self.u, self.t, strict=True)
        )


def _honest(context: Context, choice: int, hole: str) -> list[Row]:
    """One row, proved under the holed challenge."""
    r, w = Scalar(31337), Scalar(271828)
    alpha = base_multiply(r)
    beta = multiply(context.election_key, r) + value_points(LEVELS)[choice]
    cs = [Scalar(1000 + j) for j in range(LEVELS + 1)]
    zs = [Scalar(2000 + j) for j in range(LEVELS + 1)]
    commitments = []
    for j in range(LEVELS + 1):
        if j == choice:
            commitments.append((base_multiply(w), multiply(context.election_key, w)))
        else:
            shifted = beta - value_points(LEVELS)[j]
            commitments.append(
                (
                    base_multiply(zs[j]) - multiply(alpha, cs[j]),
                    multiply(context.election_key, zs[j]) - multiply(shifted, cs[j]),
                )
            )
    row = Row(alpha, beta, tuple(commitments), tuple(cs[1:]), tuple(zs))
    c = _full(context, [row]) if hole == "none" else _holed(context, [row], hole)
    cs[choice] = c - _sum(cs[:choice] + cs[choice + 1 :])
    zs[choice] = w + cs[choice] * r
    return [replace(row, challenges=tuple(cs[1:]), responses=tuple(zs))]


def _sum(scalars: Sequence[Scalar]) -> Scalar:
    total = Scalar(0)
    for scalar in scalars:
        total = total + scalar
    return total


def test_an_honest_proof_holds() -> None:
    context = Context()
    for choice in range(LEVELS + 1):
        rows = _honest(context, choice, "none")
        assert _holds(context, rows, _full(context, rows))


@pytest.mark.parametrize(
    ("hole", "elsewhere"),
    [
        # The same words under another manifest: another survey with the same key, or its levels in another
        # order.
        ("manifest", Context(manifest=b"N" * 32)),
        ("panel", Context(panel=4)),
        ("key", Context(key=b"L" * 32)),
        ("sequence", Context(sequence=2)),
    ],
)
def test_without_a_field_of_the_context_a_proof_can_be_replayed_there(hole: str, elsewhere: Context) -> None:
    rows = _honest(Context(), 2, hole)
    assert _holds(elsewhere, rows, _holed(elsewhere, rows, hole))
    good = _honest(Context(), 2, "none")
    assert _holds(Context(), good, _full(Context(), good))
    assert not _holds(elsewhere, good, _full(elsewhere, good))
    assert not _holds(elsewhere, rows, _full(elsewhere, rows))


def test_without_beta_a_row_can_hold_any_number() -> None:
    """Only branch 0 gets a share of the challenge; β is chosen when c is known: v = −t₀/c."""
    context, zero, r = Context(), Scalar(0), Scalar(5)
    w = tuple(Scalar(10 + j) for j in range(LEVELS + 1))
    branches = Branches(w, w, (Scalar(7), zero, zero, zero))
    alpha = base_multiply(r)
    draft = Row(alpha, BASE, branches.points(Y), (zero,) * LEVELS, w)
    c = _holed(context, [draft], "beta")
    v = -(Scalar(7) * c.inverse())
    row = replace(draft, beta=multiply(Y, r) + base_multiply(v), responses=(w[0] + c * r, *w[1:]))
    assert int(v) not in {value(j) for j in range(LEVELS + 1)}
    assert _holds(context, [row], _holed(context, [row], "beta"))
    assert not _holds(context, [row], _full(context, [row]))


def test_without_alpha_a_row_can_hold_what_nobody_can_open() -> None:
    """α is chosen when c is known, with another randomness than β's."""
    context, zero, rho = Context(), Scalar(0), Scalar(6)
    w = tuple(Scalar(20 + j) for j in range(LEVELS + 1))
    u = (w[0] + Scalar(9), *w[1:])
    branches = Branches(w, u, (zero,) * (LEVELS + 1))
    draft = Row(BASE, multiply(Y, rho), branches.points(Y), (zero,) * LEVELS, w)
    c = _holed(context, [draft], "alpha")
    r = rho + Scalar(9) * c.inverse()
    row = replace(draft, alpha=base_multiply(r), responses=(w[0] + c * r, *w[1:]))
    assert row.beta - multiply(row.alpha, SECRET) not in value_points(LEVELS)
    assert _holds(context, [row], _holed(context, [row], "alpha"))
    assert not _holds(context, [row], _full(context, [row]))


@pytest.mark.parametrize("hole", ["commitments", "rows"])
def test_without_the_commitments_a_row_can_hold_a_thousand_votes(hole: str) -> None:
    context, r = Context(), Scalar(8)
    alpha, beta = base_multiply(r), multiply(Y, r) + base_multiply(Scalar(1000))
    draft = Row(
        alpha, beta, ((BASE, BASE),) * (LEVELS + 1), (Scalar(1), Scalar(2), Scalar(3)), (Scalar(4),) * 4
    )
    row = _simulated(draft, _holed(context, [draft], hole))
    assert _holds(context, [row], _holed(context, [row], hole))
    assert not _holds(context, [row], _full(context, [row]))


def _simulated(draft: Row, c: Scalar) -> Row:
    """Commitments computed from challenges and responses: what a simulator does once it knows c."""
    cs = (c - _sum(draft.challenges), *draft.challenges)
    return replace(
        draft,
        commitments=tuple(
            (
                base_multiply(z) - multiply(draft.alpha, cj),
                multiply(Y, z) - multiply(draft.beta - value_points(LEVELS)[j], cj),
            )
            for j, (cj, z) in enumerate(zip(cs, draft.responses, strict=True))
        ),
    )


@pytest.mark.parametrize("hole", ["a", "b"])
def test_without_one_half_of_the_commitments_a_row_can_hold_what_nobody_can_open(hole: str) -> None:
    """The bound half is made honestly for one randomness; the free half is computed for another when c is
    known.
    """
    context, zero, r, rho = Context(), Scalar(0), Scalar(11), Scalar(12)
    w = tuple(Scalar(30 + j) for j in range(LEVELS + 1))
    branches = Branches(w, w, (zero,) * (LEVELS + 1))
    draft = Row(base_multiply(r), multiply(Y, rho), branches.points(Y), (zero,) * LEVELS, w)
    c = _holed(context, [draft], hole)
    z = w[0] + c * (rho if hole == "a" else r)
    free = _simulated(replace(draft, responses=(z, *w[1:])), c).commitments[0]
    first = (free[0], draft.commitments[0][1]) if hole == "a" else (draft.commitments[0][0], free[1])
    row = replace(draft, commitments=(first, *draft.commitments[1:]), responses=(z, *w[1:]))
    assert row.beta - multiply(row.alpha, SECRET) not in value_points(LEVELS)
    assert _holds(context, [row], _holed(context, [row], hole))
    assert not _holds(context, [row], _full(context, [row]))


def test_two_rows_share_one_challenge_and_neither_can_be_exchanged() -> None:
    """A row of another ballot by the same voter: its challenge was over other rows."""
    vote = a_vote()
    context = Context(election_key=vote.manifest.election_key)
    rows = [*_honest(context, 1, "none"), *_honest(context, 2, "none")]
    for i, row in enumerate(rows):
        assert _holds(context, [row], _full(context, [row])), i
    assert not _holds(context, rows, _full(context, rows))
