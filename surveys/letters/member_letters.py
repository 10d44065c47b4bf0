"""Letters to members of the counting committee: each brings a personal link (docs/operations.md, "Mail").

Danger: whoever has the link is taken for the member. So no link is kept here: whoever sends makes it when the
letter leaves, and it stands in the letter alone. What is kept is the address, encrypted, until the results
are published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, delete, insert, select, update

from surveys.letters.letter import State
from surveys.letters.models import member_letters
from surveys.mail.errors import BadMessage, MailUnavailable
from surveys.mail.message import Message, new_key
from surveys.mail.smtp import Refused, Session
from surveys.names import RoundId
from surveys.stores.columns import Keyring, key_number
from surveys.stores.engines import reading
from surveys.stores.store import Store

_TABLE = "member_letters"


@dataclass(frozen=True, slots=True)
class MemberLetter:
    """The last letter to a member (1, 2, …): to which address, where it is, and what a server said about
    it.
    """

    member: int
    email: str
    state: State
    said: str
    message: str


def write_to_member(store: Store, round_id: RoundId, member: int, email: str) -> None:
    """Let a letter to a member wait, in the place of an earlier one. One transaction."""
    with store.begin() as connection:
        connection.execute(delete(member_letters).where(*_of(round_id, member)))
        values = {"state": State.WAITING.value, "message": new_key(), "said": None}
        content = _seal(store.keyring, "content", round_id, member, email)
        connection.execute(
            insert(member_letters).values(survey=round_id, member=member, content=content, **values)
        )


def letters_to_members(store: Store, round_id: RoundId) -> Mapping[int, MemberLetter]:
    """Member → the last letter to them. Stores nothing."""
    with store.reading() as connection:
        rows = connection.execute(select(member_letters).where(member_letters.c.survey == round_id)).all()
    return {row.member: _open(store.keyring, row) for row in rows}


def members_waiting(engine: Engine, round_id: RoundId) -> tuple[int, ...]:
    """The members whose letters wait, in order."""
    waits = (member_letters.c.survey == round_id, member_letters.c.state == State.WAITING.value)
    with reading(engine) as connection:
        wanted = select(member_letters.c.member).where(*waits).order_by(member_letters.c.member)
        return tuple(connection.scalars(wanted))


def send_to_members(
    store: Store,
    round_id: RoundId,
    session: Session,
    write: Callable[[int], tuple[str, str, str]],
    on_done: Callable[[], None],
) -> None:
    """Send every letter to members that waits; `write` makes a member's link, and gives name, subject and
    text.

    The new state of each is committed before the next. A run that was killed is gone on with: a letter may
    then come twice, and the link of the later one is the good one. A letter for which the server says “later”
    waits on, and the others are tried. Raises what the session raises (MailUnavailable, also where letters
    wait on; Unprotected, SenderRefused).
    """
    later: MailUnavailable | None = None
    for member in members_waiting(store.engine, round_id):
        try:
            _send_one(store, round_id, session, write, member)
        except MailUnavailable as unavailable:
            if unavailable.code is None or unavailable.doubtful:
                raise
            later = unavailable
        on_done()
    if later is not None:
        raise later


def came_back(store: Store, round_id: RoundId, back: Mapping[str, str]) -> int:
    """Note which letters to members came back: message key → why; how many that were. One transaction; may be
    run again.
    """
    with store.begin() as connection:
        sent = select(member_letters.c.member, member_letters.c.message).where(
            member_letters.c.survey == round_id, member_letters.c.state == State.SENT.value
        )
        ours = [(member, back[key]) for member, key in connection.execute(sent).all() if key in back]
        for member, why in ours:
            said = _seal(store.keyring, "said", round_id, member, why) if why else None
            connection.execute(
                update(member_letters)
                .where(*_of(round_id, member))
                .values(state=State.BOUNCED.value, said=said)
            )
    return len(ours)


def forget_members(engine: Engine, round_id: RoundId) -> None:
    """Remove all letters to members of a round. May be run again."""
    with engine.begin() as connection:
        connection.execute(delete(member_letters).where(member_letters.c.survey == round_id))


def reseal_member_letters(store: Store) -> None:
    """Seal every letter with the ring's newest key, one a transaction; may be killed and run again."""
    with store.reading() as connection:
        rows = connection.execute(select(member_letters)).all()
    for row in rows:
        held = {column: getattr(row, column) for column in ("content", "said")}
        values = {
            column: _seal(
                store.keyring, column, row.survey, row.member, _text(store.keyring, column, row, sealed)
            )
            for column, sealed in held.items()
            if sealed is not None and key_number(sealed) != store.keyring.current
        }
        if values:
            with store.begin() as connection:
                which = (*_of(row.survey, row.member), member_letters.c.message == row.message)
                connection.execute(update(member_letters).where(*which).values(**values))


def _send_one(
    store: Store,
    round_id: RoundId,
    session: Session,
    write: Callable[[int], tuple[str, str, str]],
    member: int,
) -> None:
    letter = _waiting(store, round_id, member)
    if letter is None:
        return
    name, subject, text = write(member)
    # Whoever takes a committee away removes its letters first and ends the links then: a link that was made
    # meanwhile is told to nobody.
    if _waiting(store, round_id, member) != letter:
        return
    try:
        answer = session.send(Message(letter.email, subject, text, name=name, key=letter.message))
        state, said = (State.REFUSED, answer.sentence) if isinstance(answer, Refused) else (State.SENT, "")
    except BadMessage as error:
        state, said = State.REFUSED, str(error)
    with store.begin() as connection:
        # Only if no other was written meanwhile: that one has another message key and still has to be sent.
        connection.execute(
            update(member_letters)
            .where(*_of(round_id, member), member_letters.c.message == letter.message)
            .values(
                state=state.value,
                said=_seal(store.keyring, "said", round_id, member, said) if said else None,
            )
        )


def _waiting(store: Store, round_id: RoundId, member: int) -> MemberLetter | None:
    letter = letters_to_members(store, round_id).get(member)
    return letter if letter is not None and letter.state is State.WAITING else None


def _of(round_id: RoundId, member: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return member_letters.c.survey == round_id, member_letters.c.member == member


def _open(keyring: Keyring, row: Row[Any]) -> MemberLetter:
    said = "" if row.said is None else _text(keyring, "said", row, row.said)
    email = _text(keyring, "content", row, row.content)
    return MemberLetter(row.member, email, State(row.state), said, row.message)


def _text(keyring: Keyring, column: str, row: Row[Any], sealed: bytes) -> str:
    return keyring.open(_TABLE, column, f"{row.survey}/{row.member}", sealed).decode()


def _seal(keyring: Keyring, column: str, round_id: RoundId, member: int, text: str) -> bytes:
    return keyring.seal(_TABLE, column, f"{round_id}/{member}", text.encode())
