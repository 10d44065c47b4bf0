"""The box's receipt for a stored ballot (docs/protocol.md 9.3), checked by anybody who holds the manifest."""

from __future__ import annotations

from surveys.protocol import signature
from surveys.protocol.transcript import transcript


def receipt_message(manifest_hash: bytes, ballot_digest: bytes) -> bytes:
    """What the box key signs: neither time, order nor marks."""
    return transcript("receipt", manifest_hash, ballot_digest)


def check_receipt(box_key: bytes, manifest_hash: bytes, ballot_digest: bytes, receipt: bytes) -> None:
    """9.3. Raises BadSignature."""
    signature.verify(
        box_key, receipt_message(manifest_hash, ballot_digest), receipt, check="9.3", where="receipt"
    )
