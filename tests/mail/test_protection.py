"""Without the protection that was asked for, the server hears neither a password nor a name."""

from __future__ import annotations

import re
import socket
import ssl
from pathlib import Path

import pytest

from surveys.mail.errors import MailError, MailUnavailable, SenderRefused, Unprotected
from surveys.mail.smtp import Mailer, Sent
from tests.mail.build import a_mailer, a_message
from tests.mail.server import Certificate, PostOffice, a_certificate, serving

SIGNED = {"user": "bophieu", "password": "mat-khau-rat-dai"}
PAIR = ("bophieu", "mat-khau-rat-dai")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return a_certificate(tmp_path_factory.mktemp("certificate"), "127.0.0.1")


def _spoken(office: PostOffice) -> set[str]:
    return {line.split(" ")[0].upper() for line in office.lines}


def _refused(office: PostOffice, mailer: Mailer, kind: type[MailError], why: str) -> None:
    with mailer.session() as session, pytest.raises(kind, match=why) as caught:
        session.send(a_message())
    assert office.taken == []
    assert PAIR[1] not in repr(caught.value)


def test_starttls_encrypts_before_anything_is_said(certificate: Certificate) -> None:
    with (
        serving(PostOffice(context=certificate.server, sign_in=PAIR)) as office,
        a_mailer(office, tls=certificate.client, security="starttls", **SIGNED).session() as session,
    ):
        assert isinstance(session.send(a_message()), Sent)
    assert [taken.encrypted for taken in office.taken] == [True]
    assert [line.split(" ")[0].upper() for line in office.lines][:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]


def test_starttls_that_is_not_offered_sends_nothing() -> None:
    with serving(PostOffice(sign_in=PAIR)) as office:
        _refused(office, a_mailer(office, security="starttls", **SIGNED), Unprotected, "no encryption")
    assert _spoken(office) == {"EHLO"}


def test_the_same_server_gets_the_message_where_plain_is_asked_for() -> None:
    with serving(PostOffice(sign_in=PAIR)) as office, a_mailer(office, **SIGNED).session() as session:
        assert isinstance(session.send(a_message()), Sent)
    assert "AUTH" in _spoken(office)


@pytest.mark.parametrize(
    ("answer", "kind"), [("502 5.5.1 no", Unprotected), ("454 4.7.0 not now", MailUnavailable)]
)
def test_starttls_that_is_offered_and_refused_sends_nothing(
    certificate: Certificate, answer: str, kind: type[MailError]
) -> None:
    with serving(PostOffice({"STARTTLS": answer}, context=certificate.server, sign_in=PAIR)) as office:
        mailer = a_mailer(office, tls=certificate.client, security="starttls", **SIGNED)
        _refused(office, mailer, kind, answer[10:])
    assert _spoken(office) == {"EHLO", "STARTTLS"}


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_is_refused(certificate: Certificate, security: str) -> None:
    office = PostOffice(context=certificate.server, encrypted_from_start=security == "tls", sign_in=PAIR)
    with serving(office):
        mailer = a_mailer(office, tls=ssl.create_default_context(), security=security, **SIGNED)
        _refused(office, mailer, Unprotected, "CERTIFICATE_VERIFY_FAILED")
    assert _spoken(office) <= {"EHLO", "STARTTLS"}


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_for_another_name_is_refused(tmp_path: Path, security: str) -> None:
    other = a_certificate(tmp_path, "mail.example.vn")
    office = PostOffice(context=other.server, encrypted_from_start=security == "tls", sign_in=PAIR)
    with serving(office):
        mailer = a_mailer(office, tls=other.client, security=security, **SIGNED)
        _refused(office, mailer, Unprotected, "not valid for '127.0.0.1'")


def test_tls_from_the_start_delivers(certificate: Certificate) -> None:
    with (
        serving(PostOffice(context=certificate.server, encrypted_from_start=True, sign_in=PAIR)) as office,
        a_mailer(office, tls=certificate.client, security="tls", **SIGNED).session() as session,
    ):
        assert isinstance(session.send(a_message()), Sent)
    assert [taken.encrypted for taken in office.taken] == [True]


def test_tls_to_a_server_that_does_not_speak_it_is_refused(certificate: Certificate) -> None:
    with serving(PostOffice()) as office:
        mailer = a_mailer(office, tls=certificate.client, security="tls")
        _refused(office, mailer, Unprotected, "(?i)wrong.version|record layer|packet")


def test_a_wrong_password_is_a_refusal_of_the_house() -> None:
    with serving(PostOffice(sign_in=("bophieu", "another"))) as office:
        _refused(office, a_mailer(office, **SIGNED), SenderRefused, "wrong user or password")


def test_a_server_that_knows_only_the_older_way_of_signing_in_is_served() -> None:
    with (
        serving(PostOffice(sign_in=PAIR, ways=("LOGIN",))) as office,
        a_mailer(office, **SIGNED).session() as session,
    ):
        assert isinstance(session.send(a_message()), Sent)


@pytest.mark.parametrize("ways", [("GSSAPI",), ("XOAUTH2", "NTLM")])
def test_ways_of_signing_in_that_are_not_known_here_are_a_refusal(ways: tuple[str, ...]) -> None:
    with serving(PostOffice(sign_in=PAIR, ways=ways)) as office:
        _refused(office, a_mailer(office, **SIGNED), SenderRefused, "no way of signing in")


def test_a_sign_in_that_is_put_off_is_not_a_refusal() -> None:
    with serving(PostOffice({"AUTH": "454 4.7.0 later"}, sign_in=PAIR)) as office:
        _refused(office, a_mailer(office, **SIGNED), MailUnavailable, "later")


def test_a_server_without_sign_in_gets_nothing_from_who_has_a_password() -> None:
    with serving(PostOffice()) as office:
        _refused(office, a_mailer(office, **SIGNED), SenderRefused, "no way of signing in")


def test_a_missing_sign_in_is_not_taken_for_a_refused_recipient() -> None:
    with serving(PostOffice(sign_in=PAIR)) as office:
        _refused(office, a_mailer(office), SenderRefused, "sign in first")
    with serving(PostOffice({"voter1@example.vn": "530 5.7.0 sign in first"})) as office:
        _refused(office, a_mailer(office), SenderRefused, "sign in first")


def test_a_localhost_that_is_another_machine_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = ("192.0.2.7", 25)
    with serving(PostOffice()) as office:
        with monkeypatch.context() as patch:
            patch.setattr(socket.socket, "getpeername", lambda self: elsewhere, raising=False)
            _refused(office, a_mailer(office, host="localhost"), Unprotected, "on another")
        assert office.lines == []
        with a_mailer(office, host="localhost").session() as session:
            assert isinstance(session.send(a_message()), Sent)


def test_a_password_shows_nowhere() -> None:
    with serving(PostOffice()) as office:
        mailer = a_mailer(office, **SIGNED)
    assert not re.search(PAIR[1], repr(mailer.settings) + str(mailer.settings) + repr(mailer))
    assert mailer.settings.password == PAIR[1]
