"""The server writes into nothing but its sockets: not when it is closed while requests are still answered,
either.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from waitress import wasyncore

from surveys.protocol.ballot import MOST_BALLOT_BYTES
from surveys.web import serving
from surveys.web.serving import behind
from tests.served import served


def _pulled_after_its_end(path: Path) -> bytes:
    """What stands in a file that got the number of a closed server's pipe, after a thread of that server has
    ended late.
    """

    def nothing(*_: Any) -> Any:
        raise AssertionError("nobody asks")

    server = serving.make_server(nothing, "127.0.0.1:0", threads=1, most_voter_bytes=MOST_BALLOT_BYTES)
    number = server.trigger.trigger
    loop = threading.Thread(target=server.run)
    loop.start()
    server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
    loop.join()
    path.write_bytes(b"SQLite format 3\0")
    opened = os.open(path, os.O_RDWR)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    server.pull_trigger()
    os.close(number)
    return path.read_bytes()


def test_a_thread_that_ends_after_its_server_writes_into_no_store(tmp_path: Path) -> None:
    assert _pulled_after_its_end(tmp_path / "box.sqlite") == b"SQLite format 3\0"


def test_the_twin_of_waitress_alone_writes_over_the_first_byte_of_a_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_write_to_no_other_file", lambda _: None)
    assert _pulled_after_its_end(tmp_path / "box.sqlite") == b"xQLite format 3\0"


def test_a_pipe_that_is_full_holds_nobody_up() -> None:
    server = serving.make_server(lambda *_: [], "127.0.0.1:0", threads=1, most_voter_bytes=MOST_BALLOT_BYTES)
    for _ in range(100_000):
        server.pull_trigger()
    server.close()


def _limited(proxies: int) -> Any:
    """A site as app.py serves it, that tells a visitor's address and lets each address ask twice."""
    flask = Flask("limited")
    Limiter(get_remote_address, app=flask, application_limits=["2 per minute"], storage_uri="memory://")
    flask.add_url_rule("/", "who", lambda: str(request.remote_addr))
    return behind(flask, proxies)


def _asked(port: int, forwarded: str | None) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=90)
    connection.request("GET", "/", headers={} if forwarded is None else {"X-Forwarded-For": forwarded})
    answer = connection.getresponse()
    said = answer.status, answer.read().decode()
    connection.close()
    return said


def test_visitors_behind_a_proxy_are_told_apart_by_the_real_server() -> None:
    with served(_limited(1), proxies=1) as port:
        for visitor in ("192.0.2.1", "192.0.2.2", "2001:db8::3"):
            assert [_asked(port, visitor) for _ in range(2)] == [(200, visitor)] * 2
        assert _asked(port, "192.0.2.1")[0] == 429
        assert _asked(port, "192.0.2.4") == (200, "192.0.2.4")
        # What the visitor wrote stands before what the proxy added, and counts for nothing.
        assert _asked(port, "198.51.100.7, 192.0.2.2")[0] == 429


def test_two_proxies_in_front_are_two_steps() -> None:
    with served(_limited(2), proxies=2) as port:
        assert _asked(port, "192.0.2.1, 10.0.0.1") == (200, "192.0.2.1")


def test_without_a_configured_proxy_nobody_can_claim_an_address() -> None:
    with served(_limited(0)) as port:
        assert _asked(port, "192.0.2.1") == (200, "127.0.0.1")
        assert _asked(port, "192.0.2.2") == (200, "127.0.0.1")
        assert _asked(port, "192.0.2.3")[0] == 429


def test_the_twin_of_a_server_that_drops_the_header_counts_everybody_together() -> None:
    """The way it was: the header was gone before the application could look at it."""
    with served(_limited(1), proxies=0) as port:
        assert _asked(port, "192.0.2.1") == (200, "127.0.0.1")
        assert _asked(port, "192.0.2.2") == (200, "127.0.0.1")
        assert _asked(port, "192.0.2.3")[0] == 429


DRAINED = """
import sys, time
from surveys.web.serving import make_server, run
def app(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        print("begun", flush=True)
        time.sleep(1.5)
    start_response("200 OK", [("Content-Length", "200000")])
    return [b"x" * 200000]
server = make_server(app, "127.0.0.1:0", threads=4, most_voter_bytes=1000)
print(server.socket.getsockname()[1], flush=True)
run(server, patience=90.0)
print("ended", flush=True)
"""


def test_a_server_that_is_told_to_end_finishes_what_it_has_begun_and_takes_nothing_new() -> None:
    with subprocess.Popen([sys.executable, "-c", DRAINED], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        port = int(server.stdout.readline())
        idle, slow = (HTTPConnection("127.0.0.1", port, timeout=30) for _ in range(2))
        idle.request("GET", "/")
        idle.getresponse().read()
        slow.request("GET", "/slow")
        assert server.stdout.readline() == "begun\n"
        server.send_signal(signal.SIGTERM)
        answer = slow.getresponse()
        assert (answer.status, len(answer.read())) == (200, 200_000)
        with pytest.raises(ConnectionRefusedError):
            HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/")
        assert server.stdout.readline() == "ended\n"
        assert server.wait(90) == 0
        idle.close()
        slow.close()


def test_a_proxy_that_nobody_configured_is_noticed_once_and_no_address_is_written(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with served(_limited(0)) as port:
        for visitor in ("192.0.2.1", "192.0.2.2"):
            _asked(port, visitor)
    assert [each.getMessage() for each in caplog.records] == [serving.UNKNOWN_PROXY]
    assert "192.0.2" not in caplog.text
    caplog.clear()
    with served(_limited(1), proxies=1) as port:
        _asked(port, "192.0.2.1")
    assert caplog.records == []
