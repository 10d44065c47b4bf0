"""Letters leave one by one through a real mail server: whatever happens on the way, none is lost, and at most
one comes twice.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from surveys.letters import mailings as letters
from surveys.letters import models
from surveys.letters.delivery import Delivery
from surveys.letters.errors import AddressStands, NoSuchLetter
from surveys.letters.letter import Letter, State
from surveys.letters.reminders import corrections
from surveys.mail.errors import MailUnavailable, SenderRefused
from surveys.names import PersonCode, RoundId, UnitCode
from tests.faults.dying import ends, kill_before_step, until_it_ends
from tests.mail.build import a_mailer
from tests.mail.server import DROP, PostOffice, serving
from tests.post import key_of, read
from tests.roll.letter_room import SLIPS, SURVEY, Room, recipients


def test_each_voter_gets_one_letter_with_their_own_code(room: Room) -> None:
    with serving(PostOffice()) as office:
        room.send(office)
        room.send(office)
    assert {taken.recipient: read(taken)[1].strip() for taken in office.taken} == {
        slip.email: f"Mã: {slip.code}" for slip in SLIPS
    }
    assert len(office.taken) == len(SLIPS)
    assert room.numbers() == Delivery(sent=5)


def test_killed_at_any_step_and_run_again_no_letter_is_lost_and_at_most_one_comes_twice(
    tmp_path: Path,
) -> None:
    few = SLIPS[:2]
    repeated: list[int] = []
    template = Room(tmp_path / "template").fill(few)

    def once(number: int) -> bool:
        here = template.copy(tmp_path / "here")
        office.taken.clear()
        ended = ends(lambda: here.send(office), kill_before_step(number))
        here.send(office)
        assert set(recipients(office)) == {slip.email for slip in few}
        repeated.append(len(office.taken) - len(few))
        # Both copies are one message to whoever reads them.
        assert len({key_of(taken) for taken in office.taken}) == len(few)
        assert here.numbers() == Delivery(sent=len(few))
        shutil.rmtree(tmp_path / "here")
        return ended

    with serving(PostOffice()) as office:
        assert until_it_ends(lambda number: once(3 * number - 1)) > 5
    assert set(repeated) == {0, 1}


def test_without_a_commit_for_each_letter_a_kill_would_repeat_them_all(room: Room) -> None:
    """The broken twin: whoever marks letters as sent only at the end sends all of them again."""
    with serving(PostOffice()) as office:
        with a_mailer(office).session() as session:
            for slip in SLIPS:
                letters._send_one(room.stores.app, SURVEY, session, room.write, slip.id)
                with (
                    room.stores.engines.app.begin() as connection
                ):  # what was committed is lost with the kill
                    connection.execute(update(models.letters).values(state=State.WAITING.value))
        room.send(office)
    assert set(recipients(office).values()) == {2}


def test_one_refused_recipient_is_listed_with_the_servers_words_and_the_others_get_theirs(
    room: Room,
) -> None:
    with serving(PostOffice({"v3@example.vn": "550 5.1.1 no such user"})) as office:
        room.send(office)
    assert room.numbers() == Delivery(sent=4, refused=1)
    (missing,) = letters.undelivered(room.stores.app, SURVEY)
    assert (missing.voter, missing.said) == ("v3", "5.1.1 no such user")
    assert letters.undelivered(room.stores.app, SURVEY, (UnitCode("C1"),)) == ()
    assert room.numbers((UnitCode("C2"),)) == Delivery(sent=2, refused=1)


def test_a_mailbox_that_is_full_for_now_stops_nobody_elses_letter(room: Room) -> None:
    full = {"v1@example.vn": "452 4.2.2 mailbox full", "v2@example.vn": "450 4.2.0 greylisted"}
    with serving(PostOffice(dict(full))) as office:
        with pytest.raises(MailUnavailable) as refused:
            room.send(office)
        assert refused.value.code in (450, 452)
        assert room.numbers() == Delivery(waiting=2, sent=3)
        office.answers.clear()
        room.send(office)
    assert recipients(office) == Counter(slip.email for slip in SLIPS)


def test_a_server_that_says_later_to_everybody_is_left_alone_after_a_few(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "PATIENCE", 3)
    with serving(PostOffice({"MAIL": "451 4.7.1 later"})) as office, pytest.raises(MailUnavailable):
        room.send(office)
    assert len([line for line in office.lines if line.upper().startswith("MAIL")]) == 3
    assert room.numbers() == Delivery(waiting=5)


@pytest.mark.parametrize(
    ("answers", "error"),
    [({"DATA": ["354 go", DROP, DROP]}, MailUnavailable), ({"MAIL": "553 5.7.1 not you"}, SenderRefused)],
)
def test_a_lost_connection_or_a_refused_house_stops_at_once_and_what_was_sent_stays_sent(
    room: Room, answers: dict[str, str | list[str]], error: type[Exception]
) -> None:
    with serving(PostOffice(dict(answers))) as office:
        with pytest.raises(error):
            room.send(office)
        sent = room.numbers().sent
        assert sent == len(office.taken) < 2
        office.answers.clear()
        room.send(office)
    assert recipients(office) == Counter(slip.email for slip in SLIPS)


def test_an_address_that_is_no_address_is_listed_like_a_refused_one(tmp_path: Path) -> None:
    room = Room(tmp_path).fill([replace(SLIPS[0], email="kein Platz@example.vn"), *SLIPS[1:]])
    with serving(PostOffice()) as office:
        room.send(office)
    assert room.numbers() == Delivery(sent=4, refused=1)
    assert "message.to" in room.of(PersonCode("v1")).said


def test_a_letter_goes_again_with_the_same_slip_to_a_corrected_address(room: Room) -> None:
    with serving(PostOffice({"v3@example.vn": "550 no"})) as office:
        room.send(office)
        before = room.of(PersonCode("v3"))
        letters.send_to(room.stores.app, SURVEY, before.message, "dung@example.vn")
        with pytest.raises(NoSuchLetter):  # the same button pressed twice
            letters.send_to(room.stores.app, SURVEY, before.message, "dung@example.vn")
        assert corrections(room.stores.app, SURVEY) == {"v3": ("v3@example.vn", "dung@example.vn")}
        room.send(office)
        after = room.of(PersonCode("v3"))
        letters.bounced(room.stores.app, SURVEY, {after.message: "no"})
    assert (after.id, after.code, after.state) == (before.id, before.code, State.SENT)
    assert (after.email, after.instead_of) == ("dung@example.vn", "v3@example.vn")
    assert read(office.taken[-1])[1].strip() == "Mã: CODE-3"
    letters.send_to(room.stores.app, SURVEY, after.message, "v3@example.vn")
    assert corrections(room.stores.app, SURVEY) == {}


def test_a_letter_that_may_have_arrived_is_sent_again_but_never_to_another_address(room: Room) -> None:
    """Else whoever organizes could have somebody's slip by correcting its address."""
    waiting = room.of(PersonCode("v1"))
    with pytest.raises(AddressStands):
        letters.send_to(room.stores.app, SURVEY, waiting.message, "mine@example.vn")
    with serving(PostOffice({"v2@example.vn": "550 no"})) as office:
        room.send(office)
        for voter in (PersonCode("v1"), PersonCode("v3")):
            with pytest.raises(AddressStands):
                letters.send_to(room.stores.app, SURVEY, room.of(voter).message, "mine@example.vn")
        sent, refused = room.of(PersonCode("v1")), room.of(PersonCode("v2"))
        letters.send_to(room.stores.app, SURVEY, sent.message, "v1@example.vn")
        letters.send_to(room.stores.app, SURVEY, refused.message, "dung@example.vn")
        room.send(office)
    assert recipients(office)["v1@example.vn"] == 2
    assert recipients(office)["mine@example.vn"] == 0
    assert recipients(office)["dung@example.vn"] == 1


