"""The generation of every round: eight bytes, of which release 0.2.0 kept a number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    generations = op.create_table(
        "generations",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("generation", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("length(generation) = 8", name="generation_width"),
    )
    held = sa.table("rounds", sa.column("survey"), sa.column("box_generation"))
    rows = op.get_bind().execute(sa.select(held.c.survey, held.c.box_generation)).all()
    op.bulk_insert(generations, [{"survey": row[0], "generation": row[1].to_bytes(8, "big")} for row in rows])
    op.drop_column("rounds", "box_generation")
