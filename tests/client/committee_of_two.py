"""A committee of Python and TypeScript trustees over one small vote, and what its messages are judged by in
Python.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from surveys.committee.checking import examine
from surveys.committee.trustee import Cosigning, Trustee
from surveys.instants import instant_text
from surveys.protocol import canonical
from surveys.protocol.agreement import Cosignature, encode_agreement, read_cosignature
from surveys.protocol.ballot import HEADER, SIGNATURE_BYTES, TOKEN_BYTES, row_size
from surveys.protocol.canonical import Fields
from surveys.protocol.ceremony import Ceremony, Commit, Confirm, Deal, election_keys
from surveys.protocol.ceremony_checks import read_commit, read_confirm, read_deal
from surveys.protocol.checkpoint import SignedCheckpoint
from surveys.protocol.issuance import IssueRequest, sorted_issuance
from surveys.protocol.manifest import Definition, Manifest
from surveys.protocol.plan import Plan
from surveys.protocol.roll_list import Roll
from surveys.protocol.secret import receipt_key
from surveys.protocol.secret.encrypt import encrypt_ballot
from surveys.protocol.shares import Share, read_share
from surveys.protocol.transcript import transcript
from tests.audit.build import (
    a_plan,
    a_vote,
    ballots_by_panel,
    board_bytes,
    cosigned,
    in_order,
)
from tests.client.node import Speaker
from tests.opening import AT, LATER
from tests.votes import Paper, a_paper, randomness

NAMES = ("Trần Thị Sáu", "Lê Văn Bảy", "Phạm Thị Tám", "Vũ Văn Chín", "Bùi Thị Mười")
THRESHOLD = 3
BALLOTS = (0, 3, 4, 3, 3, 2)


def fields(text: str, check: str, where: str) -> Fields:
    """A reader of a message as it is sent."""
    return Fields(canonical.decode(text.encode(), check=check, where=where), check=check, where=where)


def _listed(messages: Sequence[Commit] | Sequence[Deal]) -> str:
    return json.dumps([message.as_json() for message in messages])


@dataclass(frozen=True)
class InTypeScript:
    """A trustee of the client's core; it answers what it refuses with {"refused": …}."""

    client: Speaker
    seed: bytes
    trustee: int

    def say(self, job: str, **values: str) -> str:
        """One job of this trustee; raises AssertionError with the refusal."""
        answer = self.client.say(job, seed=self.seed.hex(), trustee=str(self.trustee), **values)
        assert "ok" in answer, answer
        return answer["ok"] if isinstance(answer["ok"], str) else json.dumps(answer["ok"])

    def commit(self, definition: Definition, attempt: int) -> Commit:
        assert attempt == 1
        text = self.say("commit", definition=canonical.encode(definition.as_json()).decode())
        return read_commit(fields(text, "5.2", "commit"))

    def deal(self, definition: Definition, attempt: int, commits: Sequence[Commit]) -> Deal:
        assert attempt == 1
        text = canonical.encode(definition.as_json()).decode()
        return read_deal(fields(self.say("deal", definition=text, commits=_listed(commits)), "5.3", "deal"))

    def confirm(
        self, manifest: Manifest, attempt: int, commits: Sequence[Commit], deals: Sequence[Deal]
    ) -> Confirm:
        assert attempt == 1
        text = manifest.encode().decode()
        said = self.say("confirm", manifest=text, commits=_listed(commits), deals=_listed(deals))
        return read_confirm(fields(said, "5.6", "confirm"))

    def cosign(self, scene: Scene) -> Cosigning:
        self.say("examine", members=scene.members_json())
        answer = json.loads(self.say("cosign", at=instant_text(AT)))
        given = read_cosignature(fields(answer["cosignature"], "11.3", "cosignature"))
        return Cosigning(given, bytes.fromhex(answer["checkpoint"]))

    def open(self, scene: Scene, agreement: Sequence[Cosignature]) -> Share:
        text = self.say(
            "open",
            agreement=encode_agreement(agreement).decode(),
            absent="[]",
            now=instant_text(LATER),
            since=instant_text(AT),
        )
        return read_share(fields(text, "12.3", "share"))


@dataclass(frozen=True)
class InPython:
    """A trustee of `surveys`."""

    inner: Trustee

    def commit(self, definition: Definition, attempt: int) -> Commit:
        return self.inner.commit(definition, attempt)

    def deal(self, definition: Definition, attempt: int, commits: Sequence[Commit]) -> Deal:
        return self.inner.deal(definition, attempt, commits)

    def confirm(
        self, manifest: Manifest, attempt: int, commits: Sequence[Commit], deals: Sequence[Deal]
    ) -> Confirm:
        return self.inner.confirm(manifest, attempt, commits, deals)

    def cosign(self, scene: Scene) -> Cosigning:
        return self.inner.cosign(examine(scene.members), AT)

    def open(self, scene: Scene, agreement: Sequence[Cosignature]) -> Share:
        return self.inner.open(examine(scene.members), agreement, now=LATER, since=AT)


