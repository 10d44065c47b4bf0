"""A moment in a form: a local date and time to the minute."""

from __future__ import annotations

from wtforms import (
    DateTimeLocalField,
)

from surveys.web.forms import needed
from surveys.web.languages import say

LOCAL = "%Y-%m-%dT%H:%M"


class MomentField(DateTimeLocalField):  # type: ignore[misc]
    """A local date and time to the minute."""

    def __init__(self, **given: object) -> None:
        super().__init__(format=[LOCAL, "%Y-%m-%dT%H:%M:%S"], validators=[needed], **given)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it; a wrong one is refused in one sentence."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(say("A date and a time, such as 2026-12-01T08:00.")) from None
