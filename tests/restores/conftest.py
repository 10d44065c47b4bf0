"""One history a session; each test works on a copy."""

from __future__ import annotations

import pytest

from tests.restores.history import History, a_history


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return a_history(tmp_path_factory.mktemp("history"))
