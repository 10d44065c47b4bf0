"""What goes by e-mail: slips (docs/protocol.md 4.1, `slips` = mailed) and reminders. The server makes the
slips' codes, sends them, and forgets everything at the close but how many letters there were.

DANGER: this is the one place where a server knows slip codes. A vote whose slips are mailed says so in its
manifest; whoever holds this server could take the paper of somebody who does not vote. Codes stand in
encrypted columns and are removed when the polls close.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from sqlalchemy import Connection, Engine, Select, delete, func, insert, select, update

from surveys.letters.errors import AddressStands, NoSuchLetter
from surveys.letters.letter import (
    SLIPS,
    UNDELIVERED,
    Letter,
    State,
    Units,
    enter,
    open_letter,
    reseal_row,
    seal_content,
    seal_said,
    writing,
)
from surveys.letters.models import delivered, letters, mailings
from surveys.mail.errors import BadMessage, MailUnavailable
from surveys.mail.message import Message, new_key
from surveys.mail.smtp import Refused, Session
from surveys.names import PersonCode, RoundId
from surveys.stores.engines import reading
from surveys.stores.store import Store

PATIENCE = 5


def write_letters(store: Store, round_id: RoundId, made: Iterable[Letter]) -> None:
    """Keep the slips of a vote, to be sent. One transaction; letters that are there already stay as they are.
    Raises LettersOver.
    """
    with writing(store.engine, round_id) as connection:
        held = set(connection.scalars(select(letters.c.id).where(letters.c.survey == round_id)))
        enter(
            connection, store.keyring, round_id, [letter for letter in made if letter.id not in held], new_key
        )
        _enter_slips(connection, round_id)


def send(
    store: Store,
    round_id: RoundId,
    session: Session,
    write: Callable[[Letter], tuple[str, str]],
    on_begin: Callable[[int], None] = lambda _: None,
    on_done: Callable[[], None] = lambda: None,
) -> None:
    """Send every letter that waits; `write` gives subject and text. `on_begin` is told how many wait,
    `on_done` of each that is done.

    Each letter is read anew and its new state committed before the next, so a run that was killed or a mail
    server that went away is simply gone on with: a letter may then arrive twice, with the same code and
    Message-ID, and none is left out. A letter for which the server says “later” waits on, and the others are
    tried; after `PATIENCE` such answers in a row the server is left alone. Raises what the session raises
    (MailUnavailable, also where letters wait on; Unprotected, SenderRefused); what was sent stays sent.
    """
    later: MailUnavailable | None = None
    put_off: set[str] = set()
    while now := [each for each in waiting(store.engine, round_id) if each not in put_off]:
        on_begin(len(now))
        in_a_row = 0
        for each in now:
            try:
                _send_one(store, round_id, session, write, each)
                in_a_row = 0
            except MailUnavailable as unavailable:
                in_a_row += 1
                if unavailable.code is None or unavailable.doubtful or in_a_row == PATIENCE:
                    raise
                later = unavailable
                put_off.add(each)
            on_done()
    if later is not None:
        raise later


def waiting(engine: Engine, round_id: RoundId) -> tuple[str, ...]:
    """The letters that are there and wait, slips first; after the close there are none."""
    wanted = select(letters.c.id).where(letters.c.survey == round_id, letters.c.state == State.WAITING.value)
    with reading(engine) as connection:
        return tuple(connection.scalars(wanted.order_by(letters.c.mailing, letters.c.id)))


def resend(engine: Engine, round_id: RoundId, slips: Iterable[str]) -> None:
    """Let these letters wait again, under new message keys. One transaction. Raises NoSuchLetter or
    LettersOver; then none is changed.
    """
    with writing(engine, round_id) as connection:
        for slip in slips:
            changed = connection.execute(
                update(letters)
                .where(letters.c.survey == round_id, letters.c.id == slip)
                .values(state=State.WAITING.value, message=new_key(), said=None)
            )
            if changed.rowcount != 1:
                raise NoSuchLetter(slip)


def resend_undelivered(engine: Engine, round_id: RoundId, units: Units = None) -> int:
    """Let everything that was refused or came back wait again; how many. One transaction. Raises
    LettersOver.
    """
    with writing(engine, round_id) as connection:
        wanted = _of(select(letters.c.id), round_id, units).where(letters.c.state.in_(UNDELIVERED))
        found = connection.scalars(wanted).all()
        for each in found:
            connection.execute(
                update(letters)
                .where(letters.c.survey == round_id, letters.c.id == each)
                .values(state=State.WAITING.value, message=new_key(), said=None)
            )
    return len(found)


def send_to(store: Store, round_id: RoundId, message: str, email: str, units: Units = None) -> None:
    """Let one letter wait again, with the same content, to this address. One transaction.

    `message` is the key it was to be sent under last, so the same request a second time is refused:
    NoSuchLetter. Another address is taken only for a letter that did not arrive (AddressStands): else
    somebody's slip could be had by correcting its address. Raises LettersOver.
    """
    with writing(store.engine, round_id) as connection:
        wanted = _of(select(letters), round_id, units).where(letters.c.message == message)
        row = connection.execute(wanted).one_or_none()
        if row is None:
            raise NoSuchLetter(message)
        letter = open_letter(store.keyring, row)
        if email != letter.email and letter.state.value not in UNDELIVERED:
            raise AddressStands("a letter that did not come back keeps its address")
        before = letter.instead_of or letter.email
        corrected = replace(letter, email=email, instead_of="" if email == before else before)
        connection.execute(
            update(letters)
            .where(letters.c.survey == round_id, letters.c.id == letter.id)
            .values(
                content=seal_content(store.keyring, round_id, corrected),
                state=State.WAITING.value,
                message=new_key(),
                said=None,
            )
        )


def bounced(store: Store, round_id: RoundId, back: Mapping[str, str]) -> int:
    """Note what came back: message key → why. How many letters of this vote that were; a bounce of anything
    else changes nothing.

    One transaction; may be run again.
    """
    with store.begin() as connection:
        sent = select(letters.c.message, letters.c.id).where(
            letters.c.survey == round_id, letters.c.state == State.SENT.value
        )
        ours = [(each, back[message]) for message, each in connection.execute(sent) if message in back]
        for each, said in ours:
            connection.execute(
                update(letters)
                .where(letters.c.survey == round_id, letters.c.id == each)
                .values(state=State.BOUNCED.value, said=seal_said(store.keyring, round_id, each, said))
            )
    return len(ours)


def undelivered(store: Store, round_id: RoundId, units: Units = None) -> tuple[Letter, ...]:
    """The letters that were refused or came back, by name."""
    wanted = _of(select(letters), round_id, units).where(letters.c.state.in_(UNDELIVERED))
    return _opened(store, wanted)


def by_message(store: Store, round_id: RoundId, message: str, units: Units = None) -> Letter:
    """The letter that was to be sent last under this key. Raises NoSuchLetter."""
    found = _opened(store, _of(select(letters), round_id, units).where(letters.c.message == message))
    if not found:
        raise NoSuchLetter(message)
    return found[0]


def everything(store: Store, round_id: RoundId, units: Units = None) -> tuple[Letter, ...]:
    """All letters, by name."""
    return _opened(store, _of(select(letters), round_id, units))


def of_voter(store: Store, round_id: RoundId, voter: PersonCode) -> Letter:
    """A voter's slip. Raises NoSuchLetter."""
    for letter in _slips(store, round_id):
        if letter.voter == voter:
            return letter
    raise NoSuchLetter(voter)


