"""Somebody who cheats, with the powers that were stolen, and everything after the cheat done as it should be.

A forged bundle is remade from the cheat onwards with every key that signs later files, so that only the
checks that are meant to notice can notice. A test that leaves the forger a power less says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from surveys.protocol.ballot import HEADER, body_header, decode_ballot, row_size
from surveys.protocol.plan import Plan
from surveys.protocol.secret.deal import Sheet
from surveys.protocol.secret.encrypt import SealedBody, ballot_public_key, encrypt_ballot, sign_body
from surveys.protocol.secret.slip_key import SlipKey, slip_key
from tests.audit.build import (
    Vote,
    a_plan,
    ballots_by_panel,
    cosigned,
    counted,
    in_order,
)
from tests.votes import Paper, a_paper, randomness

SPARE = 1
"""The panel in which one paper more was issued than returned."""


def resealed(vote: Vote, ballots: Sequence[bytes], cosigners: Sequence[Sheet] | None = None) -> Vote:
    """The board of these ballots, sealed by the box and cosigned by all trustees, or by these."""
    board = in_order(vote.manifest, ballots)
    signers = vote.sheets if cosigners is None else cosigners
    return replace(vote, ballots=board, checkpoint=cosigned(vote.manifest, board, vote.box_seed, signers))


def recounted(vote: Vote, ballots: Sequence[bytes], cosigners: Sequence[Sheet] | None = None) -> Vote:
    """The whole vote over these ballots: sealed, counted by two trustees, certified."""
    return counted(resealed(vote, ballots, cosigners))


def ballots_of(vote: Vote, panel: int) -> list[bytes]:
    """The panel's ballots on the board."""
    return [raw for raw in vote.ballots if int.from_bytes(raw[36:40], "big") == panel]


def paper_of(vote: Vote, raw: bytes) -> Paper:
    """The paper that a ballot was cast with."""
    ballot = decode_ballot(raw, vote.manifest)
    return next(paper for paper in vote.papers[ballot.panel] if paper.token == ballot.token)


def unreturned(vote: Vote) -> Paper:
    """The paper of panel SPARE that was issued and not returned."""
    return vote.papers[SPARE][3]


def cast(vote: Vote, paper: Paper, panel: int, sequence: int = 1, choice: int = 1) -> bytes:
    """An honest ballot with this paper."""
    choices = [choice] * len(vote.definition.panels[panel].contests)
    return encrypt_ballot(vote.manifest, panel, choices, paper.seed, sequence, paper.token)


def signed(body: bytes, paper: Paper) -> bytes:
    """A ballot of any body, signed by the paper's holder."""
    return sign_body(SealedBody(body, (), ()), paper.seed, paper.token)


def relabelled(vote: Vote, raw: bytes, paper: Paper, *, panel: int, sequence: int) -> bytes:
    """The rows of a ballot under another header, signed by the holder of another paper."""
    ballot = decode_ballot(raw, vote.manifest)
    header = body_header(vote.manifest.hash, panel, ballot_public_key(paper.seed), sequence)
    return signed(header + ballot.body[HEADER:], paper)


def rows(vote: Vote, body: bytes) -> list[bytes]:
    """The rows of a body, as bytes."""
    size = row_size(len(vote.definition.levels))
    return [body[at : at + size] for at in range(HEADER, len(body), size)]


def an_invented_slip(vote: Vote) -> SlipKey:
    """A slip that nobody was given."""
    return slip_key(b"invented!!", vote.definition.survey)


def issued_to(vote: Vote, panel: int, slip: SlipKey) -> Paper:
    """A paper that the registrar's key makes for this slip."""
    return a_paper(vote.manifest, panel, slip, vote.token_keys[panel], randomness("forged paper"))


def with_paper(vote: Vote, panel: int, paper: Paper) -> Vote:
    """The vote with one paper more on record."""
    papers = [*vote.papers]
    papers[panel] = (*papers[panel], paper)
    return replace(vote, papers=tuple(papers))


def another_plan(vote: Vote, contest: int, atoms: tuple[tuple[int, ...], ...] | None) -> Plan:
    """The plan with other atoms for one contest."""
    plan = a_plan(
        vote.manifest,
        vote.checkpoint.checkpoint.root,
        ballots_by_panel(vote.manifest, vote.ballots),
        len(vote.ballots),
    )
    contests = [*plan.contests]
    contests[contest] = atoms
    return replace(plan, contests=tuple(contests))
