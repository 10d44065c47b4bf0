"""The targets of the fuzzer are alive: they read what is good, refuse what is cut, and say so where something
breaks.
"""

from __future__ import annotations

import random

import pytest

from tests.fuzz import targets
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_seeds_and_any_bytes_near_them(name: str) -> None:
    target, chance = TARGETS[name](), random.Random(7)
    for seed in target.seeds:
        target.run(seed)
        for _ in range(20):
            raw = bytearray(seed[: chance.randrange(1, len(seed))] if chance.random() < 0.3 else seed)
            for _ in range(3):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
            target.run(bytes(raw))


def test_the_twin_that_breaks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(targets, "decode_checkpoint", broken)
    with pytest.raises(ZeroDivisionError):
        TARGETS["checkpoint"]().run(b"")
