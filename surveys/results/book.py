"""The results of a round as values, with their one encoding: the results file (docs/protocol.md 13.2).

Who counts (`surveys.results.figures`) makes these values, and whoever shows a published round reads them
again, strictly, beside the manifest that they belong to. The verifier works them out by itself and shares
nothing with this. Danger: results shown under another round's names would slander; every entry is held
against the manifest's contest of the same number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from surveys.names import UnitCode
from surveys.protocol import canonical
from surveys.protocol.canonical import MAX_INTEGER, Fields
from surveys.protocol.files import Counted, Result, Results, Withheld
from surveys.protocol.manifest import MAX_PANELS, Contest, Definition, Manifest, Unit
from surveys.results.errors import ForeignResults
from surveys.rules.outcomes import FROZEN, FROZEN_WORDS, NO_QUORUM, NO_QUORUM_WORDS, NONE, NONE_WORDS
from surveys.rules.preset import OutcomeRule, Preset

Words = Mapping[str, str]
_EMPTY = (
    "present",
    "issued",
    "returned",
    "levels",
    "not_marked",
    "denominator",
    "percent",
    "outcome",
    "watch",
)


@dataclass(frozen=True, slots=True)
class Group:
    """One atom: units counted together, and how they marked. `counts` in the rule's order of levels."""

    units: tuple[Unit, ...]
    returned: int
    counts: tuple[int, ...]
    not_marked: int

    def as_json(self, levels: Sequence[str]) -> Counted:
        """The entry of a breakdown."""
        return {
            "units": [unit.code for unit in self.units],
            "returned": self.returned,
            "levels": dict(zip(levels, self.counts, strict=True)),
            "not_marked": self.not_marked,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome or watch flag in words, with its source."""

    id: str
    words: Words
    source: Words


@dataclass(frozen=True, slots=True)
class Count:
    """The result of a contest that is not withheld; `percent` in the order of levels, None where N is 0."""

    present: int
    issued: int
    returned: int
    counts: tuple[int, ...]
    not_marked: int
    denominator: str
    n: int
    percent: tuple[str | None, ...]
    outcome: Verdict
    watch: tuple[Verdict, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One contest. Either `count` is there, or `withheld` says why not."""

    number: int
    contest: Contest
    unit: Unit
    summoned: int
    count: Count | None
    withheld: Words | None

    def as_json(self, levels: Sequence[str]) -> Result | Withheld:
        """The entry of 13.2."""
        contest, count = self.contest, self.count
        if count is None:
            assert self.withheld is not None
            return {
                "person": contest.person,
                "name": contest.name,
                "unit": contest.unit,
                "summoned": self.summoned,
                "present": None,
                "issued": None,
                "returned": None,
                "levels": None,
                "not_marked": None,
                "denominator": None,
                "percent": None,
                "outcome": None,
                "watch": None,
                "withheld": dict(self.withheld),
                "breakdown": [],
            }
        return {
            "person": contest.person,
            "name": contest.name,
            "unit": contest.unit,
            "summoned": self.summoned,
            "present": count.present,
            "issued": count.issued,
            "returned": count.returned,
            "levels": dict(zip(levels, count.counts, strict=True)),
            "not_marked": count.not_marked,
            "denominator": {"name": count.denominator, "n": count.n},
            "percent": dict(zip(levels, count.percent, strict=True)),
            "outcome": count.outcome.id,
            "watch": [flag.id for flag in count.watch],
            "withheld": None,
            "breakdown": [group.as_json(levels) for group in count.groups],
        }


@dataclass(frozen=True, slots=True)
class Book:
    """A published round."""

    definition: Definition
    preset: Preset
    units: Mapping[UnitCode, Unit]
    entries: tuple[Entry, ...]

    @property
    def root(self) -> Unit:
        """The unit above all others."""
        return next(unit for unit in self.units.values() if unit.parent is None)

    def path(self, unit: Unit) -> tuple[Unit, ...]:
        """The unit and those above it, the nearest first; the root only if it is the unit itself."""
        path = [unit]
        while (above := path[-1].parent) is not None and self.units[above].parent is not None:
            path.append(self.units[above])
        return tuple(path)

    def subtree(self, code: UnitCode) -> frozenset[UnitCode]:
        """The codes of the unit with this code and of all below it."""
        children: dict[UnitCode, list[UnitCode]] = {}
        for unit in self.units.values():
            if unit.parent is not None:
                children.setdefault(unit.parent, []).append(unit.code)
        found, waiting = {code}, [code]
        while waiting:
            below = children.get(waiting.pop(), [])
            found.update(below)
            waiting.extend(below)
        return frozenset(found)

    def as_json(self) -> Results:
        """The value of the results file."""
        return {
            "survey": self.definition.round_id,
            "preset": self.preset.name,
            "year": self.definition.year,
            "k": self.definition.k,
            "contests": [entry.as_json(self.preset.level_ids) for entry in self.entries],
        }

    def encode(self) -> bytes:
        """The results file."""
        return canonical.encode(self.as_json())


def open_book(manifest: Manifest, results: bytes) -> Book:
    """The round's results. Raises Malformed(check="13.2"), BadRule, or ForeignResults naming the entry."""
    definition = manifest.definition
    preset = Preset.from_json(definition.rule)
    units = {unit.code: unit for unit in definition.units}
    fields = Fields(canonical.decode(results, check="13.2", where="results"), check="13.2", where="results")
    head = (fields.text("survey", 32), fields.text("preset", 100), fields.integer("year", 0, 9999))
    if (
        head != (definition.round_id, preset.name, definition.year)
        or fields.integer("k", 0, 1000) != definition.k
    ):
        raise ForeignResults("results")
    read = fields.objects("contests", MAX_PANELS)
    fields.done()
    if len(read) != len(definition.contests):
        raise ForeignResults("results.contests")
    entries = tuple(
        _entry(number, entry, contest, units, preset)
        for number, (entry, contest) in enumerate(zip(read, definition.contests, strict=True), start=1)
    )
    return Book(definition, preset, units, entries)


def _entry(
    number: int, fields: Fields, contest: Contest, units: Mapping[UnitCode, Unit], preset: Preset
) -> Entry:
    who = (fields.text("person", 100), fields.text("name", 300), fields.text("unit", 100))
    if who != (contest.person, contest.name, contest.unit):
        raise ForeignResults(fields.where)
    summoned = fields.integer("summoned", 0, MAX_INTEGER)
    withheld = fields.optional_object("withheld")
    if withheld is None:
        entry = Entry(number, contest, units[contest.unit], summoned, _count(fields, units, preset), None)
    else:
        why = {language: withheld.text(language, 1000) for language in ("vi", "en")}
        withheld.done()
        for name in _EMPTY:
            if fields.optional_object(name) is not None:
                fields.refuse(name, "is not null")
        fields.list("breakdown", 0)
        entry = Entry(number, contest, units[contest.unit], summoned, None, why)
    fields.done()
    return entry


def _count(fields: Fields, units: Mapping[UnitCode, Unit], preset: Preset) -> Count:
    denominator = fields.object("denominator")
    percent = fields.object("percent")
    count = Count(
        present=fields.integer("present", 0, MAX_INTEGER),
        issued=fields.integer("issued", 0, MAX_INTEGER),
        returned=fields.integer("returned", 0, MAX_INTEGER),
        counts=_levels(fields, preset),
        not_marked=fields.integer("not_marked", 0, MAX_INTEGER),
        denominator=denominator.text("name", 20),
        n=denominator.integer("n", 0, MAX_INTEGER),
        percent=tuple(percent.optional_text(level, 6) for level in preset.level_ids),
        outcome=verdict(fields.text("outcome", 40), preset),
        watch=tuple(verdict(flag, preset) for flag in fields.texts("watch", 20, 40)),
        groups=tuple(_group(group, units, preset) for group in fields.objects("breakdown", MAX_PANELS)),
    )
    denominator.done()
    percent.done()
    return count


def _group(fields: Fields, units: Mapping[UnitCode, Unit], preset: Preset) -> Group:
    group = Group(
        units=tuple(
            _unit(UnitCode(code), units, fields.where) for code in fields.texts("units", MAX_PANELS, 100)
        ),
        returned=fields.integer("returned", 0, MAX_INTEGER),
        counts=_levels(fields, preset),
        not_marked=fields.integer("not_marked", 0, MAX_INTEGER),
    )
    fields.done()
    return group


def _unit(code: UnitCode, units: Mapping[UnitCode, Unit], where: str) -> Unit:
    if code not in units:
        raise ForeignResults(where)
    return units[code]


def _levels(fields: Fields, preset: Preset) -> tuple[int, ...]:
    levels = fields.object("levels")
    counts = tuple(levels.integer(level, 0, MAX_INTEGER) for level in preset.level_ids)
    levels.done()
    return counts


def verdict(name: str, preset: Preset) -> Verdict:
    """What the rule calls so. Raises ForeignResults for what it does not know."""
    if name == NONE:
        return Verdict(name, NONE_WORDS, preset.source)
    if name == NO_QUORUM:
        return Verdict(name, NO_QUORUM_WORDS, preset.source)
    if name == FROZEN:
        return Verdict(name, FROZEN_WORDS, preset.source)
    rule: OutcomeRule | None = preset.words(name)
    if rule is None:
        raise ForeignResults(f"outcome {name}")
    return Verdict(rule.id, rule.words, rule.source)
