"""What a load is made of: an instance whose polls are open, and voters who have a slip, a request for a paper
and, once it is issued, a ballot.

One hall of one panel, the worst case: everything that is compared in a box is compared within a panel.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sqlalchemy import text

from surveys.jobs.progress import Silent
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.organisation.values import Organisation, Person, Post, PostKind, Scope, Unit
from surveys.protocol import token
from surveys.protocol.ballot import token_message
from surveys.protocol.manifest import Manifest, decode_manifest
from surveys.protocol.secret.blind import Blinded, blind, finalize
from surveys.protocol.secret.encrypt import ballot_public_key, encrypt_ballot
from surveys.protocol.secret.slip_key import slip_key
from surveys.protocol.transcript import u32
from surveys.rehearsal.run import OpenPolls, open_vote
from surveys.roll.slips import Slip
from surveys.rounds.contests import plan_electorate
from surveys.rules.preset import DEFAULT, Preset
from surveys.stores.store import Stores
from surveys.web.clients import built_clients
from tests.organisations import some_terms

SURVEY = bytes([0x10]) * 16
ROUND = RoundId(SURVEY.hex())
HALL = UnitCode("H")
CHUNK = 50
T = TypeVar("T")
M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Asked:
    """A voter who waits for a paper: the request as it goes over the wire, and what stays with the voter."""

    request: bytes
    seed: bytes
    blinded: Blinded


def open_polls(stores: Stores, contests: int, voters: int) -> OpenPolls:
    """A vote of one hall, from its organisation to the open gate."""
    people = [Person(PersonCode(f"v{n:06}"), f"Đại biểu {n}", HALL, None, True) for n in range(voters)]
    posts = [
        Post(HALL, each.code, "Chủ tịch", PostKind.PROFESSIONAL, True, True, Scope.UNIT)
        for each in people[:contests]
    ]
    hall = Organisation.of([Unit(HALL, None, "Hội đồng", "Council", "council")], people, posts)
    preset = Preset.load(DEFAULT)
    terms = some_terms(SURVEY, preset=preset, clients=built_clients().named)
    electorate = plan_electorate(hall, 2026, preset.level_ids)
    return open_vote(stores, terms, hall, electorate, [voters], Silent(), 1)


def fill(stores: Stores, slips: Sequence[Slip]) -> None:
    """Let these voters have a paper and a ballot already: random bytes in the right width, for the cost of a
    comparison does not depend on what is compared. Their ballots lie in the slots that come last, as good as
    any.
    """
    if not slips:
        return
    draw = os.urandom
    papers = [{"slip": slip.key, "blinded": draw(256), "signature": draw(64)} for slip in slips]
    with stores.engines.roll(ROUND).begin() as connection:
        paper = "update slips set blinded = :blinded, signature = :signature where panel = 0 and slip = :slip"
        connection.execute(text(paper), papers)
    with stores.engines.box(ROUND).begin() as connection:
        last = "select slot, length(fingerprints) from head order by slot desc limit :count"
        found = connection.execute(text(last), {"count": len(slips)}).all()
        ballots = [
            {"slot": slot, "used": b"\x01", "key": draw(32), "first": u32(1), "digest": draw(32)}
            | {"prints": draw(width)}
            for slot, width in found
        ]
        ballot = (
            "update head set used = :used, ballot_key = :key, sequence = :first, digest = :digest,"
            " fingerprints = :prints where slot = :slot"
        )
        connection.execute(text(ballot), ballots)


def ask_all(workers: Executor, manifest: Manifest, codes: Sequence[bytes]) -> list[Asked]:
    """The requests of these slips."""
    return _spread(workers, partial(_ask, manifest.encode()), codes)


def mark_all(
    workers: Executor, manifest: Manifest, asked: Sequence[Asked], answers: Sequence[bytes]
) -> list[bytes]:
    """The ballots of these voters, once the registrar has answered them."""
    return _spread(workers, partial(_mark, manifest.encode()), list(zip(asked, answers, strict=True)))


def _spread(workers: Executor, work: Callable[[Sequence[T]], list[M]], items: Sequence[T]) -> list[M]:
    chunks = [items[at : at + CHUNK] for at in range(0, len(items), CHUNK)]
    return [each for done in workers.map(work, chunks) for each in done]


def _ask(encoded: bytes, codes: Sequence[bytes]) -> list[Asked]:
    manifest = decode_manifest(encoded)
    public = token.decode_key(manifest.definition.panels[0].token_key)
    made = []
    for code in codes:
        seed = os.urandom(32)
        blinded = blind(public, token_message(manifest.hash, 0, ballot_public_key(seed)))
        asked = slip_key(code, SURVEY).request(manifest.hash, 0, blinded.message)
        made.append(Asked(u32(0) + asked.slip + asked.blinded + asked.signature, seed, blinded))
    return made


def _mark(encoded: bytes, papers: Sequence[tuple[Asked, bytes]]) -> list[bytes]:
    manifest = decode_manifest(encoded)
    panel = manifest.definition.panels[0]
    public, made = token.decode_key(panel.token_key), []
    for asked, answer in papers:
        message = token_message(manifest.hash, 0, ballot_public_key(asked.seed))
        signed = finalize(public, message, answer, asked.blinded)
        choices = [os.urandom(1)[0] % 4 for _ in panel.contests]
        made.append(encrypt_ballot(manifest, 0, choices, asked.seed, 1, signed, os.urandom))
    return made
