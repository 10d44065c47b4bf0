"""A copy of a preset says that it is one; a changed rule cannot pass for the regulation; its file reads back
equal.
"""

from __future__ import annotations

import dataclasses
from random import Random
from typing import Any

import pytest

from surveys.rules import summary
from surveys.rules.copies import check_own, copy_of, free_name, is_preset
from surveys.rules.errors import BadRule, Fault
from surveys.rules.explanation import explain
from surveys.rules.preset import MOST_BYTES, MOST_LINE, MOST_TEXT, PRESETS, Preset, names
from surveys.rules.summary import WIDTH, summarise
from surveys.rules.written import as_toml
from tests.pace import within
from tests.rules.random_rules import bands, random_rule

NASTY = ('"', "\\", "'", '"""', "#", "]", "= ", "\\u0041", "🗳", "ạ", " ", "\ufeff", "{", "\\n")


@pytest.mark.parametrize("name", names())
def test_a_copy_has_a_name_of_its_own_and_says_where_it_comes_from(name: str) -> None:
    preset, copy = Preset.load(name), copy_of(Preset.load(name))
    assert copy.name == f"{name}-2"
    assert is_preset(preset)
    assert not is_preset(copy)
    for language, after, edited in (("vi", "Phỏng theo", "đã sửa"), ("en", "After", "edited for this round")):
        sources = [copy.source, *(rule.source for rule in (*copy.outcomes, *copy.watch))]
        assert all(source[language].startswith(after) and edited in source[language] for source in sources)
        assert preset.source[language] in copy.source[language]
        assert preset.title[language] != copy.title[language]
    check_own(preset)
    check_own(copy)
    # What decides is not touched.
    parts = ("levels", "denominator", "quorum", "deadlines", "frequency", "not_marked")
    assert all(getattr(copy, part) == getattr(preset, part) for part in parts)
    assert [rule.conditions for rule in copy.outcomes] == [rule.conditions for rule in preset.outcomes]


def test_a_name_is_never_that_of_a_preset_and_never_too_long() -> None:
    assert free_name("local-annual") == "local-annual-2"
    assert len(free_name("a" * 40)) == 38
    Preset.from_json({**Preset.load("grading").as_json(), "name": free_name("a" * 40)})


def _with(where: str, value: Any) -> Preset:
    """The copy of qd96-2023 with one thing put back."""
    rule: Any = copy_of(Preset.load("qd96-2023")).as_json()
    at, steps = rule, where.split(".")
    for step in steps[:-1]:
        at = at[int(step) if step.isdigit() else step]
    at[steps[-1]] = value
    return Preset.from_json(rule)


ORIGINAL = Preset.load("qd96-2023")
BORROWED = [
    ("name", "qd96-2023", "name"),
    ("name", "grading", "name"),
    ("title.vi", ORIGINAL.title["vi"], "title.vi"),
    ("title.en", f"  {ORIGINAL.title['en'].upper()}. ", "title.en"),
    ("source.vi", ORIGINAL.source["vi"], "source.vi"),
    ("source.en", Preset.load("nq35-2012").source["en"], "source.en"),
    ("outcomes.1.source.en", ORIGINAL.outcomes[1].source["en"], "outcomes[1].source.en"),
    ("outcomes.0.source.vi", Preset.load("local-annual").watch[0].source["vi"], "outcomes[0].source.vi"),
]


@pytest.mark.parametrize(("where", "value", "place"), BORROWED)
def test_a_changed_rule_with_the_words_of_a_preset_is_refused(where: str, value: str, place: str) -> None:
    with pytest.raises(BadRule) as refusal:
        check_own(_with(where, value))
    assert (refusal.value.where, refusal.value.fault) == (place, Fault.BORROWED)


def test_an_outcome_taken_over_whole_may_keep_its_source() -> None:
    copy = copy_of(ORIGINAL)
    check_own(dataclasses.replace(copy, outcomes=(ORIGINAL.outcomes[1], copy.outcomes[0])))
    changed = dataclasses.replace(ORIGINAL.outcomes[1], conditions=ORIGINAL.outcomes[0].conditions)
    with pytest.raises(BadRule):
        check_own(dataclasses.replace(copy, outcomes=(changed,)))


def test_without_the_check_a_changed_rule_would_bear_the_name_of_the_regulation() -> None:
    """The twin: the reader of rules alone lets it through."""
    rule: Any = ORIGINAL.as_json()
    rule["outcomes"][1]["all"][0]["of"] = 1
    assert Preset.from_json(rule).source == ORIGINAL.source


