"""Shares of the sums, with one proof for all of them, and how t shares become an opening (docs/protocol.md
12.2-12.4).

Danger: the weights must depend on every sum and every share, or a trustee can shift one result and hide it in
another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha512

from surveys.json_types import JsonObject
from surveys.protocol import signature
from surveys.protocol.agreement import MOST_MEMBERS, Cosigners
from surveys.protocol.canonical import Fields
from surveys.protocol.dleq import DleqProof, decode_dleq
from surveys.protocol.errors import Inconsistent, Malformed
from surveys.protocol.group import IDENTITY, Point, Scalar, multiply
from surveys.protocol.kernel.products import decode_all, sum_of_multiples
from surveys.protocol.kernel.public import Public
from surveys.protocol.transcript import challenge, transcript, u32

MAX_SUMS = 10_000_000


@dataclass(frozen=True, slots=True)
class ShareContext:
    """What a share is bound to: manifest hash M, board root, plan hash P."""

    manifest: bytes
    board: bytes
    plan: bytes


@dataclass(frozen=True, slots=True)
class Share:
    """A trustee's partial decryptions of all sums (12.2), and whose cosignatures it went by."""

    trustee: int
    cosigners: Cosigners
    points: tuple[Point, ...]
    proof: DleqProof
    signature: bytes

    def as_json(self) -> JsonObject:
        """The message as it stands in the tally file."""
        return {
            "trustee": self.trustee,
            **self.cosigners.as_json(),
            "points": [point.encode().hex() for point in self.points],
            "proof": self.proof.as_json(),
            "signature": self.signature.hex(),
        }


def read_share(fields: Fields) -> Share:
    """Parse a message of 12.2; a partial decryption may be O."""
    where = fields.where
    share = Share(
        fields.integer("trustee", 1, MOST_MEMBERS),
        Cosigners(*(_members(fields, name) for name in ("cosigned", "absent"))),
        decode_all(
            fields.hexes("points", MAX_SUMS, 32),
            check=fields.check,
            place=lambda s: f"{where}.points[{s}]",
            identity=True,
        ),
        decode_dleq(fields.object("proof")),
        fields.hex("signature", 64),
    )
    fields.done()
    return share


def _members(fields: Fields, name: str) -> tuple[int, ...]:
    numbers = tuple(fields.integers(name, MOST_MEMBERS))
    if len(numbers) > MOST_MEMBERS or any(not 1 <= each <= MOST_MEMBERS for each in numbers):
        raise Malformed(check=fields.check, where=f"{fields.where}.{name}", why="not numbers of members")
    return numbers


def statement(
    context: ShareContext,
    cosigners: Cosigners,
    trustee: int,
    key: Point,
    bases: Sequence[Point],
    points: Sequence[Point],
) -> bytes:
    """h of 12.2, 64 bytes."""
    return sha512(
        transcript(
            "share/statement",
            context.manifest,
            context.board,
            context.plan,
            *cosigners.encode(),
            u32(trustee),
            key.encode(),
            b"".join(base.encode() for base in bases),
            b"".join(point.encode() for point in points),
        )
    ).digest()


def weights(h: bytes, count: int) -> list[Public]:
    """ρ_0, ρ_1, … of 12.2: 128 bits each."""
    return [
        Public(int.from_bytes(sha512(transcript("share/weight", h, u32(s))).digest()[:16], "little"))
        for s in range(count)
    ]


def weighted(h: bytes, points: Sequence[Point]) -> Point:
    """Σ ρ_s·points_s with the weights that h gives (12.2)."""
    return sum_of_multiples(points, weights(h, len(points)))


def share_challenge(h: bytes, g: Point, a: Point) -> Scalar:
    """c of 12.2."""
    return challenge("share/proof", h, g.encode(), a.encode())


def share_message(h: bytes, proof: DleqProof) -> bytes:
    """What the trustee signs (12.2)."""
    return transcript("share", h, proof.g.encode(), proof.a.encode(), proof.response.encode())


def check_share(
    share: Share, context: ShareContext, key: Point, sign_key: bytes, bases: Sequence[Point], where: str
) -> None:
    """12.3. `key` is the trustee's verification key, `bases` the first components of the sums.

    Raises Inconsistent (wrong number of points), BadSignature or BadProof, check "12.3".
    """
    if len(share.points) != len(bases):
        raise Inconsistent(check="12.3", where=f"{where}.points", why="not one for each sum")
    h = statement(context, share.cosigners, share.trustee, key, bases, share.points)
    signature.verify(
        sign_key, share_message(h, share.proof), share.signature, check="12.3", where=f"{where}.signature"
    )
    c, rho = share_challenge(h, share.proof.g, share.proof.a), weights(h, len(bases))
    base, point = sum_of_multiples(bases, rho), sum_of_multiples(share.points, rho)
    share.proof.check(c, key, base, point, check="12.3", where=where)


def coefficient(trustee: int, others: Sequence[int]) -> Scalar:
    """λ_m = Π j/(j − m) over the other trustees used (12.4)."""
    top, bottom = Scalar(1), Scalar(1)
    for j in others:
        if j != trustee:
            top, bottom = top * Scalar(j), bottom * Scalar.of(j - trustee)
    return top * bottom.inverse()


def interpolate(points: Mapping[int, Point]) -> Point:
    """Σ λ_m·D_m: x·A from t shares of it, by trustee (12.4)."""
    total = IDENTITY
    for trustee, point in points.items():
        total = total + multiply(point, coefficient(trustee, list(points)))
    return total
