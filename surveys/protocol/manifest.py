"""What is voted on, by whom, under which rule and keys: definition and manifest of docs/protocol.md §4.

The manifest hash binds every later message, so two parties who agree on 32 bytes agree on the question, the
rolls, the rule, k, the trustees and the keys. Danger: a field that is not in here is not bound by anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Inconsistent, Malformed
from surveys.protocol.group import Point
from surveys.protocol.transcript import digest

DEFINITION_FORMAT = "tin-nhiem/definition/1"
MANIFEST_FORMAT = "tin-nhiem/manifest/1"
MAX_CONTESTS_A_PANEL = 100
MAX_PANELS = 100_000
MAX_LEVELS = 5
SLIPS = ("printed", "mailed")
VISIBILITIES = ("subject", "heads", "unit", "public")
_INSTANT = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the tree: `code` is unique; `parent` is a code, None for the root."""

    code: str
    parent: str | None
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The voters of one unit. `roll` is the roll root (6.3), `token_key` DER (7.1), `contests` ascending indices."""

    unit: str
    voters: int
    roll: bytes
    token_key: bytes
    contests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Previous:
    """Last year's result of the same person and unit, for the rule of two years."""

    year: int
    returned: int
    summoned: int | None
    levels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Contest:
    """One person voted on, over the panels of an electorate (ascending indices)."""

    person: str
    name: str
    unit: str
    titles: tuple[str, ...]
    panels: tuple[int, ...]
    previous: Previous | None = None


@dataclass(frozen=True)
class Definition:
    """Everything that is frozen before the ceremony (4.1). Constructing one does not check it: `check` does."""

    survey: bytes
    title_vi: str
    title_en: str
    organisation: str
    number: str
    place: str
    year: int
    opens: str
    closes: str
    time_zone: str
    rule: Mapping[str, Any]
    k: int
    revoting: bool
    subjects_vote: bool
    slips: str
    visibility: str
    threshold: int
    trustees: tuple[str, ...]
    units: tuple[Unit, ...]
    panels: tuple[Panel, ...]
    contests: tuple[Contest, ...]
    box_key: bytes
    software: str
    clients: tuple[tuple[str, bytes], ...] = ()

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The level ids in the rule's order."""
        return tuple(level["id"] for level in self.rule["levels"])

    def as_json(self) -> dict[str, Any]:
        """The object of 4.1."""
        return {
            "format": DEFINITION_FORMAT,
            "survey": self.survey.hex(),
            "title": {"vi": self.title_vi, "en": self.title_en},
            "organisation": self.organisation,
            "number": self.number,
            "place": self.place,
            "year": self.year,
            "opens": self.opens,
            "closes": self.closes,
            "time_zone": self.time_zone,
            "rule": self.rule,
            "k": self.k,
            "revoting": self.revoting,
            "subjects_vote": self.subjects_vote,
            "slips": self.slips,
            "visibility": self.visibility,
            "threshold": self.threshold,
            "trustees": list(self.trustees),
            "units": [
                {"code": unit.code, "parent": unit.parent, "name": unit.name, "kind": unit.kind}
                for unit in self.units
            ],
            "panels": [
                {
                    "unit": panel.unit,
                    "voters": panel.voters,
                    "roll": panel.roll.hex(),
                    "token_key": panel.token_key.hex(),
                    "contests": list(panel.contests),
                }
                for panel in self.panels
            ],
            "contests": [_contest_json(contest) for contest in self.contests],
            "box_key": self.box_key.hex(),
            "software": self.software,
            "clients": [{"name": name, "sha256": sha.hex()} for name, sha in self.clients],
        }

    @cached_property
    def digest(self) -> bytes:
        """D of 4.3, 32 bytes."""
        return digest("definition", encode_definition(self))

    @cached_property
    def parents(self) -> dict[str, str | None]:
        """Unit code → code of its parent."""
        return {unit.code: unit.parent for unit in self.units}

    def check(self) -> None:
        """Consistency by 4.2. Raises Inconsistent(check="4.2") naming the place."""
        _check_units(self.units)
        codes = {unit.code for unit in self.units}
        _ascending([panel.unit.encode() for panel in self.panels], "panels", strict=True)
        _ascending([(c.unit.encode(), c.person.encode()) for c in self.contests], "contests", strict=True)
        for i, panel in enumerate(self.panels):
            where = f"panels[{i}]"
            _need(panel.unit in codes, f"{where}.unit", "no such unit")
            _indices(panel.contests, len(self.contests), f"{where}.contests")
            _need(len(panel.contests) <= MAX_CONTESTS_A_PANEL, f"{where}.contests", "too many contests")
            for c in panel.contests:
                _need(
                    i in self.contests[c].panels, f"{where}.contests", f"contest {c} does not list this panel"
                )
        for i, contest in enumerate(self.contests):
            where = f"contests[{i}]"
            _need(contest.unit in codes, f"{where}.unit", "no such unit")
            _indices(contest.panels, len(self.panels), f"{where}.panels")
            for p in contest.panels:
                _need(
                    i in self.panels[p].contests, f"{where}.panels", f"panel {p} does not list this contest"
                )
            if contest.previous is not None:
                _need(
                    tuple(sorted(contest.previous.levels)) == tuple(sorted(self.levels)),
                    f"{where}.previous.levels",
                    "not the levels of the rule",
                )
        _need(2 <= self.threshold < len(self.trustees), "threshold", "not 2 <= t < n")
        _need(2 <= len(self.levels) <= MAX_LEVELS, "rule.levels", "not 2 to 5 levels")
        _need(len(set(self.levels)) == len(self.levels), "rule.levels", "a level occurs twice")
        _need(self.opens < self.closes, "closes", "not after opens")


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


