"""Forms of what is decided about a round before it is frozen."""

from __future__ import annotations

from zoneinfo import available_timezones

from wtforms import (
    BooleanField,
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

from surveys.console.preparation.drafting import MOST_TRUSTEES, ZONE
from surveys.protocol.definition import Slips, Visibility
from surveys.protocol.stationery import MOST_RECIPIENTS, Letterhead, PaperLanguage, Stationery
from surveys.rounds.definition import LOOK_UP, MOST_LOOK_UP, Presence
from surveys.rules.atoms import DEFAULT_K, FLOOR
from surveys.rules.preset import DEFAULT, names
from surveys.web.forms import MOST_REASON, Form, PickField, at_most, line, needed, one_line, tidy, whole
from surveys.web.languages import say
from surveys.web.moments import MomentField

FEWEST_MEMBERS = 3


class NewRoundForm(Form):
    """A round begins with a unit, a year and a rule, or with an earlier round."""

    unit = PickField()
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

    contest = PickField()
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
    """Protection, look-up time, presence, visibility."""

    k = IntegerField(default=DEFAULT_K, validators=whole(FLOOR, 1000))
    look_up = IntegerField(default=LOOK_UP, validators=whole(0, MOST_LOOK_UP))
    revoting = BooleanField()
    subjects_vote = BooleanField()
    presence = RadioField(choices=list(Presence), validators=[needed])
    four_eyes = BooleanField()
    visibility = RadioField(choices=list(Visibility), validators=[needed])


class MemberForm(PlainForm):  # type: ignore[misc]
    """A member of the committee."""

    name = StringField(filters=[tidy], validators=[Optional(), at_most(300), one_line])


class CommitteeForm(Form):
    """The counting committee, the head first."""

    members = FieldList(FormField(MemberForm), min_entries=5, max_entries=MOST_TRUSTEES)
    threshold = IntegerField(default=2, validators=[needed, NumberRange(2, MOST_TRUSTEES)])

    def __init__(self, *given: object, **named: object) -> None:
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


def each_line(text: str | None) -> tuple[str, ...]:
    """The lines of a text, without blanks around them and without empty ones."""
    return tuple(filter(None, (tidy(each) or "" for each in (text or "").splitlines())))


class PapersForm(Form):
    """Letterhead, language, place of issue and recipients of the papers."""

    letterhead = RadioField(choices=list(Letterhead), validators=[needed])
    language = RadioField(choices=list(PaperLanguage), validators=[needed])
    issued_at = line(most=300)
    superior = line(most=300)
    recipients = TextAreaField()

    def validate_recipients(self, field: TextAreaField) -> None:
        """One a line, each a text that can be printed."""
        given = each_line(field.data)
        if len(given) > MOST_RECIPIENTS:
            raise ValidationError(say("At most %(most)s recipients, one a line.", most=MOST_RECIPIENTS))
        for each in given:
            if len(each) > 300 or not each.isprintable():
                raise ValidationError(
                    say(
                        "Each recipient is one line of at most 300 letters, digits and signs that can be seen."
                    )
                )

    @property
    def stationery(self) -> Stationery:
        """What was decided."""
        return Stationery(
            Letterhead(self.letterhead.data),
            PaperLanguage(self.language.data),
            self.issued_at.data or "",
            self.superior.data or "",
            each_line(self.recipients.data),
        )


class SlipsForm(Form):
    """How slips reach voters."""

    slips = RadioField(choices=list(Slips), validators=[needed])
