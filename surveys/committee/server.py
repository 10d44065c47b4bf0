"""The server as a trustee's command line sees it (docs/protocol.md §16). It is believed nothing that can be
checked.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

from surveys.committee.errors import BadLink, ServerRefused, ServerUnreachable
from surveys.committee.service import CommitteeState
from surveys.json_types import JsonObject
from surveys.protocol.canonical import Fields

PATIENCE = 60.0
BLOCK = 1 << 20
OnBytes = Callable[[int, int], None]


class Server:
    """One member's link: `https://<host>/k/<survey>/#<token>`; plain http only to the loopback."""

    def __init__(self, link: str) -> None:
        parts = urlsplit(link)
        if parts.scheme not in ("https", "http") or not parts.hostname or not parts.fragment:
            raise BadLink("a personal link looks like https://host/k/…/#…")
        if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise BadLink("only https keeps the link secret on the way")
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname, parts.port
        self._base, self._token = parts.path.rstrip("/"), parts.fragment

    def state(self) -> CommitteeState:
        """16.1. Raises ServerRefused or ServerUnreachable, as every verb here does, or Malformed."""
        return self._state(self._ask("GET", "state"))

    def get(self, name: str, on_bytes: OnBytes | None = None) -> bytes:
        """A document of 16.2, 16.5 or 16.8."""
        return self._ask("GET", name, on_bytes=on_bytes)

    def send(self, kind: str, message: bytes) -> CommitteeState:
        """A message of 16.3, 16.4, 16.6, 16.7 or 16.9; the state after it."""
        return self._state(self._ask("POST", kind, message))

    def _ask(
        self, method: str, way: str, body: bytes | None = None, on_bytes: OnBytes | None = None
    ) -> bytes:
        connection: http.client.HTTPConnection
        if self._secure:
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=PATIENCE, context=context
            )
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            connection.request(method, f"{self._base}/{way}", body, headers)
            answer = connection.getresponse()
            raw = self._read(answer, on_bytes)
        except (OSError, http.client.HTTPException) as error:
            raise ServerUnreachable(f"{self._host}: {error}") from None
        finally:
            connection.close()
        if answer.status != 200:
            said = self._document(raw)
            raise ServerRefused(str(said.get("error")), str(said.get("en")), str(said.get("vi")))
        return raw

    @staticmethod
    def _read(answer: http.client.HTTPResponse, on_bytes: OnBytes | None) -> bytes:
        whole, parts, done = int(answer.getheader("Content-Length") or 0), [], 0
        while part := answer.read(BLOCK):
            parts.append(part)
            done += len(part)
            if on_bytes is not None:
                on_bytes(done, whole)
        return b"".join(parts)

    def _state(self, raw: bytes) -> CommitteeState:
        return CommitteeState.read(Fields(self._document(raw), check="16.1", where="state"))

    def _document(self, raw: bytes) -> JsonObject:
        try:
            value = json.loads(raw)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise ServerUnreachable(f"{self._host} gave an answer that is not this server's")
        return value
