"""A rule as data: levels, denominator, quorum, outcomes, deadlines (1 of docs/protocol.md §4: field `rule`).

Presets are TOML files that an organizer may copy and edit. The whole rule goes into the manifest, so a result
can be judged by the rule that voters were shown. Danger: conditions are compared as integers, times·count
against of·N.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from surveys.json_types import JsonObject
from surveys.rules.errors import BadRule, Fault, NoSuchPreset

PRESETS = Path(__file__).parent / "presets"
DEFAULT = "local-annual"
DENOMINATORS = ("returned", "summoned")
OPERATORS = (">", ">=", "<", "<=")
MOST = 20
MOST_BYTES = 128 * 1024
MOST_LINE = 4096
MOST_TEXT = 1000
MOST_DAYS = 365
MOST_PARTS = 1000
_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
# Control characters, halves of characters, line and paragraph separators: each could begin a line of the
# minutes.
_BREAKING = {"Cc", "Cs", "Zl", "Zp"}
_RESERVED = {"none", "no_quorum", "frozen"}
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Level:
    """One choice on the ballot."""

    id: str
    words: Words


@dataclass(frozen=True, slots=True)
class Condition:
    """times·count(level) op of·N, in this year's figures or in last year's."""

    level: str
    times: int
    op: str
    of: int
    year: str = "this"


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """An outcome and the conditions that must all hold."""

    id: str
    words: Words
    source: Words
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Quorum:
    """So many of those summoned must be present."""

    numerator: int
    denominator: int

    def met(self, present: int, summoned: int) -> bool:
        """present·denominator >= summoned·numerator, on integers: the one place that compares them."""
        return present * self.denominator >= summoned * self.numerator


@dataclass(frozen=True, slots=True)
class Preset:
    """A rule. Outcomes are tried in order and the first that holds counts; every watch flag that holds is
    raised.
    """

    name: str
    title: Words
    source: Words
    frequency: Words
    levels: tuple[Level, ...]
    not_marked: Words
    denominator: str
    quorum: Quorum | None
    outcomes: tuple[OutcomeRule, ...]
    watch: tuple[OutcomeRule, ...]
    deadlines: Mapping[str, int]

    @classmethod
    def load(cls, name: str) -> Preset:
        """The preset of this name. Raises NoSuchPreset."""
        if name not in names():
            raise NoSuchPreset(name, names())
        return cls.from_file(PRESETS / f"{name}.toml")

    @classmethod
    def from_file(cls, path: Path) -> Preset:
        """A rule from a TOML file. Raises BadRule with the place, OSError if there is no such file."""
        return cls.from_bytes(path.read_bytes(), path.name)

    @classmethod
    def from_bytes(cls, raw: bytes, name: str) -> Preset:
        """A rule from the bytes of a TOML file of this name. Raises BadRule with the place.

        `quorum` may be left out where there is none, and a condition's `year` where it is this year. Letters
        that an editor has taken apart (a and a dot for ạ) are put together: the manifest knows normal form C
        only. Size and lines are bounded first: one key of 30 000 parts, or as many accents on one letter,
        would keep the reader busy for half a minute.
        """
        if len(raw) > MOST_BYTES:
            raise BadRule(name, f"more than {MOST_BYTES} bytes", Fault.TOO_LARGE, most=MOST_BYTES // 1024)
        try:
            text = raw.decode("utf-8-sig")
            if max(map(len, text.split("\n"))) > MOST_LINE:
                raise BadRule(name, f"a line of more than {MOST_LINE} characters", Fault.NOT_TOML)
            document = tomllib.loads(unicodedata.normalize("NFC", text))
        # ValueError also for an integer of thousands of digits, RecursionError for brackets nested as deeply.
        except (ValueError, RecursionError) as error:
            raise BadRule(name, f"not TOML in UTF-8 ({error})", Fault.NOT_TOML) from None
        document.setdefault("quorum", None)
        for outcome in [*_tables(document, "outcomes"), *_tables(document, "watch")]:
            for condition in _tables(outcome, "all"):
                condition.setdefault("year", "this")
        return cls.from_json(document)

    @classmethod
    def from_json(cls, value: object) -> Preset:
        """A rule from the manifest: exactly the fields of `as_json`. Raises BadRule with the place."""
        return _Reader().preset(value)

    def as_json(self) -> JsonObject:
        """The rule as integers and texts, for the manifest."""
        return {
            "name": self.name,
            "title": dict(self.title),
            "source": dict(self.source),
            "frequency": dict(self.frequency),
            "levels": [{"id": level.id, **level.words} for level in self.levels],
            "not_marked": dict(self.not_marked),
            "denominator": self.denominator,
            "quorum": None
            if self.quorum is None
            else {"numerator": self.quorum.numerator, "denominator": self.quorum.denominator},
            "outcomes": [_outcome_json(outcome) for outcome in self.outcomes],
            "watch": [_outcome_json(outcome) for outcome in self.watch],
            "deadlines": dict(self.deadlines),
        }

    @property
    def level_ids(self) -> tuple[str, ...]:
        """The ids of the levels, in order."""
        return tuple(level.id for level in self.levels)

    def words(self, outcome: str) -> OutcomeRule | None:
        """The outcome or watch flag with this id."""
        return next((rule for rule in (*self.outcomes, *self.watch) if rule.id == outcome), None)


def names() -> tuple[str, ...]:
    """The presets there are, sorted."""
    return tuple(sorted(path.stem for path in PRESETS.glob("*.toml")))


def _tables(document: Mapping[str, object], name: str) -> list[dict[str, object]]:
    value = document.get(name, [])
    return [table for table in value if isinstance(table, dict)] if isinstance(value, list) else []


def _outcome_json(outcome: OutcomeRule) -> JsonObject:
    return {
        "id": outcome.id,
        **outcome.words,
        "source": dict(outcome.source),
        "all": [
            {"level": c.level, "times": c.times, "op": c.op, "of": c.of, "year": c.year}
            for c in outcome.conditions
        ],
    }


class _Reader:
    """Reads a rule strictly, each refusal with its place."""

    def preset(self, value: object) -> Preset:
        table = self.table(value, "rule")
        fields = {
            "name",
            "title",
            "source",
            "frequency",
            "levels",
            "not_marked",
            "denominator",
            "quorum",
            "outcomes",
            "watch",
            "deadlines",
        }
        self.exactly(table, fields, "rule")
        levels = tuple(
            self.level(item, f"levels[{i}]") for i, item in enumerate(self.items(table["levels"], "levels"))
        )
        if not 2 <= len(levels) <= 5:
            raise BadRule("levels", "not two to five levels", Fault.LEVELS)
        ids = tuple(level.id for level in levels)
        self.different(ids, set(), "levels")
        if table["denominator"] not in DENOMINATORS:
            raise BadRule("denominator", f"not one of {', '.join(DENOMINATORS)}", Fault.CHOICE)
        outcomes = self.outcomes(table["outcomes"], "outcomes", ids, _RESERVED)
        # A flag and an outcome of the same id could not be told apart in the results (13.2).
        watch = self.outcomes(table["watch"], "watch", ids, _RESERVED | {rule.id for rule in outcomes})
        return Preset(
            name=self.id(table["name"], "name"),
            title=self.words(table["title"], "title"),
            source=self.words(table["source"], "source"),
            frequency=self.words(table["frequency"], "frequency"),
            levels=levels,
            not_marked=self.words(table["not_marked"], "not_marked"),
            denominator=table["denominator"],
            quorum=self.quorum(table["quorum"]),
            outcomes=outcomes,
            watch=watch,
            deadlines=self.deadlines(table["deadlines"]),
        )

    def table(self, value: object, where: str) -> dict[str, object]:
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            raise BadRule(where, "not a table", Fault.SHAPE)
        return dict(value)

    def exactly(self, table: Mapping[str, object], fields: set[str], where: str) -> None:
        for name in sorted(fields - set(table)):
            raise BadRule(f"{where}.{name}", "is missing", Fault.MISSING)
        for name in sorted(set(table) - fields):
            raise BadRule(f"{where}.{name}", "is not a field of a rule", Fault.UNKNOWN)

    def items(self, value: object, where: str) -> list[object]:
        if not isinstance(value, list):
            raise BadRule(where, "not a list", Fault.SHAPE)
        if len(value) > MOST:
            raise BadRule(where, f"more than {MOST}", Fault.TOO_MANY, most=MOST)
        return value

    def different(self, ids: Sequence[str], taken: set[str], where: str) -> None:
        for i, id in enumerate(ids):
            if id in taken or id in ids[:i]:
                raise BadRule(f"{where}[{i}].id", f"{id} is taken", Fault.TAKEN)

    def id(self, value: object, where: str) -> str:
        if not isinstance(value, str) or not _ID.fullmatch(value):
            raise BadRule(where, "not an id of small letters, digits, - and _", Fault.ID)
        return value

    def text(self, value: object, where: str) -> str:
        if not isinstance(value, str) or not 1 <= len(value) <= MOST_TEXT:
            raise BadRule(where, f"not a text of 1 to {MOST_TEXT} characters", Fault.TEXT, most=MOST_TEXT)
        if not _BREAKING.isdisjoint(map(unicodedata.category, value)):
            raise BadRule(where, "holds a control character or a line break", Fault.LETTERS)
        if not unicodedata.is_normalized("NFC", value):
            raise BadRule(where, "not in Unicode normal form C", Fault.LETTERS)
        return value

    def words(self, value: object, where: str) -> Words:
        table = self.table(value, where)
        self.exactly(table, {"vi", "en"}, where)
        return {language: self.text(table[language], f"{where}.{language}") for language in ("vi", "en")}

    def number(self, value: object, where: str, low: int, high: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise BadRule(where, f"not an integer from {low} to {high}", Fault.NUMBER, least=low, most=high)
        return value

    def level(self, value: object, where: str) -> Level:
        table = self.table(value, where)
        self.exactly(table, {"id", "vi", "en"}, where)
        level = self.id(table["id"], f"{where}.id")
        return Level(level, self.words({"vi": table["vi"], "en": table["en"]}, where))

    def quorum(self, value: object) -> Quorum | None:
        if value is None:
            return None
        table = self.table(value, "quorum")
        self.exactly(table, {"numerator", "denominator"}, "quorum")
        quorum = Quorum(
            self.number(table["numerator"], "quorum.numerator", 1, 100),
            self.number(table["denominator"], "quorum.denominator", 1, 100),
        )
        if quorum.numerator > quorum.denominator:
            raise BadRule("quorum", "more than everybody", Fault.EVERYBODY)
        return quorum

    def outcomes(
        self, value: object, where: str, levels: tuple[str, ...], taken: set[str]
    ) -> tuple[OutcomeRule, ...]:
        rules = tuple(
            self.outcome(item, f"{where}[{i}]", levels) for i, item in enumerate(self.items(value, where))
        )
        self.different([rule.id for rule in rules], taken, where)
        return rules

    def outcome(self, value: object, where: str, levels: tuple[str, ...]) -> OutcomeRule:
        table = self.table(value, where)
        self.exactly(table, {"id", "vi", "en", "source", "all"}, where)
        conditions = tuple(
            self.condition(item, f"{where}.all[{i}]", levels)
            for i, item in enumerate(self.items(table["all"], f"{where}.all"))
        )
        if not conditions:
            raise BadRule(f"{where}.all", "has no condition", Fault.CONDITIONS)
        return OutcomeRule(
            self.id(table["id"], f"{where}.id"),
            self.words({"vi": table["vi"], "en": table["en"]}, where),
            self.words(table["source"], f"{where}.source"),
            conditions,
        )

    def condition(self, value: object, where: str, levels: tuple[str, ...]) -> Condition:
        table = self.table(value, where)
        self.exactly(table, {"level", "times", "op", "of", "year"}, where)
        if table["level"] not in levels:
            raise BadRule(f"{where}.level", f"not one of {', '.join(levels)}", Fault.CHOICE)
        if table["op"] not in OPERATORS:
            raise BadRule(f"{where}.op", f"not one of {' '.join(OPERATORS)}", Fault.CHOICE)
        if table["year"] not in ("this", "last"):
            raise BadRule(f"{where}.year", "neither this nor last", Fault.CHOICE)
        return Condition(
            table["level"],
            self.number(table["times"], f"{where}.times", 1, MOST_PARTS),
            table["op"],
            self.number(table["of"], f"{where}.of", 1, MOST_PARTS),
            table["year"],
        )

    def deadlines(self, value: object) -> Mapping[str, int]:
        table = self.table(value, "deadlines")
        if len(table) > MOST:
            raise BadRule("deadlines", f"more than {MOST}", Fault.TOO_MANY, most=MOST)
        return {
            self.id(name, f"deadlines.{name}"): self.number(days, f"deadlines.{name}", 0, MOST_DAYS)
            for name, days in sorted(table.items())
        }
