"""The site over one small published round."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from surveys.settings import Settings
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from tests.published import published_round


@pytest.fixture(scope="module")
def stores_and_keyring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stores, Keyring]]:
    stores, keyring = published_round(tmp_path_factory.mktemp("instance"))
    yield stores, keyring
    stores.close()


@pytest.fixture(scope="module")
def site(stores_and_keyring: tuple[Stores, Keyring]) -> Flask:
    return create_app(Settings(), *stores_and_keyring)


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    return site.test_client()


@pytest.fixture
def database(stores_and_keyring: tuple[Stores, Keyring]) -> Path:
    return stores_and_keyring[0].root / "app.sqlite"
