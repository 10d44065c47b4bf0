"""A head and a leader read results in a real browser: on small screens, by keyboard, in both languages,
without barriers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import STAFF
from surveys.accounts.roles import Grant, Role
from surveys.names import PersonCode, UnitCode
from tests.journeys.barriers import barriers, sideways
from tests.journeys.keyboard import keys
from tests.served import served
from tests.staff import over
from tests.three_years import NEWEST, three_years

UNIT = f"/results/{NEWEST}/units/K"
PAGES = (
    "/results/",
    f"/results/{NEWEST}/leaders/A1-01",
    f"/results/{NEWEST}/leaders/E1-01",
    UNIT,
    *(f"{UNIT}/{page}" for page in ("focus", "years", "posts", "grades", "turnout")),
    f"/results/{NEWEST}/units/nowhere",
)


@pytest.fixture(scope="module")
def head(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, str]]:
    """A page of a browser that is signed in as the authority above everything and as the leader A1-01."""
    stores = three_years(Path(tmp_path_factory.mktemp("instance")))
    site = over(stores)
    account = site.account(
        "head",
        Grant(Role.AUTHORITY, UnitCode("*")),
        Grant(Role.LEADER, UnitCode("A")),
        person=PersonCode("A1-01"),
    )
    signed_in = site.browser(account)
    signed_in.get("/en/results/")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    for cookie in signed_in.cookies():
        context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "domain": "127.0.0.1", "path": STAFF}]
        )
    opened = context.new_page()
    troubles: list[str] = []
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on(
        "console",
        lambda message: (
            troubles.append(message.text)
            if message.type in {"error", "warning"} and "nowhere" not in message.location["url"]
            else None
        ),
    )
    with served(DispatcherMiddleware(NotFound(), {STAFF: site.app})) as port:
        yield opened, f"http://127.0.0.1:{port}{STAFF}"
        context.close()
    stores.close()
    assert troubles == [], "the browser complained"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_barrier_and_never_scrolls_sideways(
    head: tuple[Page, str], path: str, language: str
) -> None:
    page, address = head
    for width in (320, 360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{address}/{language}{path}")
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert sideways(page) == 0, width
        if width != 360:
            assert barriers(page, colours=language == "vi") == [], width


def test_a_narrow_screen_gets_the_narrow_picture_and_paper_the_wide_one(head: tuple[Page, str]) -> None:
    page, address = head
    page.goto(f"{address}/vi/results/{NEWEST}/leaders/A1-01")
    wide, narrow = page.locator(".picture-wide svg").first, page.locator(".picture-narrow svg").first
    page.set_viewport_size({"width": 360, "height": 800})
    expect(narrow).to_be_visible()
    expect(wide).to_be_hidden()
    smallest = narrow.evaluate(
        "svg => Math.min(...[...svg.querySelectorAll('text')].map(t => t.getBoundingClientRect().height))"
    )
    assert smallest >= 11
    page.emulate_media(media="print")
    expect(wide).to_be_visible()
    expect(narrow).to_be_hidden()
    page.emulate_media(media="screen")


def test_a_picture_says_its_name_and_stays_black_on_white_in_forced_colours(head: tuple[Page, str]) -> None:
    page, address = head
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(forced_colors="active")
    page.goto(f"{address}/en/results/{NEWEST}/leaders/B1-02")
    picture = page.get_by_role("img", name="Levels of confidence: Nguyễn Thị Hương B12")
    expect(picture).to_be_visible()
    fill = picture.locator("text").first.evaluate("text => getComputedStyle(text).fill")
    paper = picture.locator("rect").first.evaluate("rect => getComputedStyle(rect).fill")
    assert (fill, paper) != ("rgb(255, 255, 255)", "rgb(255, 255, 255)")
    assert paper == "rgb(255, 255, 255)"
    page.emulate_media(forced_colors="none")


def test_a_head_sorts_finds_and_goes_down_to_a_leader_by_keyboard(head: tuple[Page, str]) -> None:
    page, address = head
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{address}/vi/results/")
    keys(
        page.get_by_role("link", name="Đảng bộ Khối các cơ quan tỉnh: Lấy phiếu tín nhiệm năm 2026"), "Enter"
    )
    page.wait_for_url("**/units/K")
    page.get_by_label("Thứ tự").select_option("name")
    keys(page.get_by_label("Tên, chức vụ hoặc đơn vị"), "Enter", typed="so tai chinh")
    page.wait_for_url("**order=name**")
    expect(page.get_by_text("Có 4 kết quả.")).to_be_visible()
    link = page.get_by_role("link", name="Nguyễn Thị Hương B12")
    keys(link, "Enter")
    page.wait_for_url("**/leaders/B1-02")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nguyễn Thị Hương B12")
    expect(page.get_by_text("Đưa ra khỏi quy hoạch các chức vụ cao hơn").first).to_be_visible()


def test_a_leader_comes_to_their_own_result_in_two_steps(head: tuple[Page, str]) -> None:
    page, address = head
    page.goto(f"{address}/en/results/")
    page.get_by_role("region", name="My result").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Trần Văn Đạt A11")
    expect(page.get_by_role("heading", name="Over the years")).to_be_visible()
