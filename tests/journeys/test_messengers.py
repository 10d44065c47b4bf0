"""Links that are opened inside a messenger: told before anything can be lost, with a link to carry
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.barriers import without_barrier
from tests.journeys.polls import Polls, open_polls
from tests.journeys.voter import Voter

ANDROID = "Mozilla/5.0 (Linux; Android 12; SM-A125F Build/SP1A.210812.016"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.6099.230 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
# As these programs present themselves.
INSIDE = {
    "Zalo": f"{ANDROID}; wv) {CHROME} Zalo android/23110523 ZaloTheme/light ZaloLanguage/vi",
    "Facebook": f"{ANDROID}; wv) {CHROME} [FB_IAB/FB4A;FBAV/440.0.0.29.113;]",
    "Messenger": f"{ANDROID}; wv) {CHROME} [FB_IAB/Orca-Android;FBAV/438.0.0.29.113;]",
    "Viber": f"{ANDROID}; wv) {CHROME} Viber/21.5.0.3",
    "Line": f"{ANDROID}; wv) {CHROME} Line/13.20.0/IAB",
    "WebView": f"{ANDROID}; wv) {CHROME}",
    "Zalo iOS": f"{IPHONE} Mobile/15E148 Zalo iOS/491 ZaloTheme/light ZaloLanguage/vn",
    "Facebook iOS": f"{IPHONE} Mobile/15E148 [FBAN/FBIOS;FBDV/iPhone12,1;FBMD/iPhone;FBSN/iOS;FBSV/16.6]",
    "Messenger iOS": f"{IPHONE} Mobile/15E148 [FBAN/MessengerForiOS;FBDV/iPhone12,1;FBSN/iOS;FBSV/16.6]",
    "WebView iOS": f"{IPHONE} Mobile/15E148",
}
BROWSERS = {
    "Chrome": f"{ANDROID}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
    "Safari": f"{IPHONE} Version/16.6 Mobile/15E148 Safari/604.1",
    "Chrome iOS": f"{IPHONE} CriOS/120.0.6099.119 Mobile/15E148 Safari/604.1",
    "Cốc Cốc": f"{ANDROID}) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/120 Chrome/114.0 "
    f"Safari/537.36",
    "Samsung": f"{ANDROID}) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0 "
    f"Safari/537.36",
    "Firefox": "Mozilla/5.0 (Android 12; Mobile; rv:121.0) Gecko/121.0 Firefox/121.0",
}
# A storage that takes everything and has nothing afterwards, once the page is past its first look.
FORGETFUL = """
const { setItem } = Storage.prototype;
Storage.prototype.setItem = function (name, text) { if (text.length < 40) setItem.call(this, name, text); };
"""


@pytest.fixture(scope="module")
def polls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polls]:
    with open_polls(Path(tmp_path_factory.mktemp("polls")), voters=40) as opened:
        yield opened


def test_messengers_are_known_and_browsers_are_left_alone(polls: Polls, browser: Browser) -> None:
    """Before anything is typed, and again before the first step; the link holds no code."""
    for name, agent in INSIDE.items():
        context = browser.new_context(
            user_agent=agent, viewport={"width": 360, "height": 740}, locale="vi-VN"
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        voter = Voter.at(context, f"{polls.booth}#{polls.slip()}")
        voter.sees("welcome")
        told = voter.page.locator("#inside")
        expect(told).to_contain_text(f"bên trong {name.removesuffix(' iOS')}.")
        expect(told.get_by_label("Đường dẫn để mở trong Chrome hoặc Safari")).to_have_value(polls.booth)
        told.get_by_role("button", name="Chép đường dẫn").click()
        expect(told.get_by_role("status")).to_have_text("Đã chép.")
        assert voter.page.evaluate("navigator.clipboard.readText()") == polls.booth
        outside = told.get_by_role("link", name="Mở bằng trình duyệt của máy")
        assert outside.count() == (0 if "iOS" in name else 1)
        context.close()
    for agent in BROWSERS.values():
        context = browser.new_context(user_agent=agent, locale="vi-VN")
        voter = Voter.at(context, polls.booth)
        voter.sees("code")
        assert voter.page.locator("#inside").count() == 0, agent
        context.close()


def test_a_storage_that_forgets_is_noticed_before_the_ballot_is_cast(polls: Polls, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    context.add_init_script(FORGETFUL)
    voter = Voter.at(context, f"{polls.booth}#{polls.slip()}")
    voter.begin()
    voter.mark(1, 1, 1)
    voter.seal()
    expect(voter.page.get_by_text("không lưu được gì")).to_be_visible()
    without_barrier(voter.page)
    voter.cast()
    context.close()


def test_a_storage_that_vanished_is_no_vote_twice_and_told_as_far_as_is_known(
    polls: Polls, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    code = polls.slip()
    voter = Voter.at(context, f"{polls.booth}#{code}")
    voter.goes_to("sealed")
    voter.page.evaluate("localStorage.clear()")
    voter.page.close()
    again = Voter.at(context, f"{polls.booth}#{code}")
    again.sees("stopped")
    told = again.page.get_by_role("alert")
    expect(told).to_contain_text("hoặc ở đây nhưng trình duyệt đã xóa dữ liệu")
    expect(told).not_to_contain_text("không bị mất")
    context.close()
