"""Ports for servers of the tests that are told theirs. The system gives out others to whoever asks for any
(ip_local_port_range): what it gave and got back it may give to the next who asks, before the server is there.
"""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

_OURS = range(12_000, 30_000)


def free_ports(count: int) -> list[int]:
    """So many ports of the loopback that nobody listens at."""
    found: list[int] = []
    with ExitStack() as stack:
        while len(found) < count:
            port, tried = random.SystemRandom().choice(_OURS), stack.enter_context(socket.socket())
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
    return found


def free_port() -> int:
    """One of them."""
    return free_ports(1)[0]
