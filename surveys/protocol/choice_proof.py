"""One row of a ballot: an ElGamal ciphertext and the proof that it holds one of the rule's choices (8.5).

A disjunctive Chaum-Pedersen proof in commitment and response form. Danger: `encryption` and everything under
`secret/` handle randomness that opens a vote; this module itself only ever checks public values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import shake_256

from surveys.protocol.errors import BadProof, Malformed
from surveys.protocol.group import BASE, IDENTITY, Point, Scalar, base_multiply, multiply
from surveys.protocol.kernel.products import decode_all
from surveys.protocol.side_by_side import side_by_side
from surveys.protocol.transcript import u32

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


def decode_rows(rows: Sequence[tuple[bytes, str]], levels: int, *, check: str) -> tuple[Row, ...]:
    """Decode rows of the exact length strictly, each with its place; O is refused everywhere. Raises
    Malformed.
    """
    own = 2 + 2 * (levels + 1)
    pieces = [raw[at : at + 32] for raw, _ in rows for at in range(0, 32 * own, 32)]
    try:
        points: Sequence[Point] = decode_all(pieces, check=check, place=lambda i: rows[i // own][1])
    except Malformed:
        points = ()  # some row is refused: by its own first piece that does not decode, scalars included
    return tuple(
        decode_row(raw, levels, check=check, where=where, points=points[own * r : own * (r + 1)])
        for r, (raw, where) in enumerate(rows)
    )


def decode_row(raw: bytes, levels: int, *, check: str, where: str, points: Sequence[Point] = ()) -> Row:
    """Decode a row of the exact length strictly; O is refused everywhere. Raises Malformed.

    `points` are the row's points where they have been decoded already.
    """

    def piece(i: int) -> bytes:
        return raw[32 * i : 32 * i + 32]

    def point(i: int, name: str) -> Point:
        return points[i] if points else Point.decode(piece(i), check=check, where=f"{where}.{name}")

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


@dataclass(frozen=True, slots=True)
class Weighed:
    """The weighted sum of a row's equations: points + g·G + y·Y, which is O when all of them hold."""

    points: Point
    g: int
    y: int

    def __add__(self, other: Weighed) -> Weighed:
        return Weighed(self.points + other.points, self.g + other.g, self.y + other.y)

    def vanishes(self, election_key: Point) -> bool:
        """Whether the sum is O: for equations that do not hold it is so with chance 2^-128."""
        rest = base_multiply(Scalar.of(self.g)) + multiply(election_key, Scalar.of(self.y))
        return (self.points + rest).is_identity


def weigh(row: Row, c: Scalar, weights: Sequence[Scalar]) -> Weighed:
    """The 2(L+1) equations of a row under the ballot's challenge c, weighted and added up.

    For each j: a_j + c_jα − z_jG = O and b_j + c_jβ − c_jv_jG − z_jY = O. Ten multiplications, where checking
    one by one needs sixteen.
    """
    c0 = c
    for challenge in row.challenges:
        c0 = c0 - challenge
    points, g, y, on_alpha, on_beta = IDENTITY, 0, 0, 0, 0
    for j, (cj, zj, (a, b)) in enumerate(
        zip((c0, *row.challenges), row.responses, row.commitments, strict=True)
    ):
        first, second = weights[2 * j], weights[2 * j + 1]
        points = points + multiply(a, first) + multiply(b, second)
        on_alpha += int(first) * int(cj)
        on_beta += int(second) * int(cj)
        g -= int(first) * int(zj) + int(second) * int(cj) * value(j)
        y -= int(second) * int(zj)
    points = points + multiply(row.alpha, Scalar.of(on_alpha)) + multiply(row.beta, Scalar.of(on_beta))
    return Weighed(points, g, y)


def row_weights(seed: bytes, row: int, levels: int) -> list[Scalar]:
    """The weights of a row's equations: 128 bits each, out of a hash of everything that they weigh."""
    stream = shake_256(seed + u32(row)).digest(16 * 2 * (levels + 1))
    return [Scalar(int.from_bytes(stream[i : i + 16], "little")) for i in range(0, len(stream), 16)]


def check_rows(
    rows: Sequence[Row], c: Scalar, election_key: Point, seed: bytes, *, check: str, where: str
) -> None:
    """8.5 for all rows of a ballot. `seed` is a hash of the whole body. Raises BadProof naming the first bad
    row.
    """
    weighed = side_by_side(
        lambda each: weigh(each[1], c, row_weights(seed, each[0], len(each[1].challenges))), enumerate(rows)
    )
    together = weighed[0]
    for each in weighed[1:]:
        together = together + each
    if together.vanishes(election_key):
        return
    bad = next((i for i, each in enumerate(weighed) if not each.vanishes(election_key)), None)
    place = where if bad is None else f"{where}.contests[{bad}]"
    raise BadProof(check=check, where=place, why="the proof of a valid choice fails")


__all__ = [
    "PACKING",
    "Row",
    "Weighed",
    "check_rows",
    "decode_row",
    "decode_rows",
    "encryption",
    "row_weights",
    "value",
    "value_points",
    "weigh",
]
