"""One small vote a session; each test works on a copy of its files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box.build import Vote, a_vote
from tests.roll.letter_room import Room


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Vote:
    return a_vote(tmp_path_factory.mktemp("template"))


@pytest.fixture
def vote(template: Vote, tmp_path: Path) -> Vote:
    return template.copy(tmp_path / "vote")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return Room(tmp_path_factory.mktemp("letters")).fill()


@pytest.fixture
def room(written: Room, tmp_path: Path) -> Iterator[Room]:
    """A copy of the letters of one round, none of them sent."""
    here = written.copy(tmp_path / "room")
    yield here
    here.stores.close()
