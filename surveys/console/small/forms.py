"""Forms of the small vote: the list of names, then everything else on one page."""

from __future__ import annotations

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
from wtforms.validators import ValidationError

from surveys.console.small.names import FEWEST, MOST, Named, doubles, read_names
from surveys.protocol.definition import Visibility
from surveys.rules.preset import DEFAULT, names
from surveys.web.forms import MOST_NAME, Form, at_most, line, needed, one_line, tidy, whole
from surveys.web.languages import say

MOST_TEXT = 20_000
MOST_HOURS = 72


class NamesForm(Form):
    """Who votes: the unit's name and the list."""

    unit = line(needed)
    names = TextAreaField(validators=[needed, at_most(MOST_TEXT)])

    def validate_names(self, field: TextAreaField) -> None:
        """Enough people, none of them twice."""
        check_names([each.name for each in self.people])

    @property
    def people(self) -> tuple[Named, ...]:
        """The people of the list."""
        return read_names(self.names.data or "")


class PersonForm(PlainForm):  # type: ignore[misc]
    """A person of the list, and whether they are voted on."""

    name = StringField(filters=[tidy], validators=[at_most(MOST_NAME), one_line])
    subject = BooleanField()
    post = StringField(filters=[tidy], validators=[at_most(MOST_NAME), one_line])


class SmallForm(Form):
    """Everything else. The names stand in it again and may be corrected."""

    unit = line(needed)
    people = FieldList(FormField(PersonForm), max_entries=MOST)
    head = line(needed)
    second = line(needed)
    third = line(needed)
    preset = SelectField(choices=names(), default=DEFAULT, validators=[needed])
    visibility = RadioField(choices=list(Visibility), default=Visibility.SUBJECT, validators=[needed])
    hours = IntegerField(default=4, validators=whole(1, MOST_HOURS))

    @property
    def trustees(self) -> tuple[str, ...]:
        """The committee, the head first."""
        return self.head.data or "", self.second.data or "", self.third.data or ""

    def validate_people(self, field: FieldList) -> None:
        """Enough people, none of them twice; somebody is voted on, each as something."""
        listed = [each for each in field.data if each["name"]]
        check_names([each["name"] for each in listed])
        subjects = [each for each in listed if each["subject"]]
        if not subjects:
            raise ValidationError(say("Tick at least one person who is voted on."))
        for each in subjects:
            if not each["post"]:
                raise ValidationError(say("Write the post of %(name)s.", name=each["name"]))

    def validate_third(self, _: StringField) -> None:
        """Three different people, none of them voted on."""
        if len(set(self.trustees)) < len(self.trustees):
            raise ValidationError(say("Two members have the same name: add what tells them apart."))
        voted_on = {each["name"] for each in self.people.data if each["subject"]}
        for name in self.trustees:
            if name in voted_on:
                raise ValidationError(say("%(name)s is voted on and cannot count the votes.", name=name))


def check_names(found: list[str]) -> None:
    """Refuses a list with too few or too many people, or with one of them twice."""
    if not FEWEST <= len(found) <= MOST:
        raise ValidationError(say("From %(few)s to %(most)s people, one a line.", few=FEWEST, most=MOST))
    if any(len(name) > MOST_NAME or not name.isprintable() for name in found):
        raise ValidationError(say("Only letters, digits and signs that can be seen, on one line."))
    twice = doubles(found)
    if twice:
        raise ValidationError(say("%(name)s stands twice: add what tells the two apart.", name=twice[0]))
