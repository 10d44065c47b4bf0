"""Ballots that nobody may cast: each is counted and certified as if it were good, and one check refuses it.

The twin of each: a verifier without that check calls the forged bundle good.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from surveys.protocol.ballot import HEADER, body_header, decode_ballot, token_message
from surveys.protocol.choice_proof import Row
from surveys.protocol.group import BASE, Point, Scalar, base_multiply, multiply
from surveys.protocol.secret.blind import blind, finalize
from surveys.protocol.secret.encrypt import ballot_public_key, seal_body
from surveys.protocol.secret.sign_token import blind_sign
from tests.attacks import forger
from tests.attacks.forger import SPARE, ballots_of, cast, paper_of, recounted, relabelled, signed, unreturned
from tests.audit.build import Vote, a_vote, board_bytes, cosigned
from tests.audit.verdicts import failed, without
from tests.votes import Paper, randomness

Forgery = Callable[[Vote], Vote]


def _more(vote: Vote, raw: bytes) -> Vote:
    return recounted(vote, [*vote.ballots, raw])


def _instead(vote: Vote, old: bytes, new: bytes) -> Vote:
    return recounted(vote, [new if raw == old else raw for raw in vote.ballots])


def a_token_of_another_panel(vote: Vote) -> Vote:
    old = ballots_of(vote, 0)[0]
    return _instead(vote, old, cast(vote, paper_of(vote, old), SPARE))


def a_token_of_another_survey(vote: Vote) -> Vote:
    # The registrar used the same RSA keys for two surveys.
    other = a_vote("other", survey="other")
    assert other.definition.panels[SPARE].token_key == vote.definition.panels[SPARE].token_key
    return _more(vote, cast(vote, unreturned(other), SPARE))


def a_token_for_another_ballot_key(vote: Vote) -> Vote:
    paper = unreturned(vote)
    stolen = Paper(paper.request, b"another ballot key of 32 bytes!!", paper.token)
    return _more(vote, cast(vote, stolen, SPARE))


def a_token_used_twice(vote: Vote) -> Vote:
    paper = paper_of(vote, ballots_of(vote, SPARE)[0])
    return _more(vote, cast(vote, paper, SPARE, sequence=7))


def a_proof_replayed_in_another_panel(vote: Vote) -> Vote:
    # The rows are somebody else's; panel and ballot key are not those of the proof.
    return _more(vote, relabelled(vote, ballots_of(vote, 0)[0], unreturned(vote), panel=SPARE, sequence=1))


def a_proof_replayed_under_another_sequence(vote: Vote) -> Vote:
    old = ballots_of(vote, 0)[0]
    return _instead(vote, old, relabelled(vote, old, paper_of(vote, old), panel=0, sequence=9))


def a_proof_replayed_for_another_contest(vote: Vote) -> Vote:
    old = ballots_of(vote, 0)[0]
    body = decode_ballot(old, vote.manifest).body
    first, second = forger.rows(vote, body)
    return _instead(vote, old, signed(body[:HEADER] + second + first, paper_of(vote, old)))


def a_rerandomised_ballot(vote: Vote) -> Vote:
    """α + sG and β + sY hold the same choice; the responses are shifted to fit, but for the challenge."""
    ballot = decode_ballot(ballots_of(vote, 0)[0], vote.manifest)
    paper, s = unreturned(vote), Scalar(42)
    shifted = b"".join(_shifted(vote, row, s).encode() for row in ballot.rows)
    header = body_header(vote.manifest.hash, SPARE, ballot_public_key(paper.seed), 1)
    return _more(vote, signed(header + shifted, paper))


def _shifted(vote: Vote, row: Row, s: Scalar) -> Row:
    return Row(
        row.alpha + base_multiply(s),
        row.beta + multiply(vote.manifest.election_key, s),
        row.commitments,
        row.challenges,
        (row.responses[0], *(z + c * s for c, z in zip(row.challenges, row.responses[1:], strict=True))),
    )


def a_vote_that_counts_twice(vote: Vote) -> Vote:
    """The first row holds 2·G instead of G, the proof is that of an honest ballot."""
    old = next(raw for raw in ballots_of(vote, 4))
    ballot = decode_ballot(old, vote.manifest)
    forged = _shift_value(ballot.rows[0])
    body = ballot.body[:HEADER] + forged.encode() + ballot.body[HEADER + len(forged.encode()) :]
    return _instead(vote, old, signed(body, paper_of(vote, old)))


def _shift_value(row: Row) -> Row:
    beta: Point = row.beta + BASE
    return Row(row.alpha, beta, row.commitments, row.challenges, row.responses)


def a_ballot_key_of_small_order(vote: Vote) -> Vote:
    """The neutral element as a key: R = neutral, S = 0 is a "signature" of any message for lenient
    verifiers.
    """
    neutral = b"\x01" + bytes(31)
    public, take = vote.token_keys[SPARE].private.public_key(), randomness("small order")
    message = token_message(vote.manifest.hash, SPARE, neutral)
    blinded = blind(public, message, take)
    token = finalize(public, message, blind_sign(vote.token_keys[SPARE], blinded.message, take), blinded)
    contests = len(vote.definition.panels[SPARE].contests)
    sealed = seal_body(vote.manifest, SPARE, [1] * contests, neutral, 1)
    return _more(vote, sealed.body + token + neutral + bytes(32))


@pytest.mark.parametrize(
    ("forgery", "check"),
    [
        (a_ballot_key_of_small_order, "8.4"),
        (a_token_of_another_panel, "8.3"),
        (a_token_of_another_survey, "8.3"),
        (a_token_for_another_ballot_key, "8.3"),
        (a_token_used_twice, "8.6"),
        (a_proof_replayed_in_another_panel, "8.5"),
        (a_proof_replayed_under_another_sequence, "8.5"),
        (a_proof_replayed_for_another_contest, "8.5"),
        (a_rerandomised_ballot, "8.5"),
        (a_vote_that_counts_twice, "8.5"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_only_the_right_check_refuses_and_without_it_the_forgery_passes(
    forgery: Forgery, check: str, tmp_path: Path
) -> None:
    forged = forgery(a_vote())
    assert failed(forged.members, tmp_path) == (check,)
    assert failed(forged.members, tmp_path, without(check)) == ()


def test_a_copied_ballot_is_refused_twice(tmp_path: Path) -> None:
    """Within its panel a copy is found by its points and by its proof, which is bound to the ballot key."""
    vote = a_vote()
    copied = _more(
        vote, relabelled(vote, ballots_of(vote, SPARE)[0], unreturned(vote), panel=SPARE, sequence=1)
    )
    assert failed(copied.members, tmp_path) == ("8.6", "8.5")
    assert failed(copied.members, tmp_path, without("8.6")) == ("8.5",)
    assert failed(copied.members, tmp_path, without("8.5")) == ("8.6",)
    assert failed(copied.members, tmp_path, without("8.5", "8.6")) == ()


@pytest.mark.parametrize("deed", ["missing", "extra"])
def test_a_ballot_with_a_contest_missing_or_too_many_does_not_decode(deed: str, tmp_path: Path) -> None:
    vote = a_vote()
    old = ballots_of(vote, 0)[0]
    body = decode_ballot(old, vote.manifest).body
    rows = forger.rows(vote, body)
    new = signed(
        body[:HEADER] + b"".join(rows[:1] if deed == "missing" else [*rows, rows[0]]), paper_of(vote, old)
    )
    assert failed(_with_board(vote, old, new), tmp_path)[0] == "8.2"


def test_a_ballot_of_another_survey_does_not_decode(tmp_path: Path) -> None:
    vote, other = a_vote(), a_vote("other", survey="other")
    old = ballots_of(vote, 0)[0]
    assert failed(_with_board(vote, old, ballots_of(other, 0)[0]), tmp_path)[0] == "8.2"


def _with_board(vote: Vote, old: bytes, new: bytes) -> dict[str, bytes]:
    ballots = [new if raw == old else raw for raw in vote.ballots]
    note = cosigned(vote.manifest, ballots, vote.box_seed, vote.sheets[:2])
    return {**vote.members, "board.bin": board_bytes(ballots), "checkpoint.txt": note.encode()}
