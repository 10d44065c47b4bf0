"""Many strict Ed25519 signatures at once (docs/protocol.md 1.2), with the verdict that each alone would get.

The kernel says "all hold" or nothing: then they are asked one by one. Why a weighted sum is not enough for
the strict rule, and what is done about it, stands in kernel/signatures.h.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha512

from surveys.protocol import signature
from surveys.protocol.errors import BadSignature
from surveys.protocol.kernel.machine import READY_BYTES, Machine, machine

MOST = 2048
"""Signatures in one weighted sum: more of them make each a little cheaper, and the memory larger."""
FEW = 32
"""Below this one by one is as fast: the test for small parts costs 6 ms however few there are."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A message, who is said to have signed it, and where that stands."""

    key: bytes
    message: bytes
    signature: bytes
    where: str


def check_all(
    signed: Sequence[Signed], *, check: str, randbytes: Callable[[int], bytes] = secrets.token_bytes
) -> None:
    """1.2 for all. Raises BadSignature naming the check and the place of the first that fails."""
    computer = machine()
    for part in _parts(signed):
        if computer is None or len(part) < FEW or not _hold(computer, part, randbytes):
            for each in part:
                signature.verify(each.key, each.message, each.signature, check=check, where=each.where)


def first_refused(signed: Sequence[Signed], *, check: str) -> BadSignature | None:
    """What `check_all` raises, as a value."""
    try:
        check_all(signed, check=check)
    except BadSignature as refusal:
        return refusal
    return None


def _parts(signed: Sequence[Signed]) -> Iterator[Sequence[Signed]]:
    for start in range(0, len(signed), MOST):
        yield signed[start : start + MOST]


def _hold(computer: Machine, signed: Sequence[Signed], randbytes: Callable[[int], bytes]) -> bool:
    if any(len(each.key) != 32 or len(each.signature) != 64 for each in signed):
        return False
    count = len(signed)
    keys, signatures, hashes, weights, chance, points, scalars, digits = computer.lay_out(
        32 * count,
        64 * count,
        64 * count,
        16 * count,
        32 * count,
        READY_BYTES * (2 * count + 1),
        32 * (count + 1),
        max(computer.digits(count, 128), computer.digits(count + 1, 253)),
    )
    computer.put(keys, b"".join(each.key for each in signed))
    computer.put(signatures, b"".join(each.signature for each in signed))
    computer.put(
        hashes,
        b"".join(sha512(each.signature[:32] + each.key + each.message).digest() for each in signed),
    )
    computer.put(weights, randbytes(16 * count))
    computer.put(chance, randbytes(32 * count))
    held = computer.call(
        "check_signatures", keys, signatures, hashes, weights, chance, count, points, scalars, digits
    )
    return bool(held)
