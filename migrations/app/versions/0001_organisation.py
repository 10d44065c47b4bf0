"""Units, people, posts, gradings, earlier results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "units",
        sa.Column("code", sa.String(100), primary_key=True),
        sa.Column(
            "parent", sa.String(100), sa.ForeignKey("units.code", deferrable=True, initially="DEFERRED")
        ),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("name_en", sa.String(300)),
        sa.Column("kind", sa.String(100), nullable=False),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("code_index", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("code", sa.LargeBinary, nullable=False),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column(
            "unit",
            sa.String(100),
            sa.ForeignKey("units.code", deferrable=True, initially="DEFERRED"),
            nullable=False,
        ),
        sa.Column("email", sa.LargeBinary),
        sa.Column("votes", sa.Boolean, nullable=False),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column(
            "unit",
            sa.String(100),
            sa.ForeignKey("units.code", deferrable=True, initially="DEFERRED"),
            nullable=False,
        ),
        sa.Column(
            "person",
            sa.String(32),
            sa.ForeignKey("people.id", deferrable=True, initially="DEFERRED"),
            nullable=False,
        ),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("head", sa.Boolean, nullable=False),
        sa.Column("subject", sa.Boolean, nullable=False),
        sa.Column("electorate", sa.String(20), nullable=False),
        sa.UniqueConstraint("unit", "person", "title", "kind"),
    )
    op.create_table(
        "gradings",
        sa.Column(
            "unit",
            sa.String(100),
            sa.ForeignKey("units.code", deferrable=True, initially="DEFERRED"),
            primary_key=True,
        ),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("grade", sa.String(20), nullable=False),
    )
    op.create_table(
        "paper_results",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column(
            "person",
            sa.String(32),
            sa.ForeignKey("people.id", deferrable=True, initially="DEFERRED"),
            primary_key=True,
        ),
        sa.Column(
            "unit",
            sa.String(100),
            sa.ForeignKey("units.code", deferrable=True, initially="DEFERRED"),
            primary_key=True,
        ),
        sa.Column("summoned", sa.Integer),
        sa.Column("returned", sa.Integer, nullable=False),
        sa.Column("high", sa.Integer, nullable=False),
        sa.Column("plain", sa.Integer, nullable=False),
        sa.Column("low", sa.Integer, nullable=False),
        sa.Column("not_marked", sa.Integer, nullable=False),
    )
