"""The organisation's own sign-in, as an instance is told of it: an OpenID Connect provider, and what is
believed of what it says (docs/operations.md, "Sign-in of the organisation").

Danger: whoever runs the provider can sign in as any account whose address it vouches for; so its address is
fixed here and never taken from an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_NAMES = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "CLAIM", "SECOND_FACTOR")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
EMAIL = "email"


class BadProvider(ValueError):
    """A variable of the sign-in has a value that means nothing; never shows a secret."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        self.name, self.value, self.wanted = name, value, wanted
        super().__init__(f"{name}: {wanted}")


@dataclass(frozen=True, slots=True)
class Provider:
    """`claim` names the account's mail address in what the provider says of a person. `second_factor` are the
    values of `acr` or `amr` that stand for a second factor: with one of them none is asked for here.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    claim: str = EMAIL
    second_factor: frozenset[str] = frozenset()


def read_provider(given: Mapping[str, str], prefix: str) -> Provider | None:
    """The provider of these variables, None without any. Raises BadProvider."""
    said = {
        name.removeprefix(prefix): text for name, text in given.items() if name.startswith(prefix) and text
    }
    if not said:
        return None
    for name in said:
        if name not in _NAMES:
            raise BadProvider(
                prefix + name, "(not shown)", f"wanted: only {', '.join(_NAMES)} after {prefix}"
            )
    issuer = said.get("ISSUER", "")
    if not _is_issuer(issuer):
        wanted = "wanted: an address like https://id.example.org, without a query; http only on this machine"
        raise BadProvider(f"{prefix}ISSUER", issuer, wanted)
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        text = said.get(name, "")
        if not (text and text.isascii() and text.isprintable()):
            raise BadProvider(prefix + name, "(not shown)", "wanted: printable ASCII characters")
    claim = said.get("CLAIM", EMAIL)
    if not re.fullmatch(r"[A-Za-z0-9_:./-]{1,200}", claim):
        raise BadProvider(f"{prefix}CLAIM", claim, "wanted: the name of a claim, like email")
    factors = frozenset(part.strip() for part in said.get("SECOND_FACTOR", "").split(",") if part.strip())
    return Provider(issuer, said["CLIENT_ID"], said["CLIENT_SECRET"], claim, factors)


def _is_issuer(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    return bool(host) and secure and not (parts.query or parts.fragment or parts.username)