def keys_of(store: Store, round_id: RoundId) -> dict[PersonCode, bytes]:
    """Voter → public key of the slip, of all slips of a vote."""
    return {letter.voter: bytes.fromhex(letter.id) for letter in _slips(store, round_id)}


def withdraw(store: Store, round_id: RoundId, voter: PersonCode) -> bool:
    """Take back a voter's slip, which was replaced: its code is dead. True if there was one. May be run
    again.
    """
    try:
        slip = of_voter(store, round_id, voter).id
    except NoSuchLetter:
        return False
    with store.begin() as connection:
        connection.execute(delete(letters).where(letters.c.survey == round_id, letters.c.id == slip))
    return True


def discard(engine: Engine, round_id: RoundId) -> None:
    """Remove the slips of a round that is not frozen: none of them was sent. May be run again."""
    with engine.begin() as connection:
        for table in (letters, mailings, delivered):
            connection.execute(delete(table).where(table.c.survey == round_id))


def forget(engine: Engine, round_id: RoundId) -> None:
    """At the close: remove all letters, codes, addresses and texts of a vote, keep how many there were, and
    let no more be written.

    One transaction; may be run again.
    """
    with engine.begin() as connection:
        columns = (letters.c.mailing, letters.c.unit, letters.c.state)
        wanted = select(*columns, func.count()).where(letters.c.survey == round_id).group_by(*columns)
        for mailing, unit, state, number in connection.execute(wanted).all():
            values = {"mailing": mailing, "unit": unit, "state": state, "letters": number}
            connection.execute(insert(delivered).values(survey=round_id, **values))
        connection.execute(delete(letters).where(letters.c.survey == round_id))
        _enter_slips(connection, round_id)
        connection.execute(update(mailings).where(mailings.c.survey == round_id).values(over=True, text=None))


