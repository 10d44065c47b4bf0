"""What every vote of tests and benchmarks is made of: randomness, a definition, papers that are issued,
ballots that are cast.

Pure protocol, without a store. The votes themselves stand elsewhere, each with what it is for:
`tests.box.build` (polls that are open), `tests.audit.build` (a counted vote with everybody's secrets),
`tests.vectors.vote` (the facts of both languages).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import shake_256
from typing import Any

from surveys.instants import read_instant
from surveys.protocol import token
from surveys.protocol.ballot import token_message
from surveys.protocol.definition import Contest, Definition, Panel, Slips, Unit, Visibility
from surveys.protocol.issuance import IssueRequest
from surveys.protocol.manifest import Manifest
from surveys.protocol.secret.blind import blind, finalize
from surveys.protocol.secret.encrypt import ballot_public_key, encrypt_ballot
from surveys.protocol.secret.sign_token import TokenKey, blind_sign
from surveys.protocol.secret.slip_key import SlipKey

Random = Callable[[int], bytes]


def randomness(label: object) -> Random:
    """Random bytes that follow from a label, so that a run can be done again."""
    made = 0

    def take(length: int) -> bytes:
        nonlocal made
        made += 1
        return shake_256(f"{label}/{made}".encode()).digest(length)

    return take


def a_definition(
    *, units: Sequence[Unit], panels: Sequence[Panel], contests: Sequence[Contest], **stated: Any
) -> Definition:
    """A definition over these units; whatever is not stated is as usual."""
    usual: dict[str, Any] = {
        "survey": bytes(range(16)),
        "title_vi": "Lấy phiếu tín nhiệm năm 2026",
        "title_en": "Confidence vote 2026",
        "organisation": next(unit.name for unit in units if unit.parent is None),
        "number": "",
        "place": "",
        "year": 2026,
        "opens": read_instant("2026-11-02T01:00:00Z"),
        "closes": read_instant("2026-11-02T10:00:00Z"),
        "time_zone": "Asia/Ho_Chi_Minh",
        "utc_offset": 420,
        "look_up": 30,
        "k": 3,
        "revoting": True,
        "subjects_vote": True,
        "slips": Slips.PRINTED,
        "visibility": Visibility.HEADS,
        "threshold": 2,
        "trustees": ("Trần Thị Sáu", "Lê Văn Bảy", "Phạm Thị Tám"),
        "box_key": bytes(32),
        "software": "tin-nhiem 0.1.0",
    }
    return Definition(
        **{**usual, **stated}, units=tuple(units), panels=tuple(panels), contests=tuple(contests)
    )


@dataclass(frozen=True)
class Token:
    """A voter's key and the blinded message that is sent for it, with what makes the token of the answer."""

    seed: bytes
    blinded: bytes
    finish: Callable[[bytes], bytes]


def a_token(manifest: Manifest, panel: int, seed: bytes, take: Random = os.urandom) -> Token:
    """A token that is asked for: the ballot key of this seed, blinded."""
    public = token.decode_key(manifest.definition.panels[panel].token_key)
    message = token_message(manifest.hash, panel, ballot_public_key(seed))
    blinded = blind(public, message, take)
    return Token(seed, blinded.message, lambda answer: finalize(public, message, answer, blinded))


@dataclass(frozen=True)
class Paper:
    """A paper that was issued: the request and, for the one who asked, the ballot key and the token."""

    request: IssueRequest
    seed: bytes
    token: bytes


def a_paper(manifest: Manifest, panel: int, slip: SlipKey, key: TokenKey, take: Random = os.urandom) -> Paper:
    """The paper of this slip, issued under this panel's token key."""
    asked = a_token(manifest, panel, take(32), take)
    signed = asked.finish(blind_sign(key, asked.blinded, take))
    return Paper(slip.request(manifest.hash, panel, asked.blinded), asked.seed, signed)


def a_ballot(
    manifest: Manifest,
    panel: int,
    choices: Sequence[int],
    paper: Paper,
    sequence: int = 1,
    take: Random = os.urandom,
) -> bytes:
    """The ballot of this paper with these marks."""
    return encrypt_ballot(manifest, panel, choices, paper.seed, sequence, paper.token, take)
