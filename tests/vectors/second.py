"""A second opinion on what a trustee derives and encrypts: HKDF and the sender of HPKE written out from the
RFCs.

With a given ephemeral key the encrypted shares of a ceremony are the same in each run; and the product, which
only opens them, is held to another implementation than its own library.
"""

from __future__ import annotations

import hmac
from hashlib import sha256, sha512
from math import gcd

import gmpy2
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from surveys.protocol.secret.sign_token import TokenKey
from tests.vectors.book import randomness

ORDER = 2**252 + 27742317777372353535851937790883648493


def transcript(label: str, *fields: bytes) -> bytes:
    """T of clause 1."""
    out = b""
    for field in (f"tin-nhiem/v2/{label}".encode(), *fields):
        out += len(field).to_bytes(4, "big") + field
    return out


def hkdf(ikm: bytes, salt: bytes, info: bytes, length: int, name: str) -> bytes:
    """RFC 5869 with SHA-256 or SHA-512."""
    function = {"sha256": sha256, "sha512": sha512}[name]
    key = hmac.new(salt or bytes(function().digest_size), ikm, name).digest()
    return _expand(key, info, length, name)


def _expand(key: bytes, info: bytes, length: int, name: str) -> bytes:
    block, out, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.new(key, block + info + bytes([counter]), name).digest()
        out, counter = out + block, counter + 1
    return out[:length]


def coefficients(seed: bytes, definition: bytes, attempt: int, trustee: int, threshold: int) -> list[int]:
    """a_0 … of 5.1."""
    context = (definition, attempt.to_bytes(4, "big"), trustee.to_bytes(4, "big"))
    return [
        int.from_bytes(
            hkdf(
                seed,
                b"",
                transcript("trustee/coefficient", *context, j.to_bytes(4, "big")),
                64,
                "sha512",
            ),
            "little",
        )
        % ORDER
        for j in range(threshold)
    ]


def evaluate(coefficients: list[int], at: int) -> bytes:
    """f(at) as a scalar's 32 bytes."""
    value = sum(a * pow(at, j, ORDER) for j, a in enumerate(coefficients)) % ORDER
    return value.to_bytes(32, "little")


def hpke_seal(ephemeral: bytes, key: bytes, info: bytes, text: bytes, aad: bytes = b"") -> bytes:
    """RFC 9180 base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM: enc ‖ ciphertext."""
    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x01"
    private = X25519PrivateKey.from_private_bytes(ephemeral)
    enc = private.public_key().public_bytes_raw()
    shared = private.exchange(X25519PublicKey.from_public_bytes(key))
    prk = _labeled_extract(kem, b"", b"eae_prk", shared)
    secret = _labeled_expand(kem, prk, b"shared_secret", enc + key, 32)
    psk_id = _labeled_extract(suite, b"", b"psk_id_hash", b"")
    context = b"\0" + psk_id + _labeled_extract(suite, b"", b"info_hash", info)
    prk = _labeled_extract(suite, secret, b"secret", b"")
    aead = AESGCM(_labeled_expand(suite, prk, b"key", context, 16))
    return enc + aead.encrypt(_labeled_expand(suite, prk, b"base_nonce", context, 12), text, aad)


def _labeled_extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256").digest()


def _labeled_expand(suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return _expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length, "sha256")


def a_token_key(seed: str, bits: int = 2048, exponent: int = 65537) -> TokenKey:
    """An RSA key out of a seed: not for use."""
    take = randomness(seed)
    primes: list[int] = []
    while len(primes) < 2:
        start = int.from_bytes(take(bits // 16), "big") | 3 << (bits // 2 - 2)
        prime = int(gmpy2.next_prime(start))
        if gcd(prime - 1, exponent) == 1:
            primes.append(prime)
    q, p = sorted(primes)
    d = pow(exponent, -1, (p - 1) * (q - 1))
    public = RSAPublicNumbers(exponent, p * q)
    numbers = RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return TokenKey(numbers.private_key())
