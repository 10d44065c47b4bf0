"""The tables of a survey's box (docs/protocol.md 9.4). Private to this room; `migrations/box` makes the same.

Every slot exists before the polls open. A column that changes while they are open is a blob of one width for
ever, NOT NULL and in no index: SQLite then overwrites it where it stands, and the file shows what is in the
box but not in which order it came. Danger: a number, a nullable column, a growing value or an index on a
changing column would tell that order (`tests/box/test_layout.py` catches each).
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table

FINGERPRINT_BYTES = 8

metadata = MetaData()

# One row, id 1: the row on which casting and closing wait for each other.
gate = Table(
    "gate",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("state", LargeBinary, nullable=False),
    Column("generation", LargeBinary, nullable=False),
    Column("manifest", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="one_gate"),
    CheckConstraint("length(state) = 1", name="state_width"),
    CheckConstraint("length(generation) = 8", name="generation_width"),
    CheckConstraint("length(manifest) = 32", name="manifest_width"),
)

# One row, id 1: the seed of the box key, sealed by the key ring. Made before the manifest, which names its
# public half.
box_key = Table(
    "box_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seed", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="one_box_key"),
)

# A slot's narrow half: all that a look-up or a check against other ballots needs.
head = Table(
    "head",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("panel", Integer, nullable=False),
    Column("used", LargeBinary, nullable=False),
    Column("ballot_key", LargeBinary, nullable=False),
    Column("sequence", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("fingerprints", LargeBinary, nullable=False),
    CheckConstraint("length(used) = 1", name="used_width"),
    CheckConstraint("length(ballot_key) = 32", name="ballot_key_width"),
    CheckConstraint("length(sequence) = 4", name="sequence_width"),
    CheckConstraint("length(digest) = 32", name="digest_width"),
)

# The panel of a slot never changes, so this index may stand.
Index("head_panel", head.c.panel)

# A slot's wide half: the ballot, of the one length its panel's ballots have.
paper = Table(
    "paper",
    metadata,
    Column("slot", Integer, ForeignKey("head.slot"), primary_key=True, autoincrement=False),
    Column("ballot", LargeBinary, nullable=False),
)
