"""The box's receipt for a stored ballot (docs/protocol.md 9.3), and the same in writing (9.5).

Anybody who holds the manifest can check it. Danger: a promise that did not name ballot key and sequence could
not tell a ballot that was dropped from one that its voter replaced.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from surveys.protocol import signature
from surveys.protocol.errors import Malformed
from surveys.protocol.transcript import transcript, u32

PREFIX = "TNR1."
WRITTEN_BYTES = 32 + 32 + 32 + 4 + 64
_CHECK = "9.5"


def receipt_message(manifest_hash: bytes, ballot_digest: bytes, key: bytes, sequence: int) -> bytes:
    """What the box key signs: neither time, order nor marks."""
    return transcript("receipt", manifest_hash, ballot_digest, key, u32(sequence))


@dataclass(frozen=True, slots=True)
class Promise:
    """What a receipt says: this ballot, of this ballot key and sequence, is in the box of this vote; with the
    box's signature.
    """

    manifest: bytes
    digest: bytes
    key: bytes
    sequence: int
    signature: bytes

    def check(self, box_key: bytes) -> None:
        """9.3. Raises BadSignature."""
        message = receipt_message(self.manifest, self.digest, self.key, self.sequence)
        signature.verify(box_key, message, self.signature, check="9.3", where="receipt")

    def write(self) -> str:
        """224 characters (9.5)."""
        raw = self.manifest + self.digest + self.key + u32(self.sequence) + self.signature
        return PREFIX + urlsafe_b64encode(raw).decode().rstrip("=")


def read_promise(text: str) -> Promise:
    """A receipt in writing (9.5), strictly. Raises Malformed(check="9.5")."""
    if not text.startswith(PREFIX):
        raise Malformed(check=_CHECK, where="receipt", why="does not begin with TNR1.")
    try:
        raw = urlsafe_b64decode(text[len(PREFIX) :] + "=")
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != WRITTEN_BYTES:
        raise Malformed(check=_CHECK, where="receipt", why="is not 164 bytes in base64url")
    sequence = int.from_bytes(raw[96:100], "big")
    promise = Promise(raw[:32], raw[32:64], raw[64:96], sequence, raw[100:])
    if promise.write() != text:
        raise Malformed(check=_CHECK, where="receipt", why="is not written as it would be")
    if sequence < 1:
        raise Malformed(check=_CHECK, where="receipt.sequence", why="below 1")
    return promise
