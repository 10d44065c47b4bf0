"""Personal links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "links",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("purpose", sa.String(8), primary_key=True),
        sa.Column("holder", sa.Integer, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("expires", sa.String(20), nullable=False),
    )