def test_nobody_sends_a_letter_of_another_unit_again(room: Room) -> None:
    with serving(PostOffice({"v3@example.vn": "550 no"})) as office:
        room.send(office)
    message = room.of(PersonCode("v3")).message
    with pytest.raises(NoSuchLetter):
        letters.send_to(room.stores.app, SURVEY, message, "x@example.vn", (UnitCode("C1"),))
    assert room.of(PersonCode("v3")).email == "v3@example.vn"
    letters.send_to(room.stores.app, SURVEY, message, "x@example.vn", (UnitCode("C2"),))
    assert room.of(PersonCode("v3")).email == "x@example.vn"


def test_a_letter_that_is_to_go_again_while_it_is_being_sent_goes_twice(room: Room) -> None:
    asked: list[str] = []

    def write(letter: Letter) -> tuple[str, str]:
        if letter.voter == "v2" and not asked:
            asked.append(letter.message)
            letters.resend(room.stores.engines.app, SURVEY, [letter.id])
        return room.write(letter)

    with serving(PostOffice()) as office, a_mailer(office).session() as session:
        letters.send(room.stores.app, SURVEY, session, write)
    assert recipients(office)["v2@example.vn"] == 2
    assert room.of(PersonCode("v2")).state is State.SENT


def test_letters_that_are_forgotten_or_withdrawn_while_others_are_sent_stay_here(room: Room) -> None:
    def write(letter: Letter) -> tuple[str, str]:
        if letter.voter == "v2":
            letters.withdraw(room.stores.app, SURVEY, PersonCode("v4"))
        if letter.voter == "v3":
            letters.forget(room.stores.engines.app, SURVEY)
        return room.write(letter)

    with serving(PostOffice()) as office, a_mailer(office).session() as session:
        letters.send(room.stores.app, SURVEY, session, write)
    assert [taken.recipient for taken in office.taken] == ["v1@example.vn", "v2@example.vn", "v3@example.vn"]


