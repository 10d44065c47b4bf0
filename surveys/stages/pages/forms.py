"""Forms of the desk: what is decided about a round, and what is done with it."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.validators import NumberRange, Optional, ValidationError

from surveys.rounds.questions import paragraphs
from surveys.rules.atoms import DEFAULT_K, FLOOR
from surveys.rules.preset import DEFAULT, names
from surveys.stages.drafting import MOST_TRUSTEES, ZONE
from surveys.stores.told import MOST_PARAGRAPHS, MOST_QUESTION
from surveys.web.forms import MOST_REASON, Form, at_most, line, needed, one_line, tidy, whole
from surveys.web.languages import say

LOCAL = "%Y-%m-%dT%H:%M"
MOST_ANSWER = 2000
FEWEST_MEMBERS = 3


class MomentField(DateTimeLocalField):  # type: ignore[misc]
    """A local date and time to the minute."""

    def __init__(self, **given: Any) -> None:
        super().__init__(format=[LOCAL, "%Y-%m-%dT%H:%M:%S"], validators=[needed], **given)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it; a wrong one is refused in one sentence."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(say("A date and a time, such as 2026-12-01T08:00.")) from None


class NewRoundForm(Form):
    """A round begins with a unit, a year and a rule, or with an earlier round."""

    unit = SelectField(validators=[needed])
    year = IntegerField(validators=whole(2000, 2200))
    preset = SelectField(choices=names(), default=DEFAULT, validators=[needed])
    like = SelectField(default="")


class BasicsForm(Form):
    """Titles and the head of the papers."""

    title_vi = line(needed, most=300)
    title_en = line(needed, most=300)
    number = line(most=100)
    place = line(most=300)


class ExcludeForm(Form):
    """A person who is not voted on this time."""

    contest = SelectField(validators=[needed])
    kind = SelectField(choices=["appointed", "elected", "retirement", "other"], validators=[needed])
    reason = line(needed, most=MOST_REASON)


class IncludeForm(Form):
    """A person who is voted on after all."""

    contest = StringField(validators=[needed])


class CalendarForm(Form):
    """When polls open and close."""

    opens = MomentField()
    closes = MomentField()
    time_zone = StringField(default=ZONE, validators=[needed])
    by_clock = BooleanField()

    def validate_time_zone(self, field: StringField) -> None:
        """A zone that is known."""
        if field.data not in available_timezones():
            raise ValidationError(say("There is no such time zone: write it like Asia/Ho_Chi_Minh."))

    def validate_closes(self, field: MomentField) -> None:
        """After opening."""
        if field.data and self.opens.data and field.data <= self.opens.data:
            raise ValidationError(say("Closing comes after opening."))


class SettingsForm(Form):
    """Protection, presence, visibility."""

    k = IntegerField(default=DEFAULT_K, validators=whole(FLOOR, 1000))
    revoting = BooleanField()
    subjects_vote = BooleanField()
    presence = RadioField(choices=["everybody", "recorded"], validators=[needed])
    four_eyes = BooleanField()
    visibility = RadioField(choices=["subject", "heads", "unit", "public"], validators=[needed])


class MemberForm(PlainForm):  # type: ignore[misc]
    """A member of the committee."""

    name = StringField(filters=[tidy], validators=[Optional(), at_most(300), one_line])


class CommitteeForm(Form):
    """The counting committee, the head first."""

    members = FieldList(FormField(MemberForm), min_entries=5, max_entries=MOST_TRUSTEES)
    threshold = IntegerField(default=2, validators=[needed, NumberRange(2, MOST_TRUSTEES)])

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # The form as a whole needs them, whichever lines they stand on; it asks for the first ones.
        for entry in self.members.entries[:FEWEST_MEMBERS]:
            entry.form["name"].flags.required = True

    @property
    def names(self) -> tuple[str, ...]:
        """The members that were written, in order."""
        return tuple(entry["name"] for entry in self.members.data if entry["name"])

    def validate_threshold(self, field: IntegerField) -> None:
        """2 ≤ t < n."""
        if len(self.names) < FEWEST_MEMBERS:
            raise ValidationError(say("A committee has at least three members."))
        if len(set(self.names)) != len(self.names):
            raise ValidationError(say("Two members have the same name: add what tells them apart."))
        if field.data is None or not 2 <= field.data < len(self.names):
            raise ValidationError(
                say("At least two, and fewer than the members: one lost sheet must not lose the vote.")
            )


class SlipsForm(Form):
    """How slips reach voters."""

    slips = RadioField(choices=["printed", "mailed"], validators=[needed])


class ExtendForm(Form):
    """More time to vote."""

    until = MomentField()
    reason = line(needed, most=MOST_REASON, id="extend-reason")


class CloseForm(Form):
    """Polls close at or after their time."""

    reason = line(most=MOST_REASON, id="close-reason")


class EarlyCloseForm(CloseForm):
    """Polls close before their time: with a reason."""

    reason = line(needed, most=MOST_REASON, id="close-reason")


class PresentForm(Form):
    """How many of a unit are present."""

    present = IntegerField(validators=[needed, NumberRange(0, 10**7)])


class IncidentForm(Form):
    """Something that happened."""

    kind = SelectField(choices=["missing_voter", "wrong_unit", "lost_slip", "other"], validators=[needed])
    text = line(needed, most=900)


class FreezeContestForm(Form):
    """A leader is excluded after opening."""

    contest = SelectField(validators=[needed])
    reason = line(needed, most=MOST_REASON, id="freeze-reason")


class StatementForm(Form):
    """Who led the conference, who wrote, who keeps the papers."""

    chair = line(most=300)
    secretary = line(most=300)
    custodian = line(most=300)


class ComplaintForm(Form):
    """A complaint."""

    complaint = line(needed, most=900)


class RulingForm(Form):
    """What was ruled on a complaint."""

    number = IntegerField(validators=[needed, NumberRange(0, 10_000)])
    ruling = line(needed, most=900)


class PhotoForm(Form):
    """A leader's photo."""

    photo = FileField(validators=[needed])


class ReportForm(Form):
    """A leader's self-report."""

    report = FileField(validators=[needed])


def _in_one(text: str | None) -> str | None:
    """A text that was broken into lines where it was typed."""
    return None if text is None else " ".join(text.split())


class QuestionForm(Form):
    """A question to a leader."""

    question = TextAreaField(filters=[tidy, _in_one], validators=[needed, at_most(MOST_QUESTION), one_line])


class AnswerForm(Form):
    """An answer, in paragraphs. `version` is the answer that the writer saw."""

    version = IntegerField(validators=[NumberRange(0, 10**6)])
    answer = TextAreaField(filters=[tidy], validators=[needed, at_most(MOST_ANSWER)])

    def validate_answer(self, field: TextAreaField) -> None:
        """Some paragraphs, and nothing in them that cannot be seen."""
        written = paragraphs(field.data or "")
        if len(written) > MOST_PARAGRAPHS:
            raise ValidationError(say("At most %(most)s paragraphs.", most=MOST_PARAGRAPHS))
        if not all(each.isprintable() for each in written):
            raise ValidationError(say("Only letters, digits and signs that can be seen."))
