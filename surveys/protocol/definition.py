"""What is voted on, by whom, under which rule: the definition of docs/protocol.md 4.1 to 4.3.

It is frozen before the key ceremony, which binds its digest. Danger: a field that is not in here is bound by
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from surveys.instants import Instant, instant_text
from surveys.json_types import JsonObject
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.protocol import canonical, merkle
from surveys.protocol.list_rules import ascending, indices, need
from surveys.protocol.stationery import Stationery
from surveys.protocol.transcript import digest

DEFINITION_FORMAT = "tin-nhiem/definition/2"
MAX_CONTESTS_A_PANEL = 100
MAX_CONTESTS_A_PERSON = 100
MAX_PANELS = 100_000
MAX_PEOPLE = 2**31 - 1
MAX_LEVELS = 5
MAX_DEPTH = 64


class Slips(StrEnum):
    """How slips reach voters."""

    PRINTED = "printed"
    MAILED = "mailed"


class Visibility(StrEnum):
    """Who sees a published result: the leader, the heads above too, everybody in the unit too, or all."""

    SUBJECT = "subject"
    HEADS = "heads"
    UNIT = "unit"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the tree: `code` is unique; `parent` is a code, None for the root."""

    code: UnitCode
    parent: UnitCode | None
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One unit's voters: `roll` is the roll root (6.3), `token_key` DER (7.1), `contests` ascending indices.

    `form` is the hash of 4.6 as a document states it; None where the definition is being made, which works it
    out.
    """

    unit: UnitCode
    voters: int
    roll: bytes
    token_key: bytes
    contests: tuple[int, ...]
    form: bytes | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Previous:
    """Last year's result of the same person and unit, for the rule of two years."""

    year: int
    returned: int
    summoned: int | None
    levels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Contest:
    """One person voted on. `panels`, the electorate, ascending, follows from the panels' lists (4.1)."""

    person: PersonCode
    name: str
    unit: UnitCode
    titles: tuple[str, ...]
    panels: tuple[int, ...]
    previous: Previous | None = None


