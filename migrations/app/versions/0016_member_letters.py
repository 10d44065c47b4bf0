"""The letters that bring members of a committee their personal links wait in a table, and leave in the
background.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_letters",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("member", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("message", sa.String(32), nullable=False),
        sa.Column("said", sa.LargeBinary, nullable=True),
    )
