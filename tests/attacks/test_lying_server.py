"""A server that lies to the committee (docs/protocol.md 11.3, 12.2), and its twin: the client of version 1,
which it opened up.

The twin does what version 1 did: it looks at a sample of ballots and opens at once, whatever others have
seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from surveys.committee.checking import examine
from surveys.committee.errors import RefusedByTrustee, TooFewCosigned
from surveys.committee.trustee import Trustee
from surveys.protocol.agreement import Cosigners
from surveys.protocol.ballot import HEADER, check_proofs, decode_ballot, row_size
from surveys.protocol.errors import Rejected
from surveys.protocol.group import IDENTITY, Point, Scalar, base_multiply, multiply
from surveys.protocol.secret.decrypt import decrypt_sums
from surveys.protocol.shares import Share, ShareContext
from surveys.protocol.tally import open_sums, solve_all, sums_of
from tests.attacks.forger import ballots_of, paper_of, recounted, resealed, signed
from tests.audit.build import Vote, a_plan, a_vote, ballots_by_panel, board_bytes
from tests.opening import AT, LATER, board_of

CONTEST, PANEL = 3, 2  # the contest over panel 2 alone: three ballots, one atom


def as_version_1(vote: Vote, trustee: int, sample: Sequence[int]) -> Share:
    """What a client of version 1 gave: the sampled ballots are checked, and then the sums are opened."""
    for i in sample:
        check_proofs(decode_ballot(vote.ballots[i], vote.manifest), vote.manifest, f"board[{i}]")
    sheet = vote.sheets[trustee - 1]
    sums = sums_of(vote.manifest, [decode_ballot(raw, vote.manifest) for raw in vote.ballots], vote.plan)
    return decrypt_sums(
        sheet,
        sheet.secret_share(vote.ceremony.commits, vote.ceremony.deals),
        vote.keys.verification_keys[trustee - 1],
        ShareContext(vote.manifest.hash, vote.plan.board, vote.plan.digest),
        Cosigners((1, 2, 3)),
        [alpha for alpha, _ in sums],
    )


def opened(vote: Vote, shares: Sequence[Share]) -> dict[int, Point]:
    """Sum of the plan → the point that two shares open."""
    sums = sums_of(vote.manifest, [decode_ballot(raw, vote.manifest) for raw in vote.ballots], vote.plan)
    return dict(enumerate(open_sums(sums, shares, 2)))


def reweighted(vote: Vote) -> Vote:
    """Row 3: one more ballot of the panel, whose row of the contest is a copy of another voter's, times 1000;
    its proof holds nothing.

    The box signs the board, and the plan follows from it.
    """
    victim, carrier = ballots_of(vote, PANEL)[:2]
    paper = paper_of(vote, carrier)
    row = vote.definition.panels[PANEL].contests.index(CONTEST)
    at = HEADER + row * row_size(len(vote.definition.levels))
    body = bytearray(decode_ballot(carrier, vote.manifest).body)
    for offset in (0, 32):
        point = Point.decode(victim[at + offset : at + offset + 32], check="", where="")
        body[at + offset : at + offset + 32] = multiply(point, Scalar(1000)).encode()
    forged = signed(bytes(body), paper)
    board = resealed(vote, [raw for raw in vote.ballots if raw != carrier] + [forged], ())
    by_panel = ballots_by_panel(vote.manifest, board.ballots)
    plan = a_plan(vote.manifest, board.checkpoint.checkpoint.root, by_panel, len(board.ballots))
    members = {
        **vote.members,
        "board.bin": board_bytes(board.ballots),
        "checkpoint.txt": board.checkpoint.encode(),
        "plan.json": plan.encode(),
    }
    return replace(board, plan=plan, members=members)


def test_a_ballot_that_weighs_another_one_is_cosigned_by_nobody() -> None:
    forged = reweighted(a_vote())
    with pytest.raises(Rejected) as caught:
        examine(board_of(forged.members))
    assert caught.value.check == "8.5"


def test_the_twin_that_samples_opens_it_and_the_sum_tells_one_voters_mark() -> None:
    vote = a_vote()
    forged = reweighted(vote)
    honest = [i for i, raw in enumerate(forged.ballots) if raw in vote.ballots]
    shares = [as_version_1(forged, i, honest[:5]) for i in (1, 2)]
    s = next(i for i, (contest, _) in enumerate(forged.plan.atoms()) if contest == CONTEST)
    point = opened(forged, shares)[s]
    # v₁ + 1000·v₁ + v₃ with v in {0, 1, B, B²}: the weight 1000 stands apart, and whose mark it is.
    found = [
        (mark, other)
        for mark in range(4)
        for other in range(4)
        if multiply_of(1001 * value(mark) + value(other)) == point
    ]
    assert len(found) == 1


def value(choice: int) -> int:
    return 0 if choice == 0 else (1 << 24) ** (choice - 1)


def multiply_of(number: int) -> Point:
    return IDENTITY if number == 0 else base_multiply(Scalar.of(number))


def two_boards(vote: Vote) -> tuple[Vote, Vote]:
    """Row 4: the true board, and one without one ballot; each with everything that follows from it."""
    without = next(raw for raw in ballots_of(vote, 3) if paper_of(vote, raw) == vote.papers[3][0])
    return vote, recounted(vote, [raw for raw in vote.ballots if raw != without])


def test_two_boards_shown_to_two_halves_are_never_both_opened_nor_one() -> None:
    """Three members, two are needed: the server shows one of them another board, and relays what fits
    each.
    """
    first, second = two_boards(a_vote())
    trustees = [Trustee(sheet._seed, sheet.trustee) for sheet in first.sheets]
    boards = [examine(board_of(vote.members)) for vote in (first, second)]
    shown = [boards[0], boards[0], boards[1]]
    given = [trustee.cosign(board, AT).cosignature for trustee, board in zip(trustees, shown, strict=True)]
    for trustee, board in zip(trustees, shown, strict=True):
        fits = [each for each, seen in zip(given, shown, strict=True) if seen is board]
        with pytest.raises(TooFewCosigned):
            trustee.open(board, fits, now=LATER, since=AT)
        with pytest.raises(Rejected) as foreign:
            trustee.open(board, given, now=LATER, since=AT)
        assert foreign.value.check == "11.3"
    for trustee, board in zip(trustees, shown, strict=True):
        other = boards[1] if board is boards[0] else boards[0]
        with pytest.raises(RefusedByTrustee, match="another board"):
            trustee.cosign(other, AT)


def test_the_twin_that_opens_at_once_opens_both_and_their_difference_is_one_ballot() -> None:
    first, second = two_boards(a_vote())
    counts = []
    for vote in (first, second):
        shares = [as_version_1(vote, i, ()) for i in (1, 2)]
        by_panel = ballots_by_panel(vote.manifest, vote.ballots)
        most = [sum(by_panel[p] for p in panels) for _, panels in vote.plan.atoms()]
        solved = solve_all(list(opened(vote, shares).values()), most, len(vote.definition.levels))
        totals: dict[int, list[int]] = {}
        for (contest, _), row in zip(vote.plan.atoms(), solved, strict=True):
            held = totals.setdefault(contest, [0] * len(row))
            totals[contest] = [a + b for a, b in zip(held, row, strict=True)]
        counts.append(totals)
    difference = {
        c: [a - b for a, b in zip(row, counts[1][c], strict=True)]
        for c, row in counts[0].items()
        if c in counts[1]
    }
    # One ballot of panel 3 is missing: in the contests over the bloc and over its committee the marks of one
    # voter remain.
    assert all(sum(map(abs, row)) <= 1 for row in difference.values())
    assert any(sum(row) == 1 for row in difference.values())
