"""A passkey in software: what a browser and its authenticator answer (WebAuthn Level 2), for tests without a
browser.
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _ATTESTED = 0x01, 0x40


@dataclass
class SoftKey:
    """One credential at one origin. `counter` goes up with each use."""

    origin: str = "http://localhost"
    credential: bytes = field(default_factory=lambda: os.urandom(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    counter: int = 0

    def made(self, options: Mapping[str, Any]) -> str:
        """The answer to `navigator.credentials.create`."""
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + public
        shown = self._shown(options["rp"]["id"], _PRESENT | _ATTESTED) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": shown})
        said = self._said("webauthn.create", options)
        return self._answer({"attestationObject": _text(statement), "clientDataJSON": _text(said)})

    def given(self, options: Mapping[str, Any]) -> str:
        """The answer to `navigator.credentials.get`."""
        shown, said = self._shown(options["rpId"], _PRESENT), self._said("webauthn.get", options)
        signature = self.key.sign(shown + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "authenticatorData": _text(shown),
                "clientDataJSON": _text(said),
                "signature": _text(signature),
                "userHandle": None,
            }
        )

    def _shown(self, site: str, flags: int) -> bytes:
        self.counter += 1
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _said(self, what: str, options: Mapping[str, Any]) -> bytes:
        said = {"type": what, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, response: Mapping[str, Any]) -> str:
        name = _text(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
