"""The deploy kit as its documents put it in place, on this machine: nginx with the kit's own configuration,
site and booth with the kit's own units, in a folder that stands for the machine's disk.

Only what a test cannot have is put in the place of what stands in the files: paths below the folder, free
ports, this user's name.
"""

from __future__ import annotations

import getpass
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest

from surveys.rehearsal import run as rehearsal
from surveys.roll.registrar import make_token_keys
from surveys.stages import preparing
from tests.mail.server import a_certificate
from tests.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
SITE, BOOTH = "vote.example.org", "booth.example.org"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SECONDS = 120.0
# As systemd hands a socket over: the third descriptor, and whose it is (sd_listen_fds(3)).
HANDED = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True)
class Machine:
    """A folder that stands for a disk. What nginx and the services write lies below it; `log` is what
    journald would keep.
    """

    disk: Path
    https: int
    http: int
    watch: int

    @property
    def instance(self) -> Path:
        """Where the kit puts the instance."""
        return self.disk / "var/lib/tin-nhiem"

    @property
    def keyring(self) -> Path:
        """Where the kit puts the keyring."""
        return self.disk / "etc/tin-nhiem/keyring.json"

    @property
    def log(self) -> Path:
        """What the services say."""
        return self.disk / "var/log/journal"

    def placed(self, text: str) -> str:
        """A file of the kit, in place: absolute paths of what is written are below the disk."""
        for name in (
            "/var/lib/tin-nhiem",
            "/etc/tin-nhiem",
            "/run/",
            "/var/log/nginx",
            "/dev/shm/nginx",
            "/etc/nginx/tls",
        ):
            text = re.sub(rf"(?<![\w.-]){re.escape(name)}", f"{self.disk}{name}", text)
        return text

    def nginx(self) -> Path:
        """The configuration of the kit, in place; with a certificate."""
        text = self.placed((DEPLOY / "nginx.conf").read_text("utf-8"))
        text = text.replace("user www-data;", f"user {getpass.getuser()};")
        for port, mine in (
            ("443", self.https),
            ("80", self.http),
            ("127.0.0.1:9180", f"127.0.0.1:{self.watch}"),
        ):
            text = re.sub(rf"(listen (?:\[::\]:)?){port}\b", rf"\g<1>{mine}", text)
        for folder in ("run/tin-nhiem", "var/log/nginx", "etc/nginx/tls", "dev/shm", "etc/nginx"):
            (self.disk / folder).mkdir(parents=True, exist_ok=True)
        tls = self.disk / "etc/nginx/tls"
        a_certificate(tls, SITE, BOOTH)
        for name in ("fullchain.pem", "privkey.pem"):
            shutil.copyfile(tls / "certificate.pem", tls / name)
        path = self.disk / "etc/nginx/nginx.conf"
        path.write_text(text, "utf-8")
        return path

    def request(
        self, host: str, path: str, method: str = "GET", body: bytes = b"", **headers: str
    ) -> tuple[int, bytes]:
        """One request over TLS, as a browser sends it to this name."""
        connection = self.connect()
        try:
            connection.request(method, path, body or None, {"Host": host, **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.disk / "etc/nginx/tls/fullchain.pem"))

    def connect(
        self, source: str = "127.0.0.1", host: str = SITE, trust: ssl.SSLContext | None = None
    ) -> HTTPSConnection:
        """A connection that trusts the machine's certificate, from an address of the loopback."""
        context = trust or self._trust
        connection = HTTPSConnection(host, self.https, timeout=60, context=context)
        raw = socket.create_connection(("127.0.0.1", self.https), 60, (source, 0))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sock = context.wrap_socket(raw, server_hostname=host)
        return connection

    def watched(self, path: str, **headers: str) -> tuple[int, str]:
        """What a program on this machine is answered."""
        connection = HTTPConnection("127.0.0.1", self.watch, timeout=60)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def make_keys_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Token keys are made in this process: the processes of a pool take long to start."""
    for room in (preparing, rehearsal):
        monkeypatch.setattr(
            room, "make_panel_keys", lambda ring, count, *_: dict(make_token_keys(ring, count))
        )


def a_machine(disk: Path) -> Machine:
    """A machine with nothing on its disk."""
    return Machine(disk, *free_ports(3))


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit, each with its values in order."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "systemd" / name).read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@contextmanager
def proxy(machine: Machine) -> Iterator[subprocess.Popen[bytes]]:
    """nginx, until the block ends."""
    assert NGINX is not None
    call = [NGINX, "-e", str(machine.disk / "var/log/nginx/error.log"), "-c", str(machine.nginx())]
    with machine.log.open("ab") as log:
        running = subprocess.Popen([*call, "-g", "daemon off;"], stdout=log, stderr=log)
    try:
        _until(lambda: _open(machine.watch), running)
        yield running
    finally:
        running.send_signal(signal.SIGQUIT)
        assert running.wait(30) == 0


@contextmanager
def services(
    machine: Machine, *names: str, more: Mapping[str, str] | None = None
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """The services, as systemd starts them: sockets handed over, the keyring as a credential, and of the
    environment what the unit says. Ended by SIGTERM, with what they were at.
    """
    with ExitStack() as stack:
        started = {name: stack.enter_context(_service(machine, name, more or {})) for name in names}
        for name, running in started.items():
            _until(partial(_answers, machine.placed(f"/run/tin-nhiem/{name}.sock")), running)
        yield started


@contextmanager
def _service(machine: Machine, name: str, more: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    says, way = unit(f"tin-nhiem-{name}.service"), unit(f"tin-nhiem-{name}.socket")
    credentials = machine.disk / "run/credentials" / name
    credentials.mkdir(parents=True, exist_ok=True)
    for each in says["LoadCredential"]:
        known, _, source = each.partition(":")
        shutil.copyfile(machine.placed(source), credentials / known)
    given = dict(each.split("=", 1) for each in says["Environment"])
    given = {key: machine.placed(value).replace("%d", str(credentials)) for key, value in given.items()}
    # Where PrivateTmp puts what is temporary: a part of the disk, of which nobody else sees anything.
    given |= {"TMPDIR": str(machine.disk / "tmp"), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", **more}
    for folder in ("tmp", "var/log", "run/tin-nhiem"):
        (machine.disk / folder).mkdir(parents=True, exist_ok=True)
    call = says["ExecStart"][0].replace("/opt/tin-nhiem/current/bin", str(BIN))
    call = call.replace("/opt/tin-nhiem/current", str(DEPLOY))
    with socket.socket(socket.AF_UNIX) as waiting, machine.log.open("ab") as log:
        path = machine.placed(way["ListenStream"][0])
        Path(path).unlink(missing_ok=True)
        waiting.bind(path)
        waiting.listen(int(way["Backlog"][0]))
        running = subprocess.Popen(
            [sys.executable, "-c", HANDED, str(waiting.fileno()), *shlex.split(call)],
            cwd=machine.placed(says["WorkingDirectory"][0]),
            env=given,
            stdout=log,
            stderr=log,
            pass_fds=[waiting.fileno()],
        )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0, machine.log.read_text("utf-8")


def _answers(path: str) -> bool:
    """Whether the service says that it is well."""
    with socket.socket(socket.AF_UNIX) as way:
        way.settimeout(SECONDS)
        way.connect(path)
        way.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return b" 200 " in way.recv(100)


def _open(port: int) -> bool:
    with socket.socket() as way:
        return way.connect_ex(("127.0.0.1", port)) == 0


def _until(what: object, running: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + SECONDS
    while not what():  # type: ignore[operator]
        assert running.poll() is None, "it has ended"
        assert time.monotonic() < ends
        time.sleep(0.05)
