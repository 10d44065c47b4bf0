"""Forms of what voters read about a leader."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import (
    IntegerField,
    TextAreaField,
)
from wtforms.validators import NumberRange, ValidationError

from surveys.rounds.questions import paragraphs
from surveys.stores.notices import MOST_PARAGRAPHS, MOST_QUESTION
from surveys.web.forms import Form, at_most, needed, one_line, tidy
from surveys.web.languages import say

MOST_ANSWER = 2000


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
