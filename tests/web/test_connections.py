"""A thousand open browsers, slow ones and idle ones cost nobody a wait; the server of before let the next one
wait.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest
from waitress import wasyncore

from surveys.web import serving
from tests.pace import slower


def page(_: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "5000")])
    return [b"x" * 5000]


@contextmanager
def server(**more: int) -> Iterator[int]:
    made = serving.make_server(page, "127.0.0.1:0", threads=8, most_voter_bytes=10_000, **more)  # type: ignore[arg-type]
    loop = threading.Thread(target=made.run, daemon=True)
    loop.start()
    try:
        yield made.socket.getsockname()[1]
    finally:
        made.trigger.pull_trigger(lambda: wasyncore.close_all(made._map))
        loop.join(10)
        assert not loop.is_alive()


def browser(port: int, number: int, patience: float = 20.0) -> HTTPConnection:
    """One with an address of its own that has loaded a page and keeps its connection."""
    source = f"127.70.{number // 250}.{1 + number % 250}"
    made = HTTPConnection("127.0.0.1", port, timeout=patience, source_address=(source, 0))
    try:
        made.request("GET", "/")
        made.getresponse().read()
    except BaseException:
        made.close()
        raise
    return made


def crowd(port: int, count: int, open_: ExitStack) -> None:
    """So many browsers that stay, each patient for a few seconds."""
    for number in range(count):
        open_.enter_context(closing(browser(port, number, patience=3.0)))


def waits(port: int, count: int) -> list[float]:
    """How long so many new visitors wait for a page, sorted."""
    found = []
    for _ in range(count):
        begun = time.monotonic()
        browser(port, 60_000).close()
        found.append(time.monotonic() - begun)
    return sorted(found)


def test_a_thousand_open_browsers_make_nobody_wait() -> None:
    with server() as port, ExitStack() as open_:
        for number in range(1000):
            open_.enter_context(closing(browser(port, number)))
        found = waits(port, 40)
    assert found[37] < 0.5 * slower(time.monotonic), found


def test_the_twin_with_a_hundred_connections_lets_the_next_one_wait() -> None:
    with server(connections=100) as port, ExitStack() as open_:
        crowd(port, 90, open_)
        with pytest.raises(TimeoutError):
            crowd(port, 110, open_)


def test_whoever_sends_byte_by_byte_is_closed_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "REQUEST_SECONDS", 1.0)
    head = b"POST /b/x/cast HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n"
    with server() as port, ExitStack() as open_:
        slow = [open_.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(200)]
        for each in slow:
            each.sendall(head)
        ends = time.monotonic() + 60
        left = set(slow)
        while left:
            assert time.monotonic() < ends, f"{len(left)} drip on"
            for each in list(left):
                each.settimeout(0.001)
                try:
                    each.send(b"x")
                    if each.recv(1) == b"":
                        left.discard(each)
                except TimeoutError:
                    continue
                except OSError:
                    left.discard(each)
            assert waits(port, 1)[0] < 15


def test_one_address_cannot_hold_every_connection() -> None:
    with server(connections=60) as port, ExitStack() as open_:
        greedy = [open_.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(100)]
        assert waits(port, 3)[-1] < 15
        closed = 0
        for each in greedy:
            each.settimeout(0.2)
            try:
                closed += each.recv(1) == b""
            except TimeoutError:
                pass
            except OSError:
                closed += 1
        assert closed >= 70


def test_behind_a_proxy_all_connections_are_its_own() -> None:
    with server(connections=60, behind_proxies=True) as port, ExitStack() as open_:
        for _ in range(50):
            kept = HTTPConnection("127.0.0.1", port, timeout=60)
            open_.enter_context(closing(kept))
            kept.request("GET", "/")
            assert kept.getresponse().read()
