"""The box: gate, box key, heads and papers (docs/protocol.md 9.4)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gate",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("generation", sa.LargeBinary, nullable=False),
        sa.Column("manifest", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("id = 1", name="one_gate"),
        sa.CheckConstraint("length(state) = 1", name="state_width"),
        sa.CheckConstraint("length(generation) = 8", name="generation_width"),
        sa.CheckConstraint("length(manifest) = 32", name="manifest_width"),
    )
    op.create_table(
        "box_key",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seed", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("id = 1", name="one_box_key"),
    )
    op.create_table(
        "head",
        sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("panel", sa.Integer, nullable=False),
        sa.Column("used", sa.LargeBinary, nullable=False),
        sa.Column("ballot_key", sa.LargeBinary, nullable=False),
        sa.Column("sequence", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("fingerprints", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("length(used) = 1", name="used_width"),
        sa.CheckConstraint("length(ballot_key) = 32", name="ballot_key_width"),
        sa.CheckConstraint("length(sequence) = 4", name="sequence_width"),
        sa.CheckConstraint("length(digest) = 32", name="digest_width"),
    )
    op.create_index("head_panel", "head", ["panel"])
    op.create_table(
        "paper",
        sa.Column("slot", sa.Integer, sa.ForeignKey("head.slot"), primary_key=True, autoincrement=False),
        sa.Column("ballot", sa.LargeBinary, nullable=False),
    )
