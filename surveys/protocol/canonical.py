"""Canonical JSON (docs/protocol.md §3): RFC 8785 out, and strictly nothing else in.

Danger: two encodings of one value would be two hashes of one fact, and a lenient parser would let a field hide. So a
document must be the very bytes that encoding its value gives, and every object is read field by field to its end.
"""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping
from typing import Any, NoReturn
from unicodedata import category, is_normalized

import rfc8785

from surveys.protocol.errors import Malformed

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
Json = Any


def encode(value: Json) -> bytes:
    """RFC 8785 bytes. Raises ValueError for floats, integers beyond ±(2^53 − 1) and lone surrogates."""
    _check(value, 0)
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise ValueError(f"has no canonical encoding: {error}") from None


def decode(raw: bytes, *, check: str, where: str) -> Json:
    """The value whose canonical encoding these bytes are. Raises Malformed."""

    def refuse(why: str) -> NoReturn:
        raise Malformed(check=check, where=where, why=why)

    def pairs(items: list[tuple[str, Json]]) -> dict[str, Json]:
        value = dict(items)
        if len(value) != len(items):
            refuse("a key occurs twice")
        return value

    def no_float(text: str) -> NoReturn:
        refuse(f"{text[:20]} is not an integer")

    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=pairs, parse_float=no_float, parse_constant=no_float
        )
    except UnicodeDecodeError:
        refuse("not UTF-8")
    except (ValueError, RecursionError):
        refuse("not JSON")
    try:
        again = encode(value)
    except (ValueError, RecursionError) as error:
        refuse(str(error) if isinstance(error, ValueError) else "nested too deep")
    if again != raw:
        refuse("not in canonical form (RFC 8785)")
    return value


def _check(value: Json, depth: int) -> None:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return
    # `depth` arrays and objects are open around this value: a 33rd inside 32 is refused, empty or not.
    if depth >= MAX_DEPTH and not isinstance(value, int):
        raise ValueError("nested too deep")
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise ValueError("an integer beyond 2^53 - 1")
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError("a key that is not a text")
            _check(item, depth + 1)
    else:
        raise ValueError(f"a {type(value).__name__} has no place in canonical JSON")


