"""Forms of the accounts."""

from __future__ import annotations

from wtforms import PasswordField, SelectField
from wtforms.validators import ValidationError

from surveys.accounts.roles import Role
from surveys.web.forms import MOST_REASON, Form, ReasonForm, hidden, line, mail_address, needed
from surveys.web.languages import say


class GrantForm(Form):
    """A role over a unit. `person` is the leader's code, for the role of a leader."""

    role = SelectField(choices=[role.value for role in Role])
    unit = line(needed, most=100)
    reason = line(needed, most=MOST_REASON)


class InviteForm(GrantForm):
    """Somebody new, with a first role."""

    name = line(needed)
    email = line(needed, mail_address)
    person = line(most=100)


class GrantEndedForm(ReasonForm):
    """A role that ends."""

    role = hidden()
    unit = hidden()


class AcceptForm(Form):
    """The password that somebody invited chooses."""

    password = PasswordField(validators=[needed])
    again = PasswordField(validators=[needed])

    def validate_again(self, field: PasswordField) -> None:
        """Both are the same."""
        if field.data != self.password.data:
            raise ValidationError(say("The two passwords are not the same."))