def test_everything_that_did_not_arrive_waits_again_in_ones_own_units_only(room: Room) -> None:
    answers = {f"v{n}@example.vn": "550 no" for n in (1, 3, 5)}
    with serving(PostOffice(dict(answers))) as office:
        room.send(office)
    assert letters.resend_undelivered(room.stores.engines.app, SURVEY, (UnitCode("C1"),)) == 1
    assert room.numbers() == Delivery(waiting=1, sent=2, refused=2)
    assert letters.resend_undelivered(room.stores.engines.app, SURVEY) == 2
    assert room.numbers() == Delivery(waiting=3, sent=2)


def test_a_bounce_is_believed_only_with_the_key_of_a_message_that_was_sent(room: Room) -> None:
    with serving(PostOffice()) as office:
        waiting = room.of(PersonCode("v1")).message
        assert not letters.bounced(room.stores.app, SURVEY, {waiting: "never sent"})
        room.send(office)
    key = key_of(office.taken[0]).strip("<>").partition("@")[0]
    for foreign in ("", "f" * 32, key[:-1]):
        assert not letters.bounced(room.stores.app, SURVEY, {foreign: "no"})
    assert not letters.bounced(room.stores.app, RoundId("cd" * 16), {key: "no"})
    assert room.numbers() == Delivery(sent=5)
    back = {key: "5.1.1 <b>no</b>", "e" * 32: "foreign"}
    assert letters.bounced(room.stores.app, SURVEY, back) == 1
    assert letters.bounced(room.stores.app, SURVEY, {key: "again"}) == 0
    (missing,) = letters.undelivered(room.stores.app, SURVEY)
    assert (missing.state, missing.said) == (State.BOUNCED, "5.1.1 <b>no</b>")
