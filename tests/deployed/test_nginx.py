"""The configuration of nginx in the deploy kit: nginx accepts it, and real requests through it meet what the
documents say.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer

import pytest

from surveys.protocol.ballot import MOST_BALLOT_BYTES
from surveys.roll.pages.organizer import MOST_BYTES as OFFICE_BYTES
from tests.deployed.kit import BOOTH, DEPLOY, NGINX, SITE, Machine, a_machine, proxy

pytestmark = pytest.mark.skipif(
    NGINX is None, reason="NOTHING WENT THROUGH NGINX: it is not installed (.ci/run installs it)"
)


class Server(ThreadingUnixStreamServer):
    """A service that tells what reached it."""

    daemon_threads = True


@contextmanager
def service(machine: Machine, name: str) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def address_string(self) -> str:
            return "unix"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told = {"service": name, "path": self.path, "bytes": len(body), "headers": dict(self.headers)}
            said = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    path = machine.disk / f"run/tin-nhiem/{name}.sock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with Server(str(path), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield
        server.shutdown()
        serving.join()
    path.unlink()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    made = a_machine(tmp_path_factory.mktemp("m"))
    with ExitStack() as stack:
        for name in ("site", "booth"):
            stack.enter_context(service(made, name))
        stack.enter_context(proxy(made))
        yield made


def told(machine: Machine, host: str, path: str) -> dict[str, object]:
    status, body = machine.request(host, path)
    assert status == 200
    return dict(json.loads(body))


def test_nginx_accepts_the_file_without_a_warning(tmp_path: Path) -> None:
    made = a_machine(tmp_path)
    call = [str(NGINX), "-t", "-e", str(tmp_path / "start.log"), "-c", str(made.nginx())]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_each_name_leads_to_its_service_and_the_booth_has_nothing_else(machine: Machine) -> None:
    for path in ("/vi/", "/s/vi/", "/k/x/", "/o/x/", "/read/vi/x", "/api/v1/rounds", "/static/css/site.css"):
        assert told(machine, SITE, path)["service"] == "site"
    assert told(machine, BOOTH, "/b/x/")["service"] == "booth"
    for host, path, to in (
        (SITE, "/b/x/?shared", f"https://{BOOTH}/b/x/?shared"),
        (BOOTH, "/k/x/", f"https://{SITE}/k/x/"),
        (BOOTH, "/", f"https://{SITE}/"),
    ):
        with closing(machine.connect(host=host)) as connection:
            connection.request("GET", path, headers={"Host": host})
            answer = connection.getresponse()
            assert (answer.status, answer.headers["Location"]) == (308, to)


def test_whoever_comes_without_tls_is_led_to_it_and_a_foreign_name_is_shown_nothing(machine: Machine) -> None:
    connection = HTTPConnection("127.0.0.1", machine.http, timeout=90)
    connection.request("GET", "/b/x/", headers={"Host": BOOTH})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{BOOTH}/b/x/")
    connection.close()
    connection.request("GET", "/", headers={"Host": "elsewhere.example"})
    with pytest.raises(ConnectionError):  # closed without a word
        connection.getresponse()
    connection.close()
    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        machine.connect(host="elsewhere.example")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_old_tls_is_refused(machine: Machine) -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_1):
        trust = ssl.create_default_context(cafile=str(machine.disk / "etc/nginx/tls/fullchain.pem"))
        trust.set_ciphers("ALL:@SECLEVEL=0")
        trust.minimum_version = trust.maximum_version = version
        if version is ssl.TLSVersion.TLSv1_2:
            machine.connect(trust=trust).close()
        else:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                machine.connect(trust=trust)


def test_what_a_visitor_claims_of_an_address_counts_for_nothing(machine: Machine) -> None:
    with closing(machine.connect("127.0.3.7")) as connection:
        connection.request("GET", "/vi/", headers={"Host": SITE, "X-Forwarded-For": "192.0.2.1, 192.0.2.2"})
        headers = json.loads(connection.getresponse().read())["headers"]
    assert headers["X-Forwarded-For"] == "127.0.3.7"
    assert headers["Host"] == SITE


@pytest.mark.parametrize(
    ("host", "path", "largest"),
    [(BOOTH, "/b/x/cast", 96 * 1024), (SITE, "/vi/", 64 * 1024), (SITE, "/o/x/freeze", 64 * 1024**2)],
)
def test_bodies_are_taken_as_far_as_a_service_takes_them(
    machine: Machine, host: str, path: str, largest: int
) -> None:
    assert {BOOTH: MOST_BALLOT_BYTES}.get(host, 0) < largest
    assert OFFICE_BYTES <= 64 * 1024**2
    for length, status in ((min(largest, 1 << 20), 200), (largest + 1, 413)):
        with closing(machine.connect(host=host)) as connection:
            connection.putrequest("POST", path)
            connection.putheader("Content-Length", str(length))
            connection.endheaders(b"x" * length if status == 200 else b"")
            answer = connection.getresponse()
            said = answer.read().decode()
            assert answer.status == status
            assert status == 200 or said == "Quá lớn. / Too large.\n"


def test_what_a_ballot_may_weigh_never_waits_in_a_file(machine: Machine) -> None:
    """A file for a body would be one more place where a ballot was."""
    before = (machine.disk / "dev/shm/nginx-body").stat().st_mtime_ns
    assert machine.request(BOOTH, "/b/x/cast", "POST", b"x" * MOST_BALLOT_BYTES)[0] == 200
    assert (machine.disk / "dev/shm/nginx-body").stat().st_mtime_ns == before
    assert machine.request(SITE, "/s/vi/organisation", "POST", b"x" * (1 << 20))[0] == 200
    assert (machine.disk / "dev/shm/nginx-body").stat().st_mtime_ns != before


def test_only_this_machine_is_told_how_the_services_are(machine: Machine) -> None:
    for host in (SITE, BOOTH):
        for path in ("/metrics", "/healthz"):
            assert machine.request(host, path)[0] in {404, 308}
    for path, service, asked in (
        ("/metrics", "site", "/metrics"),
        ("/site/healthz", "site", "/healthz"),
        ("/booth/healthz", "booth", "/healthz"),
    ):
        status, said = machine.watched(path, Authorization="Bearer x")
        answer = json.loads(said)
        assert (status, answer["service"], answer["path"]) == (200, service, asked)
        assert answer["headers"]["Authorization"] == "Bearer x"
    assert machine.watched("/vi/")[0] == 404
    listened = [
        line.strip() for line in (DEPLOY / "nginx.conf").read_text("utf-8").splitlines() if "9180" in line
    ]
    assert listened == ["listen 127.0.0.1:9180;"]


def test_a_service_that_is_starting_is_told_of_in_both_languages(tmp_path: Path) -> None:
    made = a_machine(tmp_path)
    with proxy(made), closing(made.connect(host=BOOTH)) as connection:
        connection.request("GET", "/b/x/", headers={"Host": BOOTH})
        answer = connection.getresponse()
        said = answer.read().decode()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert said.startswith("Máy chủ đang khởi động")
    assert "The server is starting" in said


def test_a_flood_from_one_address_is_held_back_and_others_are_not(machine: Machine) -> None:
    with closing(machine.connect("127.0.9.9", BOOTH)) as connection:
        found = []
        for _ in range(800):
            connection.request("GET", "/b/x/", headers={"Host": BOOTH})
            answer = connection.getresponse()
            answer.read()
            found.append(answer.status)
    assert found[:600] == [200] * 600
    assert 429 in found
    assert told(machine, BOOTH, "/b/x/")["service"] == "booth"
    said = "".join(path.read_text("utf-8") for path in (machine.disk / "var/log/nginx").iterdir())
    assert "client" not in said
    assert "127.0.9" not in said
