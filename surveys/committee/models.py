"""Tables of the committee in the app store: the public messages of ceremony and count. No secret is among
them.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData()

# kind: commit, deal, confirm (attempt counts from 1); agreement, cosignature, share, certificate (attempt 0).
messages = Table(
    "committee_messages",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("trustee", Integer, primary_key=True),
    Column("payload", LargeBinary, nullable=False),
)

plans = Table(
    "committee_plans",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("board", LargeBinary, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)