def reseal_letters(store: Store) -> None:
    """Seal every letter with the ring's newest key, one a transaction; may be killed and run again."""
    with store.reading() as connection:
        rows = connection.execute(select(letters)).all()
    for row in rows:
        with store.begin() as connection:
            reseal_row(connection, store.keyring, row)


def _send_one(
    store: Store,
    round_id: RoundId,
    session: Session,
    write: Callable[[Letter], tuple[str, str]],
    which: str,
) -> None:
    """Send one letter if it still waits: it may have been withdrawn or forgotten meanwhile."""
    here = (letters.c.survey == round_id, letters.c.id == which, letters.c.state == State.WAITING.value)
    with store.reading() as connection:
        row = connection.execute(select(letters).where(*here)).one_or_none()
    if row is None:
        return
    letter = open_letter(store.keyring, row)
    subject, text = write(letter)
    try:
        answer = session.send(Message(letter.email, subject, text, name=letter.name, key=letter.message))
        state, said = (State.REFUSED, answer.sentence) if isinstance(answer, Refused) else (State.SENT, "")
    except BadMessage as error:
        state, said = State.REFUSED, str(error)
    with store.begin() as connection:
        # Only if it was not corrected meanwhile: then it has another message key and still has to be sent.
        connection.execute(
            update(letters)
            .where(*here, letters.c.message == letter.message)
            .values(state=state.value, said=seal_said(store.keyring, round_id, which, said))
        )


def _enter_slips(connection: Connection, round_id: RoundId) -> None:
    held = select(mailings.c.number).where(mailings.c.survey == round_id, mailings.c.number == SLIPS)
    if connection.scalar(held) is None:
        connection.execute(insert(mailings).values(survey=round_id, number=SLIPS, unit="", over=False))


def _slips(store: Store, round_id: RoundId) -> tuple[Letter, ...]:
    return _opened(store, _of(select(letters), round_id, None).where(letters.c.mailing == SLIPS))


def _of(wanted: Select[tuple[object, ...]], round_id: RoundId, units: Units) -> Select[tuple[object, ...]]:
    wanted = wanted.where(letters.c.survey == round_id)
    return wanted if units is None else wanted.where(letters.c.unit.in_(units))


def _opened(store: Store, wanted: Select[tuple[object, ...]]) -> tuple[Letter, ...]:
    with store.reading() as connection:
        rows = connection.execute(wanted).all()
    found = [open_letter(store.keyring, row) for row in rows]
    return tuple(sorted(found, key=lambda letter: (letter.name, letter.voter, letter.mailing, letter.id)))
