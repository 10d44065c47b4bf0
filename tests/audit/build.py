"""A whole small vote with real cryptography, made by the pure protocol alone, and everybody's secrets with
it.

Six panels and five contests, k = 3: P-1 returns too few and merges with P-2; the contest over P-6 alone is
withheld; the contest over P-3 alone has no quorum. `a_vote()` is made once a session; `Vote.members` are the
bytes of its bundle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256, shake_256

from surveys.instants import read_instant
from surveys.names import PersonCode, UnitCode
from surveys.protocol.agreement import (
    Cosignature,
    Cosigners,
    agreement_hash,
    cosign_message,
    encode_agreement,
)
from surveys.protocol.ballot import decode_ballot
from surveys.protocol.board import board_root
from surveys.protocol.ceremony import Ceremony, ElectionKeys, election_keys
from surveys.protocol.checkpoint import Checkpoint, SignedCheckpoint, note_signature, sign_off
from surveys.protocol.issuance import Issuance, sorted_issuance
from surveys.protocol.manifest import Contest, Definition, Manifest, Panel, Previous, Unit
from surveys.protocol.plan import Plan
from surveys.protocol.roll_list import Replaced, Roll, roll_root
from surveys.protocol.secret import receipt_key
from surveys.protocol.secret.deal import Sheet
from surveys.protocol.secret.decrypt import decrypt_sums
from surveys.protocol.secret.sign_token import TokenKey, make_token_key
from surveys.protocol.secret.slip_key import SlipKey, slip_key
from surveys.protocol.shares import ShareContext
from surveys.protocol.tally import Sum, Tally, open_sums, solve_all, sums_of
from surveys.protocol.transcript import u32
from surveys.rules.preset import Preset
from surveys.rules.together import Electorates, plan_round
from tests import votes
from tests.audit.closing import closing_papers
from tests.votes import Paper, a_ballot, a_paper, randomness

TRUSTEES = ("Trần Thị Sáu", "Lê Văn Bảy", "Phạm Thị Tám")
# Voters, papers issued, ballots returned, present: by panel.
NUMBERS = ((4, 2, 2, 3), (5, 4, 3, 4), (6, 3, 3, 3), (3, 3, 3, 3), (4, 4, 4, 4), (3, 2, 2, 3))
# Unit and person of a contest, its panels.
CONTESTS: tuple[tuple[UnitCode, PersonCode, tuple[int, ...]], ...] = (
    (UnitCode("BLOC"), PersonCode("L-1"), (0, 1, 2, 3, 4, 5)),
    (UnitCode("C-1"), PersonCode("L-2"), (0, 1, 2)),
    (UnitCode("C-2"), PersonCode("L-3"), (3, 4, 5)),
    (UnitCode("P-3"), PersonCode("L-4"), (2,)),
    (UnitCode("P-6"), PersonCode("L-5"), (5,)),
)


@lru_cache(maxsize=64)
def a_token_key(number: int) -> TokenKey:
    """A token key a number: making one takes long."""
    return make_token_key()


@dataclass(frozen=True)
class Vote:
    """A counted vote: every file, every secret."""

    manifest: Manifest
    ceremony: Ceremony
    keys: ElectionKeys
    sheets: tuple[Sheet, ...]
    box_seed: bytes
    token_keys: tuple[TokenKey, ...]
    slips: tuple[tuple[SlipKey, ...], ...]
    papers: tuple[tuple[Paper, ...], ...]
    ballots: tuple[bytes, ...]
    checkpoint: SignedCheckpoint
    plan: Plan
    tally: Tally
    members: Mapping[str, bytes] = field(repr=False)

    @property
    def definition(self) -> Definition:
        return self.manifest.definition


def a_definition(
    slips: Sequence[Sequence[SlipKey]],
    token_keys: Sequence[TokenKey],
    box_key: bytes,
    survey: bytes,
    preset: str,
) -> Definition:
    units = [
        Unit(UnitCode("BLOC"), None, "Đảng bộ Khối", "bloc"),
        Unit(UnitCode("C-1"), UnitCode("BLOC"), "Đảng bộ Một", "committee"),
    ]
    units.append(Unit(UnitCode("C-2"), UnitCode("BLOC"), "Đảng bộ Hai", "committee"))
    units += [
        Unit(UnitCode(f"P-{p + 1}"), UnitCode("C-1") if p < 3 else UnitCode("C-2"), f"Chi bộ {p + 1}", "cell")
        for p in range(6)
    ]
    rule = Preset.load(preset)
    previous = Previous(2025, 14, 25, {level: 7 if level == "low" else 3 for level in rule.level_ids})
    return votes.a_definition(
        survey=survey,
        title_en="Confidence vote of 2026",
        organisation="Đảng bộ Khối",
        number="12-KH/ĐUK",
        place="Hội trường A",
        rule=rule.as_json(),
        trustees=TRUSTEES,
        units=tuple(units),
        panels=tuple(
            Panel(
                UnitCode(f"P-{p + 1}"),
                len(slips[p]),
                roll_root([slip.public for slip in slips[p]]),
                token_keys[p].public_der(),
                tuple(c for c, (_, _, panels) in enumerate(CONTESTS) if p in panels),
            )
            for p in range(6)
        ),
        contests=tuple(
            Contest(
                person,
                f"Nguyễn Văn {person}",
                unit,
                ("Bí thư",),
                panels,
                previous if person == "L-3" else None,
            )
            for unit, person, panels in CONTESTS
        ),
        box_key=box_key,
        clients=(("booth", sha256(b"booth").digest()),),
    )


def a_ceremony(
    definition: Definition, seed: str
) -> tuple[Manifest, Ceremony, ElectionKeys, tuple[Sheet, ...]]:
    take = randomness(f"{seed}/sheets")
    sheets = tuple(Sheet(take(32), definition, 1, i + 1) for i in range(len(definition.trustees)))
    commits = tuple(sheet.commit() for sheet in sheets)
    deals = tuple(sheet.deal(commits) for sheet in sheets)
    keys = election_keys(definition.digest, 1, commits, deals)
    manifest = Manifest(definition, keys.election_key, keys.ceremony)
    confirms = tuple(sheet.confirm(commits, deals, keys, manifest) for sheet in sheets)
    return manifest, Ceremony(1, commits, deals, confirms), keys, sheets


def a_plan(manifest: Manifest, board: bytes, by_panel: Sequence[int], size: int) -> Plan:
    definition = manifest.definition
    electorates = Electorates(
        [(contest.person, contest.panels) for contest in definition.contests],
        [panel.unit for panel in definition.panels],
        definition.parents,
        definition.k,
    )
    return Plan(manifest.hash, board, size, definition.k, plan_round(electorates, by_panel))


def cosigned(
    manifest: Manifest, ballots: Sequence[bytes], box_seed: bytes, sheets: Sequence[Sheet]
) -> SignedCheckpoint:
    """The checkpoint of these ballots, signed by the box and by these trustees."""
    origin = f"tin-nhiem/{manifest.definition.round_id}"
    note = Checkpoint(origin, len(ballots), board_root(ballots), (f"manifest {manifest.hash.hex()}",))
    box = note_signature(origin, receipt_key.public_key(box_seed), receipt_key.sign(box_seed, note.body()))
    return sign_off(
        note,
        [box]
        + [
            note_signature(f"{origin}/trustee-{s.trustee}", s.commit().sign_key, s.sign(note.body()))
            for s in sheets
        ],
    )


def board_bytes(ballots: Sequence[bytes]) -> bytes:
    return b"".join(u32(len(ballot)) + ballot for ballot in ballots)


def in_order(manifest: Manifest, ballots: Sequence[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(ballots, key=lambda raw: decode_ballot(raw, manifest).digest))


def a_tally(
    manifest: Manifest,
    ceremony: Ceremony,
    keys: ElectionKeys,
    sheets: Sequence[Sheet],
    ballots: Sequence[bytes],
    plan: Plan,
    cosigners: Cosigners | None = None,
) -> Tally:
    """The tally by these trustees, whatever the plan says; unless it is said otherwise, all have cosigned."""
    everybody = tuple(range(1, len(manifest.definition.trustees) + 1))
    decoded = [decode_ballot(raw, manifest) for raw in ballots]
    sums: tuple[Sum, ...] = sums_of(manifest, decoded, plan)
    context = ShareContext(manifest.hash, plan.board, plan.digest)
    bases = [alpha for alpha, _ in sums]
    shares = tuple(
        decrypt_sums(
            sheet,
            sheet.secret_share(ceremony.commits, ceremony.deals),
            keys.verification_keys[sheet.trustee - 1],
            context,
            cosigners or Cosigners(everybody),
            bases,
        )
        for sheet in sheets
    )
    by_panel = ballots_by_panel(manifest, ballots)
    most = [sum(by_panel[p] for p in panels) for _, panels in plan.atoms()]
    counts = solve_all(
        open_sums(sums, shares, manifest.definition.threshold), most, len(manifest.definition.levels)
    )
    return Tally(plan.digest, sums, shares, counts)


def ballots_by_panel(manifest: Manifest, ballots: Sequence[bytes]) -> list[int]:
    by_panel = [0] * len(manifest.definition.panels)
    for raw in ballots:
        by_panel[int.from_bytes(raw[36:40], "big")] += 1
    return by_panel


@lru_cache(maxsize=8)
def a_vote(
    seed: str = "vote", preset: str = "local-annual", survey: str | None = None, rounds_of_keys: int = 0
) -> Vote:
    """The vote of this seed. `rounds_of_keys` picks other token keys; `survey` another survey id."""
    take = randomness(seed)
    survey_id = shake_256((survey or seed).encode()).digest(16)
    slips = tuple(
        tuple(sorted((slip_key(take(10), survey_id) for _ in range(voters)), key=lambda slip: slip.public))
        for voters, *_ in NUMBERS
    )
    token_keys = tuple(a_token_key(6 * rounds_of_keys + p) for p in range(6))
    box_seed = take(32)
    definition = a_definition(slips, token_keys, receipt_key.public_key(box_seed), survey_id, preset)
    manifest, ceremony, keys, sheets = a_ceremony(definition, seed)
    papers = tuple(
        tuple(a_paper(manifest, p, slip, token_keys[p], take) for slip in slips[p][:issued])
        for p, (_, issued, _, _) in enumerate(NUMBERS)
    )
    levels = len(definition.levels)
    ballots = []
    for p, (_, _, returned, _) in enumerate(NUMBERS):
        for i, paper in enumerate(papers[p][:returned]):
            choices = [(i * i + p + 2 * c) % (levels + 1) for c in definition.panels[p].contests]
            ballots.append(a_ballot(manifest, p, choices, paper, 1 + i % 2, take))
    board = in_order(manifest, ballots)
    return counted(
        Vote(
            manifest=manifest,
            ceremony=ceremony,
            keys=keys,
            sheets=sheets,
            box_seed=box_seed,
            token_keys=token_keys,
            slips=slips,
            papers=papers,
            ballots=board,
            checkpoint=cosigned(manifest, board, box_seed, sheets),
            plan=Plan(b"", b"", 0, 3, ()),
            tally=Tally(b"", (), (), ()),
            members={},
        )
    )


def counted(
    vote: Vote, *, plan: Plan | None = None, tally: Tally | None = None, present: Sequence[int] | None = None
) -> Vote:
    """Plan, tally, papers and files of a vote whose ballots and checkpoint stand; or after another plan or
    tally.
    """
    by_panel = ballots_by_panel(vote.manifest, vote.ballots)
    if plan is None:
        plan = a_plan(vote.manifest, vote.checkpoint.checkpoint.root, by_panel, len(vote.ballots))
    if tally is None:
        tally = a_tally(vote.manifest, vote.ceremony, vote.keys, vote.sheets[:2], vote.ballots, plan)
    issuance = an_issuance(vote)
    members = {
        "manifest.json": vote.manifest.encode(),
        "ceremony.json": vote.ceremony.encode(),
        "roll.json": a_roll(vote).encode(),
        "issuance.json": issuance.encode(),
        "board.bin": board_bytes(vote.ballots),
        "checkpoint.txt": vote.checkpoint.encode(),
        "plan.json": plan.encode(),
        "agreement.json": an_agreement(vote.manifest, plan, vote.sheets),
        "tally.json": tally.encode(),
        **closing_papers(
            vote.manifest,
            plan,
            tally,
            vote.sheets[:2],
            present=present or [each for *_, each in NUMBERS],
            issued=[len(records) for records in issuance.panels],
            returned=by_panel,
            roll=a_roll(vote),
        ),
    }
    return replace(vote, plan=plan, tally=tally, members=members)


def an_agreement(manifest: Manifest, plan: Plan, sheets: Sequence[Sheet]) -> bytes:
    """The cosignatures of these trustees, a minute apart."""
    agreed = agreement_hash(manifest.hash, plan.board, plan.digest)
    ats = [read_instant(f"2026-11-02T10:4{i}:00Z") for i in range(len(sheets))]
    return encode_agreement(
        [
            Cosignature(sheet.trustee, at, sheet.sign(cosign_message(agreed, sheet.trustee, at)))
            for sheet, at in zip(sheets, ats, strict=True)
        ]
    )


def another_fixed_plan(vote: Vote) -> bytes:
    """A plan that opens each panel of the first contest apart."""
    atoms = vote.plan.contests[0]
    assert atoms is not None
    split = tuple((panel,) for atom in atoms for panel in atom)
    return replace(vote.plan, contests=(split, *vote.plan.contests[1:])).encode()


def a_roll(vote: Vote) -> Roll:
    """The roll, on which a slip of the first panel that took no paper was replaced."""
    panels = tuple(tuple(slip.public for slip in slips) for slips in vote.slips)
    asked = {paper.request.slip for paper in vote.papers[0]}
    lost = next(key for key in panels[0] if key not in asked)
    fresh = slip_key(b"a new slip", vote.definition.survey).public
    return Roll(panels, (Replaced(0, lost, fresh),))


def an_issuance(vote: Vote) -> Issuance:
    requests = [paper.request for papers in vote.papers for paper in papers]
    return sorted_issuance(len(vote.definition.panels), requests)
