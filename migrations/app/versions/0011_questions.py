"""Questions to the leaders of a round, and their answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("contest", sa.Integer, nullable=False),
        sa.Column("asked", sa.String(20), nullable=False),
        sa.Column("question", sa.LargeBinary, nullable=True),
        sa.Column("answered", sa.String(20), nullable=True),
        sa.Column("answer", sa.LargeBinary, nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
    )
