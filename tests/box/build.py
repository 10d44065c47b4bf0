"""A small real vote for the tests of roll and box: frozen roll, prepared box, and for each voter a request and ballots.

Each voter's randomness follows from the voter, so the same voters give the same bytes in any order of voting.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import shake_256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from surveys.box import gate, receipts
from surveys.box.receipts import BoxKey
from surveys.protocol import token
from surveys.protocol.ballot import token_message
from surveys.protocol.group import Scalar, base_multiply
from surveys.protocol.issuance import IssueRequest
from surveys.protocol.manifest import Contest, Definition, Manifest, Panel, Unit
from surveys.protocol.roll_list import roll_root
from surveys.protocol.secret.blind import blind, finalize
from surveys.protocol.secret.encrypt import ballot_public_key, encrypt_ballot
from surveys.protocol.secret.sign_token import blind_sign
from surveys.protocol.secret.slip_key import slip_key
from surveys.roll import attendance, listing, slips
from surveys.roll.listing import SealedTokenKey, Voter
from surveys.roll.registrar import TokenKeys, make_token_keys
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores

SURVEY = bytes(range(16))
RULE = {"name": "test", "levels": [{"id": "high"}, {"id": "plain"}, {"id": "low"}]}


def stream(label: object) -> Callable[[int], bytes]:
    """Random bytes that follow from a label."""
    count = 0

    def draw(n: int) -> bytes:
        nonlocal count
        count += 1
        return shake_256(f"{label}/{count}".encode()).digest(n)

    return draw


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

    stores: Stores
    manifest: Manifest
    box_key: BoxKey
    voters: tuple[TestVoter, ...]

    @property
    def roll(self) -> Engine:
        return self.stores.roll(SURVEY.hex())

    @property
    def box(self) -> Engine:
        return self.stores.box(SURVEY.hex())

    @property
    def box_file(self) -> Path:
        return self.stores.box_path(SURVEY.hex())

    @property
    def roll_file(self) -> Path:
        return self.stores.roll_path(SURVEY.hex())

    def keys(self) -> TokenKeys:
        return TokenKeys(self.roll, keyring())

    def copy(self, folder: Path) -> Vote:
        """The same vote on copies of its files."""
        shutil.copytree(self.stores.root, folder, dirs_exist_ok=True)
        return replace(self, stores=Stores(folder))


def a_vote(
    folder: Path, sizes: tuple[int, ...] = (12, 12, 12), contests: int = 2, *, revoting: bool = True
) -> Vote:
    """Freeze a roll, prepare a box, open both."""
    stores = Stores(folder)
    roll, box = stores.create_roll(SURVEY.hex()), stores.create_box(SURVEY.hex())
    box_key = receipts.make_box_key(box, keyring(), stream("box"))
    people = [Voter(p, f"{p}-{i}") for p, size in enumerate(sizes) for i in range(size)]
    made = slips.make_slips(SURVEY, people, stream("slips"))
    keys = token_keys(len(sizes))
    frozen = listing.freeze_roll(roll, keyring(), [slip.entry for slip in made], keys)
    manifest = a_manifest(frozen.panels, keys, box_key.public, contests, revoting=revoting)
    gate.prepare(box, manifest)
    gate.open_polls(box)
    for panel, size in enumerate(sizes):
        attendance.record_present(roll, panel, size)
        attendance.open_issuing(roll, panel, 2, 3)
    private = TokenKeys(roll, keyring())
    voters = tuple(_voter(manifest, private, slip.voter, slip.code) for slip in made)
    return Vote(stores, manifest, box_key, voters)


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
    definition = Definition(
        survey=SURVEY,
        title_vi="Lấy phiếu",
        title_en="Vote",
        organisation="Khối",
        number="",
        place="",
        year=2026,
        opens="2026-01-01T00:00:00Z",
        closes="2026-01-02T00:00:00Z",
        time_zone="Asia/Ho_Chi_Minh",
        rule=RULE,
        k=3,
        revoting=revoting,
        subjects_vote=True,
        slips="printed",
        visibility="subject",
        threshold=2,
        trustees=("A", "B", "C"),
        units=(
            Unit("root", None, "Khối", "bloc"),
            *(Unit(f"u{p}", "root", f"Đơn vị {p}", "cell") for p in indices),
        ),
        panels=tuple(
            Panel(f"u{p}", len(slip_keys), roll_root(slip_keys), keys[p].public, tuple(range(contests)))
            for p, slip_keys in enumerate(panels)
        ),
        contests=tuple(
            Contest(f"p{c:03}", f"Người {c}", "root", ("Bí thư",), indices) for c in range(contests)
        ),
        box_key=box_key,
        software="test",
    )
    return Manifest(definition, base_multiply(Scalar.of(7)), bytes(32))


def ballot_signer(vote: Vote, number: int) -> Callable[[bytes], bytes]:
    """Sign with a voter's ballot key."""
    panel = vote.voters[number].panel
    first = next(i for i, voter in enumerate(vote.voters) if voter.panel == panel)
    seed = stream(Voter(panel, f"{panel}-{number - first}"))(32)
    return Ed25519PrivateKey.from_private_bytes(seed).sign


def _voter(manifest: Manifest, private: TokenKeys, voter: Voter, code: bytes) -> TestVoter:
    draw = stream(voter)
    ballot_seed = draw(32)
    slip = slip_key(code, SURVEY)
    public = token.decode_key(manifest.definition.panels[voter.panel].token_key)
    message = token_message(manifest.hash, voter.panel, ballot_public_key(ballot_seed))
    blinded, other = blind(public, message, draw), blind(public, message, draw)
    answer = blind_sign(private.key(voter.panel), blinded.message)
    signed = finalize(public, message, answer, blinded)
    contests = len(manifest.definition.panels[voter.panel].contests)

    def cast(sequence: int) -> bytes:
        choices = [draw(1)[0] % 4 for _ in range(contests)]
        return encrypt_ballot(manifest, voter.panel, choices, ballot_seed, sequence, signed, draw)

    return TestVoter(
        voter.panel,
        slip.request(manifest.hash, voter.panel, blinded.message),
        slip.request(manifest.hash, voter.panel, other.message),
        cast(1),
        cast(2),
    )