@dataclass(frozen=True, slots=True)
class Root:
    """What binds one of the three lists (4.5): how many entries, and the tree head over them."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Roots:
    """The roots of units, panels and contests."""

    units: Root
    panels: Root
    contests: Root


@dataclass(frozen=True, slots=True)
class Stated:
    """What a head says of the lists that it leaves out: their roots (4.5), and the voters of all panels."""

    roots: Roots
    voters: int


@dataclass(frozen=True)
class Definition:
    """Everything that is frozen before the ceremony (4.1). Constructing one does not check it: `check` does.

    `stated` is what a document's head states; None where the definition is being made, which works it out.
    """

    survey: bytes
    title_vi: str
    title_en: str
    organisation: str
    number: str
    place: str
    year: int
    opens: Instant
    closes: Instant
    time_zone: str
    rule: JsonObject
    k: int
    revoting: bool
    subjects_vote: bool
    slips: Slips
    visibility: Visibility
    threshold: int
    trustees: tuple[str, ...]
    units: tuple[Unit, ...]
    panels: tuple[Panel, ...]
    contests: tuple[Contest, ...]
    box_key: bytes
    software: str
    clients: tuple[tuple[str, bytes], ...] = ()
    utc_offset: int = 420
    look_up: int = 30
    papers: Stationery | None = None
    stated: Stated | None = field(default=None, compare=False)

    @property
    def title(self) -> Mapping[str, str]:
        """The title in both languages."""
        return {"vi": self.title_vi, "en": self.title_en}

    @cached_property
    def round_id(self) -> RoundId:
        """The round's id as addresses, stores and logs write it: `survey` in hex."""
        return RoundId(self.survey.hex())

    @cached_property
    def top(self) -> UnitCode:
        """The code of the unit at the top: the only one without a parent (4.2)."""
        return next(unit.code for unit in self.units if unit.parent is None)

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The level ids in the rule's order."""
        levels = self.rule["levels"]
        assert isinstance(levels, Sequence)  # of objects with ids, by 4.1
        return tuple(str(level["id"]) for level in levels if isinstance(level, Mapping))

    def head_json(self) -> JsonObject:
        """The head of 4.3: everything but the three lists, which its roots bind."""
        stated = self.stated or Stated(self.roots, self.voters)
        roots = stated.roots
        return {
            "format": DEFINITION_FORMAT,
            "survey": self.survey.hex(),
            "title": self.title,
            "organisation": self.organisation,
            "number": self.number,
            "place": self.place,
            "year": self.year,
            "opens": instant_text(self.opens),
            "closes": instant_text(self.closes),
            "time_zone": self.time_zone,
            "utc_offset": self.utc_offset,
            "look_up": self.look_up,
            "rule": self.rule,
            "k": self.k,
            "revoting": self.revoting,
            "subjects_vote": self.subjects_vote,
            "slips": self.slips,
            "visibility": self.visibility,
            "threshold": self.threshold,
            "trustees": list(self.trustees),
            "voters": stated.voters,
            "roots": {
                name: {"size": each.size, "root": each.root.hex()}
                for name, each in (
                    ("units", roots.units),
                    ("panels", roots.panels),
                    ("contests", roots.contests),
                )
            },
            "box_key": self.box_key.hex(),
            "software": self.software,
            "clients": [{"name": name, "sha256": sha.hex()} for name, sha in self.clients],
            **({} if self.papers is None else {"papers": self.papers.as_json()}),
        }

    def as_json(self) -> JsonObject:
        """The object of 4.1."""
        return {
            **self.head_json(),
            "units": [unit_json(unit) for unit in self.units],
            "panels": self._panels_json(),
            "contests": [contest_json(contest) for contest in self.contests],
        }

    def _panels_json(self) -> list[JsonObject]:
        return [
            panel_json(panel, form if panel.form is None else panel.form)
            for panel, form in zip(self.panels, self.forms, strict=True)
        ]

    @cached_property
    def forms(self) -> tuple[bytes, ...]:
        """For each panel the hash of its form (4.6); of no meaning where a contest or unit does not exist
        (4.2).
        """
        units = dict(zip((unit.code for unit in self.units), self._unit_leaves, strict=True))
        contests = [
            (leaf, units.get(each.unit, b""))
            for each, leaf in zip(self.contests, self._contest_leaves, strict=True)
        ]
        found = []
        for panel in self.panels:
            seen = [contests[c] for c in panel.contests if c < len(contests)]
            found.append(form_hash(units.get(panel.unit, b""), seen))
        return tuple(found)

    @cached_property
    def _unit_leaves(self) -> tuple[bytes, ...]:
        return tuple(leaf_hash(unit_json(unit)) for unit in self.units)

    @cached_property
    def _contest_leaves(self) -> tuple[bytes, ...]:
        return tuple(leaf_hash(contest_json(contest)) for contest in self.contests)

    @cached_property
    def panel_leaves(self) -> tuple[bytes, ...]:
        """The leaf hashes of the panels (4.5)."""
        return tuple(map(leaf_hash, self._panels_json()))

    @cached_property
    def roots(self) -> Roots:
        """The roots that the lists have (4.5)."""

        def over(hashes: Sequence[bytes]) -> Root:
            return Root(len(hashes), merkle.root_of_hashes(hashes))

        return Roots(over(self._unit_leaves), over(self.panel_leaves), over(self._contest_leaves))

    @cached_property
    def voters(self) -> int:
        """The voters of all panels, from which the size of a look-up's bucket follows (15.5)."""
        return sum(panel.voters for panel in self.panels)

    @cached_property
    def digest(self) -> bytes:
        """D of 4.3, 32 bytes."""
        return digest("definition", canonical.encode(self.head_json()))

    @cached_property
    def parents(self) -> dict[UnitCode, UnitCode | None]:
        """Unit code → code of its parent."""
        return {unit.code: unit.parent for unit in self.units}

    def check(self) -> None:
        """Consistency by 4.2. Raises Inconsistent(check="4.2") naming the place."""
        _check_units(self.units)
        codes = {unit.code for unit in self.units}
        ascending([panel.unit.encode() for panel in self.panels], "panels", strict=True)
        ascending([(c.unit.encode(), c.person.encode()) for c in self.contests], "contests", strict=True)
        ascending([name.encode() for name, _ in self.clients], "clients", strict=True)
        listed: list[list[int]] = [[] for _ in self.contests]
        for i, panel in enumerate(self.panels):
            where = f"panels[{i}]"
            need(panel.unit in codes, f"{where}.unit", "no such unit")
            indices(panel.contests, len(self.contests), f"{where}.contests")
            need(len(panel.contests) <= MAX_CONTESTS_A_PANEL, f"{where}.contests", "too many contests")
            for c in panel.contests:
                listed[c].append(i)
        persons: dict[str, int] = {}
        for i, contest in enumerate(self.contests):
            where = f"contests[{i}]"
            persons[contest.person] = persons.get(contest.person, 0) + 1
            need(persons[contest.person] <= MAX_CONTESTS_A_PERSON, where, "too many contests on one person")
            need(contest.unit in codes, f"{where}.unit", "no such unit")
            need(len(listed[i]) > 0, where, "no panel lists it")
            need(list(contest.panels) == listed[i], where, "not the panels that list it")
            if contest.previous is not None:
                need(
                    tuple(sorted(contest.previous.levels)) == tuple(sorted(self.levels)),
                    f"{where}.previous.levels",
                    "not the levels of the rule",
                )
        need(2 <= self.threshold < len(self.trustees), "threshold", "not 2 <= t < n")
        need(2 <= len(self.levels) <= MAX_LEVELS, "rule.levels", "not 2 to 5 levels")
        need(len(set(self.levels)) == len(self.levels), "rule.levels", "a level occurs twice")
        need(self.opens < self.closes, "closes", "not after opens")
        self._check_bound()

    def _check_bound(self) -> None:
        for i, (panel, form) in enumerate(zip(self.panels, self.forms, strict=True)):
            need(panel.form in (None, form), f"panels[{i}].form", "not the hash of what its voters see")
        if self.stated is not None:
            need(self.stated.voters == self.voters, "voters", "not those of all panels")
            for name in ("units", "panels", "contests"):
                holds = getattr(self.stated.roots, name) == getattr(self.roots, name)
                need(holds, f"roots.{name}", "not the root of this list")


