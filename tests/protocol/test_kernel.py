"""The kernel's module: built out of kernel/ to the same bytes, strict as the specification, and one with
libsodium (§2).
"""

from __future__ import annotations

import random
import re
import runpy
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import wasmtime

from surveys.protocol.errors import Rejected
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
from surveys.protocol.kernel import machine as machines
from surveys.protocol.kernel.machine import READY_BYTES, machine, module_bytes
from surveys.protocol.kernel.products import sum_of_multiples, sum_of_points
from surveys.protocol.kernel.public import Public
from surveys.protocol.kernel.totals import Sums, add_pairs, pairs
from tests.vectors.edwards import D, I, P
from tests.vectors.reading import all_vectors

BUILD = Path(__file__).parents[2] / "kernel" / "build.py"


def test_the_shipped_module_is_what_its_sources_give(tmp_path: Path) -> None:
    build: Callable[[Path], None] = runpy.run_path(str(BUILD))["build"]
    build(tmp_path / "kernel.wasm")
    assert (tmp_path / "kernel.wasm").read_bytes() == module_bytes(), (
        "run `make kernel` and commit the module"
    )


def test_the_module_asks_for_nothing_and_gives_only_what_is_named() -> None:
    config = wasmtime.Config()
    config.wasm_wide_arithmetic = True
    module = wasmtime.Module(wasmtime.Engine(config), module_bytes())
    assert list(module.imports) == []
    assert {export.name for export in module.exports} == {
        "memory", "__heap_base", "decode_points", "decode_rows", "weigh_rows", "digits_needed", "multiply_points",
        "weigh_points", "vanishes", "begin_sums", "add_to_sums", "join_sums", "write_sums", "write_steps",
        "check_signatures",
    }  # fmt: skip


def _constant(name: str) -> int:
    """A field constant as it stands in kernel/field.h."""
    text = (BUILD.parent / "field.h").read_text("utf-8")
    found = re.search(rf"static const Field {name} =\s*\{{\s*\{{([^}}]*)\}}", text)
    assert found is not None
    words = found[1].split(",")
    return sum(_limb(word.strip()) << (51 * i) for i, word in enumerate(words))


def _limb(word: str) -> int:
    named = {"LIMB": 2**51 - 1, "LIMB - 19": 2**51 - 20}
    return named[word] if word in named else int(word)


def test_the_constants_are_what_they_are_called() -> None:
    assert _constant("D") == D
    assert _constant("D2") == 2 * D % P
    assert _constant("ROOT") == I
    assert I * I % P == P - 1
    assert I % 2 == 0, "the nonnegative root (RFC 9496, 4.1)"
    assert _constant("MINUS_ONE") == P - 1
    assert _constant("MINUS_ROOT") == P - I
    inverse = _constant("ROOT_OF_A_MINUS_D")
    assert inverse * inverse * (-1 - D) % P == 1


def _verdicts(encodings: list[bytes]) -> list[int]:
    computer = machine()
    assert computer is not None
    count = len(encodings)
    to, raw, verdicts = computer.lay_out(READY_BYTES * count, 32 * count, count)
    computer.put(raw, b"".join(encodings))
    refused = computer.call("decode_points", raw, count, to, verdicts)
    found = list(computer.get(verdicts, count))
    assert refused == found.count(0)
    return found


def _expected(encoding: bytes) -> int:
    try:
        return 2 if Point.decode(encoding, check="", where="", identity=True).is_identity else 1
    except Rejected:
        return 0


def test_every_encoding_of_the_vectors_gets_the_same_verdict() -> None:
    encodings = [
        bytes.fromhex(vector.given["encoding"])
        for vector in all_vectors()
        if vector.path.startswith("2.1-point/") and len(vector.given["encoding"]) == 64
    ]
    verdicts = _verdicts(encodings)
    assert verdicts == [_expected(encoding) for encoding in encodings]
    assert {0, 1, 2} == set(verdicts)


def test_random_and_altered_encodings_get_the_same_verdict() -> None:
    chance = random.Random(14)
    encodings = []
    for i in range(4000):
        encoding = bytearray(chance.randbytes(32))
        encoding[31] &= 0x7F if i % 2 else 0xFF
        encoding[0] &= 0xFE if i % 4 else 0xFF
        encodings.append(bytes(encoding))
        point = bytearray(hash_to_point(chance.randbytes(64)).encode())
        if i % 3 == 0:
            point[chance.randrange(32)] ^= 1 << chance.randrange(8)
        encodings.append(bytes(point))
    encodings += [(P + i).to_bytes(32, "little") for i in range(19)]
    verdicts = _verdicts(encodings)
    assert verdicts == [_expected(encoding) for encoding in encodings]
    assert 3000 < verdicts.count(1) < 6000


