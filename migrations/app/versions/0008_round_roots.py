"""The unit at the top of a round or draft stands in the open, so that roles over units can be asked without
opening either.

A round from before keeps an empty one: only roles over the whole organisation reach it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("rounds", "drafts"):
        op.add_column(table, sa.Column("root", sa.String(100), nullable=False, server_default=""))
