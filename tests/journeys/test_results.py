"""A visitor reads results in a real browser: on small screens, by keyboard, in both languages, without
barriers.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.barriers import barriers, sideways
from tests.journeys.keyboard import keys
from tests.published import MARKUP, SURVEY

ADDRESSES = ("/{}/", f"/{{}}/rounds/{SURVEY}")


def _open_details(page: Page) -> None:
    for details in page.locator("details").all():
        details.evaluate("element => { element.open = true }")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", ADDRESSES)
def test_a_page_has_no_barrier_that_axe_can_find(
    page: Page, address: str, path: str, width: int, language: str
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address + path.format(language))
    _open_details(page)
    assert barriers(page, colours=language == "vi") == []


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [320, 360, 768])
@pytest.mark.parametrize("path", [*ADDRESSES, "/{}/nothing"])
def test_a_page_never_scrolls_sideways(
    page: Page, address: str, path: str, width: int, language: str
) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(address + path.format(language))
    _open_details(page)
    assert sideways(page) == 0


def test_a_page_that_scrolls_sideways_is_seen(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{address}/en/")
    page.evaluate(
        "document.querySelector('main').append(Object.assign(document.createElement('pre'), {textContent: "
        "'x'.repeat(90)}))"
    )
    assert sideways(page) > 0


def test_a_visitor_finds_a_leader_and_reads_the_groups_by_keyboard_alone(page: Page, address: str) -> None:
    page.goto(f"{address}/vi/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Lấy phiếu tín nhiệm năm 2026", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/rounds/**")
    keys(page.get_by_label("Tên, chức vụ hoặc đơn vị"), "Enter", typed="nguyen van dat")
    page.wait_for_url("**q=nguyen+van+dat**")
    expect(page.get_by_role("article")).to_have_count(1)
    keys(page.locator("summary"), "Enter")
    expect(page.get_by_text("Ẩn, để không suy ra được nhóm khác")).to_be_visible()


def test_the_other_language_is_one_step_away_and_keeps_the_search(page: Page, address: str) -> None:
    page.goto(f"{address}/vi/rounds/{SURVEY}?q=dat")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confidence vote 2026")
    assert page.get_by_label("Leader, title or unit").input_value() == "dat"


def test_a_name_that_is_markup_runs_nothing(page: Page, address: str) -> None:
    page.on("dialog", lambda dialog: pytest.fail("a script ran"))
    page.goto(f"{address}/vi/rounds/{SURVEY}")
    expect(page.get_by_role("heading", name=MARKUP)).to_be_visible()


def test_a_reader_of_tables_hears_heads_and_figures(page: Page, address: str) -> None:
    page.goto(f"{address}/en/rounds/{SURVEY}?q=hang")
    table = page.get_by_role("table", name="Marks for Trần Thị Hằng")
    expect(table.get_by_role("rowheader", name="Low confidence")).to_be_visible()
    expect(table.get_by_role("row", name="Low confidence")).to_contain_text("55.56")


def test_the_style_sheet_has_arrived(page: Page, address: str) -> None:
    page.goto(f"{address}/en/")
    band = page.locator("header").evaluate("element => getComputedStyle(element).backgroundColor")
    assert band == "rgb(138, 22, 32)"
