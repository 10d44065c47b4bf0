"""A small mail server on the loopback that can be told to misbehave. It speaks as much SMTP as a client
needs.

`answers` gives other replies than the usual ones: by verb (`MAIL`, `DATA`, `.` for the end of the text,
`HELLO` for the greeting) or by recipient; the answer `DROP` ends the connection without a word. An answer in
a list is for one time.
"""

from __future__ import annotations

import base64
import datetime
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DROP = "DROP"
Answers = dict[str, str | list[str]]


@dataclass(frozen=True)
class Taken:
    """A message that the server has taken, as it came."""

    sender: str
    recipient: str
    raw: bytes
    encrypted: bool
    connection: int


@dataclass
class PostOffice:
    """What the server does and what it has seen."""

    answers: Answers = field(default_factory=dict)
    offers: tuple[str, ...] = ("8BITMIME",)
    context: ssl.SSLContext | None = None
    encrypted_from_start: bool = False
    sign_in: tuple[str, str] | None = None
    ways: tuple[str, ...] = ("PLAIN",)
    drop_after: int = 1_000_000
    port: int = 0
    connections: int = 0
    taken: list[Taken] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def answer(self, step: str, usual: str) -> str:
        other = self.answers.get(step, usual)
        if isinstance(other, list):
            return other.pop(0) if other else usual
        return other


class _Ended(Exception):
    """The connection is over."""


class _Clerk(socketserver.StreamRequestHandler):
    timeout = 60
    office: PostOffice

    def handle(self) -> None:
        self.office.connections += 1
        self.number, self.encrypted, self.taken_here, self.signed_in = (
            self.office.connections,
            False,
            0,
            False,
        )
        try:
            if self.office.encrypted_from_start:
                self._encrypt()
            self._say(self.office.answer("HELLO", "220 loopback ready"))
            while True:
                self._obey(self._line())
        except (_Ended, OSError):
            pass

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:
            pass
        finally:
            self.connection.close()

    def _encrypt(self) -> None:
        assert self.office.context is not None
        self.connection = self.office.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.encrypted = True

    def _line(self) -> bytes:
        line = self.rfile.readline()
        if not line:
            raise _Ended
        return line

    def _say(self, reply: str) -> bool:
        """Whether the reply was one of success."""
        if reply == DROP:
            raise _Ended
        self.wfile.write(reply.encode() + b"\r\n")
        return reply[0] in "23"

    def _obey(self, line: bytes) -> None:
        said = line.decode("latin-1").rstrip("\r\n")
        self.office.lines.append(said)
        verb = said.split(" ")[0].upper()
        if verb == "EHLO":
            offers = list(self.office.offers)
            if self.office.context and not self.encrypted:
                offers.append("STARTTLS")
            if self.office.sign_in:
                offers.append(f"AUTH {' '.join(self.office.ways)}")
            rows = ["loopback", *offers]
            self._say("\r\n".join(f"250{' ' if row is rows[-1] else '-'}{row}" for row in rows))
        elif verb == "STARTTLS":
            if self._say(self.office.answer(verb, "220 go on")):
                self._encrypt()
        elif verb == "AUTH":
            self._sign_in(said)
        elif verb == "MAIL":
            self.sender, self.recipient = _address(said), ""
            needed = self.office.sign_in and not self.signed_in
            self._say(self.office.answer(verb, "530 5.7.0 sign in first" if needed else "250 2.1.0 ok"))
        elif verb == "RCPT":
            address = _address(said)
            if self._say(self.office.answer(address, "250 2.1.5 ok")):
                self.recipient = address
        elif verb == "DATA":
            if self._say(self.office.answer(verb, "354 the text")):
                self._take()
        elif verb == "QUIT":
            self._say("221 goodbye")
            raise _Ended
        else:
            self._say(self.office.answer(verb, "250 ok" if verb in {"RSET", "NOOP"} else "502 what?"))

    def _sign_in(self, said: str) -> None:
        _, way, first = said.split(" ")
        if way == "PLAIN":
            _, user, password = base64.b64decode(first).decode().split("\0")
        else:
            user = base64.b64decode(first).decode()
            self._say(f"334 {base64.b64encode(b'Password:').decode()}")
            password = base64.b64decode(self._line()).decode()
        self.signed_in = (user, password) == self.office.sign_in
        right = "235 2.7.0 welcome" if self.signed_in else "535 5.7.8 wrong user or password"
        self._say(self.office.answer("AUTH", right))

    def _take(self) -> None:
        raw = b""
        while (line := self._line()) != b".\r\n":
            raw += line.removeprefix(b".")
        reply = self.office.answer(".", "250 2.0.0 taken")
        if reply[0] == "2" or reply == DROP:
            self.office.taken.append(Taken(self.sender, self.recipient, raw, self.encrypted, self.number))
            self.taken_here += 1
        self._say(reply)
        if self.taken_here == self.office.drop_after:
            raise _Ended


def _address(said: str) -> str:
    return said.partition("<")[2].partition(">")[0]


class _Building(socketserver.ThreadingTCPServer):
    daemon_threads = False


@contextmanager
def serving(office: PostOffice) -> Iterator[PostOffice]:
    """The office, open on a free port; closed, with all its threads ended, afterwards."""
    clerk = type("_ClerkOfThisOffice", (_Clerk,), {"office": office})
    with _Building(("127.0.0.1", 0), clerk) as building:
        office.port = building.server_address[1]
        thread = threading.Thread(target=building.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield office
        finally:
            building.shutdown()
            thread.join()


@dataclass(frozen=True)
class Certificate:
    """A certificate for the loopback and the contexts of both sides."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def a_certificate(folder: Path, *names: str) -> Certificate:
    """Signed by itself, for these names or addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives = [
        x509.IPAddress(ip_address(text)) if text[0].isdigit() else x509.DNSName(text) for text in names
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    both = folder / "certificate.pem"
    both.write_bytes(key.private_bytes(*private) + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(both)
    client = ssl.create_default_context(cadata=pem.decode())
    return Certificate(server, client)
