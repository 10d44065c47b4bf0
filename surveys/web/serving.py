"""The server under the site: waitress, which cuts off a voter's body that is too long before it is read.

Danger: a server that first takes a whole body and then finds it too long can be filled up by anybody; and an access log would
write down who came when. This one writes none.
"""

from __future__ import annotations

import copy
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
    return server
