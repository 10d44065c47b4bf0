"""Messages reach a real server over a real connection, or the caller knows exactly which did not."""

from __future__ import annotations

import socket
from email import message_from_bytes, policy

import pytest

from surveys.mail.errors import MailUnavailable, SenderRefused, Unprotected
from surveys.mail.smtp import Refused, Sent
from surveys.settings import BadSetting
from tests.mail.build import a_mailer, a_message, settings_for
from tests.mail.server import DROP, Answers, PostOffice, serving


def _recipients(office: PostOffice) -> list[str]:
    return [taken.recipient for taken in office.taken]


def test_many_messages_go_over_one_connection() -> None:
    messages = [a_message(number) for number in range(5)]
    with serving(PostOffice()) as office, a_mailer(office).session() as session:
        answers = [session.send(message) for message in messages]
    assert answers == [Sent(f"<{message.key}@tinh.example.vn>") for message in messages]
    assert _recipients(office) == [message.to for message in messages]
    assert {taken.sender for taken in office.taken} == {"bophieu@tinh.example.vn"}
    assert office.connections == 1
    assert office.lines[-1].upper() == "QUIT"


def test_what_arrives_is_the_message_and_answers_for_itself() -> None:
    with serving(PostOffice()) as office, a_mailer(office, reply_to="vp@example.vn").session() as session:
        message = a_message(text="Dòng một\r\n.một dấu chấm\n..\n.\nFrom đây\ncuối ", name="Nguyễn Thị Ánh")
        session.send(message)
    read = message_from_bytes(office.taken[0].raw, policy=policy.default)
    assert read.get_content().replace("\r\n", "\n") == "Dòng một\n.một dấu chấm\n..\n.\nFrom đây\ncuối \n"
    assert read["To"].addresses[0].display_name == "Nguyễn Thị Ánh"
    assert read["Reply-To"] == "vp@example.vn"
    assert read["Message-ID"] == f"<{message.key}@tinh.example.vn>"
    assert read["Auto-Submitted"] == "auto-generated"


def test_one_refused_recipient_in_the_middle_does_not_stop_the_others() -> None:
    answers: Answers = {"voter1@example.vn": "550-5.1.1 no such\r\n550 5.1.1 mailbox"}
    with serving(PostOffice(answers)) as office, a_mailer(office).session() as session:
        said = [session.send(a_message(number)) for number in range(3)]
    assert [type(answer) for answer in said] == [Sent, Refused, Sent]
    assert said[1] == Refused(550, "5.1.1 no such 5.1.1 mailbox")
    assert _recipients(office) == ["voter0@example.vn", "voter2@example.vn"]
    assert office.connections == 1


@pytest.mark.parametrize(("reset", "connections"), [("250 ok", 1), ("502 what?", 2), (DROP, 2)])
def test_after_a_refusal_the_server_forgets_the_message_or_is_called_anew(
    reset: str, connections: int
) -> None:
    answers: Answers = {"voter0@example.vn": "550 5.1.1 no", "RSET": [reset]}
    with serving(PostOffice(answers)) as office, a_mailer(office).session() as session:
        assert isinstance(session.send(a_message(0)), Refused)
        assert isinstance(session.send(a_message(1)), Sent)
    assert "rset" in office.lines
    assert office.connections == connections


def test_a_text_refused_for_good_is_a_refusal_too() -> None:
    with (
        serving(PostOffice({".": ["554 5.7.1 not this text"]})) as office,
        a_mailer(office).session() as session,
    ):
        assert session.send(a_message(0)) == Refused(554, "5.7.1 not this text")
        assert isinstance(session.send(a_message(1)), Sent)
    assert _recipients(office) == ["voter1@example.vn"]


@pytest.mark.parametrize("step", ["voter1@example.vn", "DATA", "."])
def test_later_is_raised_and_what_was_sent_stays_sent(step: str) -> None:
    with serving(PostOffice()) as office, a_mailer(office).session() as session:
        session.send(a_message(0))
        office.answers = {step: ["451 4.7.1 greylisted"]}
        with pytest.raises(MailUnavailable, match="greylisted") as caught:
            session.send(a_message(1))
        assert (caught.value.code, caught.value.doubtful) == (451, False)
        assert isinstance(session.send(a_message(1)), Sent)
    assert _recipients(office) == ["voter0@example.vn", "voter1@example.vn"]


def test_a_connection_dropped_after_the_third_message_is_made_anew() -> None:
    with serving(PostOffice(drop_after=3)) as office, a_mailer(office).session() as session:
        said = [session.send(a_message(number)) for number in range(8)]
    assert all(isinstance(answer, Sent) for answer in said)
    assert _recipients(office) == [f"voter{number}@example.vn" for number in range(8)]
    assert [taken.connection for taken in office.taken] == [1, 1, 1, 2, 2, 2, 3, 3]


