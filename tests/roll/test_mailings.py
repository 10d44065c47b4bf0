"""Mailings: slips and numbered reminders, and what is left of them when their letters are forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from surveys.letters import mailings as letters
from surveys.letters.delivery import Delivery, mailings_of, slips_are_begun
from surveys.letters.errors import LettersOver, ReminderWritten
from surveys.letters.letter import Kind
from surveys.letters.models import mailings
from surveys.letters.reminders import next_number, reminder_text, write_reminder
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.shipped import MIGRATIONS
from surveys.stores.columns import Keyring
from surveys.stores.engines import APP, Engines
from surveys.stores.store import Stores
from tests.mail.server import PostOffice, serving
from tests.post import key_of, read
from tests.roll.letter_room import AT, SLIPS, SURVEY, TO, Room


def test_a_reminder_is_numbered_written_once_and_bounces_like_a_slip(room: Room) -> None:
    assert not slips_are_begun(room.stores.engines.app, SURVEY)
    with serving(PostOffice()) as office:
        room.send(office)
        assert slips_are_begun(room.stores.engines.app, SURVEY)
        assert next_number(room.stores.engines.app, SURVEY) == 1
        room.remind()
        with pytest.raises(ReminderWritten):
            room.remind()
        assert next_number(room.stores.engines.app, SURVEY) == 2
        room.send(office)
    assert reminder_text(room.stores.app, SURVEY, 1) == "Xin nhắc"
    assert [read(taken)[1].strip() for taken in office.taken[5:]] == ["Xin nhắc"] * 2
    back = {key_of(office.taken[-1])[1:33]: "no mailbox"}
    assert letters.bounced(room.stores.app, SURVEY, back) == 1
    slips, reminder = mailings_of(room.stores.engines.app, SURVEY)
    assert (slips.number, slips.delivery) == (0, Delivery(sent=5))
    assert (reminder.number, reminder.unit, reminder.delivery) == (1, "C1", Delivery(sent=1, bounced=1))
    assert [each.number for each in mailings_of(room.stores.engines.app, SURVEY, (UnitCode("C2"),))] == [0]
    assert {letter.code for letter in room.all() if letter.kind is Kind.REMINDER} == {""}
    assert room.of(PersonCode("v1")).kind is Kind.SLIP


@pytest.mark.files
def test_at_the_close_everything_is_forgotten_but_the_numbers_and_nothing_more_is_written(
    room: Room,
) -> None:
    with serving(PostOffice({"v3@example.vn": "550 no"})) as office:
        room.send(office)
        room.remind()
    before = room.numbers(), mailings_of(room.stores.engines.app, SURVEY), room.numbers((UnitCode("C2"),))
    for _ in range(2):
        letters.forget(room.stores.engines.app, SURVEY)
        assert room.all() == ()
        after = room.numbers(), mailings_of(room.stores.engines.app, SURVEY), room.numbers((UnitCode("C2"),))
        assert after == before
    assert before[0] == Delivery(waiting=2, sent=4, refused=1)
    for verb in (
        lambda: letters.write_letters(room.stores.app, SURVEY, SLIPS),
        lambda: room.remind(2),
        lambda: letters.resend(room.stores.engines.app, SURVEY, [SLIPS[0].id]),
        lambda: letters.resend_undelivered(room.stores.engines.app, SURVEY),
        lambda: letters.send_to(room.stores.app, SURVEY, "f" * 32, "a@example.vn"),
    ):
        with pytest.raises(LettersOver):
            verb()
    with room.stores.engines.app.connect() as connection:
        assert {row.text for row in connection.execute(mailings.select())} == {None}
    raw = (room.folder / "stores" / "app.sqlite").read_bytes()
    assert not [slip for slip in SLIPS if bytes.fromhex(slip.id) in raw or slip.id.encode() in raw]


def test_a_round_that_sent_no_mail_takes_none_after_its_close_either(room: Room) -> None:
    letters.forget(room.stores.engines.app, RoundId("cd" * 16))
    with pytest.raises(LettersOver):
        write_reminder(room.stores.app, RoundId("cd" * 16), 1, UnitCode("C1"), AT, "Xin nhắc", TO)
    assert mailings_of(room.stores.engines.app, RoundId("cd" * 16)) == ()


def test_slips_of_a_round_that_was_never_frozen_leave_nothing(room: Room) -> None:
    letters.discard(room.stores.engines.app, SURVEY)
    assert (room.all(), room.numbers()) == ((), Delivery())
    letters.write_letters(room.stores.app, SURVEY, SLIPS)  # made anew


def test_letters_from_before_there_were_mailings_are_slips_and_open(tmp_path: Path) -> None:
    stores = Stores(Engines(tmp_path / "stores"), Keyring.fresh())
    stores.engines._make(stores.engines.root / APP)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS / "app"))
    sealed = stores.keyring.seal(
        "letters",
        "content",
        f"{SURVEY}/{'ab' * 32}",
        b'{"voter": "v1", "name": "A", "unit": "C", "email": "a@example.vn", "code": "0000"}',
    )
    with stores.engines.app.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        connection.execute(
            text("INSERT INTO letters VALUES (:survey, :slip, :content, 'waiting', :key, NULL)"),
            {"survey": SURVEY, "slip": "ab" * 32, "content": sealed, "key": "f" * 32},
        )
    stores.engines.migrate_app()
    (letter,) = letters.everything(stores.app, SURVEY)
    assert (letter.kind, letter.voter, letter.code, letter.unit_code) == (Kind.SLIP, "v1", "0000", "")
    # Their unit is not known: whoever organizes a part of the round does not see them.
    assert letters.everything(stores.app, SURVEY, (UnitCode("C"),)) == ()
    assert [each.number for each in mailings_of(stores.engines.app, SURVEY)] == [0]
    stores.close()
