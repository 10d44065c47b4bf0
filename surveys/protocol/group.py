"""The group of docs/protocol.md §2: ristretto255 (RFC 9496), computed by libsodium through rbcl.

The only module that sees raw group bytes: everything else carries a `Point` or a `Scalar`. Danger, each
measured and held by a test: libsodium 1.0.18 accepts encodings with bit 255 set; its addition of an invalid
point fails silently; it accepts scalars above the order; the identity is a valid point; a multiplication
whose result is the identity is reported as an error. So points are decoded here strictly, once, and the
identity is handled here.
"""

from __future__ import annotations

import ctypes
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from rbcl.rbcl import _sodium  # importing rbcl initialises libsodium

from surveys.protocol.errors import Malformed

ORDER = 2**252 + 27742317777372353535851937790883648493
FIELD = 2**255 - 19
_ZERO = bytes(32)

# rbcl writes the library into the temp directory to load it; once loaded, the file is of no use.
Path(_sodium._name).unlink(missing_ok=True)


def _function(name: str, arguments: int) -> Callable[..., int]:
    function: Callable[..., int] = getattr(_sodium, name)
    function.argtypes = [ctypes.c_char_p] * arguments  # type: ignore[attr-defined]
    function.restype = ctypes.c_int  # type: ignore[attr-defined]
    return function


_valid = _function("crypto_core_ristretto255_is_valid_point", 1)
_multiply = _function("crypto_scalarmult_ristretto255", 3)
_base_multiply = _function("crypto_scalarmult_ristretto255_base", 2)
_add = _function("crypto_core_ristretto255_add", 3)
_subtract = _function("crypto_core_ristretto255_sub", 3)
_from_hash = _function("crypto_core_ristretto255_from_hash", 2)
_buffer = ctypes.create_string_buffer


class Scalar:
    """An integer mod ORDER. Immutable. Arithmetic is Python's: the time of secret scalar arithmetic is not
    constant.
    """

    __slots__ = ("_value",)

    def __init__(self, value: int) -> None:
        if not 0 <= value < ORDER:
            raise ValueError("a scalar is at least 0 and below the group order")
        self._value = value

    @classmethod
    def of(cls, value: int) -> Scalar:
        """Any integer, reduced mod ORDER."""
        return cls(value % ORDER)

    @classmethod
    def decode(cls, raw: bytes, *, check: str, where: str) -> Scalar:
        """32 bytes little-endian, below ORDER (2.2). Raises Malformed."""
        value = int.from_bytes(raw, "little")
        if len(raw) != 32 or value >= ORDER:
            raise Malformed(check=check, where=where, why="not a scalar below the group order")
        return cls(value)

    @classmethod
    def reduce(cls, raw: bytes) -> Scalar:
        """64 bytes by wide reduction (2.3)."""
        if len(raw) != 64:
            raise ValueError("wide reduction takes 64 bytes")
        return cls(int.from_bytes(raw, "little") % ORDER)

    @classmethod
    def random(cls, randbytes: Callable[[int], bytes] = secrets.token_bytes) -> Scalar:
        """Uniform, from 64 random bytes."""
        return cls.reduce(randbytes(64))

    def encode(self) -> bytes:
        """32 bytes, little-endian."""
        return self._value.to_bytes(32, "little")

    def inverse(self) -> Scalar:
        """1/x. Raises ValueError for 0."""
        return Scalar(pow(self._value, -1, ORDER))

    def __int__(self) -> int:
        return self._value

    def __add__(self, other: Scalar) -> Scalar:
        return Scalar((self._value + other._value) % ORDER)

    def __sub__(self, other: Scalar) -> Scalar:
        return Scalar((self._value - other._value) % ORDER)

    def __mul__(self, other: Scalar) -> Scalar:
        return Scalar(self._value * other._value % ORDER)

    def __neg__(self) -> Scalar:
        return Scalar(-self._value % ORDER)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scalar) and self._value == other._value

    def __hash__(self) -> int:
        return hash(("scalar", self._value))

    def __repr__(self) -> str:
        return "Scalar(…)"


class Point:
    """A valid group element, held by its one encoding. Immutable; made by `decode` and by the operations
    only.
    """

    __slots__ = ("_raw",)
    _raw: bytes

    @classmethod
    def decode(cls, raw: bytes, *, check: str, where: str, identity: bool = False) -> Point:
        """Strict RFC 9496 §4.3.1 (2.1). The identity only where the clause allows it. Raises Malformed."""
        if len(raw) != 32 or raw[31] & 0x80 or raw[0] & 1 or int.from_bytes(raw, "little") >= FIELD:
            raise Malformed(check=check, where=where, why="not a canonical point")
        if raw == _ZERO:
            if identity:
                return IDENTITY
            raise Malformed(check=check, where=where, why="the identity is not allowed here")
        if _valid(raw) != 1:
            raise Malformed(check=check, where=where, why="not a point of the group")
        return _point(bytes(raw))

    @classmethod
    def computed(cls, raw: bytes) -> Point:
        """32 bytes that the kernel has just computed out of decoded points, or decoded strictly itself."""
        return _point(raw)

    def encode(self) -> bytes:
        """The 32 bytes of the element."""
        return self._raw

    @property
    def is_identity(self) -> bool:
        """Whether this is O."""
        return self._raw == _ZERO

    def __add__(self, other: Point) -> Point:
        return _combine(_add, self, other)

    def __sub__(self, other: Point) -> Point:
        return _combine(_subtract, self, other)

    def __neg__(self) -> Point:
        return IDENTITY - self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and self._raw == other._raw

    def __hash__(self) -> int:
        return hash(self._raw)

    def __repr__(self) -> str:
        return f"Point({self._raw.hex()})"

    def __reduce__(self) -> tuple[object, ...]:
        return (_point, (self._raw,))


def _point(raw: bytes) -> Point:
    point = object.__new__(Point)
    point._raw = raw
    return point


def _combine(operation: Callable[..., int], a: Point, b: Point) -> Point:
    out = _buffer(32)
    if operation(out, a._raw, b._raw) != 0:
        raise AssertionError("libsodium refused a point that was decoded")  # cannot happen: both are valid
    return _point(out.raw)


IDENTITY = _point(_ZERO)


def multiply(point: Point, scalar: Scalar) -> Point:
    """scalar·point, in libsodium; right also where the result is the identity."""
    raw, value = point._raw, scalar._value
    if value == 0 or raw == _ZERO:
        return IDENTITY
    out = _buffer(32)
    # The order is prime: with both non-trivial the result never is the identity, so a failure is a bug.
    if _multiply(out, value.to_bytes(32, "little"), raw) != 0:
        raise AssertionError("libsodium refused a point that was decoded")
    return _point(out.raw)


def base_multiply(scalar: Scalar) -> Point:
    """scalar·G, in libsodium."""
    value = scalar._value
    if value == 0:
        return IDENTITY
    out = _buffer(32)
    if _base_multiply(out, value.to_bytes(32, "little")) != 0:
        raise AssertionError("libsodium refused a scalar below the order")
    return _point(out.raw)


BASE = base_multiply(Scalar(1))


def sum_points(points: Iterable[Point]) -> Point:
    """The sum; the identity for no points."""
    total = IDENTITY
    for point in points:
        total = total + point
    return total


def hash_to_point(uniform: bytes) -> Point:
    """The element of 64 uniform bytes (RFC 9496 §4.3.4)."""
    if len(uniform) != 64:
        raise ValueError("hashing to the group takes 64 bytes")
    out = _buffer(32)
    if _from_hash(out, uniform) != 0:
        raise AssertionError("libsodium refused a hash")
    return _point(out.raw)
