"""What is voted on, by whom, under which rule: the definition of docs/protocol.md 4.1 to 4.3.

It is frozen before the key ceremony, which binds its digest. Danger: a field that is not in here is bound by nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from surveys.protocol import canonical
from surveys.protocol.errors import Inconsistent
from surveys.protocol.transcript import digest

DEFINITION_FORMAT = "tin-nhiem/definition/1"
MAX_CONTESTS_A_PANEL = 100
MAX_PANELS = 100_000
MAX_LEVELS = 5
MAX_DEPTH = 64
SLIPS = ("printed", "mailed")
VISIBILITIES = ("subject", "heads", "unit", "public")


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

    @property
    def title(self) -> Mapping[str, str]:
        """The title in both languages."""
        return {"vi": self.title_vi, "en": self.title_en}

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The level ids in the rule's order."""
        return tuple(level["id"] for level in self.rule["levels"])

    def as_json(self) -> dict[str, Any]:
        """The object of 4.1."""
        return {
            "format": DEFINITION_FORMAT,
            "survey": self.survey.hex(),
            "title": self.title,
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
        _ascending([name.encode() for name, _ in self.clients], "clients", strict=True)
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


def encode_definition(definition: Definition) -> bytes:
    """Canonical bytes of a definition that has no manifest yet."""
    return canonical.encode(definition.as_json())


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


def _check_units(units: Sequence[Unit]) -> None:
    _ascending([unit.code.encode() for unit in units], "units", strict=True)
    parents = {unit.code: unit.parent for unit in units}
    _need(sum(unit.parent is None for unit in units) == 1, "units", "not exactly one root")
    depth: dict[str | None, int] = {None: 0}
    for code in parents:
        path: list[str] = []
        at: str | None = code
        while at is not None and at not in depth:
            _need(at in parents, "units", f"unit {path[-1] if path else code} has an unknown parent")
            _need(len(path) <= MAX_DEPTH, "units", f"unit {code} is not under the root, or too deep")
            path.append(at)
            at = parents[at]
        for step, below in enumerate(reversed(path), start=depth[at] + 1):
            _need(step <= MAX_DEPTH, "units", f"unit {below} is deeper than {MAX_DEPTH} levels")
            depth[below] = step


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