class Fields:
    """Reads one object, field by field, and refuses what is left over. Every refusal names check and place."""

    __slots__ = ("_left", "_value", "check", "where")

    def __init__(self, value: Json, *, check: str, where: str) -> None:
        if not isinstance(value, dict):
            raise Malformed(check=check, where=where, why="not an object")
        self._value: dict[str, Json] = value
        self._left = set(value)
        self.check, self.where = check, where

    def refuse(self, name: str, why: str) -> NoReturn:
        """Raise Malformed for this field."""
        raise Malformed(check=self.check, where=f"{self.where}.{name}", why=why)

    def _take(self, name: str) -> Json:
        if name not in self._value:
            self.refuse(name, "is missing")
        self._left.discard(name)
        return self._value[name]

    def done(self) -> None:
        """No field is left over (3.2)."""
        if self._left:
            self.refuse(min(self._left), "is not a field of this object")

    def names(self) -> list[str]:
        """The names of the fields, sorted."""
        return sorted(self._value)

    def mapping(self) -> dict[str, Json]:
        """The object itself, for a reader with rules of its own."""
        self._left.clear()
        return self._value

    def text(self, name: str, most: int, *, empty: bool = False) -> str:
        """A text of 1 (or 0) to `most` characters in NFC, without control characters and line breaks (1.4)."""
        return self._text(name, self._take(name), most, empty=empty)

    def _text(self, name: str, value: Json, most: int, *, empty: bool = False) -> str:
        if not isinstance(value, str):
            self.refuse(name, "not a text")
        if len(value) > most or (not value and not empty):
            self.refuse(name, f"not {0 if empty else 1} to {most} characters long")
        if any(category(letter) in ("Cc", "Zl", "Zp") for letter in value):
            self.refuse(name, "holds a control character or a line break")
        if not is_normalized("NFC", value):
            self.refuse(name, "not in Unicode normal form C")
        return value

    def optional_text(self, name: str, most: int) -> str | None:
        """A text, or null."""
        value = self._take(name)
        return None if value is None else self._text(name, value, most)

    def texts(self, name: str, most: int, length: int) -> list[str]:
        """At most `most` texts of at most `length` characters."""
        return [self._text(f"{name}[{i}]", value, length) for i, value in enumerate(self.list(name, most))]

    def integer(self, name: str, low: int, high: int) -> int:
        """An integer from low to high."""
        return self._integer(name, self._take(name), low, high)

    def _integer(self, name: str, value: Json, low: int, high: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(name, "not an integer")
        if not low <= value <= high:
            self.refuse(name, f"not from {low} to {high}")
        return value

    def optional_integer(self, name: str, low: int, high: int) -> int | None:
        """An integer from low to high, or null."""
        value = self._take(name)
        return None if value is None else self._integer(name, value, low, high)

    def integers(self, name: str, most: int) -> list[int]:
        """At most `most` integers that are not negative."""
        return [
            self._integer(f"{name}[{i}]", value, 0, MAX_INTEGER)
            for i, value in enumerate(self.list(name, most))
        ]

    def boolean(self, name: str) -> bool:
        """true or false."""
        value = self._take(name)
        if not isinstance(value, bool):
            self.refuse(name, "neither true nor false")
        return value

    def hex(self, name: str, length: int | None) -> bytes:
        """Bytes in lowercase hex, `length` of them (any number for None)."""
        return self._hex(name, self._take(name), length)

    def _hex(self, name: str, value: Json, length: int | None) -> bytes:
        if not isinstance(value, str):
            self.refuse(name, "not a text")
        try:
            raw = bytes.fromhex(value)
        except ValueError:
            raw = None
        if raw is None or raw.hex() != value:
            self.refuse(name, "not lowercase hex")
        if length is not None and len(raw) != length:
            self.refuse(name, f"not {length} bytes long")
        return raw

    def hexes(self, name: str, most: int, length: int) -> list[bytes]:
        """At most `most` byte strings of `length` bytes."""
        return [self._hex(f"{name}[{i}]", value, length) for i, value in enumerate(self.list(name, most))]

    def hex_lists(self, name: str, length: int) -> list[list[bytes]]:
        """A list of lists of byte strings of `length` bytes."""
        lists = []
        for i, items in enumerate(self.list(name, MAX_INTEGER)):
            if not isinstance(items, list):
                self.refuse(f"{name}[{i}]", "not a list")
            lists.append([self._hex(f"{name}[{i}][{j}]", item, length) for j, item in enumerate(items)])
        return lists

    def list(self, name: str, most: int) -> builtins.list[Json]:
        """A list of at most `most` values of any kind."""
        value = self._take(name)
        if not isinstance(value, list):
            self.refuse(name, "not a list")
        if len(value) > most:
            self.refuse(name, f"longer than {most}")
        return value

    def object(self, name: str) -> Fields:
        """A reader of the object in this field."""
        return Fields(self._take(name), check=self.check, where=f"{self.where}.{name}")

    def optional_object(self, name: str) -> Fields | None:
        """A reader of the object in this field, or None for null."""
        return None if self._value.get(name, "") is None and self._take(name) is None else self.object(name)

    def objects(self, name: str, most: int) -> builtins.list[Fields]:
        """Readers of at most `most` objects."""
        return [self._item(f"{name}[{i}]", value) for i, value in enumerate(self.list(name, most))]

    def object_lists(self, name: str) -> builtins.list[builtins.list[Fields]]:
        """Readers of a list of lists of objects."""
        lists = []
        for i, items in enumerate(self.list(name, MAX_INTEGER)):
            if not isinstance(items, list):
                self.refuse(f"{name}[{i}]", "not a list")
            lists.append([self._item(f"{name}[{i}][{j}]", item) for j, item in enumerate(items)])
        return lists

    def _item(self, name: str, value: Json) -> Fields:
        return Fields(value, check=self.check, where=f"{self.where}.{name}")
