"""The anonymous token: an RSA blind signature (docs/protocol.md §7, RFC 9474
RSABSSA-SHA384-PSS-Deterministic), public side.

The encoding functions do not fix a key size, so that the RFC's own test vectors (4096 bits) hold them; the
product's keys are held to exactly 2048 bits by `decode_key`.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha384

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from surveys.protocol.errors import BadSignature, Malformed

KEY_BITS = 2048
EXPONENT = 65537
SALT_BYTES = 48
HASH_BYTES = 48


def encode_key(key: RSAPublicKey) -> bytes:
    """DER SubjectPublicKeyInfo (7.1)."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@lru_cache(maxsize=4096)
def decode_key(der: bytes, where: str = "token_key") -> RSAPublicKey:
    """A token key by 7.1: RSA, exactly 2048 bits, exponent 65537, in its one encoding. Raises
    Malformed(check="7.1").
    """
    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise Malformed(check="7.1", where=where, why="not a public key") from None
    if not isinstance(key, RSAPublicKey):
        raise Malformed(check="7.1", where=where, why="not an RSA key")
    numbers = key.public_numbers()
    if key.key_size != KEY_BITS or numbers.e != EXPONENT or numbers.n % 2 == 0:
        raise Malformed(check="7.1", where=where, why="not a key of 2048 bits with exponent 65537")
    if encode_key(key) != der:
        raise Malformed(check="7.1", where=where, why="not in its one encoding")
    return key


def verify(
    key: RSAPublicKey, message: bytes, token: bytes, *, check: str = "8.3", where: str = "token"
) -> None:
    """RSASSA-PSS-VERIFY with SHA-384 and a 48-byte salt. Raises BadSignature."""
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=SALT_BYTES)
    try:
        key.verify(token, message, pss, hashes.SHA384())
    except InvalidSignature:
        raise BadSignature(
            check=check, where=where, why="no ballot paper was issued for this ballot"
        ) from None


def mgf1(seed: bytes, length: int) -> bytes:
    """MGF1 with SHA-384 (RFC 8017 B.2.1)."""
    out = b""
    for counter in range(-(-length // HASH_BYTES)):
        out += sha384(seed + counter.to_bytes(4, "big")).digest()
    return out[:length]


def emsa_pss(message: bytes, bits: int, salt: bytes) -> bytes:
    """EMSA-PSS-ENCODE with SHA-384 (RFC 8017 §9.1.1) for an encoded message of so many bits."""
    length = -(-bits // 8)
    if length < HASH_BYTES + len(salt) + 2:
        raise ValueError("the key is too short")
    hashed = sha384(bytes(8) + sha384(message).digest() + salt).digest()
    block = bytes(length - len(salt) - HASH_BYTES - 2) + b"\x01" + salt
    masked = bytearray(a ^ b for a, b in zip(block, mgf1(hashed, len(block)), strict=True))
    masked[0] &= 0xFF >> (8 * length - bits)
    return bytes(masked) + hashed + b"\xbc"
