"""A published round as it is read: the results file beside the manifest it belongs to (docs/protocol.md 13.2).

Parsed strictly into values, once. Danger: results shown under another round's names would slander; every entry is
held against the manifest's contest of the same number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.protocol import canonical
from surveys.protocol.canonical import MAX_INTEGER, Fields
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


@dataclass(frozen=True, slots=True)
class Book:
    """A published round."""

    definition: Definition
    preset: Preset
    units: Mapping[str, Unit]
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

    def subtree(self, code: str) -> frozenset[str]:
        """The codes of the unit with this code and of all below it."""
        children: dict[str, list[str]] = {}
        for unit in self.units.values():
            if unit.parent is not None:
                children.setdefault(unit.parent, []).append(unit.code)
        found, waiting = {code}, [code]
        while waiting:
            below = children.get(waiting.pop(), [])
            found.update(below)
            waiting.extend(below)
        return frozenset(found)


def open_book(manifest: Manifest, results: bytes) -> Book:
    """The round's results. Raises Malformed(check="13.2"), BadRule, or ForeignResults naming the entry."""
    definition = manifest.definition
    preset = Preset.from_json(definition.rule)
    units = {unit.code: unit for unit in definition.units}
    fields = Fields(canonical.decode(results, check="13.2", where="results"), check="13.2", where="results")
    head = (fields.text("survey", 32), fields.text("preset", 100), fields.integer("year", 0, 9999))
    if (
        head != (definition.survey.hex(), preset.name, definition.year)
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


def _entry(number: int, fields: Fields, contest: Contest, units: Mapping[str, Unit], preset: Preset) -> Entry:
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


def _count(fields: Fields, units: Mapping[str, Unit], preset: Preset) -> Count:
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
        outcome=_verdict(fields.text("outcome", 40), preset),
        watch=tuple(_verdict(flag, preset) for flag in fields.texts("watch", 20, 40)),
        groups=tuple(_group(group, units, preset) for group in fields.objects("breakdown", MAX_PANELS)),
    )
    denominator.done()
    percent.done()
    return count


def _group(fields: Fields, units: Mapping[str, Unit], preset: Preset) -> Group:
    group = Group(
        units=tuple(_unit(code, units, fields.where) for code in fields.texts("units", MAX_PANELS, 100)),
        returned=fields.integer("returned", 0, MAX_INTEGER),
        counts=_levels(fields, preset),
        not_marked=fields.integer("not_marked", 0, MAX_INTEGER),
    )
    fields.done()
    return group


def _unit(code: str, units: Mapping[str, Unit], where: str) -> Unit:
    if code not in units:
        raise ForeignResults(where)
    return units[code]


def _levels(fields: Fields, preset: Preset) -> tuple[int, ...]:
    levels = fields.object("levels")
    counts = tuple(levels.integer(level, 0, MAX_INTEGER) for level in preset.level_ids)
    levels.done()
    return counts


def _verdict(name: str, preset: Preset) -> Verdict:
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
