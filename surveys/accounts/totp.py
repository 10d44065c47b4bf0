"""TOTP secrets (RFC 6238) without a request: for accounts that the command line makes. The sign-in itself is
Flask-Security's.

Sealed as Flask-Security seals them: a JSON text of libpass, encrypted with a secret out of the keyring.
Danger: whoever has keyring and store can compute every code; that is so for every second factor that a server
checks by a shared secret, and why passkeys are offered.
"""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from passlib.totp import TOTP

from surveys.stores.columns import Keyring

ISSUER = "Tín Nhiệm"


def secret_of(keyring: Keyring, purpose: str) -> str:
    """A secret of this instance for one purpose, out of the keyring, so that there is no second file
    to keep.
    """
    made = HKDF(hashes.SHA256(), 32, None, b"tin-nhiem/" + purpose.encode("ascii")).derive(keyring.index)
    return made.hex()


def code_secrets(keyring: Keyring) -> dict[str, str]:
    """What TOTP secrets are sealed with, by number."""
    return {"1": secret_of(keyring, "staff/totp")}


def new_code_secret(keyring: Keyring) -> str:
    """A new TOTP secret, sealed."""
    made: str = _factory(keyring).new().to_json(encrypt=True)
    return made


def code_now(keyring: Keyring, sealed: str) -> tuple[str, int]:
    """The code of this moment, and for how many seconds it is still good."""
    token = _factory(keyring).from_source(sealed).generate()
    return token.token, int(token.remaining)


def _factory(keyring: Keyring) -> Any:
    return TOTP.using(issuer=ISSUER, secrets=code_secrets(keyring))