def _long(rule: Preset, text: str) -> Preset:
    words = {"vi": text, "en": text}
    outcomes = tuple(
        dataclasses.replace(rule.outcomes[0], id=f"x{i}", words=words, source=words) for i in range(20)
    )
    return dataclasses.replace(rule, outcomes=outcomes)


def test_a_rule_that_its_own_file_could_not_hold_is_refused() -> None:
    copy = copy_of(ORIGINAL)
    check_own(_long(copy, "x" * MOST_TEXT))
    with pytest.raises(BadRule) as refusal:
        check_own(_long(copy, "ạ" * MOST_TEXT))
    assert refusal.value.fault is Fault.TOO_LARGE


@pytest.mark.parametrize("rule", [*names(), *range(20)])
def test_a_rule_that_is_written_reads_back_equal(rule: str | int) -> None:
    preset = Preset.load(rule) if isinstance(rule, str) else random_rule(rule, most_times=999)
    assert Preset.from_bytes(as_toml(preset).encode(), "ours.toml") == preset


def test_texts_that_could_break_a_file_do_not() -> None:
    draw = Random(7)
    for _ in range(60):
        text = "".join(draw.choices(NASTY, k=draw.randint(1, 12)))
        preset = _long(copy_of(ORIGINAL), text)
        assert Preset.from_bytes(as_toml(preset).encode(), "ours.toml") == preset
    worst = _long(copy_of(ORIGINAL), '"' * MOST_TEXT)
    worst = dataclasses.replace(worst, outcomes=worst.outcomes[:5])
    assert Preset.from_bytes(as_toml(worst).encode(), "ours.toml") == worst
    assert max(map(len, as_toml(worst).splitlines())) <= MOST_LINE


TEXT = (PRESETS / "grading.toml").read_bytes()
HOSTILE = {
    "a key of many parts": b"k" + b".a" * 60_000 + b" = 1",
    "a table of many parts": b"[k" + b".a" * 60_000 + b"]",
    "accents without end": b"k = 'a" + "\u0301\u0323".encode() * 30_000 + b"'",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_would_keep_the_reader_busy_is_refused_at_once(raw: bytes) -> None:
    assert len(raw) <= MOST_BYTES
    with within(1), pytest.raises(BadRule) as refusal:
        Preset.from_bytes(raw, "ours.toml")
    assert refusal.value.fault is Fault.NOT_TOML
    assert "a line of more than" in refusal.value.why


def test_a_file_may_be_as_large_as_is_said_and_not_larger() -> None:
    room = MOST_BYTES - len(TEXT)
    full = TEXT + b"\n" * room
    assert Preset.from_bytes(full, "ours.toml") == Preset.load("grading")
    with pytest.raises(BadRule) as refusal:
        Preset.from_bytes(full + b"\n", "ours.toml")
    assert (refusal.value.fault, refusal.value.most) == (Fault.TOO_LARGE, 128)


def test_a_file_from_an_editor_that_marks_its_beginning_is_the_same_rule() -> None:
    assert Preset.from_bytes(b"\xef\xbb\xbf" + TEXT.replace(b"\n", b"\r\n"), "ours.toml") == Preset.load(
        "grading"
    )


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("n", [1, 7, 100, 999, 10**6])
def test_the_bars_show_the_counts_of_the_table(seed: int, n: int) -> None:
    """Each of the n + 1 counts is a stripe of the bar; the middle of a stripe is marked exactly if its count
    is given.
    """
    shown = summarise(bands(seed), n)
    for line, said in zip(shown.lines, explain(bands(seed), n).all, strict=True):
        assert line.said == said
        for bar, span in zip(line.bars, said.spans, strict=True):
            assert len(bar) == len(span.ranges)
            for (x, width), (first, last) in zip(bar, span.ranges, strict=True):
                assert x >= 0
                assert x + width <= WIDTH
                assert width >= 4
                assert abs(x - first * WIDTH / (n + 1)) <= 4
                assert abs(x + width - (last + 1) * WIDTH / (n + 1)) <= 5


def test_colours_begin_anew_after_the_last() -> None:
    rule = copy_of(ORIGINAL)
    many = dataclasses.replace(rule, outcomes=_long(rule, "x").outcomes)
    colours = [line.colour for line in summarise(many, 10).lines]
    assert len(colours) == 20
    assert colours[0] == colours[len(summary.COLOURS)]
