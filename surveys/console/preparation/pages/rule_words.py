"""What is wrong with a rule, in one sentence with its place: for the form and for a file that is brought in
(`BadRule`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from surveys.rules.errors import BadRule, Fault
from surveys.web.languages import noted, say

_SENTENCES = {
    Fault.NOT_TOML: noted("This is no rule: not a TOML file in UTF-8, or a line of it is too long."),
    Fault.TOO_LARGE: noted("This rule is too large: at most %(most)s KB as a file."),
    Fault.MISSING: noted("This is missing."),
    Fault.UNKNOWN: noted("A rule has no such field."),
    Fault.SHAPE: noted("This is not written as a rule is: compare it with a rule that you have downloaded."),
    Fault.TOO_MANY: noted("At most %(most)s of them."),
    Fault.TAKEN: noted("This id is taken already: each has one of its own."),
    Fault.ID: noted("An id is small letters, digits, - and _, at most 40 of them, and begins with a letter."),
    Fault.TEXT: noted("A text of 1 to %(most)s characters."),
    Fault.LETTERS: noted("Only letters, digits and signs that can be seen, on one line."),
    Fault.NUMBER: noted("A whole number from %(least)s to %(most)s."),
    Fault.LEVELS: noted("A rule has two to five levels."),
    Fault.CHOICE: noted("This is none of the possible values."),
    Fault.EVERYBODY: noted("A quorum cannot be more than everybody."),
    Fault.CONDITIONS: noted(
        "At least one condition is needed: an outcome without one would apply to everybody."
    ),
    Fault.BORROWED: noted(
        "These are the words of a rule of the house, and this rule is another one: say that it was edited."
    ),
}
_BELOW = noted("Denominator")
_FIELDS = {
    "name": noted("Name of the rule"),
    "title": noted("Title of the rule"),
    "source": noted("Source"),
    "frequency": noted("How often"),
    "levels": noted("Levels"),
    "not_marked": noted("Words for rows not marked"),
    "denominator": noted("What percentages are of"),
    "quorum": noted("Quorum"),
    "outcomes": noted("Outcomes"),
    "watch": noted("Watch flags"),
    "deadlines": noted("Deadlines"),
    "all": noted("Conditions"),
    "level": noted("Level"),
    "op": noted("Comparison"),
    "of": noted("Numerator"),
    "times": _BELOW,
    "numerator": noted("Numerator"),
    "year": noted("Year"),
    "vi": noted("Vietnamese"),
    "en": noted("English"),
    "n": noted("Number of ballots"),
}
_NUMBERED = {
    "levels": noted("Level %(n)s"),
    "outcomes": noted("Outcome %(n)s"),
    "watch": noted("Watch flag %(n)s"),
    "all": noted("Condition %(n)s"),
    "deadlines": noted("Deadline %(n)s"),
}


def sentence_of(bad: BadRule) -> str:
    """What is wrong, without its place."""
    return say(_SENTENCES[bad.fault], least=bad.least, most=bad.most)


def place_in_rule(where: str) -> str:
    """The place of a refusal (outcomes[1].all[0].op) in words; empty for the whole rule or its file."""
    return _place(re.findall(r"[^.\[\]]+", where.removeprefix("rule")))


def place_in_form(name: str) -> str:
    """The place of a field (outcomes-1-all-0-op) in words."""
    return _place(name.split("-"))


def _place(steps: Sequence[str]) -> str:
    said: list[str] = []
    for i, step in enumerate(steps):
        number = steps[i + 1] if i + 1 < len(steps) and steps[i + 1].isdecimal() else None
        if number is not None and step in _NUMBERED:
            said.append(say(_NUMBERED[step], n=int(number) + 1))
        elif step == "denominator" and steps[0] == "quorum":
            said.append(say(_BELOW))
        elif step in _FIELDS:
            said.append(say(_FIELDS[step]))
        elif said and not step.isdecimal() and step != "days":
            said.append(f"“{step}”")
    return ", ".join(said)
