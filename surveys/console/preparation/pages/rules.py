"""The rule of a round: chosen, copied and edited with what each outcome means in words and numbers, taken
along as a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request
from wtforms import Field, FieldList, FileField, FormField, RadioField

from surveys.accounts.pages.door import StaffDoor, StaffPages, to
from surveys.accounts.roles import Staff
from surveys.console.preparation.drafting import ORGANIZERS, Draft, Drafting
from surveys.console.preparation.own_rule import Editing, bring_rule, decide_rule, rule_to_edit
from surveys.console.preparation.pages.rule_form import (
    BALLOTS,
    RuleForm,
    as_rule,
    deadlines_of,
    field_at,
    filled,
    typed,
)
from surveys.console.preparation.pages.rule_sheet import MOST_CONDITIONS, Sheet
from surveys.console.preparation.pages.rule_words import place_in_form, place_in_rule, sentence_of
from surveys.names import RoundId
from surveys.rules.copies import is_preset
from surveys.rules.errors import BadRule
from surveys.rules.explanation import MOST_BALLOTS
from surveys.rules.preset import MOST_BYTES, MOST_PARTS, MOST_TEXT, OPERATORS, Preset, Words, names
from surveys.rules.summary import Line, RuleSummary, summarise
from surveys.rules.written import as_toml
from surveys.web.doors import render
from surveys.web.forms import Form, needed
from surveys.web.languages import current, say

OWN = "own"
MOST_FORM = 480_000


class ChoiceForm(Form):
    """Which rule decides: a preset by name, or the round's own."""

    preset = RadioField(choices=(OWN, *names()), validators=[needed])


class FileForm(Form):
    """A rule as a file."""

    file = FileField(validators=[needed])


