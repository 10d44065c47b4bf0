"""Edwards25519 in a few lines of plain integers: for signatures that no honest library makes
(docs/protocol.md 1.2).

Slow and not constant in time: for tests only.
"""

from __future__ import annotations

from hashlib import sha512

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
I = pow(2, (P - 1) // 4, P)  # noqa: E741 - the square root of -1
Affine = tuple[int, int]
ZERO: Affine = (0, 1)


def add(a: Affine, b: Affine) -> Affine:
    """a + b."""
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P)
    return x % P, y % P


def times(n: int, a: Affine) -> Affine:
    """n·a for n ≥ 0."""
    total = ZERO
    while n:
        if n & 1:
            total = add(total, a)
        a = add(a, a)
        n >>= 1
    return total


def from_y(y: int, sign: int) -> Affine | None:
    """The point with this y and this lowest bit of x, or None."""
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * I % P
    if (v * x * x - u) % P:
        return None
    return (P - x if x & 1 != sign else x) % P, y % P


def encode(a: Affine) -> bytes:
    """32 bytes by RFC 8032."""
    return (a[1] | (a[0] & 1) << 255).to_bytes(32, "little")


BASE: Affine = from_y(4 * pow(5, -1, P) % P, 0) or ZERO


def torsion() -> list[Affine]:
    """The eight points whose order divides 8, as multiples of one of order 8."""
    y = 2
    while True:
        point = from_y(y, 0)
        if point is not None:
            small = times(L, point)
            if times(4, small) != ZERO:
                return [times(i, small) for i in range(8)]
        y += 1


def clamped(seed: bytes) -> tuple[int, bytes]:
    """Secret scalar and prefix of an Ed25519 seed."""
    hashed = sha512(seed).digest()
    return int.from_bytes(hashed[:32], "little") & (2**254 - 8) | 2**254, hashed[32:]


def challenge(r: bytes, key: bytes, message: bytes) -> int:
    """SHA-512(R ‖ A ‖ m) mod L."""
    return int.from_bytes(sha512(r + key + message).digest(), "little") % L


def sign(a: int, nonce: int, message: bytes, key: bytes, r: bytes | None = None) -> bytes:
    """A signature by the scalar a, under any encodings of A and R."""
    r = encode(times(nonce, BASE)) if r is None else r
    return r + ((nonce + challenge(r, key, message) * a) % L).to_bytes(32, "little")


def holds(key: Affine, key_bytes: bytes, r: Affine, signature: bytes, message: bytes, cofactor: int) -> bool:
    """The verification equation, multiplied by the cofactor or by 1."""
    s = int.from_bytes(signature[32:], "little")
    right = add(r, times(challenge(signature[:32], key_bytes, message), key))
    return times(cofactor * s, BASE) == times(cofactor, right)
