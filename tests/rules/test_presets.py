"""The eight presets, row by row against the table they were written from, and at exactly one half and two
thirds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from surveys.rules.denominators import percent
from surveys.rules.errors import NoSuchPreset
from surveys.rules.outcomes import NO_QUORUM, NONE, Previous, outcome
from surveys.rules.preset import DEFAULT, PRESETS, Condition, Preset, names
from surveys.rules.quorum import quorum_met

THREE = ("high", "plain", "low")
HALF = Condition("low", 2, ">", 1)
HALF_LAST = Condition("low", 2, ">", 1, "last")
UNDER_TWO_THIRDS = Condition("low", 3, "<", 2)
TWO_THIRDS = Condition("low", 3, ">=", 2)
OVER_TWO_THIRDS = Condition("low", 3, ">", 2)
Rules = dict[str, tuple[Condition, ...]]


@dataclass(frozen=True)
class Line:
    """One row of the table; `half` and `two_thirds` are the outcomes at exactly that share of low."""

    levels: tuple[str, ...]
    frequency: str
    denominator: str
    quorum: bool
    outcomes: Rules
    watch: Rules
    half: str
    two_thirds: str
    all_low: str


TABLE = {
    "local-annual": Line(
        THREE,
        "Every year",
        "returned",
        True,
        {"out_of_planning": (HALF, UNDER_TWO_THIRDS), "removed": (TWO_THIRDS,)},
        {"two_years": (HALF, HALF_LAST)},
        NONE,
        "removed",
        "removed",
    ),
    "qd96-2023": Line(
        THREE,
        "Once a term, in its third year",
        "returned",
        True,
        {"out_of_planning": (HALF, UNDER_TWO_THIRDS), "removed": (TWO_THIRDS,)},
        {},
        NONE,
        "removed",
        "removed",
    ),
    "nq96-2023": Line(
        THREE,
        "Once a term, in its third year",
        "returned",
        False,
        {"may_resign": (HALF, UNDER_TWO_THIRDS), "dismissal": (TWO_THIRDS,)},
        {},
        NONE,
        "dismissal",
        "dismissal",
    ),
    "nq85-2014": Line(
        THREE,
        "Once a term",
        "summoned",
        False,
        {"formal_vote": (TWO_THIRDS,), "may_resign": (HALF,)},
        {},
        NONE,
        "formal_vote",
        "formal_vote",
    ),
    "nq35-2012": Line(
        THREE,
        "Every year",
        "summoned",
        False,
        {
            "formal_vote": (OVER_TWO_THIRDS,),
            "formal_vote_two_years": (HALF, HALF_LAST),
            "may_resign": (HALF,),
        },
        {},
        NONE,
        "may_resign",
        "formal_vote",
    ),
    "qd262-2014": Line(
        THREE,
        "Third year of the term",
        "returned",
        False,
        {"considered_for_relief": (OVER_TWO_THIRDS,), "out_of_planning": (HALF,)},
        {},
        NONE,
        "out_of_planning",
        "considered_for_relief",
    ),
    "formal-vote": Line(
        ("confidence", "no_confidence"),
        "When called for",
        "returned",
        False,
        {"dismissal": (Condition("no_confidence", 2, ">", 1),)},
        {},
        NONE,
        "dismissal",
        "dismissal",
    ),
    "grading": Line(
        ("excellent", "good", "completed", "not_completed"),
        "Every year",
        "returned",
        False,
        {},
        {},
        NONE,
        NONE,
        NONE,
    ),
}
FROM_MEMORY = {"nq35-2012", "qd262-2014", "formal-vote"}
every_preset = pytest.mark.parametrize("name", TABLE)
# "not an official text", "retold from public sources, not an official text" and the like are no claim to be
# one.
CLAIM = re.compile(r"(?<!not an )official text")


def _after(name: str, low: int, of: int, previous: Previous | None = None) -> str:
    """The outcome when `low` of `of` people, all present, chose the lowest level and the others the
    highest.
    """
    preset = Preset.load(name)
    counts = {**dict.fromkeys(preset.level_ids, 0), preset.level_ids[0]: of - low, preset.level_ids[-1]: low}
    return outcome(preset, counts, returned=of, summoned=of, present=of, previous=previous).id


def test_there_are_the_presets_of_the_table_and_no_others() -> None:
    assert set(names()) == set(TABLE)
    assert DEFAULT == "local-annual"


@every_preset
def test_a_preset_says_what_its_row_of_the_table_says(name: str) -> None:
    line, preset = TABLE[name], Preset.load(name)
    assert preset.name == name
    assert preset.level_ids == line.levels
    assert preset.frequency["en"] == line.frequency
    assert preset.denominator == line.denominator
    assert (preset.quorum is not None) == line.quorum
    if preset.quorum is not None:
        assert (preset.quorum.numerator, preset.quorum.denominator) == (2, 3)
    assert {rule.id: rule.conditions for rule in preset.outcomes} == line.outcomes
    assert {rule.id: rule.conditions for rule in preset.watch} == line.watch
    assert preset.deadlines == {"dossier": 20, "voters": 15, "questions": 10, "answers": 3}


@every_preset
def test_a_preset_does_not_call_itself_official(name: str) -> None:
    source = Preset.load(name).source["en"]
    assert not CLAIM.search(source)
    assert ("from memory" in source) == (name in FROM_MEMORY)
    assert name != "local-annual" or "not law" in source


@every_preset
def test_a_preset_speaks_both_languages(name: str) -> None:
    preset = Preset.load(name)
    spoken = [preset.title, preset.source, preset.frequency, preset.not_marked]
    spoken += [level.words for level in preset.levels]
    for rule in (*preset.outcomes, *preset.watch):
        spoken += [rule.words, rule.source]
    assert all(words["vi"] and words["en"] and words["vi"] != words["en"] for words in spoken)


@every_preset
def test_exactly_one_half_triggers_nothing(name: str) -> None:
    assert _after(name, 300, 600) == TABLE[name].half == NONE


@every_preset
def test_exactly_two_thirds_is_judged_by_the_operator_of_the_preset(name: str) -> None:
    assert _after(name, 400, 600) == TABLE[name].two_thirds
    assert _after(name, 600, 600) == TABLE[name].all_low


@every_preset
def test_one_more_than_half_triggers_the_milder_outcome(name: str) -> None:
    mild = [rule for rule, conditions in TABLE[name].outcomes.items() if conditions[0] == HALF]
    if name == "nq35-2012":
        mild.remove("formal_vote_two_years")
    expected = {"formal-vote": "dismissal", "grading": NONE}.get(name) or mild[0]
    assert _after(name, 301, 600) == expected
    assert _after(name, 299, 600) == NONE


@pytest.mark.parametrize("name", ["local-annual", "qd96-2023", "nq96-2023", "nq85-2014"])
def test_one_less_than_two_thirds_is_still_the_milder_outcome(name: str) -> None:
    assert _after(name, 399, 600) in {"out_of_planning", "may_resign"}
    assert _after(name, 400, 600) in {"removed", "dismissal", "formal_vote"}


@pytest.mark.parametrize("name", ["nq35-2012", "qd262-2014"])
def test_more_than_two_thirds_is_needed_where_the_rule_says_more(name: str) -> None:
    assert _after(name, 400, 600) in {"may_resign", "out_of_planning"}
    assert _after(name, 401, 600) in {"formal_vote", "considered_for_relief"}


def test_the_denominator_decides_the_share_of_the_same_ballots() -> None:
    counts = {"high": 323, "plain": 146, "low": 6}
    of_summoned, of_returned = Preset.load("nq85-2014"), Preset.load("qd96-2023")
    assert of_summoned.denominator == "summoned"
    assert [percent(n, 485) for n in counts.values()] == ["66.60", "30.10", "1.24"]
    assert of_returned.denominator == "returned"
    assert [percent(n, 475) for n in counts.values()] == ["68.00", "30.74", "1.26"]
    for preset in (of_summoned, of_returned):
        assert outcome(preset, counts, returned=475, summoned=485, present=485).id == NONE


def test_low_that_is_half_of_the_ballots_but_not_of_the_summoned_follows_the_rule() -> None:
    counts = {"high": 100, "plain": 40, "low": 240}
    found = {
        name: outcome(Preset.load(name), counts, returned=380, summoned=500, present=500).id
        for name in ("nq85-2014", "qd96-2023")
    }
    assert found == {"nq85-2014": NONE, "qd96-2023": "out_of_planning"}


@pytest.mark.parametrize("name", ["local-annual", "qd96-2023"])
def test_two_thirds_present_are_enough_and_one_fewer_is_not(name: str) -> None:
    preset = Preset.load(name)
    assert quorum_met(preset, present=400, summoned=600) is True
    assert quorum_met(preset, present=399, summoned=600) is False
    assert quorum_met(preset, present=67, summoned=100) is True
    assert quorum_met(preset, present=66, summoned=100) is False
    counts = {"high": 0, "plain": 0, "low": 399}
    before = {"high": 0, "plain": 0, "low": 399}
    found = outcome(preset, counts, returned=399, summoned=600, present=399, previous=Previous(before, 399))
    assert (found.id, found.watch) == (NO_QUORUM, ())
    assert outcome(preset, counts, returned=399, summoned=600, present=400).id == "removed"


@pytest.mark.parametrize("name", sorted(set(TABLE) - {"local-annual", "qd96-2023"}))
def test_without_a_quorum_in_the_rule_it_is_neither_met_nor_missed(name: str) -> None:
    preset = Preset.load(name)
    assert quorum_met(preset, present=0, summoned=600) is None
    counts = dict.fromkeys(preset.level_ids, 1)
    assert outcome(preset, counts, returned=5, summoned=600, present=5).id == NONE


@every_preset
def test_of_no_ballot_at_all_nothing_follows(name: str) -> None:
    """Zero is at least two thirds of zero: without this a person nobody voted on would be dismissed."""
    preset = Preset.load(name)
    nobody = dict.fromkeys(preset.level_ids, 0)
    found = outcome(preset, nobody, returned=0, summoned=0, present=0, previous=Previous(nobody, 0, 0))
    assert (found.id, found.watch) == (NONE, ())
    assert outcome(preset, nobody, returned=0, summoned=6, present=6).id == NONE


def test_two_years_over_half_raise_the_watch_flag_of_the_local_rule() -> None:
    preset, low = Preset.load("local-annual"), {"high": 0, "plain": 49, "low": 51}

    def flags(previous: Previous | None) -> tuple[str, tuple[str, ...]]:
        found = outcome(preset, low, returned=100, summoned=150, present=100, previous=previous)
        return found.id, found.watch

    assert flags(Previous(low, 100)) == ("out_of_planning", ("two_years",))
    assert flags(Previous({"high": 50, "plain": 0, "low": 50}, 100)) == ("out_of_planning", ())
    assert flags(None) == ("out_of_planning", ())


def test_two_years_over_half_lead_to_a_formal_vote_under_nq35() -> None:
    low, half = {"high": 49, "plain": 0, "low": 51}, {"high": 50, "plain": 0, "low": 50}
    assert _after("nq35-2012", 51, 100, Previous(low, 100, 100)) == "formal_vote_two_years"
    assert _after("nq35-2012", 51, 100, Previous(half, 100, 100)) == "may_resign"
    assert _after("nq35-2012", 50, 100, Previous(low, 100, 100)) == NONE
    assert _after("nq35-2012", 51, 100) == "may_resign"


def test_last_year_without_its_summoned_is_no_last_year_for_a_rule_that_counts_the_summoned() -> None:
    low = {"high": 0, "plain": 0, "low": 100}
    assert _after("nq35-2012", 51, 100, Previous(low, 100)) == "may_resign"
    assert _after("nq35-2012", 51, 100, Previous(low, 100, 201)) == "may_resign"
    assert _after("nq35-2012", 51, 100, Previous(low, 100, 199)) == "formal_vote_two_years"


@every_preset
def test_outcome_words_and_source_come_from_the_rule_that_held(name: str) -> None:
    preset = Preset.load(name)
    for rule in preset.outcomes:
        assert preset.words(rule.id) is rule
    assert preset.words("no_such_id") is None
    counts = {**dict.fromkeys(preset.level_ids, 0), preset.level_ids[-1]: 9}
    found = outcome(preset, counts, returned=9, summoned=9, present=9)
    held = preset.words(found.id)
    assert (held is None) == (name == "grading")
    if held is not None:
        assert (found.words, found.source) == (held.words, held.source)


def test_an_unknown_preset_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(NoSuchPreset) as refusal:
        Preset.load("../presets/grading")
    assert refusal.value.known == names()
    assert (PRESETS / "../presets/grading.toml").exists()
