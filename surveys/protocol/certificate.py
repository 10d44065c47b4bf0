"""The certificate under a count's papers (docs/protocol.md 13.6)."""

from __future__ import annotations

from dataclasses import dataclass

from surveys.protocol import canonical, signature
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Malformed
from surveys.protocol.transcript import transcript

CERTIFICATE_FORMAT = "tin-nhiem/certificate/1"


@dataclass(frozen=True, slots=True)
class Certified:
    """What is certified, as 32-byte hashes: M, board root, P, then SHA-256 of the four files."""

    manifest: bytes
    board: bytes
    plan: bytes
    results: bytes
    attendance: bytes
    minutes: bytes
    text: bytes

    def message(self) -> bytes:
        """What the trustee signs."""
        return transcript(
            "certificate",
            self.manifest,
            self.board,
            self.plan,
            self.results,
            self.attendance,
            self.minutes,
            self.text,
        )


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate file: who signed what."""

    trustee: int
    results: bytes
    attendance: bytes
    minutes: bytes
    text: bytes
    signature: bytes

    def encode(self) -> bytes:
        """Canonical bytes of the file."""
        return canonical.encode(
            {
                "format": CERTIFICATE_FORMAT,
                "trustee": self.trustee,
                "results": self.results.hex(),
                "attendance": self.attendance.hex(),
                "minutes": self.minutes.hex(),
                "text": self.text.hex(),
                "signature": self.signature.hex(),
            }
        )

    def check(self, certified: Certified, sign_key: bytes) -> None:
        """13.6: `certified` holds the hashes of the files at hand. Raises BadSignature."""
        signature.verify(
            sign_key, certified.message(), self.signature, check="13.6", where="certificate.signature"
        )


def certificate_of(trustee: int, certified: Certified, signed: bytes) -> Certificate:
    """The certificate from a trustee's signature over `certified.message()`."""
    return Certificate(
        trustee, certified.results, certified.attendance, certified.minutes, certified.text, signed
    )


def decode_certificate(raw: bytes) -> Certificate:
    """Parse strictly. Raises Malformed(check="13.6")."""
    value = canonical.decode(raw, check="13.6", where="certificate")
    fields = Fields(value, check="13.6", where="certificate")
    if fields.text("format", 100) != CERTIFICATE_FORMAT:
        raise Malformed(check="13.6", where="certificate.format", why=f"not {CERTIFICATE_FORMAT}")
    certificate = Certificate(
        fields.integer("trustee", 1, 15),
        fields.hex("results", 32),
        fields.hex("attendance", 32),
        fields.hex("minutes", 32),
        fields.hex("text", 32),
        fields.hex("signature", 64),
    )
    fields.done()
    return certificate
