"""Tables of the accounts in the app store. Tokens stand here only as digests, everything about a person in
encrypted columns.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, MetaData, String, Table

from surveys.stores.moments import Moment

metadata = MetaData()

# purpose: office (the organizer of a round), trustee (a member of its committee, whose number is `holder`),
# reader (whoever belongs to a unit of a published round, whose index in the definition is `holder`).
links = Table(
    "links",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("purpose", String(8), primary_key=True),
    Column("holder", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("expires", Moment, nullable=False),
)

# `uniquifier` names the sessions of an account: a new one signs it out everywhere. `handle` is what passkeys
# know it by.
staff = Table(
    "staff",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("email_index", LargeBinary, nullable=False, unique=True),
    Column("profile", LargeBinary, nullable=False),
    Column("secrets", LargeBinary, nullable=False),
    Column("uniquifier", String(64), nullable=False, unique=True),
    Column("handle", String(64), nullable=False, unique=True),
    Column("active", Boolean, nullable=False),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("staff", String(32), ForeignKey("staff.id"), nullable=False),
    Column("credential", LargeBinary, nullable=False, unique=True),
    Column("content", LargeBinary, nullable=False),
)

# `unit` is a unit's code, or * for the whole organisation.
grants = Table(
    "grants",
    metadata,
    Column("staff", String(32), ForeignKey("staff.id"), primary_key=True),
    Column("role", String(20), primary_key=True),
    Column("unit", String(100), primary_key=True),
)

invitations = Table(
    "invitations",
    metadata,
    Column("staff", String(32), ForeignKey("staff.id"), primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("expires", Moment, nullable=False),
)

# Tokens of programs: `digest` of a token, `name` sealed; what a token may do at most stands in
# `api_token_grants`.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("staff", String(32), ForeignKey("staff.id"), nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("expires", Moment, nullable=False),
    Column("name", LargeBinary, nullable=False),
)

api_token_grants = Table(
    "api_token_grants",
    metadata,
    Column("token", String(32), ForeignKey("api_tokens.id"), primary_key=True),
    Column("role", String(20), primary_key=True),
    Column("unit", String(100), primary_key=True),
)

# Sessions that were signed out before their time: the digest of the session's id, until no session of that
# age is taken anyway.
ended_sessions = Table(
    "ended_sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("until", Moment, nullable=False),
)

staff_log = Table(
    "staff_log",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(20), nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("entry", LargeBinary, nullable=False),
)
