"""The server under the site: waitress, which cuts off a voter's body that is too long before it is read.

Danger: a server that first takes a whole body and then finds it too long can be filled up by anybody; and an
access log would write down who came when. This one writes none. And waitress wakes its loop with one byte
into a pipe; once a server is closed, the number of that pipe may be a store's, and a thread that ends late
would write its byte over the first of the file.
"""

from __future__ import annotations

import copy
import logging
import os
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from threading import Lock
from types import MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server
from werkzeug.middleware.proxy_fix import ProxyFix

MOST_BYTES = 16 * 1024 * 1024
DRAIN_SECONDS = 30.0
CONNECTIONS = 4000
BACKLOG = 1024
IDLE_SECONDS = 60
REQUEST_SECONDS = 60.0
BYTES_A_SECOND = 20_000
UNKNOWN_PROXY = (
    "requests come through a proxy (X-Forwarded-For) and TIN_NHIEM_PROXIES is 0: "
    "all visitors behind it count as one and share one limit"
)
_log = logging.getLogger(__name__)


def make_server(
    app: WSGIApplication,
    listen: str,
    *,
    threads: int,
    most_voter_bytes: int,
    behind_proxies: bool = False,
    connections: int = CONNECTIONS,
) -> Any:
    """A waitress server, not running yet. Bodies for /b/ have at most `most_voter_bytes`, all others 16 MiB.

    What a proxy says about the visitor reaches the application only `behind_proxies`: anybody else could
    write it too. So many `connections` are open at once; without a proxy half of them for one address at
    most, so that nobody can hold them all. A request that does not come whole in time (`REQUEST_SECONDS`, and
    longer only as long as bytes keep coming) is closed.
    """
    held: Counter[str] = Counter()
    told: list[bool] = []

    class Parser(HTTPRequestParser):  # type: ignore[misc]
        """Knows after the header how long a body may be."""

        adj: Any

        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            if not behind_proxies and not told and "X_FORWARDED_FOR" in self.headers:
                told.append(True)
                _log.warning(UNKNOWN_PROXY)
            if self.path.startswith("/b/"):
                self.adj = copy.copy(self.adj)
                self.adj.max_request_body_size = most_voter_bytes

    class Channel(HTTPChannel):  # type: ignore[misc]
        """One connection."""

        parser_class = Parser

        def __init__(self, server: Any, sock: Any, addr: Any, adj: Any, map: Any = None) -> None:
            super().__init__(server, sock, addr, adj, map=map)
            self._whose, self._began, self._came = str(addr[0]), 0.0, 0
            held[self._whose] += 1
            if not behind_proxies and held[self._whose] > connections // 2:
                self.will_close = True

        def received(self, data: bytes) -> Any:
            if self.request is None:
                self._began, self._came = time.monotonic(), 0
            self._came += len(data)
            return super().received(data)

        def readable(self) -> Any:
            # Asked of every connection at every turn of the loop, a few times a second at least.
            if self.request is not None:
                until = self._began + REQUEST_SECONDS + self._came / BYTES_A_SECOND
                self.will_close = self.will_close or time.monotonic() > until
            return super().readable()

        def del_channel(self, map: Any = None) -> None:
            super().del_channel(map)
            held[self._whose] -= 1
            if held[self._whose] <= 0:
                del held[self._whose]

    sockets: dict[int, Any] = {}
    server = create_server(
        app,
        map=sockets,
        listen=listen,
        threads=threads,
        ident=None,
        max_request_body_size=MOST_BYTES,
        clear_untrusted_proxy_headers=not behind_proxies,
        connection_limit=connections,
        backlog=BACKLOG,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=10,
        asyncore_use_poll=True,  # the other way knows no more than 1 024 connections
    )
    # A host name with several addresses has a socket for each of them.
    for each in sockets.values():
        if isinstance(each, BaseWSGIServer):
            each.channel_class = Channel
            _write_to_no_other_file(each.trigger)
    return server


def run(server: Any, patience: float = DRAIN_SECONDS) -> None:
    """Serve until SIGTERM or SIGINT comes, then take no new connection and end when every answer that was
    begun is through.

    After `patience` seconds nobody is waited for any more. To be called in the main thread.
    """
    ending = threading.Event()

    def end(*_: object) -> None:
        if not ending.is_set():
            ending.set()
            threading.Thread(target=_drain, args=(server, patience), name="drain", daemon=True).start()

    before = {each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.run()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _drain(server: Any, patience: float) -> None:
    """Let the loop's own thread close what is idle, again and again, until nothing is left."""
    until, left = time.monotonic() + patience, threading.Event()

    def look() -> None:
        for each in list(server._map.values()):
            if isinstance(each, BaseWSGIServer) and each.accepting:
                each.accepting = False
                wasyncore.dispatcher.close(each)  # the socket alone: its threads go on
            elif isinstance(each, HTTPChannel) and not (each.requests or each.total_outbufs_len):
                each.handle_close()
        busy = any(isinstance(each, HTTPChannel) for each in server._map.values())
        if not busy or time.monotonic() > until:
            left.set()
            wasyncore.close_all(server._map)

    while not left.wait(0.05):
        server.trigger.pull_trigger(look)


def behind(site: WSGIApplication, proxies: int) -> WSGIApplication:
    """The site behind so many proxies: the visitor's address, used for rate limits in memory only, is that
    many steps away.

    Without one, a proxy that shows itself is told of once (other servers than ours hand its header on).
    """
    return ProxyFix(site, x_for=proxies, x_proto=0) if proxies else _told_of_proxies(site)


def _told_of_proxies(site: WSGIApplication) -> WSGIApplication:
    told: list[bool] = []

    def answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not told and "HTTP_X_FORWARDED_FOR" in environ:
            told.append(True)
            _log.warning(UNKNOWN_PROXY)
        return site(environ, start_response)

    return answered


def _write_to_no_other_file(trigger: Any) -> None:
    """Let a trigger that is closed be pulled without a byte written anywhere: its number may belong to
    another file by then.
    """
    alone = Lock()
    close = trigger._close

    def pull(_: Any) -> None:
        # Whoever finds the pipe full has nobody left to wake; waiting for room would hold up the closing.
        with alone, suppress(BlockingIOError):
            if trigger._fds:
                os.write(trigger.trigger, b"x")

    def end(_: Any) -> None:
        with alone:
            close()

    os.set_blocking(trigger.trigger, False)
    trigger._physical_pull, trigger._close = MethodType(pull, trigger), MethodType(end, trigger)
