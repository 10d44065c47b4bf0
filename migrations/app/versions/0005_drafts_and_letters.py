"""Rounds being prepared, and slips that go by e-mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("terms", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "letters",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("slip", sa.String(64), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("message", sa.String(32), nullable=False),
        sa.Column("said", sa.LargeBinary, nullable=True),
    )
