"""Sessions of staff that were signed out: a cookie that was copied before opens nothing afterwards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_sessions",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("until", sa.String(20), nullable=False),
    )
