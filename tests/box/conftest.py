"""One small vote a session; each test works on a copy of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.box.build import Vote, a_vote


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Vote:
    return a_vote(tmp_path_factory.mktemp("template"))


@pytest.fixture
def vote(template: Vote, tmp_path: Path) -> Vote:
    return template.copy(tmp_path / "vote")
