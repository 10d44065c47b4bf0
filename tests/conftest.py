"""`--postgresql`: all tests that open stores open them in PostgreSQL (`tests/databases/everywhere.py`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases.everywhere import Everywhere
from tests.databases.server import NoServer, Server, a_server


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgresql", action="store_true", help="stores in PostgreSQL; without tests about files"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--postgresql"):
        about_files = [each for each in items if each.get_closest_marker("files")]
        config.hook.pytest_deselected(items=about_files)
        items[:] = [each for each in items if each not in set(about_files)]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server of the tests' own, one a session."""
    try:
        with a_server() as running:
            yield running
    except NoServer as why:
        # Loudly: the last lines of a run name every skip (`-rs`).
        pytest.skip(f"POSTGRESQL IS NOT TESTED: {why}")


@pytest.fixture(scope="session", autouse=True)
def everywhere(request: pytest.FixtureRequest) -> Iterator[Everywhere | None]:
    """With `--postgresql`, for all tests of the session."""
    if not request.config.getoption("--postgresql"):
        yield None
        return
    begun = Everywhere(request.getfixturevalue("server"))
    begun.begin()
    yield begun
    begun.end()


@pytest.fixture(autouse=True)
def _connections_end_with_their_test(everywhere: Everywhere | None) -> Iterator[None]:
    yield
    if everywhere is not None:
        everywhere.rest()
