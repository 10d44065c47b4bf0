"""The site over one small published round."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import Services, create_public_app
from surveys.settings import Settings
from surveys.stores.store import Stores
from tests.published import published_round


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    stores = published_round(tmp_path_factory.mktemp("instance"))
    yield stores
    stores.close()


@pytest.fixture(scope="module")
def site(stores: Stores) -> Flask:
    return create_public_app(Services(Settings(), stores))


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    return site.test_client()


@pytest.fixture
def database(stores: Stores) -> Path:
    return stores.engines.root / "app.sqlite"
