"""The voters of a rehearsal, in processes of their own as phones and a server's workers would be.

DANGER: slip codes pass through here, in memory. Each voter goes the whole way: key, blinding, token, ballot,
receipt.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from surveys.box.receipts import BoxKey, load_box_key
from surveys.box.receiving import receive_ballot
from surveys.protocol.ballot import token_message
from surveys.protocol.manifest import Manifest, decode_manifest
from surveys.protocol.receipt import Promise
from surveys.protocol.secret.blind import blind, finalize
from surveys.protocol.secret.encrypt import ballot_public_key, encrypt_ballot
from surveys.protocol.secret.slip_key import slip_key
from surveys.protocol.token import decode_key
from surveys.roll.registrar import TokenKeys, issue_token
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores


@dataclass(frozen=True, slots=True)
class Act:
    """One voter: panel, slip code, and what is marked (None: the paper is never returned)."""

    panel: int
    code: bytes = field(repr=False)
    choices: tuple[int, ...] | None = field(repr=False)


class Place:
    """What one process needs to serve voters: the stores, the keys, the manifest."""

    def __init__(self, root: Path, keyring: Keyring, manifest: Manifest, database: str = "") -> None:
        self.manifest = manifest
        round_id = manifest.definition.round_id
        stores = Stores(Engines(root, database), keyring)
        self.roll, self.box = stores.engines.roll(round_id), stores.engines.box(round_id)
        self.token_keys = TokenKeys(stores.roll(round_id))
        self.box_key: BoxKey = load_box_key(stores.box(round_id))


def vote(place: Place, act: Act) -> None:
    """Take a paper; unless it is never returned, mark, encrypt, cast, and check the receipt."""
    manifest = place.manifest
    definition = manifest.definition
    slip = slip_key(act.code, definition.survey)
    ballot_seed = secrets.token_bytes(32)
    public = ballot_public_key(ballot_seed)
    key = decode_key(definition.panels[act.panel].token_key)
    message = token_message(manifest.hash, act.panel, public)
    blinded = blind(key, message)
    request = slip.request(manifest.hash, act.panel, blinded.message)
    token = finalize(key, message, issue_token(place.roll, place.token_keys, manifest.hash, request), blinded)
    if act.choices is None:
        return
    raw = encrypt_ballot(manifest, act.panel, act.choices, ballot_seed, 1, token)
    receipt = receive_ballot(place.box, manifest, raw, place.box_key)
    Promise(manifest.hash, receipt.digest, public, 1, receipt.signature).check(definition.box_key)


_place: list[Place] = []


def settle(root: Path, database: str, keyring: Keyring, manifest: bytes) -> None:
    """Prepare a worker process, once."""
    _place[:] = [Place(root, keyring, decode_manifest(manifest), database)]


def serve(acts: Sequence[Act]) -> int:
    """Let these voters vote in this worker process; returns how many did."""
    for act in acts:
        vote(_place[0], act)
    return len(acts)