def test_a_server_that_closes_politely_is_called_again() -> None:
    with serving(PostOffice()) as office, a_mailer(office).session() as session:
        session.send(a_message(0))
        office.answers = {"MAIL": ["421 4.4.2 idle too long"]}
        assert isinstance(session.send(a_message(1)), Sent)
    assert office.connections == 2
    assert len(office.taken) == 2


def test_a_new_connection_that_is_dropped_too_is_given_up() -> None:
    with serving(PostOffice({"MAIL": DROP})) as office, a_mailer(office).session() as session:
        with pytest.raises(MailUnavailable) as caught:
            session.send(a_message())
        assert not caught.value.doubtful
    assert office.connections == 1


def test_a_message_the_server_may_have_is_not_repeated_by_itself() -> None:
    with serving(PostOffice()) as office, a_mailer(office).session() as session:
        session.send(a_message(0))
        office.answers = {".": [DROP]}
        message = a_message(1)
        with pytest.raises(MailUnavailable, match="may have arrived") as caught:
            session.send(message)
        assert caught.value.doubtful
        assert _recipients(office) == ["voter0@example.vn", "voter1@example.vn"]  # repeated, it would be two
        session.send(message)
    read = [message_from_bytes(taken.raw, policy=policy.default)["Message-ID"] for taken in office.taken]
    assert read[1] == read[2]


def test_nobody_listening_is_unavailable() -> None:
    with serving(PostOffice()) as office:
        pass
    with a_mailer(office).session() as session, pytest.raises(MailUnavailable, match="no answer"):
        session.send(a_message())


@pytest.mark.parametrize("greeting", ["\x00\x01", "hello", DROP, "421 too busy", "220" + "x" * 20_000])
def test_a_server_that_speaks_rubbish_is_an_error_of_ours(greeting: str) -> None:
    with (
        serving(PostOffice({"HELLO": greeting})) as office,
        a_mailer(office).session() as session,
        pytest.raises((MailUnavailable, Unprotected)),
    ):
        session.send(a_message())
    assert office.taken == []


@pytest.mark.parametrize("answers", [{"HELLO": "554 go away"}, {"MAIL": "553 5.7.1 not your address"}])
def test_a_refusal_of_the_house_is_not_taken_for_one_of_the_recipient(answers: dict[str, str]) -> None:
    with (
        serving(PostOffice(dict(answers))) as office,
        a_mailer(office).session() as session,
        pytest.raises(SenderRefused, match=r"go away|not your"),
    ):
        session.send(a_message())
    assert office.taken == []


def test_a_server_with_delivery_reports_is_asked_for_failures_without_the_text() -> None:
    with serving(PostOffice(offers=("DSN",))) as office, a_mailer(office).session() as session:
        message = a_message(to="a+b=c@example.vn")
        assert isinstance(session.send(message), Sent)
    assert f"mail FROM:<bophieu@tinh.example.vn> RET=HDRS ENVID={message.key}" in office.lines
    assert "rcpt TO:<a+b=c@example.vn> NOTIFY=FAILURE ORCPT=rfc822;a+2Bb+3Dc@example.vn" in office.lines


def test_a_server_without_delivery_reports_is_not_asked() -> None:
    with serving(PostOffice()) as office, a_mailer(office).session() as session:
        assert isinstance(session.send(a_message()), Sent)
    assert "rcpt TO:<voter1@example.vn>" in office.lines


def test_this_machines_own_name_is_not_told() -> None:
    with serving(PostOffice()) as office, a_mailer(office).session() as session:
        session.send(a_message())
    assert office.lines[0] == "ehlo tinh.example.vn"
    assert not any(socket.gethostname() in line for line in office.lines)


def test_a_session_without_messages_connects_to_nobody() -> None:
    with serving(PostOffice()) as office, a_mailer(office).session():
        pass
    assert office.connections == 0


def test_plain_is_refused_for_another_machine_and_taken_for_this_one() -> None:
    with pytest.raises(BadSetting, match=r"TIN_NHIEM_SMTP_SECURITY.*on this machine"):
        settings_for(PostOffice(port=25), host="mail.example.vn")
    for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost"):
        assert settings_for(PostOffice(port=25), host=host).security == "plain"
    assert settings_for(PostOffice(port=25), host="mail.example.vn", security="tls").host == "mail.example.vn"


@pytest.mark.parametrize("answers", [{"RCPT": ""}, {"MAIL": ""}, {".": ""}])
def test_an_error_never_repeats_an_address_of_the_recipient(answers: dict[str, str]) -> None:
    """The end of a job is kept in the open, and servers like to say whom they mean."""
    (step,) = answers
    later = "450 4.2.0 <voter1@example.vn>: Recipient voter1@example.vn is greylisted"
    office = PostOffice({"voter1@example.vn" if step == "RCPT" else step: later})
    with (
        serving(office),
        a_mailer(office).session() as session,
        pytest.raises(MailUnavailable, match="greylisted") as caught,
    ):
        session.send(a_message(1))
    assert "voter1" not in f"{caught.value} {caught.value.why}"
    assert "voter1" in later  # the server has said it
