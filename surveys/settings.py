"""What an installation decides for itself, read once from the environment. The only reader of the environment.

Danger: a setting read in a second place could differ from what the tests saw; so everything else takes `Settings` as
an argument. docs/operations.md lists the variables.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from surveys.errors import SurveysError

PREFIX = "TIN_NHIEM_"


class BadSetting(SurveysError):
    """A variable of the environment has a value that means nothing."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        self.name, self.value, self.wanted = name, value, wanted
        super().__init__(f"{name} is {value!r}: {wanted}")


@dataclass(frozen=True, slots=True)
class Settings:
    """`hosts` are the names under which the site answers; `https` says that a proxy in front speaks TLS."""

    instance: Path = Path("instance")
    keyring: Path = Path("instance/keyring.json")
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    listen: str = "127.0.0.1"
    port: int = 5000
    https: bool = False
    source_url: str = ""

    @property
    def stores(self) -> Path:
        """The folder of the three stores."""
        return self.instance / "stores"

    @property
    def bundles(self) -> Path:
        """The folder of published audit bundles."""
        return self.instance / "bundles"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises BadSetting naming the variable."""
    given = os.environ if environment is None else environment
    plain = Settings()
    instance = Path(given.get(f"{PREFIX}INSTANCE", plain.instance))
    return Settings(
        instance=instance,
        keyring=Path(given.get(f"{PREFIX}KEYRING", instance / "keyring.json")),
        hosts=_hosts(given, plain.hosts),
        listen=given.get(f"{PREFIX}LISTEN", plain.listen),
        port=_port(given, plain.port),
        https=_yes_or_no(given, "HTTPS", plain.https),
        source_url=_address(given, "SOURCE_URL", plain.source_url),
    )


def _hosts(given: Mapping[str, str], plain: tuple[str, ...]) -> tuple[str, ...]:
    name = f"{PREFIX}HOSTS"
    if name not in given:
        return plain
    hosts = tuple(host.strip().lower() for host in given[name].split(",") if host.strip())
    if not hosts or any(set(host) & set("/*@ ") for host in hosts):
        raise BadSetting(name, given[name], "wanted: host names, separated by commas, without wildcards")
    return hosts


def _port(given: Mapping[str, str], plain: int) -> int:
    name = f"{PREFIX}PORT"
    text = given.get(name, str(plain))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise BadSetting(name, text, "wanted: a number from 1 to 65535")
    return int(text)


def _yes_or_no(given: Mapping[str, str], name: str, plain: bool) -> bool:
    text = given.get(PREFIX + name, "yes" if plain else "no")
    if text not in {"yes", "no"}:
        raise BadSetting(PREFIX + name, text, "wanted: yes or no")
    return text == "yes"


def _address(given: Mapping[str, str], name: str, plain: str) -> str:
    text = given.get(PREFIX + name, plain)
    if text and not text.startswith("https://"):
        raise BadSetting(PREFIX + name, text, "wanted: an address that begins with https://")
    return text
