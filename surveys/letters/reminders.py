"""Reminders: one letter each to the people of a unit, all with the same text and without a code.

Whoever calls says to whom; this room writes down, numbers and sends, and asks no other table who that is.
Danger: a reminder only to those who have not voted would tell their names to whoever sends it, so it must
never be possible to write one (`surveys.console.letters.reminding`).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, insert, select, update

from surveys.instants import Instant
from surveys.letters.errors import ReminderWritten
from surveys.letters.letter import SLIPS, Letter, enter, open_letter, writing
from surveys.letters.models import letters, mailings
from surveys.mail.message import new_key
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.stores.columns import key_number
from surveys.stores.engines import reading
from surveys.stores.store import Store

_TEXT = ("mailings", "text")


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody who gets a reminder; `unit` is the unit's name."""

    voter: PersonCode
    name: str
    unit: str
    unit_code: UnitCode
    email: str
    instead_of: str = ""


def next_number(engine: Engine, round_id: RoundId) -> int:
    """The number that the next reminder gets."""
    with reading(engine) as connection:
        return _next(connection, round_id)


def write_reminder(
    store: Store,
    round_id: RoundId,
    number: int,
    unit: UnitCode,
    written: Instant,
    text: str,
    to: Collection[Addressee],
) -> None:
    """Keep a reminder to these people, to be sent. One transaction.

    `number` is the one that `next_number` said, so the same request a second time is refused:
    ReminderWritten. Raises LettersOver after the close. Nothing is kept then.
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
    with writing(store.engine, round_id) as connection:
        if number != _next(connection, round_id):
            raise ReminderWritten(number)
        sealed = store.keyring.seal(*_TEXT, f"{round_id}/{number}", text.encode())
        connection.execute(
            insert(mailings).values(
                survey=round_id, number=number, unit=unit, written=written, text=sealed, over=False
            )
        )
        enter(connection, store.keyring, round_id, made, new_key)


def reminder_text(store: Store, round_id: RoundId, number: int) -> str:
    """What a reminder says."""
    here = (mailings.c.survey == round_id, mailings.c.number == number)
    with store.reading() as connection:
        sealed = connection.execute(select(mailings.c.text).where(*here)).scalar_one()
    return store.keyring.open(*_TEXT, f"{round_id}/{number}", sealed).decode()


def corrections(store: Store, round_id: RoundId) -> dict[PersonCode, tuple[str, str]]:
    """Voter → (address of the organisation, address it was corrected to), of the letters of a round."""
    with store.reading() as connection:
        rows = connection.execute(
            select(letters).where(letters.c.survey == round_id).order_by(letters.c.mailing)
        ).all()
    found = (open_letter(store.keyring, row) for row in rows)
    return {letter.voter: (letter.instead_of, letter.email) for letter in found if letter.instead_of}


def reseal_reminders(store: Store) -> None:
    """Seal every reminder's text with the ring's newest key, one a transaction; may be killed and run
    again.
    """
    with store.reading() as connection:
        rows = connection.execute(select(mailings).where(mailings.c.text.is_not(None))).all()
    for row in rows:
        if key_number(row.text) == store.keyring.current:
            continue
        place = (*_TEXT, f"{row.survey}/{row.number}")
        again = store.keyring.seal(*place, store.keyring.open(*place, row.text))
        with store.begin() as connection:
            connection.execute(
                update(mailings)
                .where(mailings.c.survey == row.survey, mailings.c.number == row.number)
                .values(text=again)
            )


def _next(connection: Connection, round_id: RoundId) -> int:
    last = connection.scalar(select(func.max(mailings.c.number)).where(mailings.c.survey == round_id))
    return (last or SLIPS) + 1
