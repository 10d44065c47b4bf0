"""One site for all tests of the sign-in; guesses are counted anew in each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.accounts.entering import Entrance
from tests.staff import quick, staff_site


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Entrance]:
    made = Entrance(staff_site(tmp_path_factory.mktemp("entrance")))
    quick(made.site.app)
    yield made
    made.site.stores.close()


@pytest.fixture
def entrance(_built: Entrance) -> Entrance:
    for limiter in _built.site.app.extensions["limiter"]:
        limiter.reset()
    return _built
