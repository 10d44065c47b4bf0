"""A rule as a TOML file that reads back equal (`Preset.from_bytes`): to keep, to send, to edit by hand, to
bring into another round.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from surveys.rules.preset import OutcomeRule, Preset, Words


def as_toml(preset: Preset) -> str:
    """The file's text. No line is longer than twice the longest text, so whatever is written can be read."""
    return "\n".join(_lines(preset)) + "\n"


def _lines(preset: Preset) -> Iterator[str]:
    yield "# A rule as data. Conditions read: times x count op of x N."
    yield f"name = {_text(preset.name)}"
    yield f"denominator = {_text(preset.denominator)}"
    if preset.quorum is not None:
        yield f"quorum = {{ numerator = {preset.quorum.numerator}, denominator = {preset.quorum.denominator} }}"
    # Lists that are empty have no table below, and stand before the first one.
    yield from (f"{name} = []" for name in ("outcomes", "watch") if not getattr(preset, name))
    for name in ("title", "source", "frequency", "not_marked"):
        yield from _table(name, getattr(preset, name))
    yield from ("", "[deadlines]", *(f"{name} = {days}" for name, days in preset.deadlines.items()))
    for level in preset.levels:
        yield from ("", "[[levels]]", f"id = {_text(level.id)}", *_both(level.words))
    for name in ("outcomes", "watch"):
        for rule in getattr(preset, name):
            yield from _outcome(name, rule)


def _outcome(name: str, rule: OutcomeRule) -> Iterator[str]:
    yield from ("", f"[[{name}]]", f"id = {_text(rule.id)}", *_both(rule.words), "all = [")
    for each in rule.conditions:
        year = f", year = {_text(each.year)}" if each.year != "this" else ""
        yield f"  {{ level = {_text(each.level)}, times = {each.times}, op = {_text(each.op)}, of = {each.of}{year} }},"
    yield "]"
    yield from _table(f"{name}.source", rule.source)


def _table(name: str, words: Words) -> Iterator[str]:
    yield from ("", f"[{name}]", *_both(words))


def _both(words: Mapping[str, str]) -> Iterator[str]:
    return (f"{language} = {_text(words[language])}" for language in ("vi", "en"))


def _text(text: str) -> str:
    """A basic string: a rule's texts hold no control character, so JSON's two escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False)
