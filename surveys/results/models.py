"""Table of the published results in the app store. The results name leaders: that column is encrypted."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, MetaData, String, Table

from surveys.stores.moments import Moment

metadata = MetaData()

published = Table(
    "published_results",
    metadata,
    Column("survey", String(32), primary_key=True),
    Column("published_at", Moment, nullable=False),
    Column("bundle", String(300), nullable=False),
    Column("bundle_sha256", String(64), nullable=False),
    Column("results", LargeBinary, nullable=False),
)
