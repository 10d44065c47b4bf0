"""Accounts of staff and the log of what they did; a row of the log is never removed and keeps its place and
hash.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("email_index", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("profile", sa.LargeBinary, nullable=False),
        sa.Column("secrets", sa.LargeBinary, nullable=False),
        sa.Column("uniquifier", sa.String(64), nullable=False, unique=True),
        sa.Column("handle", sa.String(64), nullable=False, unique=True),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("staff", sa.String(32), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("credential", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "grants",
        sa.Column("staff", sa.String(32), sa.ForeignKey("staff.id"), primary_key=True),
        sa.Column("role", sa.String(20), primary_key=True),
        sa.Column("unit", sa.String(100), primary_key=True),
    )
    op.create_table(
        "invitations",
        sa.Column("staff", sa.String(32), sa.ForeignKey("staff.id"), primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("expires", sa.String(20), nullable=False),
    )
    op.create_table(
        "staff_log",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(20), nullable=False),
        sa.Column("previous", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("entry", sa.LargeBinary, nullable=False),
    )
    # A new column key seals the entry anew (`surveys keys rotate`); what it says is held by the hash.
    if op.get_bind().dialect.name == "sqlite":
        for event in ("DELETE", "UPDATE OF number, at, previous, hash"):
            op.execute(
                f"CREATE TRIGGER staff_log_keeps_{event.split()[0].lower()} BEFORE {event} ON staff_log "
                "BEGIN SELECT RAISE(ABORT, 'the staff log is only written at its end'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION staff_log_keeps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'the staff log is only written at its end'; END $$"
        )
        op.execute(
            "CREATE TRIGGER staff_log_keeps BEFORE DELETE OR UPDATE OF number, at, previous, hash ON staff_log "
            "FOR EACH ROW EXECUTE FUNCTION staff_log_keeps()"
        )