SCALARS = [0, 1, 2, ORDER - 1, ORDER - 2, 2**252, 2**128 - 1, 2**127, 2**13, 2**13 - 1, 2**252 - 1]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 31, 200])
@pytest.mark.parametrize("bits", [128, 253])
def test_a_sum_of_multiples_is_libsodiums(count: int, bits: int) -> None:
    chance = random.Random(count)
    points = [hash_to_point(chance.randbytes(64)) for _ in range(count)]
    if count > 4:
        points[1], points[2], points[3] = IDENTITY, points[0], -points[0]
    most = min(2**bits, ORDER)
    scalars = [
        Public(chance.choice([s for s in SCALARS if s < most]) if i % 2 else chance.randrange(most))
        for i in range(count)
    ]
    one_by_one = sum_points(multiply(p, Scalar(s)) for p, s in zip(points, scalars, strict=True))
    assert sum_of_multiples(points, scalars) == one_by_one
    assert sum_of_points(points) == sum_points(points)


@pytest.mark.parametrize("scalar", [2**64 - 1, 2**128 - 1, ORDER - 1, *(2**k for k in range(0, 252, 13))])
def test_a_digit_at_the_edge_of_its_window_carries(scalar: int) -> None:
    """All windows, widths from 4 to 9: the highest digit of a scalar has nowhere to carry to."""
    for count in (4, 40, 400):
        points = [BASE] * count
        assert sum_of_multiples(points, [Public(scalar)] * count) == base_multiply(Scalar.of(count * scalar))


def test_a_sum_longer_than_a_slice_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveys.protocol.kernel.products.SLICE", 7)
    points = [base_multiply(Scalar(i + 1)) for i in range(30)]
    scalars = [Public(i * i) for i in range(30)]
    total = base_multiply(Scalar(sum((i + 1) * i * i for i in range(30))))
    assert sum_of_multiples(points, scalars) == total
    assert sum_of_points(points) == base_multiply(Scalar(465))


def test_a_scalar_out_of_bounds_is_nobodys() -> None:
    for wrong in (-1, ORDER):
        with pytest.raises(ValueError, match="below the group order"):
            sum_of_multiples([BASE] * 5, [Public(wrong)] * 5)
        with pytest.raises(ValueError, match="below the group order"):
            sum_of_multiples([BASE] * 5, [*[Public(1)] * 4, Public(wrong)])
    with pytest.raises(ValueError, match="one scalar for each point"):
        sum_of_multiples([BASE] * 5, [Public(1)])


def test_without_the_module_libsodium_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    points, scalars = [base_multiply(Scalar(i + 1)) for i in range(9)], [Public(10**i) for i in range(9)]
    fast = sum_of_multiples(points, scalars), sum_of_points(points)
    monkeypatch.setattr("surveys.protocol.kernel.products.machine", lambda: None)
    assert (sum_of_multiples(points, scalars), sum_of_points(points)) == fast


def test_each_thread_has_a_machine_of_its_own() -> None:
    seen: list[machines.Machine | None] = [machine(), machine()]
    assert seen[0] is seen[1]
    thread = threading.Thread(target=lambda: seen.append(machine()))
    thread.start()
    thread.join()
    assert seen[2] is not None
    assert seen[2] is not seen[0]
    assert machines.available()


def test_pairs_added_up_are_libsodiums_sums_and_need_no_kernel() -> None:
    chance = random.Random(9)
    given = [
        (chance.randrange(5), (hash_to_point(chance.randbytes(64)), hash_to_point(chance.randbytes(64))))
        for _ in range(40)
    ]
    fast: dict[int, Sums] = {}
    slow: dict[int, Sums] = {}
    for part in (given[:7], given[7:]):
        add_pairs(machine(), fast, part)
        add_pairs(None, slow, part)
    assert pairs(machine(), fast) == slow == pairs(None, slow)
    with pytest.raises(AssertionError, match="meet"):
        add_pairs(None, fast, given)
