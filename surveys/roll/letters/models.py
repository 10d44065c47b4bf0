"""The table of slips that go by e-mail, in the app store. Codes, names and addresses are encrypted columns."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, MetaData, String, Table

metadata = MetaData()

# state: waiting, sent, refused (by the mail server), bounced (came back). `message` is the key of the Message-ID.
letters = Table(
    "letters",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("slip", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("state", String(8), nullable=False),
    Column("message", String(32), nullable=False),
    Column("said", LargeBinary, nullable=True),
)
