"""A stopped round on the desk: its page says why and what to do, in both languages; the desk still opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from surveys.accounts.roles import Role
from surveys.names import UnitCode
from surveys.stores.stops import Stops
from tests.desk import a_desk


@pytest.mark.parametrize(
    ("language", "stopped", "missing"),
    [
        ("en", "This round is stopped", "Missing: the box of this round."),
        ("vi", "Đợt lấy phiếu này đang tạm dừng", "Bị thiếu: hòm phiếu (box) của đợt này."),
    ],
)
def test_the_pages_say_why_a_round_is_stopped(
    language: str, stopped: str, missing: str, tmp_path: Path
) -> None:
    desk = a_desk(tmp_path)
    round_id = desk.confirmed(1)
    browser = desk.browser(Role.ORGANIZER, UnitCode("A"))
    page = f"/s/{language}/rounds/{round_id}"
    engines = desk.site.stores.engines
    engines.stops.note(round_id, None)
    assert stopped not in browser.get(page).get_data(as_text=True)
    engines.box_path(round_id).unlink()
    engines.stops = Stops()
    for each in (page, f"{page}/polls", f"{page}/attendance"):
        answer = browser.get(each)
        assert answer.status_code == 200
        assert stopped in answer.get_data(as_text=True)
        assert missing in answer.get_data(as_text=True)
    assert stopped in browser.get(f"/s/{language}/").get_data(as_text=True)
    assert browser.post(f"/s/{language}/rounds/{round_id}/open", {}).status_code == 409
    desk.site.stores.close()
