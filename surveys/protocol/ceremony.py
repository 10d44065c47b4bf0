"""The key ceremony as everybody can check it (docs/protocol.md §5): messages, transcript, keys.

Danger: the election key is only as good as 5.2 to 5.5. Commitments must be in before any deal is shown, or
the last dealer chooses the key; a proof of possession that is skipped lets a dealer cancel the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surveys.json_types import JsonObject
from surveys.protocol import canonical
from surveys.protocol.dleq import DleqProof
from surveys.protocol.group import BASE, IDENTITY, Point, Scalar, base_multiply, multiply
from surveys.protocol.transcript import challenge, digest, transcript, u32

CEREMONY_FORMAT = "tin-nhiem/ceremony/2"
SHARE_BYTES = 80


@dataclass(frozen=True, slots=True)
class Commit:
    """5.2. `trustee` counts from 1."""

    trustee: int
    hpke_key: bytes
    sign_key: bytes
    commitment: bytes
    signature: bytes

    def as_json(self) -> JsonObject:
        """The message as it stands in the record."""
        return {
            "trustee": self.trustee,
            "hpke_key": self.hpke_key.hex(),
            "sign_key": self.sign_key.hex(),
            "commitment": self.commitment.hex(),
            "signature": self.signature.hex(),
        }


@dataclass(frozen=True, slots=True)
class PossessionProof:
    """5.4: R and z."""

    commitment: Point
    response: Scalar


@dataclass(frozen=True, slots=True)
class Deal:
    """5.3. `shares[m-1]` is for trustee m, 80 bytes."""

    trustee: int
    points: tuple[Point, ...]
    proofs: tuple[PossessionProof, ...]
    shares: tuple[bytes, ...]
    signature: bytes

    def unsigned_json(self) -> JsonObject:
        """The message without its signature: what is signed."""
        return {
            "trustee": self.trustee,
            "points": [point.encode().hex() for point in self.points],
            "proofs": [
                {"commitment": p.commitment.encode().hex(), "response": p.response.encode().hex()}
                for p in self.proofs
            ],
            "shares": [share.hex() for share in self.shares],
        }

    def as_json(self) -> JsonObject:
        """The message as it stands in the record."""
        return {**self.unsigned_json(), "signature": self.signature.hex()}


@dataclass(frozen=True, slots=True)
class Confirm:
    """5.6: the trustee's share of the rehearsal ciphertext, and its signature over X and M."""

    trustee: int
    share: Point
    proof: DleqProof
    signature: bytes

    def as_json(self) -> JsonObject:
        """The message as it stands in the record."""
        return {
            "trustee": self.trustee,
            "share": self.share.encode().hex(),
            "proof": self.proof.as_json(),
            "signature": self.signature.hex(),
        }


@dataclass(frozen=True, slots=True)
class Ceremony:
    """The ceremony record (5.8)."""

    attempt: int
    commits: tuple[Commit, ...]
    deals: tuple[Deal, ...]
    confirms: tuple[Confirm, ...]

    def encode(self) -> bytes:
        """Canonical bytes of the record."""
        return canonical.encode(
            {
                "format": CEREMONY_FORMAT,
                "attempt": self.attempt,
                "commits": [commit.as_json() for commit in self.commits],
                "deals": [deal.as_json() for deal in self.deals],
                "confirms": [confirm.as_json() for confirm in self.confirms],
            }
        )


@dataclass(frozen=True, slots=True)
class ElectionKeys:
    """What the deals make: Y, the verification keys Y_1 … Y_n, and the ceremony hash X (5.5)."""

    election_key: Point
    verification_keys: tuple[Point, ...]
    ceremony: bytes


def commitment(definition: bytes, attempt: int, trustee: int, points: Sequence[Point]) -> bytes:
    """The hash that a trustee commits to before anybody deals (5.2)."""
    joined = b"".join(point.encode() for point in points)
    return digest("ceremony/commitment", definition, u32(attempt), u32(trustee), joined)


