"""One server a session; every test has a store of its own, as files and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from surveys.stores.engines import Engines
from tests.databases.server import NoServer, Server, a_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    try:
        with a_server() as running:
            yield running
    except NoServer as why:
        # Loudly: the last lines of a run name every skip (`-rs`).
        pytest.skip(f"POSTGRESQL IS NOT TESTED: {why}")


@pytest.fixture
def database(server: Server) -> str:
    """The address of an empty database."""
    return server.database()


@pytest.fixture(params=["files", "postgresql"])
def engines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engines]:
    """Empty stores of either kind."""
    address = request.getfixturevalue("database") if request.param == "postgresql" else ""
    made = Engines(tmp_path / "stores", address)
    yield made
    made.close()
