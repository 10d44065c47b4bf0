"""Settings come from the environment once; a value that means nothing stops the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from surveys.settings import BadSetting, MailSettings, Security, Settings, is_loopback, read_settings

MAIL = {"TIN_NHIEM_SMTP_HOST": "mail.example.vn", "TIN_NHIEM_SMTP_SENDER": "vote@example.vn"}


def test_an_empty_environment_gives_the_plain_settings() -> None:
    assert read_settings({}) == Settings()


def test_every_variable_is_read() -> None:
    given = {
        "TIN_NHIEM_INSTANCE": "/srv/tn",
        "TIN_NHIEM_KEYRING": "/etc/tn/keys.json",
        "TIN_NHIEM_HOSTS": "Vote.Example.VN, www.example.vn",
        "TIN_NHIEM_LISTEN": "0.0.0.0",
        "TIN_NHIEM_PORT": "8080",
        "TIN_NHIEM_HTTPS": "yes",
        "TIN_NHIEM_SOURCE_URL": "https://example.vn/source",
        "TIN_NHIEM_ADDRESS": "https://Vote.example.vn/",
        "TIN_NHIEM_CONTACT": " chị Lan, 0912 345 678 ",
    }
    settings = read_settings(given)
    assert settings == Settings(
        instance=Path("/srv/tn"),
        keyring=Path("/etc/tn/keys.json"),
        hosts=("vote.example.vn", "www.example.vn"),
        listen="0.0.0.0",
        port=8080,
        https=True,
        source_url="https://example.vn/source",
        address="https://vote.example.vn",
        contact="chị Lan, 0912 345 678",
    )
    assert (settings.stores, settings.bundles) == (Path("/srv/tn/stores"), Path("/srv/tn/bundles"))


def test_the_keyring_lies_beside_the_stores_unless_it_is_put_elsewhere() -> None:
    assert read_settings({"TIN_NHIEM_INSTANCE": "/srv/tn"}).keyring == Path("/srv/tn/keyring.json")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOSTS", ""),
        ("HOSTS", "*.example.vn"),
        ("HOSTS", "https://example.vn"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("PORT", "http"),
        ("PORT", "9" * 5000),
        ("PORT", ""),
        ("HTTPS", "true"),
        ("SOURCE_URL", "javascript:alert(1)"),
        ("CONTACT", "Lan\n0912"),
        ("CONTACT", "a" * 61),
    ],
)
def test_a_value_that_means_nothing_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"TIN_NHIEM_{name}"):
        read_settings({f"TIN_NHIEM_{name}": value})


def test_mail_needs_a_server_and_a_sender_and_is_encrypted_unless_told_otherwise() -> None:
    assert read_settings({}).mail is None
    mail = read_settings(MAIL).mail
    assert mail == MailSettings("mail.example.vn", 587, Security.STARTTLS, "vote@example.vn")
    for name in MAIL:
        with pytest.raises(BadSetting, match=r"TIN_NHIEM_SMTP_(HOST|SENDER) is ''"):
            read_settings({name: MAIL[name]})


def test_every_variable_of_mail_is_read() -> None:
    given = {
        "TIN_NHIEM_SMTP_HOST": "Mail.Example.VN",
        "TIN_NHIEM_SMTP_PORT": "2525",
        "TIN_NHIEM_SMTP_SECURITY": "tls",
        "TIN_NHIEM_SMTP_USER": "vote",
        "TIN_NHIEM_SMTP_PASSWORD": "p@ss word",
        "TIN_NHIEM_SMTP_SENDER": "vote@example.vn",
        "TIN_NHIEM_SMTP_SENDER_NAME": "Tổ kiểm phiếu",
        "TIN_NHIEM_SMTP_REPLY_TO": "office@example.vn",
    }
    assert read_settings(given).mail == MailSettings(
        host="mail.example.vn",
        port=2525,
        security=Security.TLS,
        sender="vote@example.vn",
        user="vote",
        password="p@ss word",
        reply_to="office@example.vn",
        sender_name="Tổ kiểm phiếu",
    )


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465)])
def test_the_usual_port_follows_the_security(security: str, port: int) -> None:
    mail = read_settings({**MAIL, "TIN_NHIEM_SMTP_SECURITY": security}).mail
    assert mail is not None
    assert mail.port == port


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOST", "mail example"),
        ("HOST", "https://mail.example.vn"),
        ("HOST", "mail.example.vn:25"),
        ("HOST", "thư.example.vn"),
        ("HOST", "a" * 64 + ".vn"),
        ("PORT", "0"),
        ("PORT", "smtp"),
        ("SECURITY", "ssl"),
        ("SECURITY", "plain"),
        ("SENDER", "vote"),
        ("SENDER", "Vote <vote@example.vn>"),
        ("SENDER", "vote@example.vn\n"),
        ("REPLY_TO", "a@example.vn,b@example.vn"),
        ("SENDER_NAME", "An\nBcc: evil@example.org"),
        ("SENDER_NAME", "a" * 121),
        ("USER", "vote"),
        ("USER", "người"),
    ],
)
def test_a_value_of_mail_that_means_nothing_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"TIN_NHIEM_SMTP_{name} "):
        read_settings({**MAIL, f"TIN_NHIEM_SMTP_{name}": value})


@pytest.mark.parametrize("secret", ["mật khẩu", "two\nlines"])
def test_a_password_that_cannot_be_used_is_refused_without_being_shown(secret: str) -> None:
    given = {**MAIL, "TIN_NHIEM_SMTP_USER": "vote", "TIN_NHIEM_SMTP_PASSWORD": secret}
    with pytest.raises(BadSetting, match="TIN_NHIEM_SMTP_PASSWORD") as caught:
        read_settings(given)
    assert secret not in str(caught.value)
    assert secret not in repr(vars(caught.value))


def test_a_misspelt_variable_of_mail_is_refused_without_its_value() -> None:
    with pytest.raises(BadSetting, match="TIN_NHIEM_SMTP_PASWORD") as caught:
        read_settings({**MAIL, "TIN_NHIEM_SMTP_PASWORD": "hunter22"})
    assert "hunter22" not in str(caught.value)


def test_the_password_is_read_and_shown_nowhere() -> None:
    settings = read_settings({**MAIL, "TIN_NHIEM_SMTP_USER": "vote", "TIN_NHIEM_SMTP_PASSWORD": "hunter22"})
    assert settings.mail is not None
    assert settings.mail.password == "hunter22"
    assert "hunter22" not in repr(settings) + str(settings.mail)


def test_only_addresses_of_this_machine_are_the_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.1.2.3", "::1", "localhost")))
    others = (
        "10.0.0.1",
        "0.0.0.0",
        "::",
        "localhost.example.vn",
        "127.0.0.1.example.vn",
        "127.1",
        "",
        "fe80::1%lo",
    )
    assert not any(map(is_loopback, others))


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://vote.example.vn", "https://vote.example.vn"),
        ("https://vote.example.vn:8443/", "https://vote.example.vn:8443"),
        ("http://localhost:5000", "http://localhost:5000"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        ("https://a.sub.example.vn", "https://a.sub.example.vn"),
        ("", ""),
    ],
)
def test_the_address_of_letters_is_one_under_which_the_site_answers(address: str, kept: str) -> None:
    hosts = "vote.example.vn,localhost,[::1],.sub.example.vn"
    assert read_settings({"TIN_NHIEM_ADDRESS": address, "TIN_NHIEM_HOSTS": hosts}).address == kept


@pytest.mark.parametrize(
    "address",
    [
        "https://other.example.vn",
        "http://vote.example.vn",
        "http://vote.example.vn@127.0.0.1",
        "https://vote.example.vn/b",
        "https://vote.example.vn?x",
        "https://vote.example.vn#x",
        "https://user@vote.example.vn",
        "https://vote.example.vn:99999",
        "https://vote.example.vn:",
        "https://",
        "//vote.example.vn",
        "vote.example.vn",
        "javascript:alert(1)",
        "https://vote.example.vn\nX",
        "https://vote.example.vn x",
    ],
)
def test_an_address_that_would_lead_elsewhere_stops_the_start(address: str) -> None:
    given = {"TIN_NHIEM_ADDRESS": address, "TIN_NHIEM_HOSTS": "vote.example.vn"}
    with pytest.raises(BadSetting, match="TIN_NHIEM_ADDRESS"):
        read_settings(given)


def test_where_the_voters_pages_are_served_elsewhere_their_host_need_not_be_one_of_these() -> None:
    given = {"TIN_NHIEM_ADDRESS": "https://vote.example.vn", "TIN_NHIEM_HOSTS": "desk.example.vn"}
    with pytest.raises(BadSetting):
        read_settings(given)
    assert read_settings({**given, "TIN_NHIEM_SERVE": "site"}).address == "https://vote.example.vn"
