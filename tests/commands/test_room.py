"""`surveys room`: a certificate for one address, codes for the wall, and TLS before the site, with visitors
told apart.
"""

from __future__ import annotations

import ssl
import stat
import struct
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from surveys.cli import main
from surveys.instance.room import DAYS, certify
from surveys.settings import Settings
from surveys.web.tls import behind_tls, loopback_of
from tests.ports import free_port
from tests.served import served

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def room(instance: Path, *call: str, ran: list[Settings] | None = None) -> Result:
    def serve(settings: Settings, *_: object) -> None:
        assert ran is not None
        ran.append(settings)

    return CliRunner().invoke(main, ["room", "--instance", str(instance), *call], obj=serve)


def test_a_certificate_is_kept_for_its_address_and_made_anew_for_another(tmp_path: Path) -> None:
    first = certify(tmp_path / "room", "192.168.43.1", NOW)
    held = x509.load_pem_x509_certificate(first.path.read_bytes())
    names = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["192.168.43.1"]
    assert held.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert first.fingerprint.replace(" ", "").lower() == held.fingerprint(hashes.SHA256()).hex()
    assert stat.S_IMODE(first.key.stat().st_mode) == 0o600
    assert certify(tmp_path / "room", "192.168.43.1", NOW + timedelta(days=DAYS - 3)) == first
    late = certify(tmp_path / "room", "192.168.43.1", NOW + timedelta(days=DAYS - 1))
    assert late.fingerprint != first.fingerprint
    other = certify(tmp_path / "room", "phong.lan", NOW)
    assert other.fingerprint != late.fingerprint


def test_the_sheet_holds_both_codes_and_the_fingerprint(tmp_path: Path) -> None:
    said = room(
        tmp_path, "--host", "192.168.43.1", "--network", "Hội trường", "--password", 'a;"b', "--prepare"
    )
    assert said.exit_code == 0, said.output
    assert "https://192.168.43.1:8080" in said.output
    assert "▀" in said.output
    assert "Each phone warns once" in said.output
    sheet = (tmp_path / "room" / "room.html").read_text("utf-8")
    assert sheet.count("<svg") == 2
    assert "Hội trường" in sheet
    assert "a;&#34;b" in sheet
    printed = said.output.partition("(SHA-256): ")[2].splitlines()[0]
    assert printed in sheet
    for name in ("address.png", "address.svg", "network.png", "network.svg"):
        assert (tmp_path / "room" / name).stat().st_size > 200
    width, height = struct.unpack(">II", (tmp_path / "room" / "address.png").read_bytes()[16:24])
    assert width == height > 200


def test_on_plain_http_nothing_is_promised_that_is_not_there(tmp_path: Path) -> None:
    said = room(tmp_path, "--host", "192.168.43.1", "--plain", "--prepare")
    assert said.exit_code == 0, said.output
    assert "http://192.168.43.1:8080" in said.output
    assert "the camera inside the page" in said.output
    assert "Fingerprint" not in said.output
    assert not (tmp_path / "room" / "certificate.pem").exists()
    assert "cảnh báo" not in (tmp_path / "room" / "room.html").read_text("utf-8")


@pytest.mark.parametrize("plain", [True, False])
def test_the_site_answers_under_the_rooms_address(tmp_path: Path, plain: bool) -> None:
    ran: list[Settings] = []
    said = room(
        tmp_path, "--host", "127.0.0.1", "--port", str(free_port()), *(["--plain"] if plain else []), ran=ran
    )
    assert said.exit_code == 0, said.output
    (settings,) = ran
    assert "127.0.0.1" in settings.hosts
    assert settings.https is not plain
    assert settings.listen == ("0.0.0.0" if plain else "127.0.0.1")
    assert settings.address.startswith("http://" if plain else "https://")


def test_tls_passes_everything_on_and_tells_visitors_apart(tmp_path: Path) -> None:
    def site(environ: dict[str, str], start_response: object) -> list[bytes]:
        start_response("200 OK", [("X-Visitor", environ["REMOTE_ADDR"])])  # type: ignore[operator]
        return [b"x" * 300_000]

    held = certify(tmp_path, "127.0.0.1", datetime.now(UTC))
    trusting = ssl.create_default_context(cafile=str(held.path))
    with served(site) as inner, behind_tls("127.0.0.1", 0, held.path, held.key, inner) as port:
        for _ in range(3):
            asked = HTTPSConnection("127.0.0.1", port, context=trusting, timeout=90)
            asked.request("GET", "/")
            assert len(asked.getresponse().read()) == 300_000
            asked.close()
        with pytest.raises(ssl.SSLCertVerificationError):
            HTTPSConnection("127.0.0.1", port, context=ssl.create_default_context()).request("GET", "/")
    assert loopback_of("192.168.43.7") == "127.168.43.7"
    assert loopback_of("::1") == loopback_of("127.0.0.1") == "127.0.0.1"
