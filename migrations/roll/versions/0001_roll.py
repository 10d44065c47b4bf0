"""The roll: panels and slips (docs/protocol.md 6.3, 7.3, 9.4)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "panels",
        sa.Column("panel", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("voters", sa.Integer, nullable=False),
        sa.Column("token_key", sa.LargeBinary, nullable=False),
        sa.Column("private_key", sa.LargeBinary, nullable=False),
        sa.Column("present", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("length(present) = 4", name="present_width"),
        sa.CheckConstraint("length(state) = 1", name="state_width"),
    )
    op.create_table(
        "slips",
        sa.Column("panel", sa.Integer, sa.ForeignKey("panels.panel"), primary_key=True, autoincrement=False),
        sa.Column("slip", sa.LargeBinary, primary_key=True),
        sa.Column("frozen", sa.LargeBinary, nullable=False),
        sa.Column("voter", sa.LargeBinary, nullable=False),
        sa.Column("blinded", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("length(slip) = 32", name="slip_width"),
        sa.CheckConstraint("length(frozen) = 32", name="frozen_width"),
        sa.CheckConstraint("length(blinded) = 256", name="blinded_width"),
        sa.CheckConstraint("length(signature) = 64", name="signature_width"),
        sqlite_with_rowid=False,
    )
