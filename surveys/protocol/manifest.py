"""What is voted on, by whom, under which rule and keys: definition and manifest of docs/protocol.md §4.

The manifest hash binds every later message, so two parties who agree on 32 bytes agree on the question, the
rolls, the rule, k, the trustees and the keys. Danger: a field that is not in here is not bound by anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from surveys.protocol.definition import (
    DEFINITION_FORMAT,
    MAX_PANELS,
    SLIPS,
    VISIBILITIES,
    Contest,
    Definition,
    Panel,
    Previous,
    Unit,
    encode_definition,
)
from surveys.protocol.errors import Malformed
from surveys.protocol.group import Point
from surveys.protocol.transcript import digest

__all__ = [
    "MAX_PANELS",
    "Contest",
    "Definition",
    "Manifest",
    "Panel",
    "Previous",
    "Unit",
    "decode_definition",
    "decode_manifest",
    "encode_definition",
]

MANIFEST_FORMAT = "tin-nhiem/manifest/1"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True)
class Manifest:
    """The definition with the election key Y and the ceremony hash X (4.4)."""

    definition: Definition
    election_key: Point
    ceremony: bytes

    def encode(self) -> bytes:
        """Canonical bytes of 4.4."""
        return canonical.encode(
            {
                "format": MANIFEST_FORMAT,
                "definition": self.definition.as_json(),
                "election_key": self.election_key.encode().hex(),
                "ceremony": self.ceremony.hex(),
            }
        )

    @cached_property
    def hash(self) -> bytes:
        """M of 4.4, 32 bytes."""
        return digest("manifest", self.encode())


def decode_manifest(raw: bytes) -> Manifest:
    """Parse a manifest strictly (4.1); consistency (4.2) is checked apart, by `Definition.check`.

    Raises Malformed(check="4.1") with the place of the first field that is wrong.
    """
    fields = Fields(canonical.decode(raw, check="4.1", where="manifest"), check="4.1", where="manifest")
    _format(fields, MANIFEST_FORMAT)
    manifest = Manifest(
        definition=_definition(fields.object("definition")),
        election_key=Point.decode(fields.hex("election_key", 32), check="4.1", where="manifest.election_key"),
        ceremony=fields.hex("ceremony", 32),
    )
    fields.done()
    return manifest


def decode_definition(raw: bytes) -> Definition:
    """Parse a definition strictly. Raises Malformed(check="4.1")."""
    value = canonical.decode(raw, check="4.1", where="definition")
    return _definition(Fields(value, check="4.1", where="definition"))


def _definition(fields: Fields) -> Definition:
    _format(fields, DEFINITION_FORMAT)
    title = fields.object("title")
    rule = fields.object("rule").mapping()
    definition = Definition(
        survey=fields.hex("survey", 16),
        title_vi=title.text("vi", 300),
        title_en=title.text("en", 300),
        organisation=fields.text("organisation", 300),
        number=fields.text("number", 100, empty=True),
        place=fields.text("place", 300, empty=True),
        year=fields.integer("year", 1900, 9999),
        opens=_instant(fields, "opens"),
        closes=_instant(fields, "closes"),
        time_zone=fields.text("time_zone", 60),
        rule=rule,
        k=fields.integer("k", 3, 1000),
        revoting=fields.boolean("revoting"),
        subjects_vote=fields.boolean("subjects_vote"),
        slips=_one_of(fields, "slips", SLIPS),
        visibility=_one_of(fields, "visibility", VISIBILITIES),
        threshold=fields.integer("threshold", 2, 14),
        trustees=tuple(_names(fields, "trustees", 3, 15)),
        units=tuple(_each(fields, "units", MAX_PANELS, _unit)),
        panels=tuple(_each(fields, "panels", MAX_PANELS, _panel)),
        contests=tuple(_each(fields, "contests", MAX_PANELS, _contest)),
        box_key=fields.hex("box_key", 32),
        software=fields.text("software", 100),
        clients=tuple(_each(fields, "clients", 20, _client)),
    )
    title.done()
    fields.done()
    _check_rule_levels(rule, fields)
    return definition


def _check_rule_levels(rule: Mapping[str, Any], fields: Fields) -> None:
    where = f"{fields.where}.rule.levels"
    levels = rule.get("levels")
    if not isinstance(levels, list) or not all(
        isinstance(level, dict) and isinstance(level.get("id"), str) for level in levels
    ):
        raise Malformed(check="4.1", where=where, why="not a list of levels with ids")
    if not isinstance(rule.get("name"), str):
        raise Malformed(check="4.1", where=f"{fields.where}.rule.name", why="not a text")


def _unit(fields: Fields) -> Unit:
    unit = Unit(
        fields.text("code", 100),
        fields.optional_text("parent", 100),
        fields.text("name", 300),
        fields.text("kind", 100),
    )
    fields.done()
    return unit


def _panel(fields: Fields) -> Panel:
    panel = Panel(
        unit=fields.text("unit", 100),
        voters=fields.integer("voters", 1, 2**31 - 1),
        roll=fields.hex("roll", 32),
        token_key=fields.hex("token_key", None),
        contests=tuple(fields.integers("contests", MAX_PANELS)),
    )
    fields.done()
    return panel


def _contest(fields: Fields) -> Contest:
    previous = fields.optional_object("previous")
    contest = Contest(
        person=fields.text("person", 100),
        name=fields.text("name", 300),
        unit=fields.text("unit", 100),
        titles=tuple(_names(fields, "titles", 0, 20)),
        panels=tuple(fields.integers("panels", MAX_PANELS)),
        previous=None if previous is None else _previous(previous),
    )
    fields.done()
    return contest


def _previous(fields: Fields) -> Previous:
    levels = fields.object("levels")
    previous = Previous(
        year=fields.integer("year", 1900, 9999),
        returned=fields.integer("returned", 0, 2**31 - 1),
        summoned=fields.optional_integer("summoned", 0, 2**31 - 1),
        levels={name: levels.integer(name, 0, 2**31 - 1) for name in levels.names()},
    )
    levels.done()
    fields.done()
    return previous


def _client(fields: Fields) -> tuple[str, bytes]:
    client = (fields.text("name", 100), fields.hex("sha256", 32))
    fields.done()
    return client


def _format(fields: Fields, name: str) -> None:
    if fields.text("format", 100) != name:
        raise Malformed(check=fields.check, where=f"{fields.where}.format", why=f"not {name}")


def _one_of(fields: Fields, name: str, words: Sequence[str]) -> str:
    word = fields.text(name, 30)
    if word not in words:
        raise Malformed(check="4.1", where=f"{fields.where}.{name}", why=f"not one of {', '.join(words)}")
    return word


def _instant(fields: Fields, name: str) -> str:
    text = fields.text(name, 20)
    if not _INSTANT.fullmatch(text) or not _exists(text):
        raise Malformed(
            check="4.1", where=f"{fields.where}.{name}", why="not YYYY-MM-DDThh:mm:ssZ, or no such moment"
        )
    return text


def _exists(instant: str) -> bool:
    try:
        datetime.fromisoformat(instant[:-1])
    except ValueError:
        return False
    return True


def _names(fields: Fields, name: str, low: int, high: int) -> list[str]:
    names = fields.texts(name, high, 300)
    if len(names) < low:
        raise Malformed(check="4.1", where=f"{fields.where}.{name}", why=f"fewer than {low}")
    return names


def _each(fields: Fields, name: str, most: int, parse: Callable[[Fields], Any]) -> list[Any]:
    return [parse(item) for item in fields.objects(name, most)]
