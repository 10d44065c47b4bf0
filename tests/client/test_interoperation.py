"""Python and TypeScript hold one vote together, and give the same verdict, clause and place on 10 000 bad
inputs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from surveys.protocol import canonical, codes, signature
from surveys.protocol.ballot import check_proofs, check_signature, check_token, decode_ballot
from surveys.protocol.checkpoint import decode_checkpoint
from surveys.protocol.errors import Rejected
from surveys.protocol.group import FIELD, ORDER, Point, Scalar, base_multiply
from surveys.protocol.issuance import IssueRequest, check_request
from surveys.protocol.manifest import Manifest
from surveys.protocol.secret import receipt_key
from surveys.protocol.secret.sign_token import blind_sign
from tests.audit.build import Vote, a_vote
from tests.client.node import Speaker, speaker

SEED = 2026
CODE = bytes(range(10))


@pytest.fixture(scope="module")
def vote() -> Vote:
    return a_vote()


@pytest.fixture(scope="module")
def client(vote: Vote) -> Iterator[Speaker]:
    with speaker() as running:
        assert running.say("manifest", raw=vote.manifest.encode().hex()) == {"ok": vote.manifest.hash.hex()}
        yield running


def test_a_vote_cast_in_typescript_is_accepted_in_python(client: Speaker, vote: Vote) -> None:
    for panel, contests in enumerate(panel.contests for panel in vote.definition.panels):
        asked = client.say("blind", code=CODE.hex(), panel=str(panel))["ok"]
        request = IssueRequest(
            panel, *(bytes.fromhex(asked[name]) for name in ("slip", "blinded", "signature"))
        )
        check_request(request, vote.manifest.hash)
        answer = blind_sign(vote.token_keys[panel], request.blinded)
        marks = "".join(str((panel + c) % 4) for c in contests)
        raw = client.say(
            "vote",
            panel=str(panel),
            seed=asked["seed"],
            inverse=asked["inverse"],
            answer=answer.hex(),
            marks=marks,
        )
        ballot = decode_ballot(bytes.fromhex(raw["ok"]), vote.manifest)
        check_token(ballot, vote.manifest)
        check_signature(ballot)
        check_proofs(ballot, vote.manifest)


def test_ballots_made_in_python_are_accepted_in_typescript(client: Speaker, vote: Vote) -> None:
    for raw in vote.ballots:
        digest = decode_ballot(raw, vote.manifest).digest.hex()
        assert client.say("ballot", raw=raw.hex()) == {"ok": digest}


Job = dict[str, str]


def in_python(job: str, values: Job, manifest: Manifest) -> dict[str, str]:
    """The verdict of the Python core on a job of the speaker."""
    try:
        return {"ok": _PYTHON[job](values, manifest)}
    except Rejected as refusal:
        return {"refused": f"{type(refusal).__name__} {refusal.check} {refusal.where}"}


def _ballot(values: Job, manifest: Manifest) -> str:
    ballot = decode_ballot(bytes.fromhex(values["raw"]), manifest)
    check_token(ballot, manifest)
    check_signature(ballot)
    check_proofs(ballot, manifest)
    return ballot.digest.hex()


def _canonical(values: Job, _: Manifest) -> str:
    canonical.decode(bytes.fromhex(values["raw"]), check="3.1", where="document")
    return ""


def _signature(values: Job, _: Manifest) -> str:
    key, message, signed = (bytes.fromhex(values[name]) for name in ("key", "message", "signature"))
    signature.verify(key, message, signed, check="1.2", where="signature")
    return ""


_PYTHON: dict[str, Callable[[Job, Manifest], str]] = {
    "ballot": _ballot,
    "point": lambda v, _: Point.decode(bytes.fromhex(v["raw"]), check="2.1", where="point").encode().hex(),
    "scalar": lambda v, _: Scalar.decode(bytes.fromhex(v["raw"]), check="2.2", where="scalar").encode().hex(),
    "canonical": _canonical,
    "code": lambda v, _: codes.read_code(v["text"]).hex(),
    "sheet": lambda v, _: codes.read_sheet(v["text"]).hex(),
    "checkpoint": lambda v, _: decode_checkpoint(bytes.fromhex(v["raw"])).encode().hex(),
    "signature": _signature,
}


class Inputs:
    """Random and damaged inputs; the same each time."""

    def __init__(self, vote: Vote) -> None:
        self.rng, self.vote = random.Random(SEED), vote
        self.note = vote.members["checkpoint.txt"]
        self.document = vote.members["plan.json"]

    def damaged(self, good: bytes) -> bytes:
        raw = bytearray(good)
        for _ in range(self.rng.choice((1, 1, 2))):
            how, at = self.rng.randrange(5), self.rng.randrange(len(raw))
            if how < 2:
                raw[at] ^= 1 << self.rng.randrange(8)
            elif how == 2:
                raw[at] = self.rng.randrange(256)
            elif how == 3:
                del raw[at]
            else:
                raw.insert(at, self.rng.randrange(256))
        return bytes(raw)

    def ballot(self) -> Job:
        raw = bytearray(self.rng.choice(self.vote.ballots))
        if self.rng.random() < 0.3:
            return {"raw": self.damaged(bytes(raw)).hex()}
        # A scalar's low byte still decodes: the deeper checks are reached.
        at = self.rng.choice((-1, -64, -65, -321, -321 - 32, 76 + 320, 40, 75, 39))
        raw[at] ^= 1
        return {"raw": raw.hex()}

    def point(self) -> Job:
        kind = self.rng.randrange(4)
        if kind == 0:
            return {"raw": self.rng.randbytes(self.rng.choice((32, 32, 32, 31, 33, 0))).hex()}
        if kind == 1:
            return {"raw": (self.rng.randrange(FIELD // 2) * 2 % 2**255).to_bytes(32, "little").hex()}
        good = base_multiply(Scalar(self.rng.randrange(1, ORDER))).encode()
        return {"raw": (good if kind == 2 else self.damaged(good)).hex()}

    def scalar(self) -> Job:
        near = self.rng.choice((ORDER, 0, 2**252, 2**256 - 9)) + self.rng.randrange(-4, 5)
        number = near if self.rng.random() < 0.5 else self.rng.randrange(2**256)
        return {"raw": (number % 2**256).to_bytes(32, "little").hex()}

    def canonical(self) -> Job:
        texts = (
            '{"a":1,"a":1}', '{"b":1,"a":1}', "1.0", "1e3", "-0", "9007199254740992", "[1,]", '"\\ud800"', '"\\u0041"',
            '"\U0001f600"', '{"\U0001f600":1,"\uffee":2}', "nul", "null", " 1", '{"__proto__":1}', "[" * 40 + "]" * 40,
        )  # fmt: skip
        if self.rng.random() < 0.2:
            return {"raw": self.rng.choice(texts).encode("utf-8", "surrogatepass").hex()}
        return {"raw": self.damaged(self.document[: self.rng.choice((40, 400, len(self.document)))]).hex()}

    def code(self) -> Job:
        letters = list(codes.write_code(self.rng.randbytes(10)))
        for _ in range(self.rng.randrange(3)):
            letters[self.rng.randrange(len(letters))] = self.rng.choice("0O1ILUl-* aſıK9")
        return {"text": "".join(letters)}

    def sheet(self) -> Job:
        letters = list(" ".join(codes.write_sheet(self.rng.randbytes(32))))
        for _ in range(self.rng.randrange(2)):
            letters[self.rng.randrange(len(letters))] = self.rng.choice("0O1ILU-9Z")
        return {"text": "".join(letters)}

    def checkpoint(self) -> Job:
        return {"raw": self.damaged(self.note).hex()}

    def signature(self) -> Job:
        seed, message = self.rng.randbytes(32), self.rng.randbytes(9)
        parts = [receipt_key.public_key(seed), message, receipt_key.sign(seed, message)]
        if self.rng.random() < 0.9:
            i = self.rng.randrange(3)
            parts[i] = self.damaged(parts[i])
        return dict(zip(("key", "message", "signature"), (part.hex() for part in parts), strict=True))


COUNTS = {
    "ballot": 400,
    "point": 3000,
    "scalar": 1500,
    "canonical": 2400,
    "code": 1200,
    "sheet": 300,
    "checkpoint": 600,
    "signature": 600,
}


def test_ten_thousand_inputs_in_all() -> None:
    assert sum(COUNTS.values()) == 10_000


@pytest.mark.parametrize("job", COUNTS)
def test_both_cores_give_the_same_verdict(client: Speaker, vote: Vote, job: str) -> None:
    inputs = Inputs(vote)
    verdicts: dict[str, int] = {}
    for i in range(COUNTS[job]):
        values: Job = getattr(inputs, job)()
        here, there = in_python(job, values, vote.manifest), client.say(job, **values)
        assert there == here, f"{job} {i}: {values}"
        kind = " ".join(here.get("refused", "ok").split()[:2])
        verdicts[kind] = verdicts.get(kind, 0) + 1
    assert len(verdicts) >= 2, f"{job} tried only {verdicts}"
