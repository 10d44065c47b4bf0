"""Every test has a store of its own, as files and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from surveys.stores.engines import Engines
from tests.databases.server import Server
from tests.restores.history import History, a_history


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


@pytest.fixture(scope="session")
def history(server: Server, tmp_path_factory: pytest.TempPathFactory) -> History:
    """A small vote in a database, with a copy of it at each of its moments."""
    return a_history(tmp_path_factory.mktemp("history"), server)
