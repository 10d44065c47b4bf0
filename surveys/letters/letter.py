"""A letter as a value, and how it is sealed for its row. Names, addresses and codes leave this module only
inside a `Letter`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select, update

from surveys.letters.errors import LettersOver
from surveys.letters.models import letters, mailings
from surveys.names import NO_UNIT, PersonCode, RoundId, UnitCode
from surveys.stores.columns import Keyring, key_number

SLIPS = 0
_TABLE = "letters"
_CONTENT = ("voter", "name", "unit", "email", "code", "instead_of")


class Kind(StrEnum):
    """What a letter is: the slip itself, or a reminder, which holds no code."""

    SLIP = "slip"
    REMINDER = "reminder"


class State(StrEnum):
    """Where a letter is. `refused`: the mail server did not take it; `bounced`: it came back."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    BOUNCED = "bounced"


UNDELIVERED = (State.REFUSED.value, State.BOUNCED.value)
Units = Collection[UnitCode] | None
"""Codes of the units whose letters are meant; None: of the whole round."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one voter. `id` of a slip is its public key in hex and never leaves the server: the
    bundle tells by it whose paper was issued. `message` is what a page knows a letter by; it is drawn anew
    each time the letter is to be sent again.

    `unit` is the unit's name, `unit_code` its code. `instead_of` is the address of the organisation where
    `email` corrects it.
    """

    id: str
    voter: PersonCode
    name: str
    unit: str
    email: str
    code: str = field(repr=False)
    unit_code: UnitCode = NO_UNIT
    mailing: int = SLIPS
    instead_of: str = ""
    state: State = State.WAITING
    said: str = ""
    message: str = ""

    @property
    def kind(self) -> Kind:
        """By the mailing it belongs to."""
        return Kind.SLIP if self.mailing == SLIPS else Kind.REMINDER


def seal_content(keyring: Keyring, round_id: RoundId, letter: Letter) -> bytes:
    """What only the keyring opens."""
    content = {name: getattr(letter, name) for name in _CONTENT}
    return keyring.seal(*_place("content", round_id, letter.id), json.dumps(content).encode())


def seal_said(keyring: Keyring, round_id: RoundId, letter: str, said: str) -> bytes | None:
    """What a server said about a letter; None for nothing."""
    return keyring.seal(*_place("said", round_id, letter), said.encode()) if said else None


def open_letter(keyring: Keyring, row: Row[Any]) -> Letter:
    """The letter of a row."""
    content = json.loads(keyring.open(*_place("content", row.survey, row.id), row.content))
    letter = Letter(
        id=row.id,
        **content,
        unit_code=row.unit,
        mailing=row.mailing,
        state=State(row.state),
        message=row.message,
    )
    if row.said is None:
        return letter
    return replace(letter, said=keyring.open(*_place("said", row.survey, row.id), row.said).decode())


@contextmanager
def writing(engine: Engine, round_id: RoundId) -> Iterator[Connection]:
    """A transaction in which letters of a round may still be written or let wait again. Raises LettersOver
    after the close.
    """
    with engine.begin() as connection:
        over = select(mailings.c.over).where(mailings.c.survey == round_id, mailings.c.number == SLIPS)
        if connection.scalar(over):
            raise LettersOver("the letters of this round are forgotten")
        yield connection


def enter(
    connection: Connection,
    keyring: Keyring,
    round_id: RoundId,
    made: Collection[Letter],
    key: Callable[[], str],
) -> None:
    """Put letters into their rows, to wait; `key` draws a message key."""
    rows = [
        {
            "survey": round_id,
            "id": letter.id,
            "content": seal_content(keyring, round_id, letter),
            "state": State.WAITING.value,
            "message": key(),
            "said": None,
            "mailing": letter.mailing,
            "unit": letter.unit_code,
        }
        for letter in made
    ]
    if rows:
        connection.execute(insert(letters), rows)


def reseal_row(connection: Connection, keyring: Keyring, row: Row[Any]) -> None:
    """Seal a letter's columns with the ring's newest key."""
    values = {}
    for column in ("content", "said"):
        sealed = getattr(row, column)
        if sealed is not None and key_number(sealed) != keyring.current:
            place = _place(column, row.survey, row.id)
            values[column] = keyring.seal(*place, keyring.open(*place, sealed))
    if values:
        connection.execute(
            update(letters).where(letters.c.survey == row.survey, letters.c.id == row.id).values(**values)
        )


def _place(column: str, round_id: RoundId, letter: str) -> tuple[str, str, str]:
    return _TABLE, column, f"{round_id}/{letter}"
