"""Published results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_results",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("published_at", sa.String(20), nullable=False),
        sa.Column("bundle", sa.String(300), nullable=False),
        sa.Column("bundle_sha256", sa.String(64), nullable=False),
        sa.Column("results", sa.LargeBinary, nullable=False),
    )
