"""What libsodium 1.0.18 lets through, each with the raw call as the twin, and what `group` does about it
(§2).
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rbcl.rbcl import _sodium

from surveys.protocol.errors import Malformed
from surveys.protocol.group import (
    BASE,
    IDENTITY,
    ORDER,
    Point,
    Scalar,
    base_multiply,
    hash_to_point,
    multiply,
    sum_points,
)

ENCODED = BASE.encode()
INVALID = bytes.fromhex("26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371")


def _raw(name: str, *arguments: bytes) -> tuple[int, bytes]:
    """A call of libsodium, past `group`."""
    out = ctypes.create_string_buffer(32)
    function = getattr(_sodium, name)
    return int(function(out, *(ctypes.c_char_p(each) for each in arguments))), out.raw


def _decode(raw: bytes, identity: bool = False) -> Point:
    return Point.decode(raw, check="2.1", where="point", identity=identity)


def test_bit_255_is_refused_though_libsodium_takes_it() -> None:
    second = ENCODED[:31] + bytes([ENCODED[31] | 0x80])
    assert _sodium.crypto_core_ristretto255_is_valid_point(ctypes.c_char_p(second)) == 1
    status, doubled = _raw("crypto_core_ristretto255_add", second, ENCODED)
    assert (status, doubled) == (0, (BASE + BASE).encode())
    with pytest.raises(Malformed):
        _decode(second)


def test_an_invalid_point_never_reaches_an_addition() -> None:
    from rbcl import crypto_core_ristretto255_add

    # The binding throws libsodium's answer away: the sum with garbage is O, without a word.
    assert crypto_core_ristretto255_add(INVALID, ENCODED) == bytes(32)
    status, _ = _raw("crypto_core_ristretto255_add", INVALID, ENCODED)
    assert status == -1
    with pytest.raises(Malformed):
        _decode(INVALID)


def test_a_scalar_above_the_order_is_refused_though_libsodium_takes_it() -> None:
    unreduced = (ORDER + 5).to_bytes(32, "little")
    status, point = _raw("crypto_scalarmult_ristretto255_base", unreduced)
    assert (status, point) == (0, base_multiply(Scalar(5)).encode())
    with pytest.raises(Malformed):
        Scalar.decode(unreduced, check="2.2", where="scalar")
    with pytest.raises(ValueError, match="below the group order"):
        Scalar(ORDER)


def test_the_identity_is_refused_though_it_is_a_valid_point() -> None:
    assert _sodium.crypto_core_ristretto255_is_valid_point(ctypes.c_char_p(bytes(32))) == 1
    with pytest.raises(Malformed):
        _decode(bytes(32))
    assert _decode(bytes(32), identity=True) is IDENTITY


def test_a_product_that_is_the_identity_is_no_error() -> None:
    status, _ = _raw("crypto_scalarmult_ristretto255", bytes(32), ENCODED)
    assert status == -1
    assert multiply(BASE, Scalar(0)) == IDENTITY
    assert multiply(IDENTITY, Scalar(7)) == IDENTITY
    assert base_multiply(Scalar(0)) == IDENTITY
    assert multiply(BASE, Scalar(ORDER - 1)) + BASE == IDENTITY


def test_a_point_cannot_be_made_from_bytes_but_by_decoding() -> None:
    with pytest.raises(TypeError):
        Point(ENCODED)  # type: ignore[call-arg]


def test_the_operations_agree_with_integers() -> None:
    for a in (0, 1, 2, 7, ORDER - 3, ORDER - 1):
        for b in (0, 1, 5, ORDER - 1):
            x, y = Scalar(a), Scalar(b)
            assert base_multiply(x) + base_multiply(y) == base_multiply(x + y)
            assert base_multiply(x) - base_multiply(y) == base_multiply(x - y)
            assert multiply(base_multiply(x), y) == base_multiply(x * y)
            assert -base_multiply(x) == base_multiply(-x)
    assert sum_points([]) == IDENTITY
    assert Scalar(7).inverse() * Scalar(7) == Scalar(1)
    with pytest.raises(ValueError, match="64 bytes"):
        hash_to_point(bytes(63))


def _left_behind(module: str, folder: Path) -> list[str]:
    subprocess.run(
        [sys.executable, "-c", f"import {module}"],
        check=True,
        env={**os.environ, "TMPDIR": str(folder)},
        cwd=Path(__file__).resolve().parents[2],
    )
    return [path.name for path in folder.iterdir()]


def test_nothing_is_left_in_the_temp_directory(tmp_path: Path) -> None:
    mine, twin = tmp_path / "mine", tmp_path / "twin"
    mine.mkdir()
    twin.mkdir()
    assert _left_behind("surveys.protocol.group", mine) == []
    assert len(_left_behind("rbcl", twin)) == 1
