"""What fields of staff's forms may hold, each with one sentence for what it may not. Labels stand in the
templates.

Danger: a form that corrects silently hides a mistake; so a wrong field is refused, and the page shows it with
what was typed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, SelectField, StringField
from wtforms.validators import StopValidation, ValidationError

from surveys.settings import MAIL_ADDRESS
from surveys.web.languages import say

MOST_NAME = 200
MOST_REASON = 500
Rule = Callable[["Form", Field], None]


class NeededRule:
    """A field that must be filled in; the browser is told too."""

    field_flags = {"required": True}  # noqa: RUF012  (read by WTForms on the class)

    def __call__(self, _: Form, field: Field) -> None:
        if not field.raw_data or not str(field.raw_data[0] or "").strip():
            field.errors = []
            raise StopValidation(say("This field must be filled in."))


needed = NeededRule()


def at_most(most: int) -> Rule:
    """A text of at most so many characters."""

    def check(_: Form, field: Field) -> None:
        if len(field.data or "") > most:
            raise ValidationError(say("At most %(most)s characters.", most=most))

    return check


def whole(low: int, high: int) -> list[Rule]:
    """A whole number from low to high."""
    return [needed, between(low, high)]


def between(low: int, high: int) -> Rule:
    """Refuses what is no whole number from low to high, in one sentence."""

    def check(_: object, field: Field) -> None:
        if field.data is None or not low <= field.data <= high:
            field.errors = []
            raise ValidationError(say("A whole number from %(low)s to %(high)s.", low=low, high=high))

    return check


def one_line(_: Form, field: Field) -> None:
    """A text in which nothing is invisible: control characters, line breaks and direction marks could make
    two names of one.
    """
    if field.data and not field.data.isprintable():
        raise ValidationError(say("Only letters, digits and signs that can be seen, on one line."))


def mail_address(_: Form, field: Field) -> None:
    """One mail address."""
    if field.data and not MAIL_ADDRESS.fullmatch(field.data):
        raise ValidationError(say("Not a mail address: write it like name@example.org."))


def tidy(text: str | None) -> str | None:
    """A text in Unicode's composed form, without blanks around it."""
    return None if text is None else unicodedata.normalize("NFC", text).strip()


def line(*rules: Rule, most: int = MOST_NAME, id: str | None = None) -> StringField:
    """A field for one line of text; `id` where two forms of a page have a field of this name."""
    return StringField(id=id, filters=[tidy], validators=[*rules, at_most(most), one_line])


class _Words:
    @staticmethod
    def gettext(text: str) -> str:
        return say(text)

    @staticmethod
    def ngettext(one: str, many: str, number: int) -> str:
        return say(one if number == 1 else many)


class Form(FlaskForm):  # type: ignore[misc]
    """A form of staff, with its token against forged requests. What WTForms says is said in the reader's
    language.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Flask-WTF's own, with the catalogues of this house."""

        def get_translations(self, _: object) -> _Words:
            """Where WTForms finds its words."""
            return _Words()


class ReasonForm(Form):
    """A step that needs a reason."""

    reason = line(needed, most=MOST_REASON)


FEW = 12
"""So many options are a list to choose from; more are searched by typing."""


class PickField(SelectField):  # type: ignore[misc]
    """One of many, searched by typing some of its words (the browser's own list, without a script), or chosen
    where there are few. What is written is the words of an option, or its value alone.
    """

    data: Any

    def __init__(self, **bound: Any) -> None:
        super().__init__(choices=[], validators=[needed], validate_choice=False, **bound)
        self.options: Sequence[tuple[str, str]] = ()

    def offer(self, options: Sequence[tuple[str, str]]) -> None:
        """The options: (value, words)."""
        self.options = options
        self.choices = [value for value, _ in options]
        typed = str(self.data or "").strip()
        self.data = next((value for value, words in options if typed in (value, words)), self.data)

    @property
    def few(self) -> bool:
        """Whether they can all be shown."""
        return len(self.options) <= FEW

    @property
    def shown(self) -> str:
        """The words of what is chosen, or what was typed."""
        return next((words for value, words in self.options if value == self.data), str(self.data or ""))

    def pre_validate(self, _: object) -> None:
        """It is one of those that were offered."""
        if self.data not in self.choices:
            raise ValidationError(say("There is no such entry: choose one of the list."))


def hidden() -> HiddenField:
    """A value that goes with the form."""
    return HiddenField(validators=[needed])
