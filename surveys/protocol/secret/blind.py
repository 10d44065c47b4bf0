"""DANGER. The voter's side of the blind signature (docs/protocol.md 7.2, 7.4; RFC 9474 §4.2, §4.4).

The blind is what keeps voter and ballot apart. It is uniform, so the blinded message tells nothing, to
anybody, ever: it is used once and never stored.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from math import gcd

import gmpy2
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from surveys.protocol import token
from surveys.protocol.errors import BadSignature

RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Blinded:
    """`message` goes to the registrar; `inverse` stays with the voter until the answer is there."""

    message: bytes
    inverse: int

    def __repr__(self) -> str:
        return "Blinded(…)"


def blind(key: RSAPublicKey, message: bytes, randbytes: RandomBytes = secrets.token_bytes) -> Blinded:
    """RFC 9474 `Blind` with a fresh salt and a fresh blind."""
    numbers = key.public_numbers()
    salt = randbytes(token.SALT_BYTES)
    r = 0
    while not (1 < r < numbers.n and gcd(r, numbers.n) == 1):
        r = int.from_bytes(randbytes(-(-key.key_size // 8)), "big") % (1 << key.key_size)
    return blind_with(key, message, salt, r)


def blind_with(key: RSAPublicKey, message: bytes, salt: bytes, r: int) -> Blinded:
    """`Blind` with the given salt and blind: for known answers."""
    numbers = key.public_numbers()
    encoded = int.from_bytes(token.emsa_pss(message, key.key_size - 1, salt), "big")
    if gcd(encoded, numbers.n) != 1:
        raise ValueError("the message shares a factor with the modulus")
    blinded = encoded * int(gmpy2.powmod(r, numbers.e, numbers.n)) % numbers.n
    return Blinded(blinded.to_bytes(-(-key.key_size // 8), "big"), int(gmpy2.invert(r, numbers.n)))


def finalize(key: RSAPublicKey, message: bytes, answer: bytes, blinded: Blinded) -> bytes:
    """RFC 9474 `Finalize`: the token, verified. Raises BadSignature(check="7.4") if the registrar's answer is
    wrong.
    """
    size = -(-key.key_size // 8)
    n = key.public_numbers().n
    value = int.from_bytes(answer, "big")
    if len(answer) != size or value >= n:
        raise BadSignature(check="7.4", where="answer", why="not a blind signature under this key")
    signed = (value * blinded.inverse % n).to_bytes(size, "big")
    token.verify(key, message, signed, check="7.4", where="answer")
    return signed
