"""Letters belong to a mailing: that of the slips (0) or a reminder (1, 2, …); what was sent is kept as
numbers when letters are forgotten.

Letters from before are slips whose unit is not known: only roles over the whole round reach them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE letters RENAME COLUMN slip TO id")
    op.add_column("letters", sa.Column("mailing", sa.Integer, nullable=False, server_default="0"))
    op.add_column("letters", sa.Column("unit", sa.String(100), nullable=False, server_default=""))
    op.create_index("letters_by_message", "letters", ["survey", "message"])
    mailings = op.create_table(
        "mailings",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("unit", sa.String(100), nullable=False),
        sa.Column("written", sa.String(20), nullable=True),
        sa.Column("text", sa.LargeBinary, nullable=True),
        sa.Column("over", sa.Boolean, nullable=False),
    )
    op.create_table(
        "delivered",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("mailing", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("unit", sa.String(100), primary_key=True),
        sa.Column("state", sa.String(8), primary_key=True),
        sa.Column("letters", sa.Integer, nullable=False),
    )
    surveys = op.get_bind().scalars(sa.text("SELECT DISTINCT survey FROM letters")).all()
    op.bulk_insert(
        mailings,
        [
            {"survey": survey, "number": 0, "unit": "", "written": None, "text": None, "over": False}
            for survey in surveys
        ],
    )
