"""DANGER. A slip's code and the key that follows from it (docs/protocol.md 6.1).

Whoever has the code can take this voter's ballot paper. The code lives on paper and in the voter's browser;
the server never sees it where slips are printed.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from surveys.protocol.issuance import IssueRequest, issue_message
from surveys.protocol.transcript import transcript

CODE_BYTES = 10


@dataclass(frozen=True, slots=True)
class SlipKey:
    """The Ed25519 key pair of one slip."""

    private: Ed25519PrivateKey
    public: bytes

    def __repr__(self) -> str:
        return f"SlipKey({self.public.hex()})"

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self.private.sign(message)

    def request(self, manifest_hash: bytes, panel: int, blinded: bytes) -> IssueRequest:
        """The signed request for a ballot paper (7.2)."""
        message = issue_message(manifest_hash, panel, self.public, blinded)
        return IssueRequest(panel, self.public, blinded, self.sign(message))


def slip_key(code: bytes, survey: bytes) -> SlipKey:
    """The key of a code (10 bytes) in a survey (16 bytes). Raises ValueError for other lengths."""
    if len(code) != CODE_BYTES or len(survey) != 16:
        raise ValueError("a slip code has 10 bytes and a survey id 16")
    seed = HKDF(algorithm=hashes.SHA256(), length=32, salt=survey, info=transcript("slip")).derive(code)
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return SlipKey(private, private.public_key().public_bytes_raw())
