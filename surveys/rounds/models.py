"""Tables of the rounds in the app store. Definition and manifest hold leaders' names, questions what is asked
of them: encrypted.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, MetaData, String, Table

from surveys.stores.moments import Moment

metadata = MetaData()

rounds = Table(
    "rounds",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("year", Integer, nullable=False),
    Column("preset", String(60), nullable=False),
    Column("title_vi", String(300), nullable=False),
    Column("title_en", String(300), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("definition", LargeBinary, nullable=False),
    Column("manifest", LargeBinary, nullable=True),
    Column("opened", Moment, nullable=True),
    Column("closed", Moment, nullable=True),
    Column("root", String(100), nullable=False, server_default=""),
)

# By which an older copy of a round's stores is recognised (surveys/stores/generations.py).
generations = Table(
    "generations",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("generation", LargeBinary, nullable=False),
    CheckConstraint("length(generation) = 8", name="generation_width"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("terms", LargeBinary, nullable=False),
    Column("root", String(100), nullable=False, server_default=""),
)

conduct = Table(
    "conduct",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("settings", LargeBinary, nullable=False),
    Column("facts", LargeBinary, nullable=False),
)

# What waits for a second person: opened, closed or extended.
approvals = Table(
    "approvals",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("act", String(20), primary_key=True),
    Column("asked_by", String(32), nullable=False),
    Column("asked", LargeBinary, nullable=False),
)

# Who will have which slip: sealed, because it joins voters and keys.
proposed_rolls = Table(
    "proposed_rolls",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("entries", LargeBinary, nullable=False),
)

# Questions to the leaders and their answers. A question that was withdrawn is None and its number stays
# taken; `version` counts the answers that were written in its place.
questions = Table(
    "questions",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("contest", Integer, nullable=False),
    Column("asked", Moment, nullable=False),
    Column("question", LargeBinary, nullable=True),
    Column("answered", Moment, nullable=True),
    Column("answer", LargeBinary, nullable=True),
    Column("version", Integer, nullable=False),
)
