"""A small real vote for the tests of roll and box: frozen roll, prepared box, and for each voter a request
and ballots.

Each voter's randomness follows from the voter, so the same voters give the same bytes in any order of voting.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from surveys.box import gate, receipts
from surveys.box.receipts import BoxKey
from surveys.instants import read_instant
from surveys.json_types import JsonObject
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.protocol.definition import Visibility
from surveys.protocol.group import Scalar, base_multiply
from surveys.protocol.issuance import IssueRequest
from surveys.protocol.manifest import Contest, Manifest, Panel, Unit
from surveys.protocol.roll_list import roll_root
from surveys.protocol.secret.sign_token import blind_sign
from surveys.protocol.secret.slip_key import slip_key
from surveys.roll import attendance, listing, slips
from surveys.roll.listing import SealedTokenKey, Voter
from surveys.roll.registrar import TokenKeys, make_token_keys
from surveys.rules.preset import Preset
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Store
from tests import votes
from tests.votes import Paper, a_ballot, a_token, randomness

SURVEY = bytes(range(16))
RULE: JsonObject = {"name": "test", "levels": [{"id": "high"}, {"id": "plain"}, {"id": "low"}]}


@lru_cache
def keyring() -> Keyring:
    return Keyring.fresh()


@lru_cache
def token_keys(panels: int) -> dict[int, SealedTokenKey]:
    """Token keys take long to make; the tests share them."""
    return dict(make_token_keys(keyring(), panels))


@dataclass(frozen=True)
class TestVoter:
    """A voter's messages: the request for a paper, the first ballot, and one that takes its place."""

    __test__ = False

    panel: int
    request: IssueRequest
    second_request: IssueRequest
    first: bytes
    later: bytes


@dataclass(frozen=True)
class Vote:
    """A vote whose papers may be issued and whose polls are open."""

    engines: Engines
    manifest: Manifest
    box_key: BoxKey
    voters: tuple[TestVoter, ...]

    @property
    def roll(self) -> Engine:
        return self.engines.roll(RoundId(SURVEY.hex()))

    @property
    def box(self) -> Engine:
        return self.engines.box(RoundId(SURVEY.hex()))

    @property
    def box_file(self) -> Path:
        return self.engines.box_path(RoundId(SURVEY.hex()))

    @property
    def roll_file(self) -> Path:
        return self.engines.roll_path(RoundId(SURVEY.hex()))

    def keys(self) -> TokenKeys:
        return TokenKeys(Store(self.roll, keyring()))

    def copy(self, folder: Path) -> Vote:
        """The same vote on copies of its files."""
        shutil.copytree(self.engines.root, folder, dirs_exist_ok=True)
        return replace(self, engines=Engines(folder))


def a_vote(
    folder: Path,
    sizes: tuple[int, ...] = (12, 12, 12),
    contests: int = 2,
    *,
    revoting: bool = True,
    database: str = "",
) -> Vote:
    """Freeze a roll, prepare a box, open both."""
    engines = Engines(folder, database)
    roll, box = engines.create_roll(RoundId(SURVEY.hex())), engines.create_box(RoundId(SURVEY.hex()))
    box_key = receipts.make_box_key(Store(box, keyring()), randomness("box"))
    people = [Voter(p, PersonCode(f"{p}-{i}")) for p, size in enumerate(sizes) for i in range(size)]
    made = slips.make_slips(SURVEY, people, randomness("slips"))
    keys = token_keys(len(sizes))
    frozen = listing.freeze_roll(Store(roll, keyring()), [slip.entry for slip in made], keys)
    manifest = a_manifest(frozen.panels, keys, box_key.public, contests, revoting=revoting)
    gate.prepare(box, manifest)
    gate.open_polls(box)
    for panel, size in enumerate(sizes):
        attendance.record_present(roll, panel, size)
        attendance.open_issuing(roll, panel, Preset.load("local-annual"))
    private = TokenKeys(Store(roll, keyring()))
    voters = tuple(_voter(manifest, private, slip.voter, slip.code) for slip in made)
    return Vote(engines, manifest, box_key, voters)


def a_manifest(
    panels: tuple[tuple[bytes, ...], ...],
    keys: dict[int, SealedTokenKey],
    box_key: bytes,
    contests: int,
    *,
    revoting: bool = True,
) -> Manifest:
    """Every panel votes on the same contests."""
    indices = tuple(range(len(panels)))
    definition = votes.a_definition(
        survey=SURVEY,
        title_vi="Lấy phiếu",
        title_en="Vote",
        organisation="Khối",
        opens=read_instant("2026-01-01T00:00:00Z"),
        closes=read_instant("2026-01-02T00:00:00Z"),
        rule=RULE,
        revoting=revoting,
        visibility=Visibility.SUBJECT,
        trustees=("A", "B", "C"),
        units=(
            Unit(UnitCode("root"), None, "Khối", "bloc"),
            *(Unit(UnitCode(f"u{p}"), UnitCode("root"), f"Đơn vị {p}", "cell") for p in indices),
        ),
        panels=tuple(
            Panel(
                UnitCode(f"u{p}"),
                len(slip_keys),
                roll_root(slip_keys),
                keys[p].public,
                tuple(range(contests)),
            )
            for p, slip_keys in enumerate(panels)
        ),
        contests=tuple(
            Contest(PersonCode(f"p{c:03}"), f"Người {c}", UnitCode("root"), ("Bí thư",), indices)
            for c in range(contests)
        ),
        box_key=box_key,
        software="test",
    )
    return Manifest(definition, base_multiply(Scalar.of(7)), bytes(32))


def ballot_signer(vote: Vote, number: int) -> Callable[[bytes], bytes]:
    """Sign with a voter's ballot key."""
    panel = vote.voters[number].panel
    first = next(i for i, voter in enumerate(vote.voters) if voter.panel == panel)
    seed = randomness(Voter(panel, PersonCode(f"{panel}-{number - first}")))(32)
    return Ed25519PrivateKey.from_private_bytes(seed).sign


def _voter(manifest: Manifest, private: TokenKeys, voter: Voter, code: bytes) -> TestVoter:
    draw = randomness(voter)
    ballot_seed = draw(32)
    slip = slip_key(code, SURVEY)
    asked, other = (a_token(manifest, voter.panel, ballot_seed, draw) for _ in range(2))
    request = slip.request(manifest.hash, voter.panel, asked.blinded)
    signed = asked.finish(blind_sign(private.key(voter.panel), asked.blinded))
    paper = Paper(request, ballot_seed, signed)
    contests = len(manifest.definition.panels[voter.panel].contests)

    def cast(sequence: int) -> bytes:
        choices = [draw(1)[0] % 4 for _ in range(contests)]
        return a_ballot(manifest, voter.panel, choices, paper, sequence, draw)

    return TestVoter(
        voter.panel,
        request,
        slip.request(manifest.hash, voter.panel, other.blinded),
        cast(1),
        cast(2),
    )
