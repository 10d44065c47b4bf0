"""Forged plans, sums and shares: what trustees, or a server that deceives them, could try in the count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from surveys.protocol.agreement import Cosigners
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.dleq import DleqProof
from surveys.protocol.group import BASE, Scalar, base_multiply, multiply
from surveys.protocol.secret.decrypt import decrypt_sums
from surveys.protocol.shares import Share, ShareContext, share_message, statement
from surveys.protocol.tally import Sum, Tally
from tests.attacks.forger import SPARE, another_plan, ballots_of
from tests.audit.build import Vote, a_tally, a_vote, counted
from tests.audit.verdicts import failed, without

ALL = Cosigners((1, 2, 3))


@pytest.mark.parametrize(
    ("contest", "atoms"),
    [
        (0, ((0,), (1,), (2,), (3,), (4, 5))),  # P-1 returned two
        (0, ((0, 1, 2), (2, 3, 4, 5))),  # overlapping
        (0, ((0, 1, 2), (3, 4))),  # P-6 left out
        (3, ((2, 3),)),  # a panel outside the electorate
        (4, ((5,),)),  # withheld, opened all the same
    ],
)
def test_a_plan_that_opens_too_little_too_much_or_twice_is_refused_twice(
    contest: int, atoms: tuple[tuple[int, ...], ...], tmp_path: Path
) -> None:
    vote = a_vote()
    plan = another_plan(vote, contest, atoms)
    tally = a_tally(vote.manifest, vote.ceremony, vote.keys, vote.sheets[:2], vote.ballots, plan)
    members = {**vote.members, "plan.json": plan.encode(), "tally.json": tally.encode()}
    assert failed(members, tmp_path)[:2] == ("11.1", "11.2")
    # Without the first of the two the second still stands.
    assert failed(members, tmp_path, without("11.1"))[0] == "11.2"


def test_opening_a_single_ballot_under_the_name_of_a_sum_is_refused(tmp_path: Path) -> None:
    vote = a_vote()
    raw = ballots_of(vote, SPARE)[0]
    row = decode_ballot(raw, vote.manifest).rows[0]
    sums = ((row.alpha, row.beta), *vote.tally.sums[1:])
    tally = replace(vote.tally, sums=sums, shares=tuple(_share(vote, m, sums) for m in (0, 1)))
    assert failed({**vote.members, "tally.json": tally.encode()}, tmp_path)[:2] == ("12.1", "12.3")


def _share(vote: Vote, m: int, sums: tuple[Sum, ...], context: ShareContext | None = None) -> Share:
    sheet = vote.sheets[m]
    return decrypt_sums(
        sheet,
        sheet.secret_share(vote.ceremony.commits, vote.ceremony.deals),
        vote.keys.verification_keys[m],
        context or ShareContext(vote.manifest.hash, vote.plan.board, vote.plan.digest),
        ALL,
        [alpha for alpha, _ in sums],
    )


def a_share_with_another_secret(vote: Vote) -> Share:
    """The trustee signs it; the proof is that of the wrong secret."""
    sheet, bases = vote.sheets[1], [alpha for alpha, _ in vote.tally.sums]
    context = ShareContext(vote.manifest.hash, vote.plan.board, vote.plan.digest)
    return decrypt_sums(sheet, Scalar(7), vote.keys.verification_keys[1], context, ALL, bases)


def a_share_shifted_in_one_sum_and_back_in_another(vote: Vote) -> Share:
    """Equal weights would not notice; the trustee signs the shifted share anew."""
    share, bases = vote.tally.shares[1], [alpha for alpha, _ in vote.tally.sums]
    points = (share.points[0] + BASE, share.points[1] - BASE, *share.points[2:])
    context = ShareContext(vote.manifest.hash, vote.plan.board, vote.plan.digest)
    h = statement(context, ALL, 2, vote.keys.verification_keys[1], bases, points)
    return Share(2, ALL, points, share.proof, vote.sheets[1].sign(share_message(h, share.proof)))


def a_share_of_another_vote(vote: Vote) -> Share:
    return a_vote("second").tally.shares[1]


def a_share_of_another_plan(vote: Vote) -> Share:
    plan = another_plan(vote, 0, (tuple(range(6)),))
    # Even over the very same sums: the share names the plan.
    context = ShareContext(vote.manifest.hash, vote.plan.board, plan.digest)
    return _share(vote, 1, vote.tally.sums, context)


def a_share_of_another_board(vote: Vote) -> Share:
    return _share(vote, 1, vote.tally.sums, ShareContext(vote.manifest.hash, bytes(32), vote.plan.digest))


def a_share_in_another_trustees_name(vote: Vote) -> Share:
    return replace(_share(vote, 2, vote.tally.sums), trustee=2)


def a_proof_of_another_statement(vote: Vote) -> Share:
    w = Scalar(5)
    return replace(vote.tally.shares[1], proof=DleqProof(base_multiply(w), multiply(BASE, w), w))


@pytest.mark.parametrize(
    "forgery",
    [
        a_share_with_another_secret,
        a_share_shifted_in_one_sum_and_back_in_another,
        a_share_of_another_vote,
        a_share_of_another_plan,
        a_share_of_another_board,
        a_share_in_another_trustees_name,
        a_proof_of_another_statement,
    ],
)
def test_a_share_that_is_not_this_trustees_share_of_these_sums_is_named(
    forgery: Callable[[Vote], Share], tmp_path: Path
) -> None:
    vote = a_vote()
    tally = replace(vote.tally, shares=(vote.tally.shares[0], forgery(vote)))
    members = {**vote.members, "tally.json": tally.encode()}
    assert failed(members, tmp_path) == ("12.3", "12.4")
    # A third trustee's good share makes up the number; the bad one is still named.
    tally = replace(tally, shares=(*tally.shares, _share(vote, 2, vote.tally.sums)))
    assert failed({**vote.members, "tally.json": tally.encode()}, tmp_path)[0] == "12.3"


def test_too_few_shares_a_double_one_and_a_wrong_order_are_refused_by_12_4(tmp_path: Path) -> None:
    vote = a_vote()
    one, two = vote.tally.shares
    for shares in ((), (one,), (two,), (one, one), (two, one), (one, two, two)):
        tally: Tally = replace(vote.tally, shares=shares)
        assert failed({**vote.members, "tally.json": tally.encode()}, tmp_path) == ("12.4",)


def test_any_two_trustees_count_the_same(tmp_path: Path) -> None:
    vote = a_vote()
    for pair in ((0, 1), (0, 2), (1, 2)):
        sheets = [vote.sheets[m] for m in pair]
        tally = a_tally(vote.manifest, vote.ceremony, vote.keys, sheets, vote.ballots, vote.plan)
        assert tally.counts == vote.tally.counts
        assert failed(counted(vote, tally=tally).members, tmp_path) == ()