def commit_message(
    definition: bytes, attempt: int, trustee: int, hpke_key: bytes, sign_key: bytes, hashed: bytes
) -> bytes:
    """What the signing key signs in the first round (5.2)."""
    return transcript("ceremony/commit", definition, u32(attempt), u32(trustee), hpke_key, sign_key, hashed)


def commits_hash(definition: bytes, attempt: int, commits: Sequence[Commit]) -> bytes:
    """K of 5.2: all commits, in order."""
    listed = canonical.encode([commit.as_json() for commit in commits])
    return digest("ceremony/commits", definition, u32(attempt), listed)


def deal_message(commits: bytes, trustee: int, unsigned: JsonObject) -> bytes:
    """What the signing key signs in the second round (5.3)."""
    return transcript("ceremony/deal", commits, u32(trustee), canonical.encode(unsigned))


def share_info(commits: bytes, dealer: int, receiver: int) -> bytes:
    """The HPKE info of an encrypted share (5.3)."""
    return transcript("ceremony/share", commits, u32(dealer), u32(receiver))


def possession_statement(commits: bytes, trustee: int, j: int, point: Point) -> tuple[bytes, ...]:
    """Fields of the proof of possession of coefficient j, before its commitment (5.4)."""
    return (commits, u32(trustee), u32(j), point.encode())


def possession_challenge(statement: Sequence[bytes], proof_commitment: Point) -> Scalar:
    """c of 5.4."""
    return challenge("ceremony/pop", *statement, proof_commitment.encode())


def public_share(points: Sequence[Point], receiver: int) -> Point:
    """Σ_j m^j·C_j: what receiver m's share of this deal must be the logarithm of (5.5)."""
    total, at = IDENTITY, Scalar(receiver)
    for point in reversed(points):
        total = multiply(total, at) + point
    return total


def election_keys(
    definition: bytes, attempt: int, commits: Sequence[Commit], deals: Sequence[Deal]
) -> ElectionKeys:
    """Y, every Y_m and X from deals that have been checked (5.5)."""
    key = IDENTITY
    for deal in deals:
        key = key + deal.points[0]
    keys = []
    for m in range(1, len(commits) + 1):
        total = IDENTITY
        for deal in deals:
            total = total + public_share(deal.points, m)
        keys.append(total)
    ceremony = digest(
        "ceremony/transcript",
        definition,
        u32(attempt),
        canonical.encode([commit.as_json() for commit in commits]),
        canonical.encode([deal.as_json() for deal in deals]),
    )
    return ElectionKeys(key, tuple(keys), ceremony)


def rehearsal_ciphertext(ceremony: bytes, election_key: Point) -> tuple[Point, Point]:
    """The public test ciphertext of 1·G (5.6)."""
    r = challenge("ceremony/rehearsal", ceremony)
    return base_multiply(r), multiply(election_key, r) + BASE


def confirm_statement(
    ceremony: bytes, trustee: int, key: Point, base: Point, share: Point
) -> tuple[bytes, ...]:
    """Fields of the rehearsal proof, before its commitments (5.6)."""
    return (ceremony, u32(trustee), key.encode(), base.encode(), share.encode())


def confirm_challenge(statement: Sequence[bytes], g: Point, a: Point) -> Scalar:
    """c of 5.6."""
    return challenge("ceremony/confirm-proof", *statement, g.encode(), a.encode())


def confirm_message(
    ceremony: bytes, manifest_hash: bytes, trustee: int, share: Point, proof: DleqProof
) -> bytes:
    """What the signing key signs in the third round: this ceremony, this manifest (5.6)."""
    return transcript(
        "ceremony/confirm",
        ceremony,
        manifest_hash,
        u32(trustee),
        share.encode(),
        proof.g.encode(),
        proof.a.encode(),
        proof.response.encode(),
    )
