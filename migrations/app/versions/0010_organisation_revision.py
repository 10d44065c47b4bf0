"""The organisation's revision, the post held in an earlier year, and indexes by which rows that refer to others are found."""

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
