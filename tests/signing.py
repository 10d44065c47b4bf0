"""A certificate authority, people with certificates, and what they sign: made anew for each run."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

SUBFILTER = fields.SigSeedSubFilter.PADES


@dataclass(frozen=True)
class Authority:
    """Who vouches for people."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def person(self, name: str) -> signers.SimpleSigner:
        """Somebody with a certificate of this authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(name, key.public_key(), self.certificate.subject, self.key, leads=False)
        return _signer(key, certificate, [self.certificate])


def an_authority(name: str = "Cơ quan chứng thực thử") -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(key, _certificate(name, key.public_key(), _named(name), key, leads=True))


def signed(
    pdf: bytes,
    signer: signers.SimpleSigner,
    field: str,
    spec: fields.SigFieldSpec | None = None,
    before: Callable[[IncrementalPdfFileWriter], None] | None = None,
) -> bytes:
    """The file with one more signature; `before` changes something in the same increment."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    if before is not None:
        before(writer)
    meta = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SUBFILTER)
    out = io.BytesIO()
    signers.PdfSigner(meta, signer, new_field_spec=spec).sign_pdf(writer, output=out)
    return out.getvalue()


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    name: str,
    key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    by: ec.EllipticCurvePrivateKey,
    *,
    leads: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=not leads,
        content_commitment=not leads,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=leads,
        crl_sign=leads,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=leads, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .sign(by, hashes.SHA256())
    )


def _signer(
    key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate, chain: list[x509.Certificate]
) -> signers.SimpleSigner:
    encoded = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(_parsed(each) for each in chain)
    return signers.SimpleSigner(
        signing_cert=_parsed(certificate),
        signing_key=keys.PrivateKeyInfo.load(encoded),
        cert_registry=store,
    )


def _parsed(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
