"""Thousands of damaged messages of a committee get the same error, clause and place in Python and in
TypeScript.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from surveys.names import UnitCode
from surveys.protocol import canonical
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.canonical import Fields
from surveys.protocol.ceremony import (
    Confirm,
    Deal,
    ElectionKeys,
    commits_hash,
    confirm_message,
    deal_message,
)
from surveys.protocol.ceremony_checks import (
    check_commits,
    check_complete,
    check_confirm,
    check_deal,
    check_keys,
    check_rehearsal,
    decode_ceremony,
    read_commit,
    read_confirm,
    read_deal,
)
from surveys.protocol.certificate import decode_certificate
from surveys.protocol.errors import Rejected
from surveys.protocol.issuance import decode_issuance
from surveys.protocol.plan import decode_plan
from surveys.protocol.roll_list import decode_roll
from surveys.protocol.shares import (
    Share,
    ShareContext,
    check_share,
    read_share,
    share_message,
    statement,
)
from surveys.protocol.tally import (
    Sum,
    ballots_by_panel,
    check_counts,
    decode_tally,
    open_sums,
    solve_all,
    sums_of,
)
from surveys.rules.atoms import Withheld, plan_atoms
from tests.audit.build import Vote, a_vote
from tests.client.damage import Damage
from tests.client.node import Speaker, speaker

SEED = 2027


_READERS: dict[str, Callable[[Fields], Deal | Confirm | Share]] = {
    "deal": read_deal,
    "confirm": read_confirm,
    "share": read_share,
}


@dataclass(frozen=True)
class Committee:
    """The Python half of the speaker's jobs: the same steps, in the same order."""

    vote: Vote
    keys: ElectionKeys
    by_panel: tuple[int, ...]
    sums: tuple[Sum, ...]

    def _fields(self, raw: bytes, check: str) -> Fields:
        return Fields(canonical.decode(raw, check=check, where="message"), check=check, where="message")

    def _foreign(self, trustee: int) -> bool:
        return trustee > len(self.vote.definition.trustees)

    def a_commit(self, raw: bytes) -> object:
        commit = read_commit(self._fields(raw, "5.1"))
        if self._foreign(commit.trustee):
            return "foreign"
        others = [each for each in self.vote.ceremony.commits if each.trustee != commit.trustee]
        check_commits([*others, commit], self.vote.definition.digest, 1)
        return ""

    def a_deal(self, raw: bytes) -> object:
        deal = read_deal(self._fields(raw, "5.1"))
        if self._foreign(deal.trustee):
            return "foreign"
        commits = self.vote.ceremony.commits
        check_deal(deal, commits, self.vote.definition, 1)
        return self.vote.sheets[0].secret_share(commits, [deal]).encode().hex()

    def a_sealed_share(self, raw: bytes) -> object:
        deal = read_deal(self._fields(raw, "5.1"))
        if self._foreign(deal.trustee) or not deal.shares:
            return "foreign"
        return self.vote.sheets[0].secret_share(self.vote.ceremony.commits, [deal]).encode().hex()

    def a_confirm(self, raw: bytes) -> object:
        confirm = read_confirm(self._fields(raw, "5.1"))
        if self._foreign(confirm.trustee):
            return "foreign"
        sign_key = self.vote.ceremony.commits[confirm.trustee - 1].sign_key
        check_confirm(confirm, self.keys, sign_key, self.vote.manifest)
        return ""

    def a_ceremony(self, raw: bytes) -> object:
        record = decode_ceremony(raw)
        manifest, definition = self.vote.manifest, self.vote.definition
        check_complete(record, definition)
        check_commits(record.commits, definition.digest, record.attempt)
        for deal in record.deals:
            check_deal(deal, record.commits, definition, record.attempt)
        keys = check_keys(record, manifest)
        for confirm in record.confirms:
            check_confirm(confirm, keys, record.commits[confirm.trustee - 1].sign_key, manifest)
        check_rehearsal(record.confirms, keys, definition.threshold)
        return keys.ceremony.hex()

    def a_plan(self, raw: bytes) -> object:
        plan = decode_plan(raw)
        plan.check_atoms(self.vote.definition, self.by_panel)
        return plan.digest.hex()

    def a_share(self, raw: bytes) -> object:
        share = read_share(self._fields(raw, "12.3"))
        if self._foreign(share.trustee):
            return "foreign"
        plan, m = self.vote.plan, share.trustee - 1
        context = ShareContext(self.vote.manifest.hash, plan.board, plan.digest)
        sign_key = self.vote.ceremony.commits[m].sign_key
        bases = [alpha for alpha, _ in self.sums]
        check_share(share, context, self.keys.verification_keys[m], sign_key, bases, "message")
        return ""

    def a_tally(self, raw: bytes) -> object:
        tally = decode_tally(raw)
        most = [sum(self.by_panel[p] for p in panels) for _, panels in self.vote.plan.atoms()]
        if any(len(share.points) != len(tally.sums) for share in tally.shares):
            return "other number of points"
        opened = open_sums(tally.sums, tally.shares, self.vote.definition.threshold)
        check_counts(tally.counts, opened, most, 3)
        return [list(each) for each in solve_all(opened, most, 3)]

    def an_issuance(self, raw: bytes) -> object:
        issuance = decode_issuance(raw)
        issuance.check_against(decode_roll(self.vote.members["roll.json"]))
        return ""

    def a_certificate(self, raw: bytes) -> object:
        return decode_certificate(raw).encode().hex()

    def signed_again(self, job: str, document: Any) -> Any:
        """The damaged message under its sender's own signature, where it still can be read."""
        kind = job.rsplit(" ", 1)[-1] if job != "a sealed share" else "deal"
        if kind not in _READERS:
            return document
        check = "12.3" if kind == "share" else "5.1"
        try:
            fields = Fields(document, check=check, where="message")
            message = _READERS[kind](fields)
            sheet = self.vote.sheets[message.trustee - 1]
        except (Rejected, IndexError):
            return document
        return {**document, "signature": sheet.sign(self._message(message)).hex()}

    def _message(self, message: Deal | Confirm | Share) -> bytes:
        vote = self.vote
        if isinstance(message, Deal):
            hashed = commits_hash(vote.definition.digest, 1, vote.ceremony.commits)
            return deal_message(hashed, message.trustee, message.unsigned_json())
        if isinstance(message, Confirm):
            x, m = self.keys.ceremony, vote.manifest.hash
            return confirm_message(x, m, message.trustee, message.share, message.proof)
        context = ShareContext(vote.manifest.hash, vote.plan.board, vote.plan.digest)
        key = self.keys.verification_keys[message.trustee - 1]
        h = statement(
            context,
            message.cosigners,
            message.trustee,
            key,
            [alpha for alpha, _ in self.sums],
            message.points,
        )
        return share_message(h, message.proof)

    def verdict(self, job: str, raw: bytes) -> dict[str, object]:
        """As the speaker answers."""
        try:
            return {"ok": getattr(self, job.replace(" ", "_"))(raw)}
        except Rejected as refusal:
            return {"refused": f"{type(refusal).__name__} {refusal.check} {refusal.where}"}


