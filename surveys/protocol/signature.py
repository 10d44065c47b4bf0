"""Strict Ed25519 (docs/protocol.md 1.2), so that every library gives the same verdict.

Libraries differ: some use the cofactored equation, some accept small-order keys or a non-canonical S. Here
keys and R must be canonical and not of small order and S below the order; then `cryptography` (OpenSSL)
checks the cofactorless equation.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from surveys.protocol.errors import BadSignature
from surveys.protocol.group import FIELD, ORDER

# The y coordinates (sign bit cleared) of the eight points whose order divides 8: 0, ±1 and the two of order
# 8.
_SMALL_Y = frozenset(
    {
        0,
        1,
        FIELD - 1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        FIELD - 2707385501144840649318225287225658788936804267575313519463743609750303402022,
    }
)


def _refused(encoded: bytes) -> str | None:
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    if y >= FIELD:
        return "is not canonical"
    if y in _SMALL_Y:
        return "is of small order"
    return None


def verify(key: bytes, message: bytes, signature: bytes, *, check: str, where: str) -> None:
    """1.2: `signature` (64 bytes) of `message` by `key` (32 bytes). Raises BadSignature naming check and
    place.
    """
    if len(key) != 32 or len(signature) != 64:
        raise BadSignature(check=check, where=where, why="a key has 32 bytes and a signature 64")
    for name, encoded in (("the key", key), ("R", signature[:32])):
        why = _refused(encoded)
        if why is not None:
            raise BadSignature(check=check, where=where, why=f"{name} {why}")
    if int.from_bytes(signature[32:], "little") >= ORDER:
        raise BadSignature(check=check, where=where, why="S is not below the order")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise BadSignature(check=check, where=where, why="the signature does not hold") from None
