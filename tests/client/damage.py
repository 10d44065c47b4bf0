"""Damage to JSON documents: a random change at a random place, such as a faulty or hostile sender
would make.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

from surveys.protocol import canonical

Signed = Callable[[Any], Any]
"""Signs a damaged message again where it can still be read, so that what stands behind the signature is
reached.
"""


class Damage:
    """Alters a JSON document at random places, so that most of it stays canonical; the same each time."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def __call__(self, good: Any, others: list[Any], signed: Signed | None = None) -> bytes:
        """`good` damaged; `others` lend their fields. Half of the messages are signed again by `signed`."""
        document = copy.deepcopy(good)
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            document = self._altered(document, others)
        if signed is not None and self.rng.random() < 0.5:
            document = signed(document)
        try:
            raw = bytearray(canonical.encode(document))
        except ValueError:
            raw = bytearray(json.dumps(document).encode())
        if self.rng.random() < 0.1:
            at = self.rng.randrange(len(raw))
            raw[at] = self.rng.choice((raw[at] ^ 1, self.rng.randrange(256)))
        return bytes(raw)

    def _altered(self, document: Any, others: list[Any]) -> Any:
        if not isinstance(document, (dict, list)) or not document or self.rng.random() < 0.02:
            return self._value()
        holder, key = self._place(document)
        how = self.rng.randrange(10)
        if how < 4:
            holder[key] = self._near(holder[key])
        elif how == 4:
            holder[key] = self._value()
        elif how == 5:
            del holder[key]
        elif how == 6:
            self._more(holder, key)
        elif how == 7:
            # The same field of another message: signatures, proofs and points of others.
            other = self._like(self.rng.choice(others), document, holder, key)
            holder[key] = copy.deepcopy(other)
        elif isinstance(holder, list):
            j = self.rng.randrange(len(holder))
            holder[key], holder[j] = holder[j], holder[key]
        else:
            other_key = self.rng.choice(sorted(holder))
            holder[key], holder[other_key] = holder[other_key], holder[key]
        return document

    def _place(self, document: Any) -> tuple[Any, Any]:
        holder = document
        while True:
            keys = list(range(len(holder))) if isinstance(holder, list) else sorted(holder)
            key = self.rng.choice(keys)
            if isinstance(holder[key], (dict, list)) and holder[key] and self.rng.random() < 0.85:
                holder = holder[key]
            else:
                return holder, key

    def _like(self, other: Any, document: Any, holder: Any, key: Any) -> Any:
        """The value at the same place of another message, or any value of the same name."""
        found = _find(document, holder)
        try:
            for step in found or ():
                other = other[step]
            return other[key]
        except (LookupError, TypeError):
            return self._value()

    def _near(self, value: Any) -> Any:
        if isinstance(value, bool) or value is None or isinstance(value, (dict, list)):
            return self._value()
        if isinstance(value, int):
            return value + self.rng.choice((-1, 1, 1, 2, 13, -(10**6), 2**31, 2**24))
        if not value:
            return "00"
        at = self.rng.randrange(len(value))
        how = self.rng.randrange(6)
        if how < 4:
            return value[:at] + self.rng.choice("0123456789abcdef") + value[at + 1 :]
        if how == 4:
            return self.rng.choice((value[:-2], value + "00", value.upper(), value[:at], " " + value[1:]))
        return self.rng.choice(("00" * (len(value) // 2), "ff" * (len(value) // 2)))

    def _more(self, holder: Any, key: Any) -> None:
        if isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        else:
            holder[self.rng.choice(("more", "\U0001f600", "\ufeef", "", "__proto__", key + "x"))] = (
                self._value()
            )

    def _value(self) -> Any:
        return copy.deepcopy(
            self.rng.choice(
                (None, True, False, 0, 1, 2, 15, 16, -1, 2**53 - 1, "", "00", "x", [], {}, [[]], [{}], [None])
            )
        )


def _find(document: Any, wanted: Any, way: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
    if document is wanted:
        return way
    steps: list[tuple[Any, Any]] = []
    if isinstance(document, list):
        steps = list(enumerate(document))
    elif isinstance(document, dict):
        steps = list(document.items())
    for key, value in steps:
        found = _find(value, wanted, (*way, key))
        if found is not None:
            return found
    return None
