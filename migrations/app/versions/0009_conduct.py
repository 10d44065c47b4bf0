"""How a round is conducted: what was decided beside the definition, what was done with the polls, what was
stated; approvals of a second person.

Also the slips' keys of a round that waits for its freezing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conduct",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("settings", sa.LargeBinary, nullable=False),
        sa.Column("facts", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "approvals",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("act", sa.String(20), primary_key=True),
        sa.Column("asked_by", sa.String(32), nullable=False),
        sa.Column("asked", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "proposed_rolls",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("entries", sa.LargeBinary, nullable=False),
    )
