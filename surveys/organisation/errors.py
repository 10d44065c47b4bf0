"""What the organisation refuses. Errors of a file come all at once, each with its cell and what to write
instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from surveys.errors import SurveysError
from surveys.names import PersonCode, UnitCode


@dataclass(frozen=True, slots=True)
class SheetError:
    """One thing wrong: sheet, row (0 the sheet as a whole), column by their names in the file, and a sentence
    in two languages.

    `cell` is the place as a spreadsheet names it, empty where there is none: C14, or C14:C40 where one cause
    is in many rows.
    """

    sheet: str
    row: int
    column: str
    vi: str
    en: str
    cell: str = ""

    def place(self) -> str:
        """The place as people write it: sheet, row, column; or the sheet alone."""
        if not self.row:
            return self.sheet
        return f"{self.sheet}, row {self.row}, {self.column}{f' ({self.cell})' if self.cell else ''}"


class BadSheets(SurveysError):
    """A file with errors: all of them, or the first thousand of each sheet; `count` is how many there are.

    Unless `all_counted`, there were so many that the reading stopped there. Nothing was imported.
    """

    def __init__(
        self, name: str, errors: Sequence[SheetError], count: int | None = None, *, all_counted: bool = True
    ) -> None:
        self.name, self.errors, self.all_counted = name, tuple(errors), all_counted
        self.count = len(self.errors) if count is None else count
        first = self.errors[0]
        many = "1 error" if self.count == 1 else f"{self.count} errors"
        super().__init__(f"{name}: {many}, the first: {first.place()}: {first.en}")


class DifferenceNotConfirmed(SurveysError):
    """The file differs from what is stored; it is imported only after the difference was shown and
    confirmed.
    """

    def __init__(self, changes: int) -> None:
        self.changes = changes
        super().__init__(f"the file changes {changes} records; look at the difference and confirm it")


class NoOrganisation(SurveysError):
    """No organisation has been imported yet."""

    def __init__(self) -> None:
        super().__init__("no organisation has been imported yet")


class NoSuchUnit(SurveysError):
    """The organisation has no unit with this code."""

    def __init__(self, unit: UnitCode) -> None:
        self.unit = unit
        super().__init__(f"there is no unit {unit!r}")


class OrganisationChanged(SurveysError):
    """Somebody changed the organisation since it was looked at. Nothing of what was asked was stored."""

    def __init__(self) -> None:
        super().__init__("the organisation was changed meanwhile; look at the difference anew")


class NoSuchPerson(SurveysError):
    """The organisation, or the part of it that is looked at, has nobody with this code."""

    def __init__(self, person: PersonCode) -> None:
        self.person = person
        super().__init__(f"there is no person {person!r}")


class Outside(SurveysError):
    """What was asked would reach a place outside of the unit that is looked after. Nothing was stored."""

    def __init__(self, place: str, unit: UnitCode) -> None:
        self.place, self.unit = place, unit
        super().__init__(f"this would change {place!r}, which does not belong to {unit!r}")


class WrongFields(SurveysError):
    """A correction that cannot be: what is wrong with each of its fields. Nothing was stored."""

    def __init__(self, errors: Sequence[SheetError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(f"{first.column}: {first.en}")


class NoSuchRecord(SurveysError):
    """What should be corrected is not there, or no longer. Nothing was stored."""

    def __init__(self, sheet: str, key: Sequence[str]) -> None:
        self.sheet, self.key = sheet, tuple(key)
        super().__init__(f"there is no {', '.join(key)} in {sheet}")


class RecordChanged(SurveysError):
    """Somebody changed the record since it was shown. Nothing was stored."""

    def __init__(self) -> None:
        super().__init__("somebody changed this meanwhile; look at it anew")


class StillNamed(SurveysError):
    """A unit or person that other records name cannot be removed. `named` counts them by sheet. Nothing was
    stored.
    """

    def __init__(self, code: str, named: Mapping[str, int]) -> None:
        self.code, self.named = code, dict(named)
        listed = ", ".join(f"{number} in {sheet}" for sheet, number in self.named.items())
        super().__init__(f"{code!r} is still named: {listed}")


class NoWaitingImport(SurveysError):
    """The import is not, or no longer, one that waits: it was imported, discarded, replaced by another, or is
    older than a day.
    """

    def __init__(self) -> None:
        super().__init__("there is no such import waiting; send the file again")


class LettersNotDecided(SurveysError):
    """Text of the file is in an old encoding, and nobody has said whether it shall be converted. Nothing was
    imported.
    """

    def __init__(self) -> None:
        super().__init__("say whether text in old encodings is converted or kept as it is")


class NotesNotSeen(SurveysError):
    """Something about the file must be seen before it is imported, and nobody has said so. Nothing was
    imported.
    """

    def __init__(self) -> None:
        super().__init__("look at the notes on the file, and confirm that you have seen them")


class NotAsCsv(SurveysError):
    """A text that would be a formula to a spreadsheet that splits the line elsewhere: it can go into an .xlsx
    only.
    """

    def __init__(self, sheet: str, row: int, column: str) -> None:
        self.sheet, self.row, self.column = sheet, row, column
        super().__init__(f"{sheet}, row {row}, {column} cannot be written safely as CSV; use .xlsx")
