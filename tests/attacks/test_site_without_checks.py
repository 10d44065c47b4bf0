"""The site with one check taken away: what is refused elsewhere (tests/web) then goes through, so it is this
check that refuses it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from waitress import wasyncore

from surveys.accounts.roles import Role
from surveys.names import UnitCode
from surveys.web.serving import make_server
from tests.desk import a_desk
from tests.shown import SECRETARY, a_round
from tests.staff import quick


def test_without_the_look_for_its_token_a_form_from_elsewhere_would_be_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = a_desk(tmp_path)
    quick(desk.site.app)
    round_id, browser = a_round(desk), desk.browser(Role.ORGANIZER, UnitCode("A"))
    address, form = f"/en/rounds/{round_id}/exhibits/{SECRETARY}/questions", {"question": "Từ nơi khác?"}
    by = desk.account(Role.ORGANIZER, UnitCode("A"))
    assert browser.post(address, form, token=False).status_code == 400
    assert desk.desks.exhibits.one(by, round_id, SECRETARY).shown[0].questions == ()
    for switch in ("WTF_CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT"):
        monkeypatch.setitem(desk.site.app.config, switch, False)
    assert browser.post(address, form, token=False).status_code == 303
    asked = desk.desks.exhibits.one(by, round_id, SECRETARY).shown[0].questions
    assert [each.question for each in asked] == ["Từ nơi khác?"]
    desk.site.stores.close()


@contextmanager
def listening(most: int) -> Iterator[int]:
    def page(environ: Any, start_response: Any) -> list[bytes]:
        taken = len(environ["wsgi.input"].read())
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(taken).encode()]

    server = make_server(page, "127.0.0.1:0", threads=2, most_voter_bytes=most)
    loop = threading.Thread(target=server.run, daemon=True)
    loop.start()
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        loop.join(10)


def sent(port: int, size: int) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=90)
    try:
        connection.request("POST", "/b/x/cast", body=bytes(size))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_without_the_limit_of_a_voters_body_all_of_it_would_be_read() -> None:
    with listening(10_000) as port:
        assert sent(port, 9_000) == (200, b"9000")
        assert sent(port, 20_000)[0] == 413
    with listening(100_000) as port:
        assert sent(port, 20_000) == (200, b"20000")
