"""A message and how it is written down (RFC 5322, 2045, 2047, 3834): plain text in UTF-8, nothing that
tracks.

A `Message` that exists can be sent. Danger: a line break in a name would begin a new header, a bare one in
the text a second message on a careless server. So headers are ASCII made here, names and subjects with
anything but letters and digits become encoded words, and the text is quoted-printable, which knows only whole
line ends.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from surveys.mail.errors import BadMessage
from surveys.settings import MAIL_ADDRESS, MailSettings

MOST_TEXT = 100_000
MOST_HEADING = 200
_BREAKING = {"Cc", "Cs", "Zl", "Zp"}
_KEY = re.compile(r"[0-9a-f]{32}")
_PLAIN_WORDS = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_PLAIN_LETTERS = 60
_WORD_BYTES = 36  # 48 letters of base64: with the header's name at most 76 letters a line (RFC 2047 §2)


def new_key() -> str:
    """A new message's key: 128 random bits, so that nobody can invent a bounce for a message they have not
    seen.
    """
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address. `name` may be empty. `key` becomes the Message-ID: the same key, the same
    message.

    Raises BadMessage for what cannot stand in a message. Only `subject` and `key` show in its representation:
    the text may hold a code, and logs are no place for people.
    """

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    name: str = field(default="", repr=False)
    key: str = field(default_factory=new_key)

    def __post_init__(self) -> None:
        if not MAIL_ADDRESS.fullmatch(self.to):
            raise BadMessage("to", "not one mail address in ASCII letters")
        _check_heading("name", self.name)
        _check_heading("subject", self.subject)
        if not self.subject.strip():
            raise BadMessage("subject", "empty")
        if len(self.text) > MOST_TEXT:
            raise BadMessage("text", f"longer than {MOST_TEXT} letters")
        if _breaking(_whole_lines(self.text).replace("\n", "").replace("\t", "")):
            raise BadMessage("text", "holds a control character")
        if not _KEY.fullmatch(self.key):
            raise BadMessage("key", "not 32 hexadecimal digits")


def message_id(message: Message, settings: MailSettings) -> str:
    """The Message-ID, in angle brackets: the key at the sender's domain. It tells nothing else."""
    return f"<{message.key}@{domain(settings)}>"


def domain(settings: MailSettings) -> str:
    """The sender's domain."""
    return settings.sender.rpartition("@")[2]


def written(message: Message, settings: MailSettings, now: datetime) -> bytes:
    """The message as it is sent, with CRLF at every line's end and no other line break."""
    headers = [
        f"From: {_mailbox(settings.sender_name, settings.sender)}",
        f"To: {_mailbox(message.name, message.to)}",
        f"Subject: {_words(message.subject)}",
        f"Date: {format_datetime(now.astimezone(UTC))}",
        f"Message-ID: {message_id(message, settings)}",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
    ]
    if settings.reply_to:
        headers.insert(2, f"Reply-To: {_mailbox('', settings.reply_to)}")
    body = binascii.b2a_qp(_whole_lines(message.text).encode(), istext=True).replace(b"\n", b"\r\n")
    return "\r\n".join([*headers, "", ""]).encode("ascii") + body + (b"" if body.endswith(b"\n") else b"\r\n")


def _mailbox(name: str, address: str) -> str:
    return f"{_words(name)}\r\n <{address}>" if name.strip() else address


def _words(text: str) -> str:
    """A heading in ASCII: as it is where nothing in it can mean anything, else in encoded words, one
    a line.
    """
    text = text.strip()
    if len(text) <= _PLAIN_LETTERS and _PLAIN_WORDS.fullmatch(text):
        return text
    pieces = [b""]
    for letter in text:
        raw = letter.encode()
        if len(pieces[-1]) + len(raw) > _WORD_BYTES:
            pieces.append(b"")
        pieces[-1] += raw
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(piece).decode()}?=" for piece in pieces)


def _whole_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _breaking(text: str) -> bool:
    return any(unicodedata.category(letter) in _BREAKING for letter in text)


def _check_heading(part: str, text: str) -> None:
    if len(text) > MOST_HEADING:
        raise BadMessage(part, f"longer than {MOST_HEADING} letters")
    if _breaking(text):
        raise BadMessage(part, "holds a line break or another control character")
