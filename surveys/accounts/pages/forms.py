"""Forms of the accounts."""

from __future__ import annotations

from wtforms import IntegerField, PasswordField, SelectField, SelectMultipleField
from wtforms.validators import ValidationError

from surveys.accounts.roles import Grant, Role
from surveys.accounts.tokens import MOST_DAYS
from surveys.web.forms import MOST_REASON, Form, ReasonForm, hidden, line, mail_address, needed, whole
from surveys.web.languages import say


class GrantForm(Form):
    """A role over a unit. `person` is the leader's code, for the role of a leader."""

    role = SelectField(choices=[role.value for role in Role], validators=[needed])
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


class ForgottenForm(Form):
    """The address of an account whose password is forgotten."""

    email = line(needed, mail_address)


class AnswerForm(Form):
    """What came back from the organisation's sign-in."""

    code = hidden()
    state = hidden()


class TokenForm(Form):
    """A token of one's own: what it is for, what it may read, for how long."""

    name = line(needed, most=100)
    grants = SelectMultipleField(validate_choice=False)
    days = IntegerField(default=90, validators=whole(1, MOST_DAYS))

    def validate_grants(self, field: SelectMultipleField) -> None:
        """At least one of those offered."""
        offered = {value for value, _ in field.choices}
        if not field.data or not set(field.data) <= offered:
            raise ValidationError(say("Choose at least one of these roles."))

    @property
    def held(self) -> tuple[Grant, ...]:
        """The roles that were chosen."""
        pairs = (value.split(":", 1) for value in self.grants.data)
        return tuple(Grant(Role(role), unit) for role, unit in pairs)


class TokenEndedForm(Form):
    """A token that ends."""

    token = hidden()
