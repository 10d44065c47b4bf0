"""Every field of a JSON document, altered: another value of the same kind, a value of another kind, and its
shape.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from surveys.protocol.errors import Malformed
from surveys.protocol.group import BASE, ORDER, Point

Path = tuple[str | int, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every field that holds no other field, with its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from leaves(inner, (*path, i))
    else:
        yield path, value


def containers(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every object and list, with its path."""
    if isinstance(value, dict | list):
        yield path, value
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from containers(inner, (*path, key))


def pattern(path: Path) -> str:
    """deals[].points[] for ("deals", 0, "points", 1): the same for each item of a list."""
    written = ""
    for step in path:
        written += "[]" if isinstance(step, int) else f".{step}" if written else step
    return written


def changed(document: Any, path: Path, value: Any) -> Any:
    """A copy with another value at the path."""
    if not path:
        return value
    document = copy.deepcopy(document)
    at = document
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return document


def another(value: Any, *, scalar: bool = False) -> Any:
    """Another value that is as well-formed: the next point, scalar, number, text, hash.

    `scalar` says that 32 bytes are one: some scalars also decode as points.
    """
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "x"
    if is_hex(value, 32):
        raw = bytes.fromhex(value)
        if scalar:
            return ((int.from_bytes(raw, "little") + 1) % ORDER).to_bytes(32, "little").hex()
        try:
            return (Point.decode(raw, check="2.1", where="") + BASE).encode().hex()
        except Malformed:
            return value[:-1] + ("1" if value[-1] == "0" else "0")
    if is_hex(value, None):
        return value[:-1] + ("1" if value[-1] == "0" else "0")
    if value.endswith("Z") and value[:2] == "20":
        return value[:-2] + "1Z"
    return f"{value}x"


def is_hex(value: str, length: int | None) -> bool:
    """Whether the text is so many bytes in hex, or at least sixteen."""
    even = len(value) >= 32 and len(value) % 2 == 0 and set(value) <= set("0123456789abcdef")
    return even and (length is None or len(value) == 2 * length)


def reshaped(document: Any) -> Iterator[tuple[str, str, Any]]:
    """(what was done, pattern, altered copy), once for each pattern: drop, add, double and swap in objects
    and lists.
    """
    seen: set[tuple[str, str]] = set()

    def first(deed: str, path: Path) -> bool:
        known = (deed, pattern(path)) in seen
        seen.add((deed, pattern(path)))
        return not known

    for path, value in containers(document):
        if isinstance(value, dict):
            for name in value:
                if first("drop", (*path, name)):
                    yield "drop", pattern((*path, name)), changed(document, path, {**_but(value, name)})
            if first("add", (*path, "unknown")):
                yield "add", pattern((*path, "unknown")), changed(document, path, {**value, "unknown": 1})
        else:
            if value and first("drop", (*path, 0)):
                yield "drop", pattern((*path, 0)), changed(document, path, value[:-1])
            if value and first("double", (*path, 0)):
                yield "double", pattern((*path, 0)), changed(document, path, [*value, value[-1]])
            if len(value) > 1 and value[0] != value[1] and first("swap", (*path, 0)):
                yield "swap", pattern((*path, 0)), changed(document, path, [value[1], value[0], *value[2:]])


def _but(value: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: inner for key, inner in value.items() if key != name}


def other_kind(value: Any) -> Any:
    """A value of another JSON type."""
    return [] if not isinstance(value, list) else {}
