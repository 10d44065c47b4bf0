"""The certificate under a count's papers (docs/protocol.md 13.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from surveys.protocol import canonical, signature
from surveys.protocol.agreement import MOST_MEMBERS
from surveys.protocol.canonical import Fields
from surveys.protocol.errors import Inconsistent, Malformed, Missing
from surveys.protocol.transcript import transcript

CERTIFICATE_FORMAT = "tin-nhiem/certificate/2"


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

    def message_digest(self) -> bytes:
        """SHA-256 of that: what tells these papers from others."""
        return sha256(self.message()).digest()


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate file: which papers, and who signed them (trustee, signature) in ascending order."""

    results: bytes
    attendance: bytes
    minutes: bytes
    text: bytes
    signatures: tuple[tuple[int, bytes], ...]

    def encode(self) -> bytes:
        """Canonical bytes of the file."""
        return canonical.encode(
            {
                "format": CERTIFICATE_FORMAT,
                "results": self.results.hex(),
                "attendance": self.attendance.hex(),
                "minutes": self.minutes.hex(),
                "text": self.text.hex(),
                "signatures": [
                    {"trustee": trustee, "signature": signed.hex()} for trustee, signed in self.signatures
                ],
            }
        )

    def check(self, certified: Certified, sign_keys: Sequence[bytes], threshold: int) -> None:
        """13.6: `certified` holds the hashes of the files at hand. Raises Inconsistent, Missing or
        BadSignature.
        """
        for name in ("results", "attendance", "minutes", "text"):
            if getattr(self, name) != getattr(certified, name):
                raise Inconsistent(
                    check="13.6", where=f"certificate.{name}", why="not the hash of the file at hand"
                )
        for i, (trustee, signed) in enumerate(self.signatures):
            where = f"certificate.signatures[{i}]"
            if trustee > len(sign_keys):
                raise Missing(check="13.6", where=f"{where}.trustee", why="no such trustee")
            check_certifying(certified, sign_keys[trustee - 1], signed, f"{where}.signature")
        if len(self.signatures) < threshold:
            why = f"{len(self.signatures)} signatures, not {threshold}"
            raise Missing(check="13.6", where="certificate.signatures", why=why)


def check_certifying(certified: Certified, sign_key: bytes, signed: bytes, where: str) -> None:
    """One trustee's signature under these papers. Raises BadSignature (13.6)."""
    signature.verify(sign_key, certified.message(), signed, check="13.6", where=where)


def certificate_of(certified: Certified, signatures: Mapping[int, bytes]) -> Certificate:
    """The certificate from trustees' signatures over `certified.message()`."""
    return Certificate(
        certified.results,
        certified.attendance,
        certified.minutes,
        certified.text,
        tuple(sorted(signatures.items())),
    )


def decode_certificate(raw: bytes) -> Certificate:
    """Parse strictly: ascending trustees, each once. Raises Malformed or Inconsistent (13.6)."""
    value = canonical.decode(raw, check="13.6", where="certificate")
    fields = Fields(value, check="13.6", where="certificate")
    if fields.text("format", 100) != CERTIFICATE_FORMAT:
        raise Malformed(check="13.6", where="certificate.format", why=f"not {CERTIFICATE_FORMAT}")
    certificate = Certificate(
        fields.hex("results", 32),
        fields.hex("attendance", 32),
        fields.hex("minutes", 32),
        fields.hex("text", 32),
        tuple(_signature(each) for each in fields.objects("signatures", MOST_MEMBERS)),
    )
    fields.done()
    trustees = [trustee for trustee, _ in certificate.signatures]
    if trustees != sorted(set(trustees)):
        raise Inconsistent(
            check="13.6", where="certificate.signatures", why="not in ascending order of trustees"
        )
    return certificate


def _signature(fields: Fields) -> tuple[int, bytes]:
    read = fields.integer("trustee", 1, MOST_MEMBERS), fields.hex("signature", 64)
    fields.done()
    return read
