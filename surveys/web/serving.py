"""The server under the site: waitress, which cuts off a voter's body that is too long before it is read.

Danger: a server that first takes a whole body and then finds it too long can be filled up by anybody; and an access log would
write down who came when. This one writes none. And waitress wakes its loop with one byte into a pipe; once a server is closed, the
number of that pipe may be a store's, and a thread that ends late would write its byte over the first of the file.
"""

from __future__ import annotations

import copy
import os
from contextlib import suppress
from threading import Lock
from types import MethodType
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server

MOST_BYTES = 16 * 1024 * 1024


def make_server(app: Any, listen: str, *, threads: int, most_voter_bytes: int) -> Any:
    """A waitress server, not running yet. Bodies for /b/ have at most `most_voter_bytes`, all others 16 MiB."""

    class Parser(HTTPRequestParser):  # type: ignore[misc]
        """Knows after the header how long a body may be."""

        adj: Any

        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            if self.path.startswith("/b/"):
                self.adj = copy.copy(self.adj)
                self.adj.max_request_body_size = most_voter_bytes

    class Channel(HTTPChannel):  # type: ignore[misc]
        """One connection."""

        parser_class = Parser

    sockets: dict[int, Any] = {}
    server = create_server(
        app, map=sockets, listen=listen, threads=threads, ident=None, max_request_body_size=MOST_BYTES
    )
    # A host name with several addresses has a socket for each of them.
    for each in sockets.values():
        if isinstance(each, BaseWSGIServer):
            each.channel_class = Channel
            _write_to_no_other_file(each.trigger)
    return server


def _write_to_no_other_file(trigger: Any) -> None:
    """Let a trigger that is closed be pulled without a byte written anywhere: its number may belong to another file by then."""
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
