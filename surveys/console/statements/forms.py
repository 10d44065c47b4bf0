"""Forms of what is stated for the minutes."""

from __future__ import annotations

from wtforms import (
    IntegerField,
    SelectField,
)
from wtforms.validators import NumberRange

from surveys.web.forms import MOST_REASON, Form, PickField, line, needed


class IncidentForm(Form):
    """Something that happened."""

    kind = SelectField(choices=["missing_voter", "wrong_unit", "lost_slip", "other"], validators=[needed])
    text = line(needed, most=900)


class FreezeContestForm(Form):
    """A leader is excluded after opening."""

    contest = PickField()
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
