"""The tables of what goes by e-mail, in the app store. Codes, names, addresses and texts are encrypted
columns.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table

from surveys.stores.moments import Moment

metadata = MetaData()

# A slip's `id` is its public key, a reminder's is drawn. `mailing`: 0 the slips, from 1 on a reminder. `unit`
# is the code of the voter's unit. `state`: waiting, sent, refused (by the mail server), bounced (came back).
# `message` is the key of the Message-ID.
letters = Table(
    "letters",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("state", String(8), nullable=False),
    Column("message", String(32), nullable=False),
    Column("said", LargeBinary, nullable=True),
    Column("mailing", Integer, nullable=False, server_default="0"),
    Column("unit", String(100), nullable=False, server_default=""),
    Index("letters_by_message", "survey", "message"),
)

# `unit` and everything below it got it; `written` is an instant. `over` on number 0: the polls are closed,
# nothing more is written.
mailings = Table(
    "mailings",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("unit", String(100), nullable=False),
    Column("written", Moment, nullable=True),
    Column("text", LargeBinary, nullable=True),
    Column("over", Boolean, nullable=False),
)

# A member's letter: `content` is the address alone, for the link in it is made when it leaves. `state`,
# `message` and `said` as above.
member_letters = Table(
    "member_letters",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("member", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
    Column("state", String(8), nullable=False),
    Column("message", String(32), nullable=False),
    Column("said", LargeBinary, nullable=True),
)

# What is left of a mailing when its letters are forgotten: how many of a unit were in which state.
delivered = Table(
    "delivered",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("mailing", Integer, primary_key=True, autoincrement=False),
    Column("unit", String(100), primary_key=True),
    Column("state", String(8), primary_key=True),
    Column("letters", Integer, nullable=False),
)
