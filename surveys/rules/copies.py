"""A round's own rule: a copy of a preset that was edited (docs/operations.md, "The rule of a round").

Danger: a rule that was changed and still names the regulation as its source would lend it the regulation's
authority; so a copy says that it is one, and a changed rule with a preset's own words for title or source is
refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from surveys.rules.errors import BadRule, Fault
from surveys.rules.preset import MOST_BYTES, OutcomeRule, Preset, Words, names
from surveys.rules.written import as_toml

_MOST_NAME = 40


def copy_of(preset: Preset) -> Preset:
    """A preset under a name of its own that says where it comes from; only then may it be edited."""
    source = edited(preset.source)
    return replace(
        preset,
        name=free_name(preset.name),
        title={"vi": f"{preset.title['vi']} (đã sửa)", "en": f"{preset.title['en']} (edited)"},
        source=source,
        outcomes=tuple(replace(rule, source=edited(rule.source)) for rule in preset.outcomes),
        watch=tuple(replace(rule, source=edited(rule.source)) for rule in preset.watch),
    )


def edited(source: Words) -> Words:
    """The source of what was changed."""
    return {
        "vi": f"Phỏng theo “{source['vi']}”, đã sửa cho đợt này",
        "en": f"After “{source['en']}”, edited for this round",
    }


def free_name(name: str) -> str:
    """local-annual-2 for local-annual: a name that no preset has."""
    taken = set(names())
    tries = (f"{name[: _MOST_NAME - 4]}-{number}" for number in count(2))
    return next(each for each in tries if each not in taken)


def is_preset(preset: Preset) -> bool:
    """Whether this is a preset as it stands in the house."""
    return preset.name in names() and Preset.load(preset.name) == preset


def check_own(preset: Preset) -> None:
    """Refuse a rule that is no preset and passes for one (Fault.BORROWED), or that its own file could not
    hold. Raises BadRule with the place.

    Borrowed are a preset's name, its title or source word for word, and the source of a preset's outcome
    under other words or conditions.
    """
    if is_preset(preset):
        return
    if len(as_toml(preset).encode()) > MOST_BYTES:
        raise BadRule(
            "rule", f"more than {MOST_BYTES} bytes as a file", Fault.TOO_LARGE, most=MOST_BYTES // 1024
        )
    presets = [Preset.load(name) for name in names()]
    if preset.name in names():
        raise _borrowed("name", preset.name)
    for field in ("title", "source"):
        theirs: list[Words] = [getattr(each, field) for each in presets]
        _not_one_of(getattr(preset, field), theirs, field)
    outcomes = [rule for each in presets for rule in (*each.outcomes, *each.watch)]
    for where in ("outcomes", "watch"):
        rules: tuple[OutcomeRule, ...] = getattr(preset, where)
        for i, rule in enumerate(rules):
            if not any(_same(rule, other) for other in outcomes):
                _not_one_of(rule.source, [other.source for other in outcomes], f"{where}[{i}].source")


def _same(rule: OutcomeRule, other: OutcomeRule) -> bool:
    return (rule.words, rule.source, rule.conditions) == (other.words, other.source, other.conditions)


def _not_one_of(words: Words, theirs: Iterable[Words], where: str) -> None:
    for language in ("vi", "en"):
        if _plain(words[language]) in {_plain(each[language]) for each in theirs}:
            raise _borrowed(f"{where}.{language}", words[language])


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")


def _borrowed(where: str, text: str) -> BadRule:
    return BadRule(where, f"{text!r} is a preset's, and this rule is another one", Fault.BORROWED)