def encode_definition(definition: Definition) -> bytes:
    """Canonical bytes of a definition that has no manifest yet."""
    return canonical.encode(definition.as_json())


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


def _contest_json(contest: Contest) -> dict[str, Any]:
    previous = contest.previous
    return {
        "person": contest.person,
        "name": contest.name,
        "unit": contest.unit,
        "titles": list(contest.titles),
        "panels": list(contest.panels),
        "previous": None
        if previous is None
        else {
            "year": previous.year,
            "returned": previous.returned,
            "summoned": previous.summoned,
            "levels": dict(previous.levels),
        },
    }


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
    if not _INSTANT.fullmatch(text):
        raise Malformed(check="4.1", where=f"{fields.where}.{name}", why="not YYYY-MM-DDThh:mm:ssZ")
    return text


def _names(fields: Fields, name: str, low: int, high: int) -> list[str]:
    names = fields.texts(name, high, 300)
    if len(names) < low:
        raise Malformed(check="4.1", where=f"{fields.where}.{name}", why=f"fewer than {low}")
    return names


def _each(fields: Fields, name: str, most: int, parse: Callable[[Fields], Any]) -> list[Any]:
    return [parse(item) for item in fields.objects(name, most)]


def _check_units(units: Sequence[Unit]) -> None:
    _ascending([unit.code.encode() for unit in units], "units", strict=True)
    parents = {unit.code: unit.parent for unit in units}
    roots = [unit.code for unit in units if unit.parent is None]
    _need(len(roots) == 1, "units", "not exactly one root")
    reached: set[str] = set(roots)
    for code in parents:
        path: list[str] = []
        at: str | None = code
        while at is not None and at not in reached:
            _need(at in parents, "units", f"unit {path[-1] if path else code} has an unknown parent")
            _need(at not in path and len(path) <= 64, "units", f"unit {code} is not under the root")
            path.append(at)
            at = parents[at]
        reached.update(path)


def _ascending(keys: Sequence[Any], where: str, *, strict: bool) -> None:
    for i, (a, b) in enumerate(pairwise(keys)):
        _need(a < b if strict else a <= b, f"{where}[{i + 1}]", "out of order or repeated")


def _indices(indices: Sequence[int], size: int, where: str) -> None:
    _need(len(indices) > 0, where, "empty")
    _ascending(list(indices), where, strict=True)
    _need(indices[0] >= 0 and indices[-1] < size, where, "an index that does not exist")


def _need(holds: bool, where: str, why: str) -> None:
    if not holds:
        raise Inconsistent(check="4.2", where=f"manifest.definition.{where}", why=why)
