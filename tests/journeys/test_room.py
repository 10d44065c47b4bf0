"""A meeting without internet: browsers that do not take the laptop for secure vote all the same, and with its
certificate they do.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Playwright, expect

from surveys.instance.room import certify
from surveys.settings import Settings
from surveys.web.tls import behind_tls
from tests.journeys.barriers import without_barrier
from tests.journeys.browsers import chromium, own_chromium
from tests.journeys.polls import open_polls
from tests.journeys.voter import Voter

HALL = "phong-hop.test"
USUAL = Settings(hosts=(*Settings().hosts, HALL))


def test_a_browser_that_takes_the_host_for_insecure_votes(driver: Playwright, tmp_path: Path) -> None:
    """No camera inside the page, which says so; everything else is there."""
    rules = f"--host-resolver-rules=MAP {HALL} 127.0.0.1"
    with (
        open_polls(tmp_path / "polls", usual=USUAL) as polls,
        own_chromium(driver, tmp_path / "profile", chromium("a vote on plain http"), rules) as browser,
    ):
        booth = polls.booth.replace("127.0.0.1", HALL)
        voter = Voter.at(browser.contexts[0], f"{booth}?lang=vi")
        voter.sees("code")
        assert voter.page.evaluate(
            "[isSecureContext, typeof crypto.subtle, typeof navigator.mediaDevices]"
        ) == [
            False,
            "undefined",
            "undefined",
        ]
        assert voter.page.get_by_role("button", name="Quét mã bằng camera").count() == 0
        expect(voter.page.get_by_text("không dùng được camera")).to_be_visible()
        without_barrier(voter.page)
        voter.page.get_by_label("Mã của bạn").fill(polls.slip())
        voter.page.keyboard.press("Enter")
        voter.vote(1, 2, 3)
        voter.page.get_by_role("button", name="Chép giấy xác nhận").click()
        expect(voter.page.get_by_text("Trình duyệt không cho chép")).to_be_visible()


def test_with_the_rooms_certificate_the_page_is_secure(browser: Browser, tmp_path: Path) -> None:
    held = certify(tmp_path / "room", "127.0.0.1", datetime.now(UTC))
    with open_polls(tmp_path / "polls", usual=Settings(https=True)) as polls:
        inner = int(polls.site.rpartition(":")[2])
        with behind_tls("127.0.0.1", 0, held.path, held.key, inner) as port:
            context = browser.new_context(ignore_https_errors=True, locale="vi-VN")
            voter = Voter.at(
                context, f"https://127.0.0.1:{port}/b/{polls.booth.split('/b/')[1]}#{polls.slip()}"
            )
            voter.sees("welcome")
            assert voter.page.evaluate("isSecureContext") is True
            voter.vote(1, 1, 2)
            context.close()
