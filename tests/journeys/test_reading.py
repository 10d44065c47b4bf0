"""An organizer makes a reading link in a real browser; whoever has it reads in another one, on a small
screen, without account or cookie.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.middleware.dispatcher import DispatcherMiddleware

import tests.served
from app import STAFF, Services, create_public_app, create_reading_app
from surveys.accounts.roles import Grant, Role, Staff
from surveys.names import UnitCode
from surveys.protocol.definition import Visibility
from surveys.settings import Settings
from tests.journeys.barriers import without_barrier
from tests.journeys.staff_browser import signed_in
from tests.staff import StaffSite, over
from tests.three_years import NEWEST, three_years

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LISTED = f"/results/{NEWEST}/reading"


@dataclass(frozen=True, slots=True)
class Served:
    """A site on a real server, with an organizer of committee B."""

    site: StaffSite
    address: str
    organizer: Staff
    told: list[tuple[str, str, str]]
    """Path, Referer and Cookie of every request, as the server got them."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    stores = three_years(Path(tmp_path_factory.mktemp("instance")), visibility=Visibility.UNIT)
    site = over(stores)
    whole = DispatcherMiddleware(
        create_public_app(Services(Settings(), stores)),
        {STAFF: site.app, "/read": create_reading_app(Services(Settings(), stores))},
    )
    told: list[tuple[str, str, str]] = []

    def listening(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        got = environ.get("HTTP_REFERER", ""), environ.get("HTTP_COOKIE", "")
        told.append((environ["PATH_INFO"], *got))
        return whole(environ, start_response)

    organizer = site.account("organizer", Grant(Role.ORGANIZER, UnitCode("B")))
    with tests.served.served(listening) as port:
        yield Served(site, f"http://127.0.0.1:{port}", organizer, told)
    stores.close()


def sound(page: Page, *widths: int) -> None:
    """No barrier, and never a scroll sideways; on a small and on a wide screen where no width is named."""
    for width in widths or (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        without_barrier(page)


def test_an_organizer_makes_a_link_and_a_member_reads_with_it(browser: Browser, served: Served) -> None:
    desk = signed_in(browser, served.site, served.address, served.organizer)
    page = desk.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{served.address}{STAFF}/en{LISTED}")
    sound(page)
    page.get_by_label("Unit").select_option(label="Chi bộ B1, Sở Tài chính")
    page.get_by_label("Good for so many days").fill("100")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("alert")).to_contain_text("A whole number from 1 to 90.")
    sound(page, 320)
    page.get_by_label("Good for so many days").fill("14")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reading link for Chi bộ B1, Sở Tài chính")
    sound(page)
    link = page.locator("code[data-copy]").inner_text()
    page.goto(f"{served.address}{STAFF}/vi{LISTED}")
    expect(page.get_by_text("Có hiệu lực đến")).to_be_visible()
    sound(page)

    visitor = browser.new_context(viewport={"width": 360, "height": 800})
    phone = visitor.new_page()
    phone.on("pageerror", lambda error: troubles.append(str(error)))
    before = len(served.told)
    phone.goto(link)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Chi bộ B1, Sở Tài chính")
    sound(phone)
    phone.get_by_role("link", name="Tiếng Việt").click()
    expect(
        phone.get_by_text("Bạn đang xem kết quả bằng đường dẫn dành cho người thuộc Chi bộ B1")
    ).to_be_visible()
    sound(phone)
    phone.get_by_role("link", name="Đảng ủy Sở Tài chính").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Đảng ủy Sở Tài chính")
    sound(phone, 320)
    phone.get_by_label("Tên, chức vụ hoặc đơn vị").fill("huong b12")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Có 1 kết quả.")).to_be_visible()
    assert "/read/vi/" in phone.url
    expect(phone.get_by_role("link", name="Nguyễn Thị Hương B12")).to_have_count(0)
    phone.goto(phone.url.split("?")[0].rsplit("/", 1)[0] + "/A")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Không được phép")
    sound(phone, 320)
    assert visitor.cookies() == []
    asked = served.told[before:]
    assert "/static/css/desk.css" in {path for path, _, _ in asked}
    assert {(referer, cookie) for _, referer, cookie in asked} == {("", "")}

    page.get_by_role("button", name="Kết thúc đường dẫn").click()
    expect(page.get_by_role("status")).to_have_text("Đã kết thúc đường dẫn của Chi bộ B1, Sở Tài chính.")
    for language, said in (("en", "has been ended"), ("vi", "đã bị kết thúc")):
        phone.goto(link.replace("/read/en/", f"/read/{language}/"))
        expect(phone.get_by_text(said)).to_be_visible()
        sound(phone, 320)
    visitor.close()
    desk.close()
    assert troubles == [], "the browser complained"
