"""Many Ed25519 signatures at once are as strict as one (1.2): every vector among good ones, and the attack on
a plain batch.
"""

from __future__ import annotations

import secrets
from hashlib import sha512

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from surveys.protocol import signature
from surveys.protocol.errors import BadSignature
from surveys.protocol.kernel import signatures
from surveys.protocol.kernel.machine import machine
from surveys.protocol.kernel.signatures import Signed, check_all, first_refused
from tests.vectors import edwards
from tests.vectors.edwards import BASE, ZERO, L
from tests.vectors.reading import Vector, all_vectors

VECTORS = [vector for vector in all_vectors() if vector.path.startswith("1.2-signature/")]


def _good(count: int) -> list[Signed]:
    made = []
    for i in range(count):
        key, message = Ed25519PrivateKey.from_private_bytes(bytes([i]) * 32), bytes(i)
        made.append(Signed(key.public_key().public_bytes_raw(), message, key.sign(message), f"good[{i}]"))
    return made


GOOD = _good(40)


def _hold(signed: list[Signed]) -> bool:
    computer = machine()
    assert computer is not None
    return signatures._hold(computer, signed, secrets.token_bytes)


def test_good_signatures_hold_together() -> None:
    assert _hold(GOOD)
    check_all(GOOD, check="8.4")
    check_all([], check="8.4")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_vector_among_good_ones_gets_its_own_verdict(vector: Vector) -> None:
    given = {name: bytes.fromhex(value) for name, value in vector.given.items()}
    mixed = [*GOOD[:33], Signed(given["key"], given["message"], given["signature"], "the vector"), *GOOD[33:]]
    refusal = first_refused(mixed, check="8.4")
    if vector.expect == "ok":
        assert refusal is None
    else:
        assert isinstance(refusal, BadSignature)
        assert (refusal.check, refusal.where) == ("8.4", "the vector")
        with pytest.raises(BadSignature) as alone:
            signature.verify(
                given["key"], given["message"], given["signature"], check="8.4", where="the vector"
            )
        assert alone.value.why == refusal.why


def _mixed_order(message: bytes) -> Signed:
    """A signature whose R has a part of order 2: the equation fails by that part alone."""
    two = next(t for t in edwards.torsion() if t != ZERO and edwards.add(t, t) == ZERO)
    secret, nonce = 12345, 67890
    key = edwards.encode(edwards.times(secret, BASE))
    r = edwards.encode(edwards.add(edwards.times(nonce, BASE), two))
    h = int.from_bytes(sha512(r + key + message).digest(), "little") % L
    return Signed(key, message, r + ((nonce + h * secret) % L).to_bytes(32, "little"), "mixed")


def test_a_part_of_small_order_is_never_overlooked() -> None:
    bad = _mixed_order(b"m")
    for _ in range(20):
        assert first_refused([*GOOD, bad], check="8.4") is not None


def test_the_twin_without_the_test_for_small_parts_overlooks_it_half_the_time() -> None:
    """No point is in a subset where all chances are zero, so nothing is tested: then the weight's lowest bit
    decides.
    """
    bad, held = _mixed_order(b"m"), 0
    computer = machine()
    assert computer is not None
    for i in range(20):

        def chances(length: int, lowest: int = i % 2) -> bytes:
            if length == 16 * (len(GOOD) + 1):
                return b"\x01" * (length - 16) + bytes([2 + lowest]) + bytes(15)
            return bytes(length)

        held += signatures._hold(computer, [*GOOD, bad], chances)
    assert held == 10


def test_few_and_absent_kernels_ask_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = Signed(GOOD[1].key, b"another message", GOOD[1].signature, "bad")
    assert first_refused([*GOOD[:3], bad], check="7.2") is not None
    monkeypatch.setattr(signatures, "machine", lambda: None)
    assert first_refused([*GOOD, bad], check="7.2") is not None
    assert first_refused(GOOD, check="7.2") is None
