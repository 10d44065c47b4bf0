"""One small vote, the same bytes each time, that many vectors refer to as "@name" (vote.json).

Three trustees, two of whom are enough; three panels; k = 3. The first contest is over all panels, the second
over the first alone, the third over the second alone and withheld.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from surveys.names import PersonCode, UnitCode
from surveys.protocol.agreement import Cosigners
from surveys.protocol.ballot import Ballot, decode_ballot, token_message
from surveys.protocol.board import board_root
from surveys.protocol.ceremony import (
    Ceremony,
    Commit,
    Deal,
    ElectionKeys,
    commits_hash,
    deal_message,
    election_keys,
    share_info,
)
from surveys.protocol.issuance import Issuance, IssueRequest, sorted_issuance
from surveys.protocol.manifest import Contest, Definition, Manifest, Panel, Previous, Unit, encode_definition
from surveys.protocol.plan import Plan
from surveys.protocol.roll_list import Roll, roll_root
from surveys.protocol.secret import receipt_key
from surveys.protocol.secret.blind import blind, finalize
from surveys.protocol.secret.deal import Sheet
from surveys.protocol.secret.decrypt import decrypt_sums
from surveys.protocol.secret.encrypt import SealedBody, ballot_public_key, seal_body, sign_body
from surveys.protocol.secret.sign_token import TokenKey, blind_sign
from surveys.protocol.secret.slip_key import SlipKey, slip_key
from surveys.protocol.shares import Share, ShareContext
from surveys.protocol.tally import Sum, Tally, open_sums, solve_all, sums_of
from tests import votes
from tests.vectors import second
from tests.vectors.book import randomness

VOTERS = (4, 3, 3)
BALLOTS = (3, 2, 3)
ATOMS = (((0,), (1, 2)), ((0,),), None)
CHOICES = (1, 1, 2, 0, 3, 1, 2, 2)
RULE: dict[str, Any] = {
    "name": "example",
    "title": {"vi": "Ví dụ", "en": "Example"},
    "source": {"vi": "Ví dụ", "en": "Example"},
    "frequency": {"vi": "Hằng năm", "en": "Every year"},
    "levels": [
        {"id": "high", "vi": "Tín nhiệm cao", "en": "High confidence"},
        {"id": "plain", "vi": "Tín nhiệm", "en": "Confidence"},
        {"id": "low", "vi": "Tín nhiệm thấp", "en": "Low confidence"},
    ],
    "not_marked": {"vi": "Không đánh dấu", "en": "Not marked"},
    "denominator": "returned",
    "quorum": {"numerator": 2, "denominator": 3},
    "outcomes": [],
    "watch": [],
    "deadlines": {},
}


@dataclass(frozen=True)
class Vote:
    """The vote and everybody's secrets."""

    manifest: Manifest
    ceremony: Ceremony
    keys: ElectionKeys
    seeds: tuple[bytes, ...]
    sheets: tuple[Sheet, ...]
    box_seed: bytes
    token_keys: tuple[TokenKey, ...]
    slips: tuple[tuple[SlipKey, ...], ...]
    issuance: Issuance
    bodies: tuple[SealedBody, ...]
    seeds_of_ballots: tuple[bytes, ...]
    ballots: tuple[Ballot, ...]
    plan: Plan
    sums: tuple[Sum, ...]
    shares: tuple[Share, ...]
    tally: Tally

    @property
    def definition(self) -> Definition:
        """What was frozen."""
        return self.manifest.definition

    @property
    def roll(self) -> Roll:
        """The slips' public keys."""
        return Roll(tuple(tuple(slip.public for slip in slips) for slips in self.slips))

    @property
    def board(self) -> tuple[Ballot, ...]:
        """The ballots in the order of 10.1."""
        return tuple(sorted(self.ballots, key=lambda ballot: ballot.digest))

    @property
    def context(self) -> ShareContext:
        """What shares are bound to."""
        return ShareContext(self.manifest.hash, self.plan.board, self.plan.digest)

    def entries(self) -> Mapping[str, str]:
        """vote.json."""
        return {
            "definition": self.definition_text,
            "manifest": self.manifest.encode().decode(),
            "manifest_hash": self.manifest.hash.hex(),
            "definition_hash": self.definition.digest.hex(),
            "election_key": self.manifest.election_key.encode().hex(),
            "ceremony": self.ceremony.encode().decode(),
            "roll": self.roll.encode().decode(),
            "issuance": self.issuance.encode().decode(),
            "plan": self.plan.encode().decode(),
            "tally": self.tally.encode().decode(),
            "board_root": self.plan.board.hex(),
            "plan_hash": self.plan.digest.hex(),
            "token_key": self.token_keys[0].public_der().hex(),
            "token_private": self.token_keys[0].private_der().hex(),
            **{f"seed{i + 1}": seed.hex() for i, seed in enumerate(self.seeds)},
            **{f"ballot{i}": ballot.raw.hex() for i, ballot in enumerate(self.ballots)},
            **{
                f"verification_key{m + 1}": k.encode().hex()
                for m, k in enumerate(self.keys.verification_keys)
            },
            **{f"sign_key{c.trustee}": c.sign_key.hex() for c in self.ceremony.commits},
        }

    @property
    def definition_text(self) -> str:
        """The definition's encoding."""
        return encode_definition(self.definition).decode()


