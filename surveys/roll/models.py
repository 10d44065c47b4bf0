"""The tables of a survey's roll (docs/protocol.md 6.3, 7.3, 9.4). Private to this room; `migrations/roll`
makes the same.

A voter is one row, made when the roll is frozen. A column that changes afterwards is a blob of one width for
ever, NOT NULL and in no index: SQLite then overwrites it where it stands, and the file shows who has a paper
but not in which order they asked. Danger: a nullable column, a growing value, a row number or an index on a
changing column would tell that order (`tests/roll/test_layout.py` catches each).
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, LargeBinary, MetaData, Table

metadata = MetaData()

panels = Table(
    "panels",
    metadata,
    Column("panel", Integer, primary_key=True, autoincrement=False),
    Column("voters", Integer, nullable=False),
    Column("token_key", LargeBinary, nullable=False),
    Column("private_key", LargeBinary, nullable=False),
    Column("present", LargeBinary, nullable=False),
    Column("state", LargeBinary, nullable=False),
    CheckConstraint("length(present) = 4", name="present_width"),
    CheckConstraint("length(state) = 1", name="state_width"),
)

# One row, id 1: by which an older copy of the roll is recognised.
binding = Table(
    "binding",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("generation", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="one_binding"),
    CheckConstraint("length(generation) = 8", name="generation_width"),
)

# `frozen` is the key on the frozen roll; `slip` differs from it once a lost slip was replaced (6.4).
# Keyed by slip, so the rows lie in an order that has nothing to do with people or time.
slips = Table(
    "slips",
    metadata,
    Column("panel", Integer, ForeignKey("panels.panel"), primary_key=True, autoincrement=False),
    Column("slip", LargeBinary, primary_key=True),
    Column("frozen", LargeBinary, nullable=False),
    Column("voter", LargeBinary, nullable=False),
    Column("blinded", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    CheckConstraint("length(slip) = 32", name="slip_width"),
    CheckConstraint("length(frozen) = 32", name="frozen_width"),
    CheckConstraint("length(blinded) = 256", name="blinded_width"),
    CheckConstraint("length(signature) = 64", name="signature_width"),
    sqlite_with_rowid=False,
)
