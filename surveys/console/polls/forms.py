"""Forms of what is done with the polls."""

from __future__ import annotations

from wtforms import (
    IntegerField,
)
from wtforms.validators import NumberRange

from surveys.web.forms import MOST_REASON, Form, line, mail_address, needed
from surveys.web.moments import MomentField


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


class LinkLetterForm(Form):
    """Where a member's personal link goes."""

    address = line(needed, mail_address, most=254)


class PresentForm(Form):
    """How many of a unit are present."""

    present = IntegerField(validators=[needed, NumberRange(0, 10**7)])
