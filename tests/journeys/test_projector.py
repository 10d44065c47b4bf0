"""The projector's page: read from ten metres, with the way in, the countdown, the closing time and a coarse
turnout.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from surveys.protocol.codes import short_code
from tests.journeys.polls import SURVEY, open_polls
from tests.journeys.voter import Voter

FONT = "each => parseFloat(getComputedStyle(each).fontSize)"


def test_the_projector_shows_the_way_in_the_countdown_and_a_coarse_turnout(
    tmp_path: Path, browser: Browser
) -> None:
    """Figure: on 1920 pixels nothing that is needed is smaller than 2 % of the picture's height."""
    with open_polls(tmp_path, voters=20) as polls:
        context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="vi-VN")
        for turn in range(6):
            if turn in {0, 5}:
                projector = Voter.at(context, f"{polls.booth}projector")
                said = "Chưa hiện tỷ lệ" if turn == 0 else "Đã bỏ phiếu: từ 25 % trở lên"
                expect(projector.page.get_by_text(said)).to_be_visible()
            if turn < 5:
                voter = Voter.at(context, f"{polls.booth}#{polls.slip()}")
                voter.vote(1, 2, 3)
                voter.page.close()
        page = projector.page
        expect(page.get_by_role("img")).to_be_visible()
        typed = f"{polls.site}/b/{short_code(SURVEY)}".removeprefix("http://")
        expect(page.get_by_text(typed, exact=True)).to_be_visible()
        expect(page.get_by_text("Quét hoặc nhập mã trên giấy mời")).to_be_visible()
        expect(page.locator(".countdown").first).to_contain_text("Còn")
        for at in (".address", ".todo p[lang=vi]", ".countdown", ".closing p[lang=vi]"):
            assert page.locator(at).first.evaluate(FONT) >= 0.02 * 1080, at
        projector.without_barrier()
        entered = Voter.at(context, f"http://{typed}")
        entered.sees("code")
        context.close()
