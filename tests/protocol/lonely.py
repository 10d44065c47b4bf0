"""A ballot made in a worker process: the child must find these functions by name."""

from __future__ import annotations

import os
from hashlib import shake_256

from surveys.protocol import side_by_side
from surveys.protocol.manifest import decode_manifest
from surveys.protocol.secret.encrypt import encrypt_ballot

PANEL = 2


def a_ballot(manifest: bytes) -> bytes:
    """The same ballot each time, out of fixed randomness."""
    made = iter(range(10_000))
    decoded = decode_manifest(manifest)
    choices = [1] * len(decoded.definition.panels[PANEL].contests)
    return encrypt_ballot(
        decoded, PANEL, choices, bytes(32), 1, bytes(256), lambda n: shake_256(b"%d" % next(made)).digest(n)
    )


def alone(manifest: bytes) -> tuple[bytes, bool]:
    """What a worker process makes, and whether it has threads."""
    return a_ballot(manifest), side_by_side._pool(os.getpid()) is not None