def encode_definition(definition: Definition) -> bytes:
    """Canonical bytes of a definition that has no manifest yet."""
    return canonical.encode(definition.as_json())


def unit_json(unit: Unit) -> JsonObject:
    """An entry of `units` (4.1)."""
    return {"code": unit.code, "parent": unit.parent, "name": unit.name, "kind": unit.kind}


def panel_json(panel: Panel, form: bytes) -> JsonObject:
    """An entry of `panels` (4.1)."""
    return {
        "unit": panel.unit,
        "voters": panel.voters,
        "roll": panel.roll.hex(),
        "token_key": panel.token_key.hex(),
        "contests": list(panel.contests),
        "form": form.hex(),
    }


def contest_json(contest: Contest) -> JsonObject:
    """An entry of `contests` (4.1)."""
    previous = contest.previous
    return {
        "person": contest.person,
        "name": contest.name,
        "unit": contest.unit,
        "titles": list(contest.titles),
        "previous": None
        if previous is None
        else {
            "year": previous.year,
            "returned": previous.returned,
            "summoned": previous.summoned,
            "levels": dict(previous.levels),
        },
    }


def leaf_hash(entry: JsonObject) -> bytes:
    """h(e) of 4.5."""
    return merkle.leaf_hash(canonical.encode(entry))


def form_hash(unit: bytes, contests: Sequence[tuple[bytes, bytes]]) -> bytes:
    """`form` of 4.6, from the leaf hashes of the panel's unit, and of each contest and its unit."""
    return digest("form", unit, *(each for pair in contests for each in pair))


def _check_units(units: Sequence[Unit]) -> None:
    ascending([unit.code.encode() for unit in units], "units", strict=True)
    parents = {unit.code: unit.parent for unit in units}
    need(sum(unit.parent is None for unit in units) == 1, "units", "not exactly one root")
    depth: dict[str | None, int] = {None: 0}
    for code in parents:
        path: list[UnitCode] = []
        at: UnitCode | None = code
        while at is not None and at not in depth:
            need(at in parents, "units", f"unit {path[-1] if path else code} has an unknown parent")
            need(len(path) <= MAX_DEPTH, "units", f"unit {code} is not under the root, or too deep")
            path.append(at)
            at = parents[at]
        for step, below in enumerate(reversed(path), start=depth[at] + 1):
            need(step <= MAX_DEPTH, "units", f"unit {below} is deeper than {MAX_DEPTH} levels")
            depth[below] = step
