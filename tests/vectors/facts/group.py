"""Clause 2: points and scalars."""

from __future__ import annotations

from surveys.protocol.group import ORDER, Point, Scalar, base_multiply, hash_to_point, multiply
from tests.vectors.book import Book, randomness
from tests.vectors.reading import Given, Values, reads
from tests.vectors.vote import Vote

POINT = ("Malformed", "2.1")
SCALAR = ("Malformed", "2.2")


@reads("2.1-point")
def read_point(given: Given) -> Values:
    """An encoding → the same encoding; `identity` true where O is allowed."""
    point = Point.decode(
        given.raw("encoding"), check="2.1", where="point", identity=bool(given.value("identity"))
    )
    return {"encoding": point.encode().hex()}


@reads("2.1-multiple")
def read_multiple(given: Given) -> Values:
    """A scalar and a point → their product and scalar·G."""
    scalar = Scalar.decode(given.raw("scalar"), check="2.2", where="scalar")
    point = Point.decode(given.raw("point"), check="2.1", where="point")
    return {"product": multiply(point, scalar).encode().hex(), "base": base_multiply(scalar).encode().hex()}


@reads("2.1-addition")
def read_addition(given: Given) -> Values:
    """Two points → sum and difference."""
    a, b = (Point.decode(given.raw(n), check="2.1", where=n, identity=True) for n in ("a", "b"))
    return {"sum": (a + b).encode().hex(), "difference": (a - b).encode().hex()}


@reads("2.1-hash-to-point")
def read_hash_to_point(given: Given) -> Values:
    """64 uniform bytes → a point (RFC 9496 §4.3.4)."""
    return {"point": hash_to_point(given.raw("uniform")).encode().hex()}


@reads("2.2-scalar")
def read_scalar(given: Given) -> Values:
    """An encoding → the same encoding."""
    return {"encoding": Scalar.decode(given.raw("encoding"), check="2.2", where="scalar").encode().hex()}


@reads("2.3-wide-reduction")
def read_wide(given: Given) -> Values:
    """64 bytes → a scalar."""
    return {"scalar": Scalar.reduce(given.raw("bytes")).encode().hex()}


def write(book: Book, _: Vote) -> None:
    """Our vectors of clause 2."""
    take = randomness("clause 2")
    a, b = (hash_to_point(take(64)) for _ in range(2))
    folder = "2.1-point"
    encoding = a.encode()
    book.good(folder, "random", "a point of the group", encoding=a.encode().hex(), identity=False)
    book.good(folder, "identity allowed", "O where the clause allows it", encoding="00" * 32, identity=True)

    def bad(name: str, why: str, raw: bytes, identity: bool = False) -> None:
        book.bad(folder, name, why, POINT, encoding=raw.hex(), identity=identity)

    bad("identity", "O is refused unless the clause allows it", bytes(32))
    bad("bit 255", "libsodium 1.0.18 takes it", encoding[:31] + bytes([encoding[31] | 0x80]))
    bad("bit 255 of the identity", "also where O is allowed", bytes(31) + b"\x80", identity=True)
    bad("short", "32 bytes", encoding[:31])
    bad("long", "32 bytes", encoding + b"\0")
    bad("empty", "32 bytes", b"")
    value = int.from_bytes(encoding, "little")
    bad("negative", "the other root of the same point", (2**255 - 19 - value).to_bytes(32, "little"))
    bad("field size plus two", "2 in another form", (2**255 - 17).to_bytes(32, "little"))
    one, most, some = Scalar(1), Scalar(ORDER - 1), Scalar.reduce(take(64))
    for name, scalar in (("one", one), ("order minus one", most), ("random", some)):
        book.good(
            "2.1-multiple", name, "scalar times point", scalar=scalar.encode().hex(), point=b.encode().hex()
        )
    book.good(
        "2.1-multiple", "zero", "the result is O, no error", scalar=bytes(32).hex(), point=b.encode().hex()
    )
    for name, first, second in (("random", a, b), ("same", a, a), ("opposite", a, -a), ("zero", a, a - a)):
        book.good("2.1-addition", name, "sum and difference", a=first.encode().hex(), b=second.encode().hex())
    folder = "2.2-scalar"
    for name, n in (("zero", 0), ("one", 1), ("order minus one", ORDER - 1)):
        book.good(folder, name, "below the order", encoding=n.to_bytes(32, "little").hex())
    for name, n in (
        ("order", ORDER),
        ("order plus one", ORDER + 1),
        ("two to 255", 2**255),
        ("most", 2**256 - 1),
    ):
        book.bad(folder, name, "not below the order", SCALAR, encoding=n.to_bytes(32, "little").hex())
    book.bad(folder, "short", "32 bytes", SCALAR, encoding="01" + "00" * 30)
    book.bad(folder, "long", "32 bytes", SCALAR, encoding="01" + "00" * 32)
    book.bad(folder, "empty", "32 bytes", SCALAR, encoding="")
    folder = "2.3-wide-reduction"
    for name, n in (
        ("zero", 0),
        ("order", ORDER),
        ("most", 2**512 - 1),
        ("random", int.from_bytes(take(64))),
    ):
        book.good(folder, name, "mod the order", bytes=n.to_bytes(64, "little").hex())
