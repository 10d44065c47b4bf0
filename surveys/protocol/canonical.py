"""Canonical JSON (docs/protocol.md §3): RFC 8785 out, and strictly nothing else in.

Danger: two encodings of one value would be two hashes of one fact, and a lenient parser would let a field
hide. So a document must be the very bytes that encoding its value gives, and every object is read field by
field to its end.
"""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import rfc8785

from surveys.instants import Instant, read_instant
from surveys.json_types import Json, JsonObject
from surveys.protocol import text
from surveys.protocol.errors import Malformed

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
# Ten times as fast as RFC 8785 in Python, and the same bytes for everything but names of fields beyond
# U+D7FF, which RFC 8785 sorts as UTF-16: those go the long way.
_QUICK = json.JSONEncoder(
    ensure_ascii=False,
    check_circular=False,
    allow_nan=False,
    sort_keys=True,
    separators=(",", ":"),
    default=dict,
)
_HIGH_BYTES = re.compile(rb"[\xed-\xff]")
_LONG_NUMBER = re.compile(rb"(?:^|[\[:,-])\d{16}")


def encode(value: object) -> bytes:
    """RFC 8785 bytes. Raises ValueError for floats, integers beyond ±(2^53 − 1) and lone surrogates."""
    quick = _check(value, 0)
    try:
        # `_check` has shown that it is what rfc8785 takes.
        return _QUICK.encode(value).encode() if quick else rfc8785.dumps(value)  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise ValueError(f"has no canonical encoding: {error}") from None


def decode(raw: bytes, *, check: str, where: str) -> Json:
    """The value whose canonical encoding these bytes are. Raises Malformed."""

    def refuse(why: str) -> NoReturn:
        raise Malformed(check=check, where=where, why=why)

    def no_float(text: str) -> NoReturn:
        refuse(f"{text[:20]} is not an integer")

    # 3.3: before parsing, which takes many times the memory of what is parsed.
    if raw.count(b"{") > 1000 + len(raw) // 24 or raw.count(b"[") > 100_000 + len(raw) // 6:
        refuse("more arrays or objects than a document of its size has")
    try:
        value: Json = json.loads(raw.decode("utf-8"), parse_float=no_float, parse_constant=no_float)
    except UnicodeDecodeError:
        refuse("not UTF-8")
    except (ValueError, RecursionError):
        refuse("not JSON")
    try:
        if _LONG_NUMBER.search(raw) or _HIGH_BYTES.search(raw):
            again = encode(value)
        else:
            _check_depth(value)
            again = _QUICK.encode(value).encode()
    except (ValueError, RecursionError) as error:
        refuse(str(error) if isinstance(error, ValueError) else "nested too deep")
    if again != raw:
        refuse(_why_not_canonical(raw))
    return value


def _why_not_canonical(raw: bytes) -> str:
    twice: list[str] = []

    def pairs(items: list[tuple[str, Json]]) -> dict[str, Json]:
        value = dict(items)
        if len(value) != len(items):
            twice.append("a key occurs twice")
        return value

    json.loads(raw, object_pairs_hook=pairs)
    return twice[0] if twice else "not in canonical form (RFC 8785)"


def _check_depth(value: object) -> None:
    """3.1, without a call for each value: the values of one depth at a time."""
    level: list[Any] = [value] if type(value) in (dict, list) else []
    for _ in range(MAX_DEPTH):
        inner = [each.values() if type(each) is dict else each for each in level]
        level = [each for values in inner for each in values if type(each) in (dict, list)]
        if not level:
            return
    raise ValueError("nested too deep")


def _check(value: object, depth: int) -> bool:
    """Whether the quick way gives RFC 8785. Raises ValueError for what has no place in canonical JSON."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return True
    # `depth` arrays and objects are open around this value: a 33rd inside 32 is refused, empty or not.
    if depth >= MAX_DEPTH and not isinstance(value, int):
        raise ValueError("nested too deep")
    quick = True
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise ValueError("an integer beyond 2^53 - 1")
    elif isinstance(value, list | tuple):
        for item in value:
            quick &= _check(item, depth + 1)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError("a key that is not a text")
            quick &= _check(item, depth + 1) and (key.isascii() or max(key) < "\ud800")
    else:
        raise ValueError(f"a {type(value).__name__} has no place in canonical JSON")
    return quick


class Fields:
    """Reads one object, field by field, and refuses what is left over. Every refusal names check and
    place.
    """

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

    @property
    def value(self) -> JsonObject:
        """The object, of which nothing counts as read."""
        return self._value

    def mapping(self) -> JsonObject:
        """The object itself, for a reader with rules of its own."""
        self._left.clear()
        return self._value

    def text(self, name: str, most: int, *, empty: bool = False) -> str:
        """A text of 1 (or 0) to `most` code points without those that 1.4 refuses."""
        return self._text(name, self._take(name), most, empty=empty)

    def _text(self, name: str, value: Json, most: int, *, empty: bool = False) -> str:
        if not isinstance(value, str):
            self.refuse(name, "not a text")
        if len(value) > most or (not value and not empty):
            self.refuse(name, f"not {0 if empty else 1} to {most} characters long")
        if text.refused(value):
            self.refuse(name, "holds a control character, a line break or a mark that reorders")
        return value

    def optional_text(self, name: str, most: int) -> str | None:
        """A text, or null."""
        value = self._take(name)
        return None if value is None else self._text(name, value, most)

    def instant(self, name: str) -> Instant:
        """A moment as 4.1 writes it."""
        return self._instant(name, self._take(name))

    def optional_instant(self, name: str) -> Instant | None:
        """A moment, or null."""
        value = self._take(name)
        return None if value is None else self._instant(name, value)

    def _instant(self, name: str, value: Json) -> Instant:
        written = self._text(name, value, 20)
        try:
            return read_instant(written)
        except ValueError:
            self.refuse(name, "not YYYY-MM-DDThh:mm:ssZ, or no such moment")

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
