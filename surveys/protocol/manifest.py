"""What is voted on, by whom, under which rule and keys: definition and manifest of docs/protocol.md §4.

The manifest hash binds every later message, so two parties who agree on 32 bytes agree on the question, the
rolls, the rule, k, the trustees and the keys. Danger: a field that is not in here is not bound by anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from surveys.json_types import JsonObject
from surveys.names import PersonCode, UnitCode
from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from surveys.protocol.definition import (
    DEFINITION_FORMAT,
    MAX_PANELS,
    MAX_PEOPLE,
    Contest,
    Definition,
    Panel,
    Previous,
    Root,
    Roots,
    Slips,
    Stated,
    Unit,
    Visibility,
    encode_definition,
)
from surveys.protocol.errors import Malformed
from surveys.protocol.group import Point
from surveys.protocol.stationery import read_stationery
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

T = TypeVar("T")

MANIFEST_FORMAT = "tin-nhiem/manifest/2"


@dataclass(frozen=True)
class Manifest:
    """The definition with the election key Y and the ceremony hash X (4.4)."""

    definition: Definition
    election_key: Point
    ceremony: bytes

    def encode(self) -> bytes:
        """Canonical bytes of 4.4, whole."""
        return self._encode(self.definition.as_json())

    @cached_property
    def head(self) -> bytes:
        """Canonical bytes of the head (4.4): all that M binds, of the same size for any organisation."""
        return self._encode(self.definition.head_json())

    @cached_property
    def hash(self) -> bytes:
        """M of 4.4, 32 bytes."""
        return digest("manifest", self.head)

    def _encode(self, definition: JsonObject) -> bytes:
        return canonical.encode(
            {
                "format": MANIFEST_FORMAT,
                "definition": definition,
                "election_key": self.election_key.encode().hex(),
                "ceremony": self.ceremony.hex(),
            }
        )


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
    panels = tuple(_each(fields, "panels", MAX_PANELS, read_panel))
    definition = Definition(
        survey=fields.hex("survey", 16),
        title_vi=title.text("vi", 300),
        title_en=title.text("en", 300),
        organisation=fields.text("organisation", 300),
        number=fields.text("number", 100, empty=True),
        place=fields.text("place", 300, empty=True),
        year=fields.integer("year", 1900, 9999),
        opens=fields.instant("opens"),
        closes=fields.instant("closes"),
        time_zone=fields.text("time_zone", 60),
        utc_offset=fields.integer("utc_offset", -720, 840),
        look_up=fields.integer("look_up", 0, 10_080),
        rule=rule,
        k=fields.integer("k", 3, 1000),
        revoting=fields.boolean("revoting"),
        subjects_vote=fields.boolean("subjects_vote"),
        slips=Slips(_one_of(fields, "slips", tuple(Slips))),
        visibility=Visibility(_one_of(fields, "visibility", tuple(Visibility))),
        threshold=fields.integer("threshold", 2, 14),
        trustees=tuple(_names(fields, "trustees", 3, 15)),
        units=tuple(_each(fields, "units", MAX_PANELS, read_unit)),
        panels=panels,
        contests=_with_electorates(_each(fields, "contests", MAX_PANELS, read_contest), panels),
        stated=Stated(_roots(fields.object("roots")), fields.integer("voters", 1, MAX_PEOPLE)),
        box_key=fields.hex("box_key", 32),
        software=fields.text("software", 100),
        clients=tuple(_each(fields, "clients", 20, _client)),
        papers=read_stationery(fields.object("papers")) if "papers" in fields.names() else None,
    )
    title.done()
    fields.done()
    _check_rule_levels(rule, fields)
    return definition


def _check_rule_levels(rule: JsonObject, fields: Fields) -> None:
    where = f"{fields.where}.rule.levels"
    levels = rule.get("levels")
    if not isinstance(levels, list) or not all(
        isinstance(level, dict) and isinstance(level.get("id"), str) for level in levels
    ):
        raise Malformed(check="4.1", where=where, why="not a list of levels with ids")
    if not isinstance(rule.get("name"), str):
        raise Malformed(check="4.1", where=f"{fields.where}.rule.name", why="not a text")


def _with_electorates(contests: Sequence[Contest], panels: Sequence[Panel]) -> tuple[Contest, ...]:
    """The contests with the panels that list them (4.1); an index that does not exist is for 4.2."""
    listed: list[list[int]] = [[] for _ in contests]
    for p, panel in enumerate(panels):
        for c in panel.contests:
            if c < len(listed):
                listed[c].append(p)
    return tuple(replace(contest, panels=tuple(of)) for contest, of in zip(contests, listed, strict=True))


def _roots(fields: Fields) -> Roots:
    roots = Roots(*(_root(fields.object(name)) for name in ("units", "panels", "contests")))
    fields.done()
    return roots


def _root(fields: Fields) -> Root:
    root = Root(fields.integer("size", 1, MAX_PANELS), fields.hex("root", 32))
    fields.done()
    return root


def read_unit(fields: Fields) -> Unit:
    """An entry of `units` (4.1). Raises Malformed under the check of `fields`."""
    parent = fields.optional_text("parent", 100)
    unit = Unit(
        UnitCode(fields.text("code", 100)),
        None if parent is None else UnitCode(parent),
        fields.text("name", 300),
        fields.text("kind", 100),
    )
    fields.done()
    return unit


def read_panel(fields: Fields) -> Panel:
    """An entry of `panels` (4.1). Raises Malformed under the check of `fields`."""
    panel = Panel(
        unit=UnitCode(fields.text("unit", 100)),
        voters=fields.integer("voters", 1, MAX_PEOPLE),
        roll=fields.hex("roll", 32),
        token_key=fields.hex("token_key", None),
        contests=tuple(fields.integers("contests", MAX_PANELS)),
        form=fields.hex("form", 32),
    )
    fields.done()
    return panel


def read_contest(fields: Fields) -> Contest:
    """An entry of `contests` (4.1), its electorate left empty. Raises Malformed under the check of
    `fields`.
    """
    previous = fields.optional_object("previous")
    contest = Contest(
        person=PersonCode(fields.text("person", 100)),
        name=fields.text("name", 300),
        unit=UnitCode(fields.text("unit", 100)),
        titles=tuple(_names(fields, "titles", 0, 20)),
        panels=(),
        previous=None if previous is None else _previous(previous),
    )
    fields.done()
    return contest


def _previous(fields: Fields) -> Previous:
    levels = fields.object("levels")
    previous = Previous(
        year=fields.integer("year", 1900, 9999),
        returned=fields.integer("returned", 0, MAX_PEOPLE),
        summoned=fields.optional_integer("summoned", 0, MAX_PEOPLE),
        levels={name: levels.integer(name, 0, MAX_PEOPLE) for name in levels.names()},
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


def _names(fields: Fields, name: str, low: int, high: int) -> list[str]:
    names = fields.texts(name, high, 300)
    if len(names) < low:
        raise Malformed(check=fields.check, where=f"{fields.where}.{name}", why=f"fewer than {low}")
    return names


def _each(fields: Fields, name: str, most: int, parse: Callable[[Fields], T]) -> list[T]:
    return [parse(item) for item in fields.objects(name, most)]
