"""Alembic's entry for the box store; the caller (`surveys/stores/engines.py`) hands it the connection."""

from __future__ import annotations

from alembic import context

from surveys.box.models import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
