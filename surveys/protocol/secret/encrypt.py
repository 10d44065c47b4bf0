"""DANGER. A voter's choices become a ballot (docs/protocol.md 8.4, 8.5).

The randomness opens the vote: it is made here, used here and forgotten here, unless the voter challenges the
ballot (8.8), which then is never cast. All group operations with it run in libsodium.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from surveys.protocol.ballot import body_header, proof_challenge, signed_message
from surveys.protocol.choice_proof import Row, value, value_points
from surveys.protocol.group import Point, Scalar, base_multiply, multiply
from surveys.protocol.manifest import Manifest
from surveys.protocol.side_by_side import side_by_side
from surveys.protocol.transcript import hash64, u32

RandomBytes = Callable[[int], bytes]
SEED_BYTES = 32


@dataclass(slots=True)
class SealedBody:
    """A body that is not signed yet, with the randomness that would open it (8.8). Keep it in memory only."""

    body: bytes
    choices: tuple[int, ...]
    randomness: tuple[Scalar, ...]

    def __repr__(self) -> str:
        return "SealedBody(…)"


class _OpenRow:
    """A row whose true branch waits for the ballot's challenge."""

    __slots__ = ("_challenges", "_drawn", "_r", "_responses", "_true", "_w", "alpha", "beta", "commitments")

    alpha: Point
    beta: Point
    commitments: list[tuple[Point, Point]]

    def __init__(self, choice: int, levels: int, randbytes: RandomBytes) -> None:
        """Draw all randomness, in a fixed order; nothing is computed yet."""
        self._true, self._r, self._w = choice, _nonzero(randbytes), _nonzero(randbytes)
        zero = Scalar(0)
        self._drawn = [
            (zero, zero) if j == choice else (Scalar.random(randbytes), Scalar.random(randbytes))
            for j in range(levels + 1)
        ]

    def compute(self, key: Point) -> None:
        """Ciphertext and commitments, in libsodium."""
        levels, choice = len(self._drawn) - 1, self._true
        self.alpha = base_multiply(self._r)
        shared = multiply(key, self._r)
        self.beta = shared + value_points(levels)[choice] if choice else shared
        self._challenges = [c for c, _ in self._drawn]
        self._responses = [z for _, z in self._drawn]
        self.commitments = []
        for j, (c, z) in enumerate(self._drawn):
            if j == choice:
                self.commitments.append((base_multiply(self._w), multiply(key, self._w)))
                continue
            # z_jG − c_jα = (z_j − c_j·r)G, and z_jY − c_j(β − v_jG) = (z_j − c_j·r)Y − c_j(v − v_j)G.
            t = z - c * self._r
            offset = c * Scalar.of(value(j) - value(choice))
            self.commitments.append((base_multiply(t), multiply(key, t) + base_multiply(offset)))

    def statement(self) -> bytes:
        points = [self.alpha, self.beta]
        for a, b in self.commitments:
            points += (a, b)
        return b"".join(point.encode() for point in points)

    def close(self, c: Scalar) -> Row:
        others = Scalar(0)
        for j, challenge in enumerate(self._challenges):
            if j != self._true:
                others = others + challenge
        true = c - others
        self._challenges[self._true] = true
        self._responses[self._true] = self._w + true * self._r
        return Row(
            self.alpha,
            self.beta,
            tuple(self.commitments),
            tuple(self._challenges[1:]),
            tuple(self._responses),
        )

    @property
    def randomness(self) -> Scalar:
        return self._r


def seeded(seed: bytes) -> RandomBytes:
    """The draws of 8.9 out of one seed (32 bytes, used for one ballot only)."""
    if len(seed) != SEED_BYTES:
        raise ValueError("a seed has 32 bytes")
    drawn = count()

    def draw(length: int) -> bytes:
        if length != 64:
            raise ValueError("a draw has 64 bytes")
        return hash64("ballot/random", seed, u32(next(drawn)))

    return draw


def seal_body(
    manifest: Manifest,
    panel: int,
    choices: Sequence[int],
    ballot_key: bytes,
    sequence: int,
    randbytes: RandomBytes = secrets.token_bytes,
) -> SealedBody:
    """Encrypt and prove one choice (0 … L) for each contest of the panel, in the panel's order.

    `ballot_key` is the public half, 32 bytes. Raises ValueError for a wrong number of choices or a choice
    that does not exist.
    """
    levels = len(manifest.definition.levels)
    if len(choices) != len(manifest.definition.panels[panel].contests):
        raise ValueError("not one choice for each contest of the panel")
    if any(not 0 <= choice <= levels for choice in choices):
        raise ValueError("no such choice")
    rows = [_OpenRow(choice, levels, randbytes) for choice in choices]
    value_points(levels)
    side_by_side(lambda row: row.compute(manifest.election_key), rows)
    c = proof_challenge(manifest.hash, panel, ballot_key, sequence, (row.statement() for row in rows))
    body = body_header(manifest.hash, panel, ballot_key, sequence) + b"".join(
        row.close(c).encode() for row in rows
    )
    return SealedBody(body, tuple(choices), tuple(row.randomness for row in rows))


def sign_body(sealed: SealedBody, ballot_seed: bytes, token: bytes) -> bytes:
    """The ballot's bytes, ready to cast (8.4)."""
    private = Ed25519PrivateKey.from_private_bytes(ballot_seed)
    return sealed.body + token + private.sign(signed_message(sealed.body, token))


def ballot_public_key(ballot_seed: bytes) -> bytes:
    """The public half of a ballot key, 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(ballot_seed).public_key().public_bytes_raw()


def encrypt_ballot(
    manifest: Manifest,
    panel: int,
    choices: Sequence[int],
    ballot_seed: bytes,
    sequence: int,
    token: bytes,
    randbytes: RandomBytes = secrets.token_bytes,
) -> bytes:
    """Encrypt, prove and sign in one go. Raises ValueError as `seal_body` does."""
    sealed = seal_body(manifest, panel, choices, ballot_public_key(ballot_seed), sequence, randbytes)
    return sign_body(sealed, ballot_seed, token)


def _nonzero(randbytes: RandomBytes) -> Scalar:
    while True:
        scalar = Scalar.random(randbytes)
        if scalar != Scalar(0):
            return scalar


__all__ = ["SealedBody", "ballot_public_key", "encrypt_ballot", "seal_body", "sign_body"]
