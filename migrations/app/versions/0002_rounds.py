"""Rounds, and the trigger that lets a round only go forward."""

from __future__ import annotations

from itertools import pairwise

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ORDER = ("draft", "frozen", "confirmed", "open", "closing", "sealed", "counting", "certified", "published")


def upgrade() -> None:
    op.create_table(
        "rounds",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("preset", sa.String(60), nullable=False),
        sa.Column("title_vi", sa.String(300), nullable=False),
        sa.Column("title_en", sa.String(300), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("box_generation", sa.Integer, nullable=False),
        sa.Column("definition", sa.LargeBinary, nullable=False),
        sa.Column("manifest", sa.LargeBinary),
        sa.Column("opened", sa.String(20)),
        sa.Column("closed", sa.String(20)),
    )
    steps = " OR ".join(f"(OLD.state = '{a}' AND NEW.state = '{b}')" for a, b in pairwise(ORDER))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER rounds_go_forward BEFORE UPDATE OF state ON rounds "
            f"WHEN NEW.state <> OLD.state AND NOT ({steps}) "
            "BEGIN SELECT RAISE(ABORT, 'a round moves one step forward at a time'); END"
        )
    else:
        op.execute(
            "CREATE FUNCTION rounds_go_forward() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF NEW.state <> OLD.state AND NOT ({steps}) THEN "
            "RAISE EXCEPTION 'a round moves one step forward at a time'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER rounds_go_forward BEFORE UPDATE OF state ON rounds "
            "FOR EACH ROW EXECUTE FUNCTION rounds_go_forward()"
        )