@dataclass(frozen=True, slots=True)
class RulePage:
    """The rules to choose from, each told for a hundred ballots and for all voters; `own` is the round's, if
    it is no preset.
    """

    draft: Draft
    title: Words
    form: ChoiceForm
    file: FileForm
    own: tuple[RuleSummary, ...]
    presets: tuple[tuple[RuleSummary, ...], ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something wrong: the field, its place in words, and a sentence."""

    field: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class EditPage:
    """The form of the round's own rule with what it means as it is typed; `told` is empty where it means
    nothing yet.
    """

    draft: Draft
    title: Words
    form: RuleForm
    wrong: tuple[Wrong, ...]
    note: str
    levels: tuple[tuple[str, str], ...]
    deadlines: tuple[str, ...]
    most_conditions: int
    voters: int
    told: tuple[RuleSummary, ...]
    lines: Mapping[str, Line]


RULES_PAGES = StaffPages()


@RULES_PAGES.get("/rounds/<round_id>/points/rule", roles=ORGANIZERS)
def rule_choice(desk: Drafting, staff: Staff, round_id: RoundId) -> Response:
    return _choice(desk.look(round_id))


@RULES_PAGES.post("/rounds/<round_id>/points/rule", roles=ORGANIZERS)
def choose_rule(desk: Drafting, staff: Staff, round_id: RoundId) -> Response:
    form, draft = ChoiceForm(), desk.look(round_id)
    if not form.validate():
        return _choice(draft, form, status=422)
    if form.preset.data == OWN:
        kept = draft.terms.preset
        desk.decide(staff, round_id, "rule", seen=kept, preset=kept)
    else:
        decide_rule(desk, staff, round_id, Preset.load(form.preset.data))
    flash(say("Decided, and written into the staff log."), "success")
    return to("rounds.prepare", round_id=round_id)


@RULES_PAGES.get("/rounds/<round_id>/rule", roles=ORGANIZERS)
def edit_rule(desk: Drafting, staff: Staff, round_id: RoundId) -> Response:
    draft, of = desk.look(round_id), request.args.get("of", "")
    editing = rule_to_edit(draft.terms, of)
    return _edit(draft, editing, filled(editing.rule, of, editing.seen, BALLOTS))


@RULES_PAGES.post("/rounds/<round_id>/rule", roles=ORGANIZERS, most_bytes=MOST_FORM)
def decide_own_rule(desk: Drafting, staff: Staff, round_id: RoundId) -> Response:
    draft, sheet = desk.look(round_id), Sheet(request.form)
    editing = rule_to_edit(draft.terms, request.form.get("of", ""))
    step = request.form.get("do", "show")
    if step != "decide":
        done = step == "show" or sheet.step(step, editing.rule)
        form = typed(sheet, editing.rule)
        note = (
            say("Nothing is stored until you decide.")
            if done
            else say("Nothing was changed: this step cannot be taken.")
        )
        return _edit(draft, editing, form, note=note, status=200 if done else 422)
    form = typed(sheet, editing.rule)
    sound = form.validate()
    try:
        rule = Preset.from_json(as_rule(form, editing.rule))
        if sound:
            decide_rule(desk, staff, round_id, rule, form.seen.data or "")
    except BadRule as bad:
        beside = None if _wrong(form) else bad
        return _edit(draft, editing, form, beside, status=422)
    if not sound:
        return _edit(draft, editing, form, status=422)
    flash(say("Decided, and written into the staff log."), "success")
    return to("rounds.rule_choice", round_id=round_id)


@RULES_PAGES.get("/rounds/<round_id>/rule.toml", roles=ORGANIZERS)
def rule_file(desk: Drafting, staff: Staff, round_id: RoundId) -> Response:
    preset = desk.look(round_id).terms.preset
    answer = Response(as_toml(preset), mimetype="application/toml")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{preset.name}.toml")
    return answer


@RULES_PAGES.post("/rounds/<round_id>/rule.toml", roles=ORGANIZERS, most_bytes=MOST_BYTES + 16 * 1024)
def bring_rule_file(desk: Drafting, staff: Staff, round_id: RoundId) -> Response:
    form, sent = FileForm(), request.files.get("file")
    form.validate()
    if sent is None or not sent.filename:
        form.file.errors = [say("Choose a file.")]
        return _choice(desk.look(round_id), file=form, status=422)
    try:
        bring_rule(desk, staff, round_id, sent.stream.read(MOST_BYTES + 1))
    except BadRule as bad:
        where = place_in_rule(bad.where)
        form.file.errors = [f"{where}: {sentence_of(bad)}" if where else sentence_of(bad)]
        return _choice(desk.look(round_id), file=form, status=422)
    flash(
        say("The rule of the file is the rule of this round now, and that stands in the staff log."),
        "success",
    )
    return to("rounds.rule_choice", round_id=round_id)


def add_rules(door: StaffDoor, desk: Drafting) -> None:
    """Put the pages behind the door."""
    door.open_to(RULES_PAGES, desk)


def voters_of(draft: Draft) -> int:
    """How many voters the round has, 0 where the organisation does not say yet."""
    return 0 if draft.prepared is None else sum(map(len, draft.prepared.electorate.panels.values()))


def summaries_for(preset: Preset, *sizes: int) -> tuple[RuleSummary, ...]:
    """The rule told for each of these numbers that is one, none twice."""
    return tuple(summarise(preset, n) for n in dict.fromkeys(sizes) if 1 <= n <= MOST_BALLOTS)


def _choice(
    draft: Draft, form: ChoiceForm | None = None, file: FileForm | None = None, status: int = 200
) -> Response:
    preset, voters = draft.terms.preset, voters_of(draft)
    own = not is_preset(preset)
    page = RulePage(
        draft=draft,
        title=draft.terms.title,
        form=ChoiceForm(formdata=None, preset=OWN if own else preset.name) if form is None else form,
        file=FileForm(formdata=None) if file is None else file,
        own=summaries_for(preset, BALLOTS, voters) if own else (),
        presets=tuple(summaries_for(Preset.load(name), BALLOTS, voters) for name in names()),
    )
    return render("desk/point_rule.html", page, status)


def _edit(
    draft: Draft,
    editing: Editing,
    form: RuleForm,
    bad: BadRule | None = None,
    note: str = "",
    status: int = 200,
) -> Response:
    beside: list[Wrong] = []
    if bad is not None:
        field = field_at(form, bad.where, editing.rule)
        if field is None:
            beside.append(Wrong("", place_in_rule(bad.where), sentence_of(bad)))
        else:
            field.errors = [sentence_of(bad)]
    n, voters = form.n.data, voters_of(draft)
    sketch = _sketch(form, editing.rule)
    told = (
        ()
        if sketch is None
        else summaries_for(sketch, n if n and 1 <= n <= MOST_BALLOTS else BALLOTS, voters)
    )
    page = EditPage(
        draft=draft,
        title=draft.terms.title,
        form=form,
        wrong=(*beside, *_wrong(form)),
        note=note,
        levels=tuple(
            (id, part.form[current().value].data or id)
            for id, part in zip(editing.rule.level_ids, form.levels, strict=False)
        ),
        deadlines=deadlines_of(editing.rule),
        most_conditions=MOST_CONDITIONS,
        voters=voters,
        told=told,
        lines={line.rule.id: line for line in told[0].lines} if told else {},
    )
    return render("desk/rule.html", page, status)


def _sketch(form: RuleForm, base: Preset) -> Preset | None:
    """What was typed so far as a rule: missing words as dots, outcomes that are not complete left out; None
    where nothing can be said.
    """
    drawn: dict[str, Any] = {**as_rule(form, base)}
    for kind in ("outcomes", "watch"):
        drawn[kind] = [
            {**part, **_dotted(part), "source": _dotted(part["source"])}
            for part in drawn[kind]
            if _complete(part, base)
        ]
    for name in ("title", "source", "frequency", "not_marked"):
        drawn[name] = _dotted(drawn[name])
    drawn["levels"] = [{**level, **_dotted(level)} for level in drawn["levels"]]
    drawn["quorum"], drawn["deadlines"] = None, {}
    try:
        return Preset.from_json(drawn)
    except BadRule:
        return None


def _dotted(words: Mapping[str, str | None]) -> dict[str, str]:
    """The words as far as they can be shown."""
    texts = {language: words[language] or "" for language in ("vi", "en")}
    return {
        language: text if text.isprintable() and 0 < len(text) <= MOST_TEXT else "…"
        for language, text in texts.items()
    }


def _complete(part: Mapping[str, Any], base: Preset) -> bool:
    return bool(part["all"]) and all(
        each["level"] in base.level_ids
        and each["op"] in OPERATORS
        and all(1 <= (each[number] or 0) <= MOST_PARTS for number in ("of", "times"))
        for each in part["all"]
    )


def _wrong(form: RuleForm) -> tuple[Wrong, ...]:
    """Everything that is wrong with the fields, in their order; what is hidden is wrong with the whole
    outcome.
    """
    return tuple(
        Wrong(field.id.removesuffix("-id"), place_in_form(field.name), str(text))
        for field in _fields(form)
        for text in field.errors
    )


def _fields(parts: Iterable[Field]) -> Iterable[Field]:
    """The fields of a form and of all its parts; of a list also the list itself where something is wrong with
    it.
    """
    for field in parts:
        if isinstance(field, FieldList) and any(isinstance(text, str) for text in field.errors):
            yield field
        elif isinstance(field, FormField | FieldList):
            yield from _fields(field)
        else:
            yield field
