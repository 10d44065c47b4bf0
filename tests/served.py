"""A WSGI application behind the real server, stopped without a rest."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from waitress import wasyncore

from surveys.protocol.ballot import MOST_BALLOT_BYTES
from surveys.web.serving import make_server


@contextmanager
def served(app: Any, host: str = "127.0.0.1", proxies: int = 0) -> Iterator[int]:
    """Serve until the block ends; the port. A site is closed then."""
    server = make_server(
        app, f"{host}:0", threads=8, most_voter_bytes=MOST_BALLOT_BYTES, behind_proxies=proxies > 0
    )
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    try:
        yield server.socket.getsockname()[1]
    finally:
        # In the loop's own thread: closing a socket the loop is waiting for would end it with an error.
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        serving.join(10)
        assert not serving.is_alive()
        if hasattr(app, "close"):
            app.close()
