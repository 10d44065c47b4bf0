"""Transcripts, digests and challenges (docs/protocol.md §1): every hashed field has its length in front of
it.
"""

from __future__ import annotations

from hashlib import sha256, sha512

from surveys.protocol.group import Scalar

PREFIX = "tin-nhiem/v2/"


def u32(value: int) -> bytes:
    """4 bytes, big-endian. Raises OverflowError outside 0 … 2^32 − 1."""
    return value.to_bytes(4, "big")


def lp(field: bytes) -> bytes:
    """The field with its length in front."""
    return len(field).to_bytes(4, "big") + field


def transcript(label: str, *fields: bytes) -> bytes:
    """T(label, f1, …) of §1."""
    parts = [lp((PREFIX + label).encode("ascii"))]
    for field in fields:
        parts.append(len(field).to_bytes(4, "big"))
        parts.append(field)
    return b"".join(parts)


def digest(label: str, *fields: bytes) -> bytes:
    """SHA-256 of the transcript, 32 bytes."""
    return sha256(transcript(label, *fields)).digest()


def hash64(label: str, *fields: bytes) -> bytes:
    """SHA-512 of the transcript, 64 bytes."""
    return sha512(transcript(label, *fields)).digest()


def challenge(label: str, *fields: bytes) -> Scalar:
    """Hs of §1: the transcript's SHA-512 as a scalar."""
    return Scalar.reduce(hash64(label, *fields))
