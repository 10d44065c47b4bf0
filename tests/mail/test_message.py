"""A message says what it was given, to whom it was given, and nothing can be slipped into it."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.mail.errors import BadMessage
from surveys.mail.message import Message, message_id, new_key, written
from surveys.mail.replies import one_line
from tests.mail.build import MORNING, a_message, settings_for
from tests.mail.server import PostOffice

SETTINGS = settings_for(PostOffice(port=25), sender_name="Tổ kiểm phiếu")
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
]
letters = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
headings = st.text(letters, min_size=1, max_size=200).filter(lambda text: text.strip() == text)
texts = st.text(st.one_of(letters, st.sampled_from("\n\t. =")), max_size=3000)


def _read(message: Message) -> EmailMessage:
    read = message_from_bytes(written(message, SETTINGS, MORNING), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def _addressees(message: Message) -> list[tuple[str, str]]:
    """Read in two steps as RFC 2047 has it: the modern parser puts spaces between encoded words of a name."""
    raw = message_from_bytes(written(message, SETTINGS, MORNING))["To"]
    return [(str(make_header(decode_header(name))), address) for name, address in getaddresses([raw])]


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Ánh Tuyết",
        "Đỗ, Văn “Bé” <be@evil.example>",
        "Le Van An",
        "=?utf-8?q?Someone_Else?=",
        '"; <evil@example.org>, x',
        "Đảng ủy Sở Kế hoạch và Đầu tư, chi bộ số 3 — đồng chí Nguyễn Thị Minh Khai, phó bí thư thường trực",
    ],
)
def test_a_name_arrives_as_it_is_written_and_names_one_recipient(name: str) -> None:
    read = _read(a_message(name=name, subject=name))
    assert len(read["To"].addresses) == 1
    assert _addressees(a_message(name=name)) == [(name, "voter1@example.vn")]
    assert read["Subject"] == name


@given(name=headings, subject=headings)
def test_any_name_and_subject_arrive_whole(name: str, subject: str) -> None:
    read = _read(a_message(name=name, subject=subject))
    assert read.keys() == HEADERS
    assert len(read["To"].addresses) == 1
    assert _addressees(a_message(name=name)) == [(name, "voter1@example.vn")]
    assert read["Subject"] == subject


@given(text=texts)
def test_any_text_arrives_whole_in_short_lines(text: str) -> None:
    message = a_message(text=text)
    got = _read(message).get_content().replace("\r\n", "\n")
    assert got in {text, text + "\n"}
    raw = written(message, SETTINGS, MORNING)
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


def test_the_sender_is_named_and_the_hour_is_universal() -> None:
    read = _read(a_message())
    assert read["From"].addresses[0].display_name == "Tổ kiểm phiếu"
    assert read["From"].addresses[0].addr_spec == "bophieu@tinh.example.vn"
    assert read["Date"] == "Mon, 02 Mar 2026 08:30:00 +0000"
    assert read["Auto-Submitted"] == "auto-generated"


def test_there_is_nothing_but_plain_text() -> None:
    read = _read(a_message())
    assert read.keys() == HEADERS
    assert read.get_content_type() == "text/plain"


@pytest.mark.parametrize("part", ["name", "subject"])
@pytest.mark.parametrize(
    "broken", ["\n", "\r", "\r\n", "\x00", "\x0b", "\x0c", "\x1b", "\x85", "\u2028", "\u2029", "\ud800"]
)
def test_a_heading_with_a_line_break_is_refused(part: str, broken: str) -> None:
    with pytest.raises(BadMessage, match=part) as caught:
        replace(a_message(), **{part: f"An{broken}Bcc: evil@example.org"})
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize("part", ["name", "subject"])
def test_the_same_heading_on_one_line_is_only_a_heading(part: str) -> None:
    read = _read(replace(a_message(), **{part: "An Bcc: evil@example.org"}))
    assert read["Bcc"] is None
    assert len(read["To"].addresses) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "voter",
        "voter@localhost",
        "a@example.vn\r\nRCPT TO:<evil@example.org>",
        "a@example.vn>",
        "<a@example.vn>",
        "a@example.vn, b@example.vn",
        "a b@example.vn",
        '"a b"@example.vn',
        "ánh@example.vn",
        "a@đảng.example.vn",
        "a@[127.0.0.1]",
        "a..b@example.vn",
        "a@example..vn",
        "a@-example.vn",
        "a@example.vn\n",
        "a" * 65 + "@example.vn",
        "a@" + "example." * 40 + "vn",
    ],
)
def test_what_is_not_one_address_is_refused(address: str) -> None:
    with pytest.raises(BadMessage, match="to: not one mail address"):
        a_message(to=address)


@pytest.mark.parametrize("address", ["a@example.vn", "a.b+c=d@x-y.example.vn", "a" * 64 + "@example.vn"])
def test_what_is_one_address_is_taken(address: str) -> None:
    assert _read(a_message(to=address))["To"].addresses[0].addr_spec == address


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("text", "a\x00b"),
        ("text", "a\x1b[2J"),
        ("text", "\ud800"),
        ("text", "a" * 100_001),
        ("subject", "  "),
        ("subject", "a" * 201),
        ("name", "a" * 201),
        ("key", "1"),
        ("key", "g" * 32),
        ("key", "0" * 31 + "\n"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name(part: str, value: str) -> None:
    other: dict[str, Any] = {part: value}
    with pytest.raises(BadMessage, match=f"message.{part}"):
        a_message(**other)


def test_a_message_id_is_the_key_and_no_two_are_alike() -> None:
    key = new_key()
    assert message_id(a_message(key=key), SETTINGS) == f"<{key}@tinh.example.vn>"
    assert len({a_message().key for _ in range(100)}) == 100


def test_a_message_in_a_log_shows_no_person_and_no_text() -> None:
    shown = repr(a_message(name="Nguyễn Thị Ánh", text="MÃ-BÍ-MẬT"))
    assert not re.search("Ánh|MÃ|voter1", shown)
    assert "Mời bỏ phiếu" in shown


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (b"5.1.1 no\r\nsuch\tuser", "5.1.1 no such user"),
        ("a\x1b[31mb\u202ec\x00", "a[31mbc"),
        (b"\xff\xfe", "��"),
        ("a" * 301, "a" * 299 + "…"),
        ("", ""),
    ],
)
def test_a_strangers_words_stay_on_one_short_line(said: str | bytes, line: str) -> None:
    assert one_line(said) == line
