"""DANGER. The registrar's private operation (docs/protocol.md 7.3; RFC 9474 §4.3 `BlindSign`).

The message is chosen by whoever asks, so the operation is blinded against timing, runs its exponentiations in
`gmpy2.powmod_sec`, and is checked before anything leaves: one faulty half of the CRT would give away the key.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from math import gcd

import gmpy2
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from surveys.protocol import token
from surveys.protocol.errors import Fault, Malformed

RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True)
class TokenKey:
    """A panel's private token key."""

    private: rsa.RSAPrivateKey

    def __repr__(self) -> str:
        return "TokenKey(…)"

    def public_der(self) -> bytes:
        """The public half as it stands in the manifest (7.1)."""
        return token.encode_key(self.private.public_key())

    def private_der(self) -> bytes:
        """The private half in PKCS #8, for an encrypted column."""
        return self.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def make_token_key(bits: int = token.KEY_BITS) -> TokenKey:
    """A fresh key (7.1); takes some tenths of a second."""
    return TokenKey(rsa.generate_private_key(public_exponent=token.EXPONENT, key_size=bits))


def load_token_key(der: bytes) -> TokenKey:
    """The key of `private_der`. Raises ValueError.

    The numbers are not validated again (45 ms a key): the bytes come out of an authenticated column that this
    program wrote, and `blind_sign` checks every result against the public half before it leaves.
    """
    key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return TokenKey(key)


def blind_sign(
    key: TokenKey, blinded: bytes, randbytes: RandomBytes = secrets.token_bytes, *, where: str = "blinded"
) -> bytes:
    """The blind signature, as long as the modulus; the same for the same message.

    Raises Malformed(check="7.3") for a message that is zero or not below the modulus, Fault when the result
    does not verify: nothing is released then.
    """
    numbers = key.private.private_numbers()
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    size = -(-n.bit_length() // 8)
    message = int.from_bytes(blinded, "big")
    if len(blinded) != size or not 0 < message < n:
        raise Malformed(check="7.3", where=where, why="zero, or not below the modulus of this panel's key")
    r = 0
    while not (1 < r < n and gcd(r, n) == 1):
        r = int.from_bytes(randbytes(size), "big")
    hidden = message * gmpy2.powmod(r, e, n) % n
    signed = _private(hidden, numbers) * gmpy2.invert(r, n) % n
    if gmpy2.powmod(signed, e, n) != message:
        raise Fault(check="7.3", where=where, why="the signature came out wrong; nothing was released")
    return int(signed).to_bytes(size, "big")


def _private(value: gmpy2.mpz, numbers: rsa.RSAPrivateNumbers) -> gmpy2.mpz:
    """value^d mod n by the CRT, in time that does not depend on the exponents' bits."""
    p, q = numbers.p, numbers.q
    a = gmpy2.powmod_sec(value % p, numbers.dmp1, p)
    b = gmpy2.powmod_sec(value % q, numbers.dmq1, q)
    return b + q * ((a - b) * numbers.iqmp % p)
