"""The box's key and its receipts (docs/protocol.md 9.3, 10.3).

The key is made before the manifest, which names its public half; the seed lies in the box store, sealed by
the key ring.
Danger: whoever has the seed can promise that a ballot is in the box which is not.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import insert, select, update

from surveys.box import models
from surveys.box.errors import BoxNotPrepared
from surveys.protocol.checkpoint import Checkpoint, NoteSignature, note_signature
from surveys.protocol.secret import receipt_key
from surveys.stores.columns import key_number
from surveys.stores.store import Store

_PLACE = ("box_key", "seed", "1")


class BoxKey:
    """The box's signing key; it signs receipts and the board's checkpoint and nothing else."""

    __slots__ = ("_seed", "public")

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self.public = receipt_key.public_key(seed)

    def __repr__(self) -> str:
        return f"BoxKey({self.public.hex()})"

    def sign_receipt(self, manifest_hash: bytes, ballot_digest: bytes, key: bytes, sequence: int) -> bytes:
        """9.3: 64 bytes, the same for the same ballot at any time."""
        return receipt_key.sign_receipt(self._seed, manifest_hash, ballot_digest, key, sequence)

    def sign_checkpoint(self, checkpoint: Checkpoint) -> NoteSignature:
        """10.3: the box's line under the checkpoint, by the name of its origin."""
        return note_signature(checkpoint.origin, self.public, receipt_key.sign(self._seed, checkpoint.body()))


def make_box_key(store: Store, randbytes: Callable[[int], bytes] = secrets.token_bytes) -> BoxKey:
    """The key of this box, made at the first call and kept; later calls give the same key, nothing is
    written.
    """
    with store.begin() as connection:
        sealed = connection.scalar(select(models.box_key.c.seed))
        if sealed is None:
            seed = randbytes(32)
            connection.execute(insert(models.box_key).values(id=1, seed=store.keyring.seal(*_PLACE, seed)))
            return BoxKey(seed)
    return BoxKey(store.keyring.open(*_PLACE, sealed))


def load_box_key(store: Store) -> BoxKey:
    """The key of this box; load it once, at the start. Raises BoxNotPrepared or Unreadable."""
    with store.engine.connect() as connection:
        sealed = connection.scalar(select(models.box_key.c.seed))
    if sealed is None:
        raise BoxNotPrepared("this box has no key yet")
    return BoxKey(store.keyring.open(*_PLACE, sealed))


def reseal_box_key(store: Store) -> None:
    """Seal the seed with the ring's newest key; nothing happens where it is. Raises Unreadable."""
    with store.begin() as connection:
        sealed = connection.scalar(select(models.box_key.c.seed))
        if sealed is not None and key_number(sealed) != store.keyring.current:
            seed = store.keyring.open(*_PLACE, sealed)
            connection.execute(update(models.box_key).values(seed=store.keyring.seal(*_PLACE, seed)))
