"""The form of a round's own rule: what a rule is made of, as fields.

The names of the fields are the places of a rule (surveys/rules/preset.py): outcomes-1-all-0-op is
outcomes[1].all[0].op, so what is wrong with a rule can be said at its field. Danger: nothing here is a check
of the rule; `Preset.from_json` is.
"""

from __future__ import annotations

import re

from wtforms import (
    Field,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)

from surveys.console.preparation.pages.rule_sheet import Sheet
from surveys.json_types import JsonObject
from surveys.rules.explanation import MOST_BALLOTS
from surveys.rules.preset import DENOMINATORS, MOST_DAYS, MOST_PARTS, MOST_TEXT, OPERATORS, Preset
from surveys.web.forms import Form, at_most, between, needed, one_line, tidy, whole

BALLOTS = 100
KNOWN_DEADLINES = ("dossier", "voters", "questions", "answers")


def _tidy(text: str | None) -> str | None:
    """As everywhere, but a text that is too long is left to be refused: composing it could take minutes."""
    return tidy(text) if text is None or len(text) <= 4 * MOST_TEXT else text


def _text() -> StringField:
    return StringField(filters=[_tidy], validators=[needed, at_most(MOST_TEXT), one_line])


def _optional(low: int, high: int) -> IntegerField:
    return IntegerField(validators=[_BlankOr(low, high)])


class _BlankOr:
    """A whole number, or nothing at all."""

    def __init__(self, low: int, high: int) -> None:
        self._check = between(low, high)

    def __call__(self, form: Form, field: Field) -> None:
        if field.raw_data and str(field.raw_data[0]).strip():
            self._check(form, field)
        else:
            field.errors = []


class Part(Form):
    """A part of the form; the token stands once, in the whole."""

    class Meta(Form.Meta):
        """The house's words, without a token."""

        csrf = False


class WordsPart(Part):
    """A text in both languages."""

    vi = _text()
    en = _text()


class ConditionPart(Part):
    """times·count(level) op of·N."""

    level = SelectField(validators=[needed], validate_choice=False)
    op = SelectField(choices=OPERATORS, validators=[needed])
    of = IntegerField(validators=whole(1, MOST_PARTS))
    times = IntegerField(validators=whole(1, MOST_PARTS))
    year = SelectField(choices=("this", "last"), validators=[needed])


class OutcomePart(Part):
    """An outcome or watch flag."""

    id = HiddenField(validators=[needed])
    vi = _text()
    en = _text()
    source = FormField(WordsPart)
    all = FieldList(FormField(ConditionPart))


class QuorumPart(Part):
    """A fraction of those summoned, or nothing."""

    numerator = _optional(1, 100)
    denominator = _optional(1, 100)


class DeadlinePart(Part):
    """Days before the polls open, or nothing."""

    days = _optional(0, MOST_DAYS)


class RuleForm(Form):
    """A round's own rule. `of` is the preset that is copied, empty for the round's rule; `seen` marks the
    rule that is to be replaced.
    """

    n = IntegerField(default=BALLOTS, validators=whole(1, MOST_BALLOTS))
    of = HiddenField()
    seen = HiddenField()
    title = FormField(WordsPart)
    source = FormField(WordsPart)
    frequency = FormField(WordsPart)
    levels = FieldList(FormField(WordsPart))
    not_marked = FormField(WordsPart)
    denominator = RadioField(choices=DENOMINATORS, validators=[needed])
    quorum = FormField(QuorumPart)
    outcomes = FieldList(FormField(OutcomePart))
    watch = FieldList(FormField(OutcomePart))
    deadlines = FieldList(FormField(DeadlinePart))


def filled(preset: Preset, of: str, seen: str, n: int) -> RuleForm:
    """The form with a rule in it."""
    days = [{"days": preset.deadlines.get(name)} for name in deadlines_of(preset)]
    return RuleForm(
        formdata=None, data={**preset.as_json(), "of": of, "seen": seen, "n": n, "deadlines": days}
    )


def typed(sheet: Sheet, base: Preset) -> RuleForm:
    """The form with what was typed; it has as many levels and deadlines as the rule that is edited, whatever
    was sent.
    """
    fields = sheet.fields()
    parts = {"levels": (len(base.levels), ("vi", "en")), "deadlines": (len(deadlines_of(base)), ("days",))}
    for kind, (number, names) in parts.items():
        sent = {name: fields.pop(name) for name in list(fields) if name.startswith(f"{kind}-")}
        wanted = [f"{kind}-{i}-{name}" for i in range(number) for name in names]
        fields.update({name: sent.get(name, "") for name in wanted})
    return RuleForm(formdata=fields)


def deadlines_of(preset: Preset) -> tuple[str, ...]:
    """The deadlines that the form asks for: those of the house, and whatever else the rule has."""
    return (*KNOWN_DEADLINES, *(name for name in preset.deadlines if name not in KNOWN_DEADLINES))


def as_rule(form: RuleForm, base: Preset) -> JsonObject:
    """What was typed as a rule, not checked: name and ids of the levels are those of the rule that is
    edited.
    """
    sent = form.data
    quorum = {name: number for name, number in sent["quorum"].items() if number is not None}
    return {
        "name": base.name,
        **{name: sent[name] for name in ("title", "source", "frequency", "not_marked", "denominator")},
        "levels": [{"id": id, **words} for id, words in zip(base.level_ids, sent["levels"], strict=False)],
        "quorum": quorum or None,
        "outcomes": sent["outcomes"],
        "watch": sent["watch"],
        "deadlines": {
            name: part["days"]
            for name, part in zip(deadlines_of(base), sent["deadlines"], strict=False)
            if part["days"] is not None
        },
    }


def field_at(form: RuleForm, where: str, base: Preset) -> Field | None:
    """The field of a place in a rule; None where the form has none."""
    steps = re.findall(r"[a-z_][a-z0-9_-]*|(?<=\[)[0-9]+(?=\])", where.removeprefix("rule."))
    at: RuleForm | Field = form
    for step in steps:
        found: Field | None = None
        if isinstance(at, FieldList) and step.isdigit() and int(step) < len(at):
            found = at[int(step)]
        elif at is form.deadlines and step in deadlines_of(base):
            found = at[deadlines_of(base).index(step)]
        elif isinstance(at, FormField) and step in at.form:
            found = at.form[step]
        elif at is form and step in form:
            found = form[step]
        if found is None:
            break
        at = found
    while isinstance(at, FormField):
        at = next(iter(at.form))
    return None if at is form else at
