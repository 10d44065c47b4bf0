"""One row of a ballot: an ElGamal ciphertext and the proof that it holds one of the rule's choices (8.5).

A disjunctive Chaum-Pedersen proof in commitment and response form. Danger: `encryption` and everything under
`secret/` handle randomness that opens a vote; this module itself only ever checks public values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from surveys.protocol.group import BASE, IDENTITY, Point, Scalar, base_multiply, multiply

PACKING = 2**24


@dataclass(frozen=True, slots=True)
class Row:
    """(alpha, beta), commitments (a_j, b_j) for j = 0…L, challenges c_1…c_L, responses z_0…z_L."""

    alpha: Point
    beta: Point
    commitments: tuple[tuple[Point, Point], ...]
    challenges: tuple[Scalar, ...]
    responses: tuple[Scalar, ...]

    def statement(self) -> bytes:
        """alpha ‖ beta ‖ a_0 ‖ b_0 ‖ … : what the challenge binds of this row."""
        points = [self.alpha, self.beta]
        for a, b in self.commitments:
            points += (a, b)
        return b"".join(point.encode() for point in points)

    def encode(self) -> bytes:
        """The row's bytes (8.1)."""
        return self.statement() + b"".join(s.encode() for s in self.challenges + self.responses)


def decode_row(raw: bytes, levels: int, *, check: str, where: str) -> Row:
    """Decode a row of the exact length strictly; O is refused everywhere. Raises Malformed."""

    def piece(i: int) -> bytes:
        return raw[32 * i : 32 * i + 32]

    def point(i: int, name: str) -> Point:
        return Point.decode(piece(i), check=check, where=f"{where}.{name}")

    def scalar(i: int, name: str) -> Scalar:
        return Scalar.decode(piece(i), check=check, where=f"{where}.{name}")

    after = 2 + 2 * (levels + 1)
    return Row(
        alpha=point(0, "alpha"),
        beta=point(1, "beta"),
        commitments=tuple(
            (point(2 + 2 * j, f"a[{j}]"), point(3 + 2 * j, f"b[{j}]")) for j in range(levels + 1)
        ),
        challenges=tuple(scalar(after + j, f"c[{j + 1}]") for j in range(levels)),
        responses=tuple(scalar(after + levels + j, f"z[{j}]") for j in range(levels + 1)),
    )


def value(choice: int) -> int:
    """v_j of clause 8: 0 for not marked, B^(j-1) for level j."""
    return 0 if choice == 0 else PACKING ** (choice - 1)


@lru_cache(maxsize=16)
def value_points(levels: int) -> tuple[Point, ...]:
    """v_j·G for j = 0…L."""
    return (IDENTITY, BASE, *(base_multiply(Scalar(value(j))) for j in range(2, levels + 1)))


def encryption(election_key: Point, choice: int, r: Scalar) -> tuple[Point, Point]:
    """(rG, rY + vG): for checking an opening, where r is no longer secret (8.8)."""
    beta = multiply(election_key, r)
    if choice:
        beta = beta + value_points(choice)[choice]
    return base_multiply(r), beta


class Checker:
    """Checks rows against one election key."""

    __slots__ = ("_key", "_values")

    def __init__(self, election_key: Point, levels: int) -> None:
        self._key = election_key
        self._values = value_points(levels)

    def holds(self, row: Row, c: Scalar) -> bool:
        """z_jG = a_j + c_jα and z_jY = b_j + c_j(β − v_jG) for every j, with Σc_j = c."""
        c0 = c
        for challenge in row.challenges:
            c0 = c0 - challenge
        for j, (cj, zj, (a, b)) in enumerate(
            zip((c0, *row.challenges), row.responses, row.commitments, strict=True)
        ):
            if base_multiply(zj) != a + multiply(row.alpha, cj):
                return False
            shifted = row.beta - self._values[j] if j else row.beta
            if multiply(self._key, zj) != b + multiply(shifted, cj):
                return False
        return True


@lru_cache(maxsize=16)
def checker(election_key: Point, levels: int) -> Checker:
    """The checker for this key, remembered: its tables are the same for every ballot."""
    return Checker(election_key, levels)


__all__ = ["PACKING", "Checker", "Row", "checker", "decode_row", "encryption", "value", "value_points"]