@pytest.fixture(scope="module")
def committee() -> Committee:
    vote = a_vote()
    ballots = [decode_ballot(raw, vote.manifest) for raw in vote.ballots]
    keys = check_keys(vote.ceremony, vote.manifest)
    return Committee(
        vote, keys, ballots_by_panel(vote.manifest, ballots), sums_of(vote.manifest, ballots, vote.plan)
    )


@pytest.fixture(scope="module")
def client(committee: Committee) -> Iterator[Speaker]:
    vote = committee.vote
    with speaker() as running:
        answer = running.say(
            "committee",
            manifest=vote.manifest.encode().decode(),
            ceremony=vote.ceremony.encode().decode(),
            board=json.dumps([raw.hex() for raw in vote.ballots]),
            plan=vote.plan.encode().decode(),
            roll=vote.members["roll.json"].decode(),
            seed=vote.sheets[0]._seed.hex(),
        )
        assert answer == {"ok": vote.plan.digest.hex()}
        yield running


# How many damaged messages, the verdicts that must be among theirs, and the good ones they are made of.
Messages = Callable[[Vote], list[Any]]
JOBS: dict[str, tuple[int, str, Messages]] = {
    "a commit": (
        700,
        "BadSignature 5.2, Malformed 5.1, ok",
        lambda vote: [each.as_json() for each in vote.ceremony.commits],
    ),
    "a deal": (
        900,
        "BadProof 5.4, BadSignature 5.3, Inconsistent 5.3, Malformed 5.1, Rejected 5.5, ok",
        lambda vote: [each.as_json() for each in vote.ceremony.deals],
    ),
    "a sealed share": (
        500,
        "BadProof 5.5, Malformed 5.1, Rejected 5.5, ok",
        lambda vote: [each.as_json() for each in vote.ceremony.deals],
    ),
    "a confirm": (
        600,
        "BadProof 5.6, BadSignature 5.6, Malformed 5.1, ok",
        lambda vote: [each.as_json() for each in vote.ceremony.confirms],
    ),
    "a share": (
        700,
        "BadProof 12.3, BadSignature 12.3, Inconsistent 12.3, Malformed 12.3, ok",
        lambda vote: [each.as_json() for each in vote.tally.shares],
    ),
    "a plan": (
        1200,
        "Inconsistent 11.2, Malformed 11.1, ok",
        lambda vote: [json.loads(vote.plan.encode())],
    ),
    "a ceremony": (
        250,
        "BadSignature 5.2, Malformed 5.1, Missing 5.1, ok",
        lambda vote: [json.loads(vote.ceremony.encode())],
    ),
    "a tally": (
        400,
        "Inconsistent 12.5, Malformed 12.1, Malformed 12.3, Malformed 12.5, ok",
        lambda vote: [json.loads(vote.tally.encode())],
    ),
    "a certificate": (
        400,
        "Malformed 13.6, ok",
        lambda vote: [json.loads(vote.members["certificate.json"])],
    ),
    "an issuance": (
        350,
        "Malformed 7.5, Missing 7.5, ok",
        lambda vote: [json.loads(vote.members["issuance.json"])],
    ),
}


