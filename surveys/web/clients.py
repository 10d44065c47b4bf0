"""The client bundles that browsers load (static/build), and the hashes that the manifest names
(docs/protocol.md 4.1, `clients`).

Danger: a bundle that is not the one of the manifest could send marks elsewhere; so the files are held against
their hashes when the application is made, and pages name the hash to the browser, which refuses another file.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from surveys.errors import SurveysError
from surveys.shipped import STATIC

FOLDER = STATIC / "build"
# They judge, make no ballot, no key and no slip, and may be mended after the vote that they judge.
VERIFIER_BUNDLES = ("audit", "audit-worker", "receipt")


class ClientsNotBuilt(SurveysError):
    """The client's bundles are missing, or are not the ones that were built together."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Bundle → SHA-256 in hex."""

    hashes: Mapping[str, str]

    @property
    def named(self) -> tuple[tuple[str, bytes], ...]:
        """Name and hash as the manifest lists them, sorted by name: all but the verifier's
        (docs/decisions/0016).
        """
        return tuple(
            sorted(
                (name, bytes.fromhex(digest))
                for name, digest in self.hashes.items()
                if name not in VERIFIER_BUNDLES
            )
        )

    def integrity(self, name: str) -> str:
        """What a page says of a script, for the browser to check."""
        return f"sha256-{b64encode(bytes.fromhex(self.hashes[name])).decode('ascii')}"


def built_clients(folder: Path = FOLDER) -> Clients:
    """The bundles in a folder, each hashed and held against `clients.json`. Raises ClientsNotBuilt."""
    try:
        listed: dict[str, str] = json.loads((folder / "clients.json").read_text("ascii"))
        for name, expected in listed.items():
            if hashlib.sha256((folder / f"{name}.js").read_bytes()).hexdigest() != expected:
                raise ClientsNotBuilt(
                    f"{name}.js is not the file that clients.json names; build the client anew"
                )
    except (OSError, ValueError) as error:
        raise ClientsNotBuilt(
            f"{folder} holds no built client ({error}); run: python client/build.py"
        ) from None
    return Clients(listed)
