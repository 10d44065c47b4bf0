"""Tokens of programs that read results, each with some of its account's roles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("staff", sa.String(32), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("expires", sa.String(20), nullable=False),
        sa.Column("name", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "api_token_grants",
        sa.Column("token", sa.String(32), sa.ForeignKey("api_tokens.id"), primary_key=True),
        sa.Column("role", sa.String(20), primary_key=True),
        sa.Column("unit", sa.String(100), primary_key=True),
    )
