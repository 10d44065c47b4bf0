"""An organizer at the organisation's pages in a real browser: no barriers, small screens, a file from the
disk to the store.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import STAFF
from surveys.accounts.roles import Role
from surveys.names import UnitCode
from surveys.organisation.export import workbook
from surveys.spreadsheets.files import Sent
from surveys.web.addresses import spelled
from tests.journeys.barriers import without_barrier
from tests.journeys.keyboard import keys
from tests.organisation.console import MARKUP, Console, an_organisation, console
from tests.served import served

WAYS = (
    "",
    "K/",
    "A/",
    "A1/",
    "K/tree",
    "K/tree?q=nguoi",
    "A1/people/A1-02",
    "A/new/posts",
    "A1/records/people/A1-03",
    "K/upload",
    f"{spelled(MARKUP)}/",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    made = console(tmp_path_factory.mktemp("instance"), an_organisation())
    made.jobs.start()
    yield made
    made.jobs.close()
    made.site.stores.close()


@pytest.fixture(scope="module")
def address(desk: Console) -> Iterator[str]:
    site = DispatcherMiddleware(NotFound(), {STAFF: desk.site.app})
    with served(site) as port:
        yield f"http://127.0.0.1:{port}{STAFF}"


@pytest.fixture
def page(browser: Browser, desk: Console, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    cookies = desk.browser(UnitCode("K")).cookies()
    context.add_cookies(
        [{"name": each.key, "value": each.value, "domain": "127.0.0.1", "path": STAFF} for each in cookies]
    )
    opened, troubles = context.new_page(), list[str]()

    def listen(message: ConsoleMessage) -> None:
        # A form that needs correcting is answered with 422, and the browser says so.
        if message.type in {"error", "warning"} and "422" not in message.text:
            troubles.append(message.text)

    opened.on("console", listen)
    yield opened
    context.close()
    assert troubles == [], "the browser complained"


def without_barriers(page: Page, *, colours: bool = True) -> None:
    for details in page.locator("details").all():
        details.evaluate("element => { element.open = true }")
    without_barrier(page, colours=colours)


@pytest.mark.parametrize(("language", "width", "ways"), [("vi", 320, WAYS), ("en", 1280, WAYS[:4])])
def test_no_page_has_a_barrier_or_scrolls_sideways(
    page: Page, address: str, language: str, width: int, ways: tuple[str, ...]
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for way in ways:
        page.goto(f"{address}/{language}/organisation/{way}")
        without_barriers(page, colours=language == "vi")


def test_a_file_goes_from_the_disk_to_the_store_and_its_errors_come_back(
    page: Page, address: str, desk: Console, tmp_path: Path
) -> None:
    whole = desk.load()
    bad = replace(whole, people=(replace(whole.people[0], unit=UnitCode("Z")), *whole.people[1:]))
    good = replace(whole, people=(replace(whole.people[0], name="Tên Mới"), *whole.people[1:]))
    for name, content in (("sai.xlsx", bad), ("dung.xlsx", good)):
        (tmp_path / name).write_bytes(Sent.of(name, workbook(content)).content())
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{address}/vi/organisation/K/upload")
    page.locator("input[type=file]").set_input_files(tmp_path / "sai.xlsx")
    page.get_by_role("button", name="Đọc và so sánh").click()
    expect(page.get_by_role("cell", name="C2", exact=True)).to_be_visible()
    expect(page.get_by_text("không có đơn vị 'Z'")).to_be_visible()
    without_barriers(page)
    page.locator("input[type=file]").set_input_files(tmp_path / "dung.xlsx")
    page.get_by_role("button", name="Đọc và so sánh").click()
    expect(page.get_by_text("1 mục sẽ thay đổi")).to_be_visible()
    without_barriers(page)
    page.get_by_label("Lý do").fill("Quyết định 9")
    page.get_by_role("button", name="Nhập các thay đổi này").click()
    expect(page.get_by_text("Đã nhập: 1 mục được thay đổi.")).to_be_visible()
    without_barriers(page)
    assert desk.load() == good
    assert desk.entries()[0].actor == desk.account(Role.ORGANIZER, UnitCode("K")).id


def test_somebody_is_found_and_corrected_by_keyboard_alone(page: Page, address: str, desk: Console) -> None:
    page.goto(f"{address}/en/organisation/K/tree")
    keys(page.get_by_label("Search for a unit or a person"), "Enter", typed="nguoi b1 3")
    page.wait_for_url("**q=nguoi+b1+3")
    keys(page.get_by_role("link", name="Người B1 3"), "Enter")
    keys(page.get_by_role("link", name="Correct this person"), "Enter")
    keys(page.get_by_label("E-mail address"), "Enter", typed="ba@example.org")
    expect(page.get_by_role("alert")).to_contain_text("This field must be filled in.")
    expect(page.locator("#errors")).to_be_focused()
    keys(page.get_by_label("Reason", exact=True).first, "Enter", typed="QĐ 3")
    expect(page.get_by_role("status")).to_contain_text("Done, and written into the staff log.")
    assert next(each for each in desk.load().people if each.code == "B1-03").email == "ba@example.org"


def test_whoever_writes_before_the_script_has_come_goes_on_writing(page: Page, address: str) -> None:
    page.goto(f"{address}/en/organisation/B1/records/people/B1-02")
    held: list[Route] = []
    page.route("**/build/desk.js*", lambda route: held.append(route))
    page.get_by_role("button", name="Correct").click()
    reason = page.get_by_label("Reason", exact=True).first
    expect(page.get_by_role("alert")).to_contain_text("This field must be filled in.")
    reason.focus()
    held.pop().continue_()
    page.wait_for_load_state()
    expect(reason).to_be_focused()
    page.unroute("**/build/desk.js*")
