"""How a vector is read: one file, one fact (docs/protocol.md; the browser's client reads the same files).

A vector is `{"clause", "name", "source", "why", "expect", "given"}` with `"gives"` where `expect` is "ok",
and `"check"` where it is the name of an error. Its folder says what is done with `given`. Text is text, bytes
are hex. A value "@name" stands for the entry of that name in vote.json; an object with "of" stands for that
value, altered: "set" and "drop" name fields of a JSON document by their path, "at" and "bytes" overwrite
bytes, "cut" removes bytes at the end, "append" adds some.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from surveys.protocol import canonical

ROOT = Path(__file__).resolve().parent
SHARED = ROOT / "vote.json"
OURS = "tin-nhiem"
Values = dict[str, Any]


@dataclass(frozen=True)
class Vector:
    """One file. `check` is the clause of a refusal, "" for a good vector."""

    path: str
    clause: str
    name: str
    source: str
    why: str
    expect: str
    check: str
    given: Values
    gives: Values

    def encode(self) -> str:
        """The file's text."""
        value: Values = {"clause": self.clause, "name": self.name, "source": self.source, "why": self.why}
        value |= {"expect": self.expect}
        value |= {"check": self.check} if self.check else {}
        value |= {"given": self.given}
        value |= {"gives": self.gives} if self.expect == "ok" else {}
        return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def all_vectors() -> Iterator[Vector]:
    """Every vector under tests/vectors, in the order of their paths."""
    for path in sorted(ROOT.glob("*/*.json")):
        value = json.loads(path.read_text("utf-8"))
        yield Vector(
            path=str(path.relative_to(ROOT)),
            clause=value.pop("clause"),
            name=value.pop("name"),
            source=value.pop("source"),
            why=value.pop("why"),
            expect=value.pop("expect"),
            check=value.pop("check", ""),
            given=value.pop("given"),
            gives=value.pop("gives", {}),
        )
        assert value == {}, f"{path} holds {sorted(value)}"


@lru_cache(maxsize=1)
def shared() -> Mapping[str, str]:
    """The entries of vote.json: the files and messages of one small vote."""
    entries: dict[str, str] = json.loads(SHARED.read_text("utf-8"))
    return entries


class Given:
    """What a vector gives, with references resolved. Remembers which entries of vote.json were used."""

    used: set[str]

    def __init__(self, values: Values, entries: Mapping[str, str] | None = None) -> None:
        self._values = values
        self._entries = shared() if entries is None else entries
        self.used = set()

    def names(self) -> set[str]:
        """The names that are given."""
        return set(self._values)

    def value(self, name: str) -> Any:
        """The value as JSON has it."""
        return self._resolve(self._values[name])

    def text(self, name: str) -> str:
        """A text."""
        value = self.value(name)
        assert isinstance(value, str), name
        return value

    def raw(self, name: str) -> bytes:
        """Bytes in hex."""
        return bytes.fromhex(self.text(name))

    def raws(self, name: str) -> list[bytes]:
        """A list of bytes in hex."""
        return [bytes.fromhex(each) for each in self.value(name)]

    def document(self, name: str) -> bytes:
        """A JSON document, given as its text."""
        return self.text(name).encode()

    def number(self, name: str) -> int:
        """An integer."""
        value = self.value(name)
        assert isinstance(value, int), name
        return value

    def numbers(self, name: str) -> list[int]:
        """A list of integers."""
        return [int(each) for each in self.value(name)]

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("@"):
            self.used.add(value[1:])
            return self._entries[value[1:]]
        if isinstance(value, dict) and "of" in value:
            return altered(self._resolve(value["of"]), value)
        if isinstance(value, list):
            return [self._resolve(each) for each in value]
        return value


def altered(base: str, how: Values) -> str:
    """The text or hex `base` with the alterations of a vector."""
    if "set" in how or "drop" in how:
        document = json.loads(base)
        for path, value in how.get("set", {}).items():
            holder, last = walk(document, path)
            holder[last] = value
        for path in how.get("drop", []):
            holder, last = walk(document, path)
            del holder[last]
        return canonical.encode(document).decode()
    raw = bytearray.fromhex(base)
    if "at" in how:
        new = bytes.fromhex(how["bytes"])
        raw[how["at"] : how["at"] + len(new)] = new
    if "cut" in how:
        del raw[len(raw) - how["cut"] :]
    raw += bytes.fromhex(how.get("append", ""))
    return raw.hex()


def walk(document: Any, path: str) -> tuple[Any, Any]:
    """What holds the field at this path, and its name or index there."""
    *way, last = path.split("/")
    for step in way:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document, int(last) if isinstance(document, list) else last


Reader = Callable[[Given], Values]
READERS: dict[str, Reader] = {}


def reads(folder: str) -> Callable[[Reader], Reader]:
    """Names the folder whose vectors a function carries out."""

    def named(reader: Reader) -> Reader:
        assert folder not in READERS, folder
        READERS[folder] = reader
        return reader

    return named
