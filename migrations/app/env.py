"""Alembic's entry for the app store; the caller (`surveys/stores/engines.py`) hands it the connection."""

from __future__ import annotations

from alembic import context

from surveys.accounts.models import metadata as accounts
from surveys.committee.models import metadata as committee
from surveys.letters.models import metadata as letters
from surveys.organisation.models import metadata as organisation
from surveys.results.models import metadata as results
from surveys.rounds.models import metadata as rounds
from surveys.stores.origin import metadata as origin

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=[organisation, rounds, committee, results, letters, accounts, origin],
)
with context.begin_transaction():
    context.run_migrations()
