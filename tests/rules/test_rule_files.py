"""A rule is read strictly, from a file or from a manifest, and each refusal names the very place."""

from __future__ import annotations

import copy
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from surveys.rules.errors import BadRule
from surveys.rules.outcomes import outcome
from surveys.rules.preset import PRESETS, Preset, names

Json = Any
Change = Callable[[Json], None]
GONE = object()


def _rule() -> Json:
    """The richest preset: a quorum, two outcomes, a watch flag over two years."""
    return copy.deepcopy(Preset.load("local-annual").as_json())


def _put(value: object, *path: str | int) -> Change:
    def change(rule: Json) -> None:
        at = rule
        for step in path[:-1]:
            at = at[step]
        if value is GONE:
            del at[path[-1]]
        else:
            at[path[-1]] = value

    return change


def _refused(rule: object) -> BadRule:
    with pytest.raises(BadRule) as refusal:
        Preset.from_json(rule)
    return refusal.value


def _places(value: Json, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of everything in a rule, lists, tables and values."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for step, below in steps for place in [(*path, step), *_places(below, (*path, step))]]


def _where(path: tuple[str | int, ...]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


PLACES = _places(_rule())
FIELDS = [path for path in PLACES if (isinstance(path[-1], str) and path[0] != "deadlines") or len(path) == 1]
TABLES = [(), *(path for path in PLACES if isinstance(path[-1], int) or path[-1] in ("source", "quorum"))]


@pytest.mark.parametrize("name", names())
def test_a_rule_comes_back_from_a_manifest_as_it_went_in(name: str) -> None:
    preset = Preset.load(name)
    once = json.loads(json.dumps(preset.as_json()))
    assert Preset.from_json(once) == preset
    assert Preset.from_json(once).as_json() == once


@pytest.mark.parametrize("path", FIELDS, ids=_where)
def test_a_missing_field_is_named(path: tuple[str | int, ...]) -> None:
    rule = _rule()
    _put(GONE, *path)(rule)
    refusal = _refused(rule)
    assert refusal.where == (f"rule.{path[0]}" if len(path) == 1 else _where(path))
    assert refusal.why == "is missing"


@pytest.mark.parametrize("path", TABLES, ids=_where)
def test_an_unknown_field_is_named(path: tuple[str | int, ...]) -> None:
    rule = _rule()
    _put(1, *path, "surprise")(rule)
    refusal = _refused(rule)
    assert refusal.where == (_where((*path, "surprise")) if path else "rule.surprise")
    assert refusal.why == "is not a field of a rule"


@pytest.mark.parametrize("wrong", [True, 1.5, [[]], object()], ids=["bool", "float", "list", "object"])
@pytest.mark.parametrize("path", PLACES, ids=_where)
def test_a_value_of_the_wrong_type_is_named(path: tuple[str | int, ...], wrong: object) -> None:
    rule = _rule()
    _put(wrong, *path)(rule)
    where = _where(path)
    if wrong == [[]] and path[-1] in ("levels", "outcomes", "watch", "all"):
        where += "[0]"
    assert _refused(rule).where == where


@pytest.mark.parametrize("rule", [None, 3, "local-annual", [], {1: 2}], ids=repr)
def test_what_is_no_table_at_all_is_refused(rule: object) -> None:
    assert _refused(rule).where == "rule"


LEVEL = {"vi": "x", "en": "x"}
BAD: list[tuple[Change, str]] = [
    (_put("Local Annual", "name"), "name"),
    (_put("", "name"), "name"),
    (_put("a" * 41, "name"), "name"),
    (_put("annual\n", "name"), "name"),
    (_put("", "title", "vi"), "title.vi"),
    (_put("x" * 1001, "title", "en"), "title.en"),
    (_put("two\nlines", "source", "vi"), "source.vi"),
    (_put("nul\0", "frequency", "en"), "frequency.en"),
    (_put("del\x7f", "not_marked", "en"), "not_marked.en"),
    (_put("next\x85line", "title", "en"), "title.en"),
    (_put("line\u2028separator", "outcomes", 0, "source", "en"), "outcomes[0].source.en"),
    (_put("paragraph\u2029", "watch", 0, "vi"), "watch[0].vi"),
    (_put("half \ud800", "levels", 1, "vi"), "levels[1].vi"),
    (_put("Low", "levels", 2, "id"), "levels[2].id"),
    (_put("high", "levels", 2, "id"), "levels[2].id"),
    (_put([], "levels"), "levels"),
    (_put([{"id": "only", **LEVEL}], "levels"), "levels"),
    (_put([{"id": f"l{i}", **LEVEL} for i in range(6)], "levels"), "levels"),
    (_put([{"id": f"l{i}", **LEVEL} for i in range(21)], "levels"), "levels"),
    (_put("present", "denominator"), "denominator"),
    (_put(0, "quorum", "numerator"), "quorum.numerator"),
    (_put(101, "quorum", "denominator"), "quorum.denominator"),
    (_put({"numerator": 4, "denominator": 3}, "quorum"), "quorum"),
    (_put("removed", "outcomes", 0, "id"), "outcomes[1].id"),
    (_put("none", "outcomes", 1, "id"), "outcomes[1].id"),
    (_put("no_quorum", "watch", 0, "id"), "watch[0].id"),
    (_put("removed", "watch", 0, "id"), "watch[0].id"),
    (_put([], "outcomes", 1, "all"), "outcomes[1].all"),
    (_put([], "watch", 0, "all"), "watch[0].all"),
    (_put("=", "outcomes", 0, "all", 0, "op"), "outcomes[0].all[0].op"),
    (_put("==", "outcomes", 0, "all", 1, "op"), "outcomes[0].all[1].op"),
    (_put("medium", "outcomes", 1, "all", 0, "level"), "outcomes[1].all[0].level"),
    (_put("not_marked", "outcomes", 1, "all", 0, "level"), "outcomes[1].all[0].level"),
    (_put("next", "watch", 0, "all", 1, "year"), "watch[0].all[1].year"),
    (_put(0, "outcomes", 0, "all", 0, "times"), "outcomes[0].all[0].times"),
    (_put(-1, "outcomes", 0, "all", 0, "of"), "outcomes[0].all[0].of"),
    (_put(1001, "outcomes", 0, "all", 0, "of"), "outcomes[0].all[0].of"),
    (_put(-1, "deadlines", "dossier"), "deadlines.dossier"),
    (_put(366, "deadlines", "voters"), "deadlines.voters"),
    (_put(1, "deadlines", "Ngày"), "deadlines.Ngày"),
    (_put({f"d{i}": 1 for i in range(21)}, "deadlines"), "deadlines"),
]


@pytest.mark.parametrize(("change", "where"), BAD, ids=[f"{i}-{where}" for i, (_, where) in enumerate(BAD)])
def test_a_bad_value_is_refused_with_its_place(change: Change, where: str) -> None:
    rule = _rule()
    Preset.from_json(rule)
    change(rule)
    assert _refused(rule).where == where


def test_more_watch_flags_than_the_results_can_hold_are_refused() -> None:
    rule = _rule()
    flag = rule["watch"][0]
    rule["watch"] = [{**flag, "id": f"flag{i}"} for i in range(20)]
    assert len(Preset.from_json(rule).watch) == 20
    rule["watch"].append({**flag, "id": "one_more"})
    assert _refused(rule).where == "watch"


def test_a_preset_edited_by_an_organizer_loads_from_its_file(tmp_path: Path) -> None:
    text = (PRESETS / "qd96-2023.toml").read_text("utf-8")
    path = tmp_path / "ours.toml"
    path.write_text(
        text.replace('name = "qd96-2023"', 'name = "ours"')
        .replace("numerator = 2, denominator = 3", "numerator = 1, denominator = 2")
        .replace('op = ">=", of = 2', 'op = ">", of = 2')
        .replace('op = "<", of = 2', 'op = "<=", of = 2'),
        "utf-8",
    )
    ours, theirs = Preset.from_file(path), Preset.load("qd96-2023")
    low = {"high": 1, "plain": 1, "low": 4}
    assert outcome(theirs, low, returned=6, summoned=6, present=6).id == "removed"
    assert outcome(ours, low, returned=6, summoned=6, present=6).id == "out_of_planning"
    assert outcome(theirs, low, returned=6, summoned=12, present=6).id == "no_quorum"
    assert outcome(ours, low, returned=6, summoned=12, present=6).id == "out_of_planning"
    assert Preset.from_json(ours.as_json()) == ours


def test_what_may_be_left_out_of_a_file_may_not_be_left_out_of_a_manifest() -> None:
    assert "quorum" not in (PRESETS / "nq85-2014.toml").read_text("utf-8")
    rule: Any = Preset.load("nq85-2014").as_json()
    assert rule["quorum"] is None
    assert {condition["year"] for item in rule["outcomes"] for condition in item["all"]} == {"this"}
    del rule["quorum"]
    assert _refused(rule).where == "rule.quorum"


NO_TOML = {
    "not TOML": b"name = ",
    "a field twice": b'name = "a"\nname = "b"\n',
    "a control character": b'name = "a\x01"\n',
    "not UTF-8": b'name = "\xff"\n',
    "an endless integer": b"k = " + b"9" * 5000,
    "brackets without end": b"k = " + b"[" * 5000,
}


@pytest.mark.parametrize("raw", NO_TOML.values(), ids=NO_TOML)
def test_a_file_that_is_not_toml_is_refused_by_its_name(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "ours.toml"
    path.write_bytes(raw)
    with pytest.raises(BadRule) as refusal:
        Preset.from_file(path)
    assert refusal.value.where == "ours.toml"


BAD_TOML = {
    "outcomes = 3": "outcomes",
    "outcomes = [3]": "outcomes[0]",
    'outcomes = [{ id = "x", vi = "x", en = "x", source = 1, all = [3] }]': "outcomes[0].all[0]",
    'outcomes = [{ id = "x", vi = "x", en = "x", source = 1, all = 3 }]': "outcomes[0].all",
    "watch = 1979-05-27": "watch",
    "quorum = 2": "quorum",
}


@pytest.mark.parametrize(("line", "where"), BAD_TOML.items())
def test_a_file_with_a_wrong_shape_is_refused_with_the_place(tmp_path: Path, line: str, where: str) -> None:
    name = line.split(" ", 1)[0]
    rest = (PRESETS / "grading.toml").read_text("utf-8").splitlines()
    path = tmp_path / "ours.toml"
    path.write_text(
        "\n".join([line, *(other for other in rest if not other.startswith(f"{name} ="))]), "utf-8"
    )
    with pytest.raises(BadRule) as refusal:
        Preset.from_file(path)
    assert refusal.value.where == where


def test_a_text_taken_apart_into_letters_and_marks_is_refused_in_a_manifest() -> None:
    """1.4 of docs/protocol.md: two ways of writing the same words would be two rules with two hashes."""
    rule = _rule()
    together = rule["title"]["vi"]
    rule["title"]["vi"] = unicodedata.normalize("NFD", together)
    assert rule["title"]["vi"] != together
    refusal = _refused(rule)
    assert (refusal.where, refusal.why) == ("title.vi", "not in Unicode normal form C")
    rule["title"]["vi"] = together
    assert Preset.from_json(rule) == Preset.load("local-annual")


@pytest.mark.parametrize("name", names())
def test_a_file_from_an_editor_that_takes_letters_apart_is_the_same_rule(tmp_path: Path, name: str) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(unicodedata.normalize("NFD", (PRESETS / f"{name}.toml").read_text("utf-8")), "utf-8")
    assert not unicodedata.is_normalized("NFC", path.read_text("utf-8"))
    assert Preset.from_file(path) == Preset.load(name)
