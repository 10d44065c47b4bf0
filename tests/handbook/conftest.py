"""The site over an empty instance: handbooks need no round."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from app import Services, create_public_app
from surveys.settings import Settings
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    engines = Engines(tmp_path_factory.mktemp("instance") / "stores")
    engines.migrate_app()
    yield create_public_app(Services(Settings(), Stores(engines, Keyring.fresh()))).test_client()
    engines.close()
