"""Forms of the page of letters: an address, what came back, a reminder."""

from __future__ import annotations

import unicodedata

from flask_wtf.file import MultipleFileField
from wtforms import Field, IntegerField, TextAreaField
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import HiddenInput

from surveys.console.letters.reminding import holds_a_code
from surveys.web.forms import Form, PickField, at_most, line, mail_address, needed
from surveys.web.languages import say

MOST_TEXT = 4000
MOST_FILES = 100
MOST_BOUNCE_BYTES = 8 * 1024 * 1024
_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}
_TURNING = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def lines_of(text: str | None) -> str | None:
    """A text of several lines in Unicode's composed form, with plain line ends and nothing around it."""
    if text is None:
        return None
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def seen(_: object, field: Field) -> None:
    """Refuses signs that cannot be seen: control characters, and marks that turn the direction of writing."""
    bare = (field.data or "").replace("\n", "").replace("\t", "")
    if any(unicodedata.category(letter) in _UNSEEN or letter in _TURNING for letter in bare):
        raise ValidationError(say("This text holds a sign that cannot be seen. Take it out."))


def without_code(_: object, field: Field) -> None:
    """Refuses a slip's code: a reminder goes to many."""
    if holds_a_code(field.data or ""):
        raise ValidationError(
            say("A slip's code stands in this text. A reminder goes to many people and holds no code.")
        )


class SomeFiles:
    """At least one file, and not more than can be read at once."""

    field_flags = {"required": True}  # noqa: RUF012  (read by WTForms on the class)

    def __call__(self, _: object, field: Field) -> None:
        chosen = [file for file in field.data or () if getattr(file, "filename", "")]
        if not chosen:
            field.errors = []
            raise StopValidation(say("Choose at least one file."))
        if len(chosen) > MOST_FILES:
            raise ValidationError(
                say("At most %(most)s files at once: put more of them into one mbox file.", most=MOST_FILES)
            )


class AddressForm(Form):
    """To which address a letter goes again."""

    email = line(needed, mail_address, most=254)


class BouncesForm(Form):
    """What came back: an mbox file, or letters as .eml files."""

    mailbox = MultipleFileField(validators=[SomeFiles()])


class ReminderForm(Form):
    """What a reminder says, and to which unit and everything below it."""

    unit = PickField()
    text = TextAreaField(filters=[lines_of], validators=[needed, at_most(MOST_TEXT), seen, without_code])


class SendReminderForm(ReminderForm):
    """The reminder that was looked at; its number lets it be written once."""

    number = IntegerField(widget=HiddenInput(), validators=[needed])
