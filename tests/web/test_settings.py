"""Settings come from the environment once; a value that means nothing stops the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from surveys.settings import BadSetting, Settings, read_settings


def test_an_empty_environment_gives_the_plain_settings() -> None:
    assert read_settings({}) == Settings()


def test_every_variable_is_read() -> None:
    given = {
        "TIN_NHIEM_INSTANCE": "/srv/tn",
        "TIN_NHIEM_KEYRING": "/etc/tn/keys.json",
        "TIN_NHIEM_HOSTS": "Vote.Example.VN, www.example.vn",
        "TIN_NHIEM_LISTEN": "0.0.0.0",
        "TIN_NHIEM_PORT": "8080",
        "TIN_NHIEM_HTTPS": "yes",
        "TIN_NHIEM_SOURCE_URL": "https://example.vn/source",
    }
    settings = read_settings(given)
    assert settings == Settings(
        instance=Path("/srv/tn"),
        keyring=Path("/etc/tn/keys.json"),
        hosts=("vote.example.vn", "www.example.vn"),
        listen="0.0.0.0",
        port=8080,
        https=True,
        source_url="https://example.vn/source",
    )
    assert (settings.stores, settings.bundles) == (Path("/srv/tn/stores"), Path("/srv/tn/bundles"))


def test_the_keyring_lies_beside_the_stores_unless_it_is_put_elsewhere() -> None:
    assert read_settings({"TIN_NHIEM_INSTANCE": "/srv/tn"}).keyring == Path("/srv/tn/keyring.json")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOSTS", ""),
        ("HOSTS", "*.example.vn"),
        ("HOSTS", "https://example.vn"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("PORT", "http"),
        ("HTTPS", "true"),
        ("SOURCE_URL", "javascript:alert(1)"),
    ],
)
def test_a_value_that_means_nothing_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"TIN_NHIEM_{name}"):
        read_settings({f"TIN_NHIEM_{name}": value})
