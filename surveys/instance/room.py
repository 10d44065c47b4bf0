"""One laptop as server and hotspot: its certificate, and the sheet with the two codes for the wall
(docs/operations.md, "A room without internet").

Danger: nobody vouches for this certificate. A phone warns of it once, and only the fingerprint on the wall
tells it from that of somebody else on the same network. Its key stays in the instance, readable by the
service's user alone.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from segno import helpers

from surveys.disk import write_whole
from surveys.shipped import TEMPLATES
from surveys.web.qr import QrCode, qr_code

DAYS = 30
"""How long a certificate is good: one for each meeting."""
LEFT = timedelta(days=2)
FOLDER = "room"
MOST_OF_A_NAME = 64


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate for one address; `fingerprint` is its SHA-256 in hex, in groups."""

    path: Path
    key: Path
    fingerprint: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Network:
    """The hotspot's name and password."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What hangs on the wall. `network` is None where people find it without help, `fingerprint` empty on
    plain http.
    """

    address: str
    qr: QrCode
    network: Network | None
    network_qr: QrCode | None
    fingerprint: str


def own_address() -> str | None:
    """This machine's address on its network; None where it is on none. Nothing is sent: a route is
    looked up.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))
            return str(asked.getsockname()[0])
        except OSError:
            return None


def certify(folder: Path, host: str, now: datetime) -> Certificate:
    """A certificate for this host in the folder: the one that is there while it is for this host and good for
    some days, else a new one.
    """
    path, key = folder / "certificate.pem", folder / "key.pem"
    if path.exists() and key.exists():
        held = x509.load_pem_x509_certificate(path.read_bytes())
        names = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if _named(host) in names and held.not_valid_after_utc - LEFT > now:
            return _told(held, path, key)
    private = ec.generate_private_key(ec.SECP256R1())
    made = _signed(private, host, now)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(key, secret, 0o600)
    _write(path, made.public_bytes(serialization.Encoding.PEM), 0o644)
    return _told(made, path, key)


def _signed(private: ec.EllipticCurvePrivateKey, host: str, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:MOST_OF_A_NAME])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # a phone's clock may be late
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_named(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    return builder.sign(private, hashes.SHA256())


def _named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _told(held: x509.Certificate, path: Path, key: Path) -> Certificate:
    raw = held.fingerprint(hashes.SHA256()).hex().upper()
    groups = " ".join(raw[i : i + 4] for i in range(0, len(raw), 4))
    return Certificate(path, key, groups, held.not_valid_after_utc)


def draw(folder: Path, address: str, network: Network | None, fingerprint: str) -> tuple[Path, ...]:
    """Write the sheet for the wall and its codes as pictures; the files, the sheet first."""
    joined = None if network is None else helpers.make_wifi_data(network.name, network.password, "WPA")
    qr = None if joined is None else qr_code(joined)
    sheet = Sheet(address, qr_code(address), network, qr, fingerprint)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page = environment.get_template("print/room.html").render(page=sheet)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = [folder / "room.html"]
    _write(files[0], page.encode(), 0o600)
    for name, text in (("address", address), ("network", joined)):
        if text is not None:
            for ending in ("svg", "png"):
                files.append(folder / f"{name}.{ending}")
                segno.make_qr(text, error="m").save(str(files[-1]), scale=10)
    return tuple(files)


def in_terminal(text: str, write: Callable[[str], None]) -> None:
    """The code of a text in letters, dark on light as phones want it."""
    rows = [list(row) for row in segno.make_qr(text, error="l").matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    signs = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        write("".join(signs[bool(a), bool(b)] for a, b in zip(upper, lower, strict=True)))


def _write(path: Path, raw: bytes, mode: int) -> None:
    beside = path.with_name(f"{path.name}.part")
    beside.unlink(missing_ok=True)
    write_whole(beside, path, raw, mode)
