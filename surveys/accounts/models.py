"""Tables of the accounts in the app store. A token stands here only as its digest."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData()

# purpose: office (the organizer of a round), trustee (a member of its committee, whose number is `holder`).
links = Table(
    "links",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("purpose", String(8), primary_key=True),
    Column("holder", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("expires", String(20), nullable=False),
)
