"""All that a store holds, so that two looks tell whether anything was written in between."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, text


def held(engine: Engine) -> bytes:
    """The bytes of its file; in PostgreSQL every row with its place and the transaction that wrote it."""
    if engine.dialect.name == "sqlite":
        assert engine.url.database
        return Path(engine.url.database).read_bytes()
    with engine.connect() as connection:
        rows = [
            (name, *row)
            for name in inspect(connection).get_table_names()
            for row in connection.execute(text(f"SELECT ctid::text, xmin::text, t.* FROM {name} t"))
        ]
    return repr(sorted(map(repr, rows))).encode()
