"""The time and the state are the server's: a phone whose clock is years off sees the same days left, and
votes; polls that are not open, or wait for their quorum, are told before the button.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from surveys.instants import instant
from tests.journeys.polls import Polls, open_polls, waiting_polls
from tests.journeys.voter import Voter


@pytest.fixture(scope="module")
def polls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polls]:
    with open_polls(Path(tmp_path_factory.mktemp("polls"))) as opened:
        yield opened


@pytest.mark.parametrize("year", [1999, 2150])
def test_a_phone_whose_clock_is_years_off_votes(polls: Polls, browser: Browser, year: int) -> None:
    """Before polls opened, and after they closed, by its own clock."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale="vi-VN", timezone_id="America/Lima"
    )
    page = context.new_page()
    page.clock.install(time=datetime(year, 1, 1, tzinfo=UTC))
    voter = Voter(page)
    page.goto(f"{polls.booth}#{polls.slip()}")
    voter.sees("welcome")
    assert page.evaluate("new Date().getFullYear()") in {year, year - 1}
    left = (polls.open.manifest.definition.closes - instant(datetime.now(UTC))).days
    expect(page.locator(".vote")).to_contain_text(f"Còn {left} ngày")
    expect(page.get_by_text("17 giờ 00 ngày 31/12/2099 (giờ nơi tổ chức)")).to_be_visible()
    assert "Ho_Chi_Minh" not in page.content()
    voter.vote(1, 2, 3)
    context.close()


def test_polls_that_are_not_open_or_not_quorate_are_told_before_the_button_and_the_page_goes_on(
    phone: BrowserContext, tmp_path: Path
) -> None:
    with waiting_polls(tmp_path, voters=6) as polls:
        page = (voter := Voter.at(phone, polls.booth)).page
        voter.sees("code")
        not_yet = "Chưa mở bỏ phiếu. Theo lịch sẽ mở lúc 07 giờ 00 ngày 01/01/2026"
        expect(page.locator(".notice")).to_contain_text(not_yet)
        voter.without_barrier()
        page.get_by_label("Mã của bạn").fill(polls.slips[0])
        page.keyboard.press("Enter")
        voter.sees("welcome")
        expect(page.locator(".notice")).to_contain_text(not_yet)
        expect(voter.big).to_have_text("Thử lại")
        notice, button = page.locator(".notice").bounding_box(), voter.big.bounding_box()
        assert notice is not None
        assert button is not None
        assert notice["y"] < button["y"]
        assert "Ho_Chi_Minh" not in page.content()
        voter.without_barrier()
        polls.open()
        asks_until(voter, "Đơn vị của bạn chưa đủ số người tối thiểu nên chưa phát phiếu.")
        expect(voter.big).to_have_text("Thử lại")
        voter.without_barrier()
        # The server says the same to whoever does not look: no paper is issued, and the slip is not used.
        polls.comes(3)
        asks_until(voter, "chưa đủ số người tối thiểu")
        polls.comes(4)
        asks_until(voter, "Bắt đầu đánh dấu")
        expect(page.locator(".notice")).to_have_count(0)
        voter.vote(1, 2)


def asks_until(voter: Voter, text: str) -> None:
    """Ask again until the page says so: what it heard a moment ago it does not ask for."""
    for _ in range(6):
        voter.big.click()
        voter.sees("welcome")
        if voter.page.get_by_text(text).count():
            return
    raise AssertionError(f"{text!r} is not said")
