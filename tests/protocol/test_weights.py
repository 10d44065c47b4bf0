"""Batches are weighted: two wrong equations must not cancel (8.5, 12.2). Each test shows that without weights
they would.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from surveys.protocol.agreement import Cosigners
from surveys.protocol.ballot import HEADER, Ballot, check_proofs, proof_challenge
from surveys.protocol.choice_proof import Row, Weighed, weigh
from surveys.protocol.dleq import DleqProof
from surveys.protocol.errors import BadProof, BadSignature
from surveys.protocol.group import BASE, IDENTITY, Point, Scalar, base_multiply, multiply, sum_points
from surveys.protocol.shares import Share, check_share, share_challenge, share_message, statement, weighted
from tests.vectors.vote import the_vote

VOTE = the_vote()
BALLOT = VOTE.ballots[0]
SHIFT = Scalar(12345)
COSIGNERS = Cosigners((1, 2, 3))
CONTEXT, KEY = VOTE.context, VOTE.keys.verification_keys[0]
BASES = [alpha for alpha, _ in VOTE.sums]
SECRET = VOTE.sheets[0].secret_share(VOTE.ceremony.commits, VOTE.ceremony.deals)
Weighing = Callable[[bytes, Sequence[Point]], Point]


def _without_weights(rows: Sequence[Row]) -> bool:
    statements = [row.statement() for row in rows]
    c = proof_challenge(VOTE.manifest.hash, BALLOT.panel, BALLOT.key, BALLOT.sequence, statements)
    total = Weighed(IDENTITY, 0, 0)
    for row in rows:
        total = total + weigh(row, c, [Scalar(1)] * 8)
    return total.vanishes(VOTE.manifest.election_key)


def _ballot(rows: Sequence[Row]) -> Ballot:
    """The ballot with these rows, in its body too: the weights come from there."""
    body = BALLOT.body[:HEADER] + b"".join(row.encode() for row in rows)
    return replace(BALLOT, rows=tuple(rows), body=body)


def _response(row: Row, j: int, by: Scalar) -> Row:
    responses = [*row.responses]
    responses[j] = responses[j] + by
    return replace(row, responses=tuple(responses))


@pytest.mark.parametrize("branches", [(0, 0), (0, 3), (2, 1)])
def test_two_rows_that_cancel_are_refused_and_named(branches: tuple[int, int]) -> None:
    first, second = BALLOT.rows
    rows = (_response(first, branches[0], SHIFT), _response(second, branches[1], -SHIFT))
    assert _without_weights(BALLOT.rows)
    assert _without_weights(rows)
    with pytest.raises(BadProof) as refused:
        check_proofs(_ballot(rows), VOTE.manifest)
    assert refused.value.where == "ballot.contests[0]"


@pytest.mark.parametrize("row", [0, 1])
def test_two_branches_of_one_row_that_cancel_are_refused(row: int) -> None:
    rows = [*BALLOT.rows]
    rows[row] = _response(_response(rows[row], 0, SHIFT), 2, -SHIFT)
    assert _without_weights(rows)
    with pytest.raises(BadProof) as refused:
        check_proofs(_ballot(rows), VOTE.manifest)
    assert refused.value.where == f"ballot.contests[{row}]"


def test_without_weights_one_wrong_equation_would_still_be_seen() -> None:
    """The twin is broken only in its weights."""
    assert not _without_weights((_response(BALLOT.rows[0], 0, SHIFT), BALLOT.rows[1]))


def _share(points: Sequence[Point], weighing: Weighing) -> Share:
    """The best that trustee 1 can do for any points: every other step is honest."""
    h = statement(CONTEXT, COSIGNERS, 1, KEY, BASES, points)
    base, w = weighing(h, BASES), Scalar(4711)
    g, a = base_multiply(w), multiply(base, w)
    proof = DleqProof(g, a, w + share_challenge(h, g, a) * SECRET)
    return Share(1, COSIGNERS, tuple(points), proof, VOTE.sheets[0].sign(share_message(h, proof)))


def _holds(share: Share, weighing: Weighing) -> bool:
    h = statement(CONTEXT, share.cosigners, share.trustee, KEY, BASES, share.points)
    c = share_challenge(h, share.proof.g, share.proof.a)
    try:
        share.proof.check(c, KEY, weighing(h, BASES), weighing(h, share.points), check="12.3", where="share")
    except BadProof:
        return False
    return True


def _unit(_: bytes, points: Sequence[Point]) -> Point:
    return sum_points(points)


def _fixed(_: bytes, points: Sequence[Point]) -> Point:
    """Weights that are known before the points: 1, 2, 3, …"""
    return sum_points(multiply(point, Scalar(s + 1)) for s, point in enumerate(points))


def _shifted(first: Scalar, second: Scalar) -> list[Point]:
    points = list(VOTE.shares[0].points)
    return [points[0] + multiply(BASE, first), points[1] + multiply(BASE, second), *points[2:]]


@pytest.mark.parametrize(
    ("weighing", "first", "second"), [(_unit, SHIFT, -SHIFT), (_fixed, SHIFT + SHIFT, -SHIFT)]
)
def test_a_result_shifted_and_hidden_in_another_is_refused(
    weighing: Weighing, first: Scalar, second: Scalar
) -> None:
    points = _shifted(first, second)
    assert _holds(_share(points, weighing), weighing)
    forged = _share(points, weighted)
    assert not _holds(forged, weighted)
    with pytest.raises(BadProof) as refused:
        check_share(forged, CONTEXT, KEY, VOTE.ceremony.commits[0].sign_key, BASES, "tally.shares[0]")
    assert refused.value.check == "12.3"


def test_an_honest_share_holds_under_any_weights() -> None:
    for weighing in (weighted, _unit, _fixed):
        assert _holds(_share(VOTE.shares[0].points, weighing), weighing)


def test_exchanged_points_are_refused() -> None:
    one, two, *rest = VOTE.shares[0].points
    assert _holds(_share([two, one, *rest], _unit), _unit)
    assert not _holds(_share([two, one, *rest], weighted), weighted)


def test_a_share_over_other_sums_is_refused() -> None:
    """The same trustee's shares of the same sums in another order, or under another plan."""
    honest = VOTE.shares[0]
    sign_key = VOTE.ceremony.commits[0].sign_key
    check_share(honest, CONTEXT, KEY, sign_key, BASES, "share")
    for name in ("manifest", "board", "plan"):
        with pytest.raises(BadSignature):
            check_share(honest, replace(CONTEXT, **{name: bytes(32)}), KEY, sign_key, BASES, "share")