def a_definition(
    slips: tuple[tuple[SlipKey, ...], ...], keys: tuple[TokenKey, ...], box: bytes
) -> Definition:
    """What is frozen before the ceremony."""
    contests = ((0, 1), (0, 2), (0,))
    return votes.a_definition(
        title_vi="Lấy phiếu tín nhiệm",
        title_en="Confidence vote",
        organisation="Đảng bộ Khối",
        place="Hội trường",
        rule=RULE,
        units=(
            Unit(UnitCode("K"), None, "Đảng bộ Khối", "bloc"),
            *(Unit(UnitCode(f"P{p}"), UnitCode("K"), f"Chi bộ {p}", "cell") for p in range(3)),
        ),
        panels=tuple(
            Panel(
                UnitCode(f"P{p}"),
                len(slips[p]),
                roll_root([slip.public for slip in slips[p]]),
                keys[p].public_der(),
                contests[p],
            )
            for p in range(3)
        ),
        contests=(
            Contest(
                PersonCode("L1"),
                "Nguyễn Văn Một",
                UnitCode("K"),
                ("Bí thư",),
                (0, 1, 2),
                Previous(2025, 8, 10, {"high": 1, "plain": 2, "low": 5}),
            ),
            Contest(PersonCode("L2"), "Nguyễn Văn Hai", UnitCode("P0"), ("Bí thư chi bộ",), (0,)),
            Contest(PersonCode("L3"), "Nguyễn Văn Ba", UnitCode("P1"), (), (1,)),
        ),
        box_key=box,
    )


def a_deal(sheet: Sheet, seed: bytes, definition: Definition, commits: tuple[Commit, ...]) -> Deal:
    """The deal of a sheet with shares encrypted under fixed ephemeral keys."""
    hashed = commits_hash(definition.digest, sheet.attempt, commits)
    f = second.coefficients(seed, definition.digest, sheet.attempt, sheet.trustee, definition.threshold)
    shares = tuple(
        second.hpke_seal(
            randomness(f"ephemeral {sheet.attempt} {sheet.trustee} {commit.trustee}")(32),
            commit.hpke_key,
            share_info(hashed, sheet.trustee, commit.trustee),
            second.evaluate(f, commit.trustee),
        )
        for commit in commits
    )
    deal = replace(sheet.deal(commits), shares=shares, signature=b"")
    return replace(deal, signature=sheet.sign(deal_message(hashed, sheet.trustee, deal.unsigned_json())))


def a_ceremony(
    definition: Definition, seeds: tuple[bytes, ...], attempt: int = 1
) -> tuple[tuple[Sheet, ...], Ceremony, ElectionKeys, Manifest]:
    """All three rounds."""
    sheets = tuple(Sheet(seed, definition, attempt, i + 1) for i, seed in enumerate(seeds))
    commits = tuple(sheet.commit() for sheet in sheets)
    deals = tuple(a_deal(s, seed, definition, commits) for s, seed in zip(sheets, seeds, strict=True))
    keys = election_keys(definition.digest, attempt, commits, deals)
    manifest = Manifest(definition, keys.election_key, keys.ceremony)
    confirms = tuple(sheet.confirm(commits, deals, keys, manifest) for sheet in sheets)
    return sheets, Ceremony(attempt, commits, deals, confirms), keys, manifest


@lru_cache(maxsize=1)
def the_vote() -> Vote:
    """The vote."""
    take = randomness("the small vote")
    survey = bytes(range(16))
    slips = tuple(
        tuple(sorted((slip_key(take(10), survey) for _ in range(n)), key=lambda slip: slip.public))
        for n in VOTERS
    )
    token_keys = tuple(second.a_token_key(f"token key {p}") for p in range(3))
    box_seed = take(32)
    definition = a_definition(slips, token_keys, receipt_key.public_key(box_seed))
    definition.check()
    seeds = tuple(take(32) for _ in range(3))
    sheets, ceremony, keys, manifest = a_ceremony(definition, seeds)
    requests: list[IssueRequest] = []
    bodies, ballot_seeds, ballots = [], [], []
    choices = iter(CHOICES * 3)
    for p, returned in enumerate(BALLOTS):
        for slip in slips[p][:returned]:
            seed = take(32)
            message = token_message(manifest.hash, p, ballot_public_key(seed))
            public = token_keys[p].private.public_key()
            blinded = blind(public, message, take)
            answer = blind_sign(token_keys[p], blinded.message)
            requests.append(slip.request(manifest.hash, p, blinded.message))
            marks = [next(choices) for _ in definition.panels[p].contests]
            body = seal_body(manifest, p, marks, ballot_public_key(seed), 1 + p % 2, take)
            raw = sign_body(body, seed, finalize(public, message, answer, blinded))
            bodies.append(body)
            ballot_seeds.append(seed)
            ballots.append(decode_ballot(raw, manifest))
    board = sorted(ballots, key=lambda ballot: ballot.digest)
    root = board_root([ballot.raw for ballot in board])
    plan = Plan(manifest.hash, root, len(board), definition.k, ATOMS)
    sums = sums_of(manifest, board, plan)
    context = ShareContext(manifest.hash, root, plan.digest)
    shares = tuple(
        decrypt_sums(
            sheet,
            sheet.secret_share(ceremony.commits, ceremony.deals),
            keys.verification_keys[sheet.trustee - 1],
            context,
            Cosigners((1, 2, 3)),
            [alpha for alpha, _ in sums],
        )
        for sheet in sheets
    )
    counts = solve_all(open_sums(sums, shares, 2), [3, 5, 3], 3)
    return Vote(
        manifest=manifest,
        ceremony=ceremony,
        keys=keys,
        seeds=seeds,
        sheets=sheets,
        box_seed=box_seed,
        token_keys=token_keys,
        slips=slips,
        issuance=sorted_issuance(3, requests),
        bodies=tuple(bodies),
        seeds_of_ballots=tuple(ballot_seeds),
        ballots=tuple(ballots),
        plan=plan,
        sums=sums,
        shares=shares,
        tally=Tally(plan.digest, sums, shares[:2], counts),
    )
