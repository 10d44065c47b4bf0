"""Slips that go by e-mail (docs/protocol.md 4.1, `slips` = mailed): the server makes the codes, sends them, and forgets them at the close.

DANGER: this is the one place where a server knows slip codes. A vote whose slips are mailed says so in its manifest; whoever
holds this server could take the paper of somebody who does not vote. Codes stand in encrypted columns and are removed when
the polls close.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from surveys.mail.errors import BadMessage
from surveys.mail.message import Message, new_key
from surveys.mail.smtp import Refused, Session
from surveys.roll.errors import NoSuchLetter
from surveys.roll.letters.models import letters
from surveys.stores.columns import Keyring, key_number

_TABLE = "letters"


class State(StrEnum):
    """Where a letter is. `refused`: the mail server did not take it; `bounced`: it came back."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Letter:
    """One voter's slip on its way. `slip` is the public key in hex, `code` what is written on it."""

    slip: str
    voter: str
    name: str
    unit: str
    email: str
    code: str = field(repr=False)
    state: State = State.WAITING
    said: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How many letters are in which state."""

    waiting: int
    sent: int
    refused: int
    bounced: int


def write_letters(engine: Engine, keyring: Keyring, survey: str, made: Iterable[Letter]) -> None:
    """Keep the letters of a vote, to be sent. One transaction; letters that are there already stay as they are."""
    with engine.begin() as connection:
        held = set(connection.scalars(select(letters.c.slip).where(letters.c.survey == survey)))
        rows = [
            {
                "survey": survey,
                "slip": letter.slip,
                "content": _seal(keyring, survey, letter),
                "state": State.WAITING.value,
                "message": new_key(),
                "said": None,
            }
            for letter in made
            if letter.slip not in held
        ]
        if rows:
            connection.execute(insert(letters), rows)


def send(
    engine: Engine,
    keyring: Keyring,
    survey: str,
    session: Session,
    write: Callable[[Letter], tuple[str, str]],
    on_sent: Callable[[], None] = lambda: None,
) -> Delivery:
    """Send every letter that waits; `write` gives subject and text.

    Each letter's new state is committed before the next is sent, so a run that was killed or a mail server that went away is
    simply gone on with: a letter may then arrive twice, with the same code, and none is left out. Raises what the session
    raises (MailUnavailable, Unprotected, SenderRefused); what was sent stays sent.
    """
    for row in _rows(engine, survey, State.WAITING):
        letter = _open(keyring, row)
        subject, text = write(letter)
        try:
            answer = session.send(Message(letter.email, subject, text, name=letter.name, key=row.message))
            state, said = (
                (State.REFUSED, answer.sentence) if isinstance(answer, Refused) else (State.SENT, "")
            )
        except BadMessage as error:
            state, said = State.REFUSED, str(error)
        _mark(engine, keyring, survey, row.slip, state, said)
        on_sent()
    return delivery(engine, survey)


def resend(engine: Engine, survey: str, slips: Iterable[str]) -> None:
    """Let these letters wait again, under new message keys. One transaction. Raises NoSuchLetter; then none is changed."""
    with engine.begin() as connection:
        for slip in slips:
            changed = connection.execute(
                update(letters)
                .where(letters.c.survey == survey, letters.c.slip == slip)
                .values(state=State.WAITING.value, message=new_key(), said=None)
            )
            if changed.rowcount != 1:
                raise NoSuchLetter(slip)


def bounced(engine: Engine, keyring: Keyring, survey: str, message: str, said: str) -> bool:
    """Note that a letter came back. True if this vote sent it; a bounce of anything else changes nothing."""
    found = [row for row in _rows(engine, survey, State.SENT) if row.message == message]
    for row in found:
        _mark(engine, keyring, survey, row.slip, State.BOUNCED, said)
    return bool(found)


def undelivered(engine: Engine, keyring: Keyring, survey: str) -> tuple[Letter, ...]:
    """The letters that were refused or came back, by voter."""
    found = [
        _open(keyring, row)
        for state in (State.REFUSED, State.BOUNCED)
        for row in _rows(engine, survey, state)
    ]
    return tuple(sorted(found, key=lambda letter: letter.voter))


def of_voter(engine: Engine, keyring: Keyring, survey: str, voter: str) -> Letter:
    """A voter's letter. Raises NoSuchLetter."""
    for row in _rows(engine, survey, None):
        letter = _open(keyring, row)
        if letter.voter == voter:
            return letter
    raise NoSuchLetter(voter)


