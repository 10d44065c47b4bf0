"""Forms of the papers' pages."""

from __future__ import annotations

from flask_wtf.file import FileField

from surveys.web.forms import Form, needed


class SignedForm(Form):
    """Minutes that somebody has signed."""

    signed = FileField(validators=[needed])
