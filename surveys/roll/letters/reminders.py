"""Reminders: one letter each to the people of a unit, all with the same text and without a code.

Whoever calls says to whom; this room writes down, numbers and sends, and asks no other table who that is. Danger: a reminder only to those
who have not voted would tell their names to whoever sends it, so it must never be possible to write one (`surveys.stages.reminding`).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, insert, select, update

from surveys.mail.message import new_key
from surveys.roll.errors import ReminderWritten
from surveys.roll.letters.letter import SLIPS, Letter, enter, open_letter, writing
from surveys.roll.letters.models import letters, mailings
from surveys.stores.columns import Keyring, key_number
from surveys.stores.engines import reading

_TEXT = ("mailings", "text")


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody who gets a reminder; `unit` is the unit's name."""

    voter: str
    name: str
    unit: str
    unit_code: str
    email: str
    instead_of: str = ""


def next_number(engine: Engine, survey: str) -> int:
    """The number that the next reminder gets."""
    with reading(engine) as connection:
        return _next(connection, survey)


def write_reminder(
    engine: Engine,
    keyring: Keyring,
    survey: str,
    number: int,
    unit: str,
    written: str,
    text: str,
    to: Collection[Addressee],
) -> None:
    """Keep a reminder to these people, to be sent. One transaction.

    `number` is the one that `next_number` said, so the same request a second time is refused: ReminderWritten. Raises LettersOver after
    the close. Nothing is kept then.
    """
    made = [
        Letter(
            id=secrets.token_hex(16),
            voter=each.voter,
            name=each.name,
            unit=each.unit,
            email=each.email,
            code="",
            unit_code=each.unit_code,
            mailing=number,
            instead_of=each.instead_of,
        )
        for each in to
    ]
    with writing(engine, survey) as connection:
        if number != _next(connection, survey):
            raise ReminderWritten(number)
        sealed = keyring.seal(*_TEXT, f"{survey}/{number}", text.encode())
        connection.execute(
            insert(mailings).values(
                survey=survey, number=number, unit=unit, written=written, text=sealed, over=False
            )
        )
        enter(connection, keyring, survey, made, new_key)


def reminder_text(engine: Engine, keyring: Keyring, survey: str, number: int) -> str:
    """What a reminder says."""
    here = (mailings.c.survey == survey, mailings.c.number == number)
    with reading(engine) as connection:
        sealed = connection.execute(select(mailings.c.text).where(*here)).scalar_one()
    return keyring.open(*_TEXT, f"{survey}/{number}", sealed).decode()


def corrections(engine: Engine, keyring: Keyring, survey: str) -> dict[str, tuple[str, str]]:
    """Voter → (address of the organisation, address it was corrected to), of the letters of a round."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(letters).where(letters.c.survey == survey).order_by(letters.c.mailing)
        ).all()
    found = (open_letter(keyring, row) for row in rows)
    return {letter.voter: (letter.instead_of, letter.email) for letter in found if letter.instead_of}


def reseal_reminders(engine: Engine, keyring: Keyring) -> None:
    """Seal every reminder's text with the ring's newest key, one a transaction; may be killed and run again."""
    with reading(engine) as connection:
        rows = connection.execute(select(mailings).where(mailings.c.text.is_not(None))).all()
    for row in rows:
        if key_number(row.text) == keyring.current:
            continue
        place = (*_TEXT, f"{row.survey}/{row.number}")
        again = keyring.seal(*place, keyring.open(*place, row.text))
        with engine.begin() as connection:
            connection.execute(
                update(mailings)
                .where(mailings.c.survey == row.survey, mailings.c.number == row.number)
                .values(text=again)
            )


def _next(connection: Connection, survey: str) -> int:
    last = connection.scalar(select(func.max(mailings.c.number)).where(mailings.c.survey == survey))
    return (last or SLIPS) + 1