@pytest.mark.parametrize("job", JOBS)
def test_both_cores_judge_a_damaged_message_alike(client: Speaker, committee: Committee, job: str) -> None:
    number, reached, messages = JOBS[job]
    damage, good = Damage(SEED), messages(committee.vote)
    for each in good:
        answer = client.say(job, raw=canonical.encode(each).hex())
        assert answer == committee.verdict(job, canonical.encode(each))
        assert "ok" in answer
    verdicts: dict[str, int] = {}
    for i in range(number):
        raw = damage(good[i % len(good)], good, lambda document: committee.signed_again(job, document))
        here, there = committee.verdict(job, raw), client.say(job, raw=raw.hex())
        assert there == here, f"{job} {i}: {raw.decode(errors='replace')[:3000]}"
        kind = " ".join(str(here.get("refused", "ok")).split()[:2])
        verdicts[kind] = verdicts.get(kind, 0) + 1
    assert reached.split(", ") == sorted(set(reached.split(", ")) & verdicts.keys()), verdicts


def test_both_languages_plan_the_same_atoms_of_any_tree(client: Speaker) -> None:
    rng = random.Random(SEED)
    letters = "ABaăĐ9\U0001f602\ufb33-"
    withheld = 0
    for _ in range(600):
        drawn = {"".join(rng.choices(letters, k=rng.randrange(1, 4))) for _ in range(rng.randrange(1, 40))}
        codes = [UnitCode(code) for code in sorted(drawn)]
        rng.shuffle(codes)
        parents: dict[UnitCode, UnitCode | None] = {codes[0]: None}
        for i, code in enumerate(codes[1:], 1):
            parents[code] = codes[max(0, i - rng.randrange(1, 8))]
        electorate = rng.sample(codes, rng.randrange(1, len(codes) + 1))
        ballots = {code: rng.choice((0, 0, 1, 2, 3, 5, 9)) for code in electorate}
        k = rng.randrange(3, 9)
        planned = plan_atoms(ballots, parents, k)
        here = None if isinstance(planned, Withheld) else [[list(a.panels), a.ballots] for a in planned]
        withheld += here is None
        listed = {"ballots": json.dumps(list(ballots.items())), "parents": json.dumps(list(parents.items()))}
        assert client.say("atoms", k=str(k), **listed) == {"ok": here}
    assert 0 < withheld < 300
