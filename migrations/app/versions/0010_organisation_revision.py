"""The organisation's revision, the post held in an earlier year, imports that wait, and indexes by which rows
are found that refer to others.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("paper_results", sa.Column("title", sa.String(300)))
    revisions = op.create_table(
        "organisation_revision",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.Integer, nullable=False),
    )
    op.bulk_insert(revisions, [{"id": 1, "revision": 0}])
    # Without them every unit or person that goes costs a walk through all rows that could refer to it.
    for table, column in (
        ("units", "parent"),
        ("people", "unit"),
        ("posts", "person"),
        ("paper_results", "person"),
        ("paper_results", "unit"),
    ):
        op.create_index(f"{table}_{column}", table, [column])
    op.create_table(
        "waiting_imports",
        sa.Column("holder", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("unit", sa.String(100)),
        sa.Column("revision", sa.Integer),
        sa.Column("made", sa.String(20), nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "waiting_pieces",
        sa.Column("waiting", sa.String(32), sa.ForeignKey("waiting_imports.id"), primary_key=True),
        sa.Column("part", sa.String(40), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