Member = InTypeScript | InPython


@dataclass(frozen=True)
class Scene:
    """What is counted."""

    manifest: Manifest
    ceremony: Ceremony
    board: tuple[bytes, ...]
    checkpoint: SignedCheckpoint
    plan: Plan
    members: dict[str, bytes] = field(repr=False)

    def members_json(self) -> str:
        """What a member examines, for a job of the speaker."""
        return json.dumps([[name, raw.hex()] for name, raw in self.members.items()])

    def as_job(self) -> dict[str, str]:
        """The same for a job of the speaker."""
        return {
            "manifest": self.manifest.encode().decode(),
            "ceremony": self.ceremony.encode().decode(),
            "board": json.dumps([raw.hex() for raw in self.board]),
            "checkpoint": self.checkpoint.encode().decode(),
            "plan": self.plan.encode().decode(),
        }


def a_committee(client: Speaker) -> tuple[Member, ...]:
    """Five trustees: the odd ones in TypeScript, the even ones in Python."""
    take = randomness("a committee of two languages")
    seeds = [take(32) for _ in NAMES]
    return tuple(
        InTypeScript(client, seed, i) if i % 2 else InPython(Trustee(seed, i))
        for i, seed in enumerate(seeds, 1)
    )


@lru_cache(maxsize=1)
def a_definition_of_five() -> Definition:
    return replace(a_vote().definition, trustees=NAMES, threshold=THRESHOLD)


def a_ceremony_of(members: Sequence[Member], definition: Definition) -> tuple[Manifest, Ceremony]:
    """All rounds, each trustee in its own language checking all the others."""
    commits = tuple(member.commit(definition, 1) for member in members)
    deals = tuple(member.deal(definition, 1, commits) for member in members)
    keys = election_keys(definition.digest, 1, commits, deals)
    manifest = Manifest(definition, keys.election_key, keys.ceremony)
    confirms = tuple(member.confirm(manifest, 1, commits, deals) for member in members)
    return manifest, Ceremony(1, commits, deals, confirms)


def a_count_of(manifest: Manifest, ceremony: Ceremony) -> Scene:
    """A board of some good ballots, and its plan."""
    vote, take = a_vote(), randomness("ballots of two languages")
    ballots, requests = [], []
    for panel, number in enumerate(BALLOTS):
        for i in range(number):
            paper = a_paper(manifest, panel, vote.slips[panel][i], vote.token_keys[panel], take)
            requests.append(paper.request)
            marks = [(i + panel + c) % 4 for c in manifest.definition.panels[panel].contests]
            ballots.append(encrypt_ballot(manifest, panel, marks, paper.seed, 1, paper.token, take))
    return a_scene(manifest, ceremony, ballots, requests)


def a_scene(
    manifest: Manifest,
    ceremony: Ceremony,
    ballots: Sequence[bytes],
    requests: Sequence[IssueRequest],
    false: bytes | None = None,
) -> Scene:
    """The board of these ballots, with the checkpoint and the plan that follow from it; `false` is one more,
    with its paper.
    """
    if false is not None:
        ballots, requests = [*ballots, false], [*requests, a_paper_for_it(manifest).request]
    board = in_order(manifest, ballots)
    checkpoint = cosigned(manifest, board, a_vote().box_seed, ())
    plan = a_plan(manifest, checkpoint.checkpoint.root, ballots_by_panel(manifest, board), len(board))
    members = {
        "manifest.json": manifest.encode(),
        "ceremony.json": ceremony.encode(),
        "roll.json": Roll(tuple(tuple(s.public for s in slips) for slips in a_vote().slips), ()).encode(),
        "issuance.json": sorted_issuance(len(manifest.definition.panels), requests).encode(),
        "board.bin": board_bytes(board),
        "checkpoint.txt": checkpoint.encode(),
        "plan.json": plan.encode(),
    }
    return Scene(manifest, ceremony, board, checkpoint, plan, members)


def a_paper_for_it(manifest: Manifest) -> Paper:
    """The paper of the false ballot."""
    vote = a_vote()
    return a_paper(manifest, 0, vote.slips[0][0], vote.token_keys[0], randomness("a false ballot"))


def a_false_ballot(manifest: Manifest) -> bytes:
    """A ballot of panel 0, issued and signed as it should be, whose proof does not hold."""
    take, paper = randomness("marks of a false ballot"), a_paper_for_it(manifest)
    marks = [1 for _ in manifest.definition.panels[0].contests]
    good = encrypt_ballot(manifest, 0, marks, paper.seed, 1, paper.token, take)
    body = bytearray(good[: -TOKEN_BYTES - SIGNATURE_BYTES])
    # The low byte of the last response of the first row: still a scalar.
    body[HEADER + row_size(len(manifest.definition.levels)) - 32] ^= 1
    signed = receipt_key.sign(paper.seed, transcript("ballot/signature", bytes(body), paper.token))
    return bytes(body) + paper.token + signed
