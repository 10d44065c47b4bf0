"""Messages and settings for the tests of the mail room."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from surveys.mail.message import Message
from surveys.mail.smtp import Mailer
from surveys.settings import MailSettings
from tests.mail.server import PostOffice

MORNING = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def settings_for(office: PostOffice, **other: Any) -> MailSettings:
    """Plain mail to this office, unless told otherwise."""
    usual = {
        "host": "127.0.0.1",
        "port": office.port,
        "security": "plain",
        "sender": "bophieu@tinh.example.vn",
    }
    return MailSettings(**{**usual, **other})


def a_mailer(office: PostOffice, *, tls: Any = None, **other: Any) -> Mailer:
    """A mailer for this office at a fixed hour."""
    return Mailer(settings_for(office, **other), tls=tls, now=lambda: MORNING, seconds=5)


def a_message(number: int = 1, **other: Any) -> Message:
    """The n-th voter's message."""
    usual = {
        "to": f"voter{number}@example.vn",
        "subject": "Mời bỏ phiếu",
        "text": f"Kính gửi người thứ {number}\n",
    }
    return Message(**{**usual, **other})
