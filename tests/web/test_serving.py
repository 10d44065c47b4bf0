"""The server writes into nothing but its sockets: not when it is closed while requests are still answered, either."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from waitress import wasyncore

from surveys.protocol.ballot import MOST_BALLOT_BYTES
from surveys.web import serving


def _pulled_after_its_end(path: Path) -> bytes:
    """What stands in a file that got the number of a closed server's pipe, after a thread of that server has ended late."""

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
