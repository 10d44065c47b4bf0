"""A registrar that signs one voter's paper with a key of its own, and a voter who exchanges the levels of a
row.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from surveys.protocol import token
from surveys.protocol.ballot import HEADER, decode_ballot, token_message
from surveys.protocol.errors import BadSignature
from surveys.protocol.secret.blind import blind, finalize
from surveys.protocol.secret.encrypt import ballot_public_key
from surveys.protocol.secret.sign_token import blind_sign, make_token_key
from tests.attacks.forger import ballots_of, paper_of, recounted, signed
from tests.audit.build import a_vote
from tests.audit.verdicts import failed, without
from tests.votes import randomness


def test_a_token_key_for_one_voter_alone_is_refused_by_the_voters_own_page() -> None:
    """Whoever signs with a key a voter could tell each ballot by the key under which its token holds."""
    vote, take = a_vote(), randomness("marked")
    honest = token.decode_key(vote.manifest.definition.panels[0].token_key)
    message = token_message(vote.manifest.hash, 0, ballot_public_key(take(32)))
    asked = blind(honest, message, take)
    own = make_token_key()
    while own.private.public_key().public_numbers().n <= int.from_bytes(asked.message, "big"):
        own = make_token_key()  # a modulus below the message signs nothing
    with pytest.raises(BadSignature) as refused:
        finalize(honest, message, blind_sign(own, asked.message, take), asked)
    assert refused.value.check == "7.4"
    # The twin: a page that takes whatever key it is told has a token by which it is known for ever.
    public = own.private.public_key()
    marked = blind(public, message, take)
    told = finalize(public, message, blind_sign(own, marked.message, take), marked)
    token.verify(public, message, told, check="7.4", where="token")
    with pytest.raises(BadSignature):
        token.verify(honest, message, told, check="8.3", where="token")


def test_a_proof_for_another_order_of_levels_does_not_hold(tmp_path: Path) -> None:
    """The branches of a row, exchanged: a mark for one level would be proved as one for another."""
    vote = a_vote()
    old = ballots_of(vote, 0)[0]
    ballot = decode_ballot(old, vote.manifest)
    row = ballot.rows[0]
    exchanged = replace(
        row,
        commitments=(row.commitments[0], row.commitments[2], row.commitments[1], *row.commitments[3:]),
        challenges=(row.challenges[1], row.challenges[0], *row.challenges[2:]),
        responses=(row.responses[0], row.responses[2], row.responses[1], *row.responses[3:]),
    )
    rest = ballot.body[HEADER + len(row.encode()) :]
    new = signed(ballot.body[:HEADER] + exchanged.encode() + rest, paper_of(vote, old))
    forged = recounted(vote, [new if raw == old else raw for raw in vote.ballots])
    assert failed(forged.members, tmp_path) == ("8.5",)
    assert failed(forged.members, tmp_path, without("8.5")) == ()