def keys_of(engine: Engine, keyring: Keyring, survey: str) -> dict[str, bytes]:
    """Voter → public key of the slip, of all letters of a vote."""
    rows = _rows(engine, survey, None)
    return {_open(keyring, row).voter: bytes.fromhex(row.slip) for row in rows}


def delivery(engine: Engine, survey: str) -> Delivery:
    """The numbers."""
    states = [row.state for row in _rows(engine, survey, None)]
    return Delivery(*(states.count(state.value) for state in State))


def withdraw(engine: Engine, keyring: Keyring, survey: str, voter: str) -> bool:
    """Take back a voter's letter, whose slip was replaced: its code is dead. True if there was one. May be run again."""
    try:
        slip = of_voter(engine, keyring, survey, voter).slip
    except NoSuchLetter:
        return False
    with engine.begin() as connection:
        connection.execute(delete(letters).where(letters.c.survey == survey, letters.c.slip == slip))
    return True


def forget(engine: Engine, survey: str) -> None:
    """Remove all codes of a vote: at the close. May be run again."""
    with engine.begin() as connection:
        connection.execute(delete(letters).where(letters.c.survey == survey))


def reseal_letters(engine: Engine, keyring: Keyring) -> None:
    """Seal every letter with the ring's newest key, one a transaction; may be killed and run again."""
    with engine.connect() as connection:
        everything = connection.execute(select(letters)).all()
    for row in everything:
        with engine.begin() as connection:
            _reseal(connection, keyring, row)


def _reseal(connection: Connection, keyring: Keyring, row: Row[tuple[object, ...]]) -> None:
    values = {}
    for column in ("content", "said"):
        sealed = getattr(row, column)
        if sealed is not None and key_number(sealed) != keyring.current:
            place = _place(column, row.survey, row.slip)
            values[column] = keyring.seal(*place, keyring.open(*place, sealed))
    if values:
        connection.execute(
            update(letters).where(letters.c.survey == row.survey, letters.c.slip == row.slip).values(**values)
        )


def _rows(engine: Engine, survey: str, state: State | None) -> list[Row[tuple[object, ...]]]:
    wanted = select(letters).where(letters.c.survey == survey).order_by(letters.c.slip)
    if state is not None:
        wanted = wanted.where(letters.c.state == state.value)
    with engine.connect() as connection:
        return list(connection.execute(wanted))


def _mark(engine: Engine, keyring: Keyring, survey: str, slip: str, state: State, said: str) -> None:
    sealed = keyring.seal(*_place("said", survey, slip), said.encode()) if said else None
    with engine.begin() as connection:
        connection.execute(
            update(letters)
            .where(letters.c.survey == survey, letters.c.slip == slip)
            .values(state=state.value, said=sealed)
        )


def _seal(keyring: Keyring, survey: str, letter: Letter) -> bytes:
    content = {name: getattr(letter, name) for name in ("voter", "name", "unit", "email", "code")}
    return keyring.seal(*_place("content", survey, letter.slip), json.dumps(content).encode())


def _open(keyring: Keyring, row: Row[tuple[object, ...]]) -> Letter:
    content = json.loads(keyring.open(*_place("content", row.survey, row.slip), row.content))
    letter = Letter(slip=row.slip, **content, state=State(row.state))
    if row.said is None:
        return letter
    return replace(letter, said=keyring.open(*_place("said", row.survey, row.slip), row.said).decode())


def _place(column: str, survey: str, slip: str) -> tuple[str, str, str]:
    return _TABLE, column, f"{survey}/{slip}"
