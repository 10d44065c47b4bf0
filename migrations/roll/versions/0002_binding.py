"""The roll's generation: one row, eight bytes, written in place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    binding = op.create_table(
        "binding",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("generation", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("id = 1", name="one_binding"),
        sa.CheckConstraint("length(generation) = 8", name="generation_width"),
    )
    op.bulk_insert(binding, [{"id": 1, "generation": bytes(8)}])
