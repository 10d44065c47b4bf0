"""DANGER. The box's signing key: receipts (docs/protocol.md 9.3) and the board's checkpoint (10.3).

Whoever has the seed can promise that a ballot is in the box which is not.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from surveys.protocol.receipt import receipt_message


def public_key(seed: bytes) -> bytes:
    """The box key of the manifest, 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign_receipt(seed: bytes, manifest_hash: bytes, ballot_digest: bytes, key: bytes, sequence: int) -> bytes:
    """The receipt of a stored ballot, 64 bytes; the same for the same ballot at any time."""
    return sign(seed, receipt_message(manifest_hash, ballot_digest, key, sequence))


def sign(seed: bytes, message: bytes) -> bytes:
    """An Ed25519 signature by the box key, 64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)
