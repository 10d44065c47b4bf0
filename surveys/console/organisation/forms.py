"""Forms of the organisation's pages. What a field of a record may hold is the verb's affair, by the rules of
a file's cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from wtforms import BooleanField, MultipleFileField, StringField

from surveys.organisation.columns import cells_of
from surveys.organisation.errors import SheetError
from surveys.organisation.explained import explained
from surveys.organisation.values import Record
from surveys.web.forms import MOST_REASON, Form, ReasonForm, at_most, line, needed, tidy

MOST_CELL = 1000


class UploadForm(Form):
    """Files from the organizer's disk."""

    files = MultipleFileField(validators=[needed])


class ConfirmForm(ReasonForm):
    """The reason of an import, and that its notes were seen."""

    seen = BooleanField()


class LettersForm(Form):
    """What to do with text in old encodings."""

    letters = line(needed, most=10)


class ExportForm(Form):
    """Which kind of file."""

    form = line(needed, most=10)


class RecordForm(Form):
    """One record of a sheet: a field for each column, a reason, and the mark of what was shown."""

    reason = line(needed, most=MOST_REASON)
    seen = StringField(validators=[at_most(64)])

    def cells(self, sheet: str) -> dict[str, str]:
        """Column → what was typed."""
        return {column.name: self[column.name].data or "" for column in explained()[sheet].columns}

    def fix(self, cells: Mapping[str, str]) -> None:
        """Columns that are not asked for: they say what they said."""
        for column, text in cells.items():
            self[column].validators, self[column].data = (), text

    def refuse(self, errors: tuple[SheetError, ...], language: str) -> None:
        """Put what is wrong beside its field."""
        for error in errors:
            field = self[error.column] if error.column in self else self["reason"]
            field.errors = [*field.errors, error.vi if language == "vi" else error.en]


@cache
def form_of(sheet: str) -> type[RecordForm]:
    """The form of a sheet's records."""
    fields: dict[str, object] = {
        column.name: StringField(
            filters=[tidy], validators=[*([needed] if column.needed else []), at_most(MOST_CELL)]
        )
        for column in explained()[sheet].columns
    }
    return type(f"{sheet.title()}Form", (RecordForm,), fields)


def filled(sheet: str, record: Record | None, given: Mapping[str, str]) -> dict[str, str]:
    """What a form shows first: the record, or what is known of a new one."""
    if record is None:
        return dict(given)
    names = (column.name for column in explained()[sheet].columns)
    return {
        name: "" if cell is None else str(cell) for name, cell in zip(names, cells_of(record), strict=True)
    }
