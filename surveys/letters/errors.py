"""What the room of letters refuses."""

from __future__ import annotations

from surveys.errors import SurveysError


class LettersError(SurveysError):
    """The root of this room's refusals."""


class NoSuchLetter(LettersError):
    """No letter of this vote goes to this voter, or is to be sent under this message key (any more)."""

    def __init__(self, which: str) -> None:
        self.which = which
        super().__init__(f"there is no letter for {which}")


class LettersOver(LettersError):
    """The polls are closed: the letters of this round are forgotten and none is written or sent any more."""


class AddressStands(LettersError):
    """A letter that has not come back is not sent to another address: it may have arrived where it went."""


class ReminderWritten(LettersError):
    """A reminder with this number is written already."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"reminder {number} is not the next one: it is written already")
