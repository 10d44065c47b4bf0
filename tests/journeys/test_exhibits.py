"""What voters are shown, from the desk to the booth: files, questions and answers, an extension, a leader who
is excluded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from surveys.accounts.roles import Grant, Role, Staff
from surveys.console.services import ConsoleServices, console_services
from surveys.instance.clock import Standstill
from surveys.instance.mailing_job import Outgoing
from surveys.instants import read_instant
from surveys.jobs.queue import Jobs
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.stores.notices import Announcements, Answer, Notice
from surveys.web.clients import built_clients
from surveys.web.languages import Language
from tests.desk import Watch
from tests.journeys.barriers import without_barrier
from tests.journeys.polls import SURVEY, Polls, open_polls
from tests.journeys.staff_browser import signed_in
from tests.journeys.voter import Voter
from tests.staff import StaffSite, over
from tests.stores.pdfs import a_pdf

HEX = RoundId(SURVEY.hex())
UNTIL = read_instant("2099-12-31T17:30:00Z")
SEEN = """
  window.told = [];
  const watch = () => {
    const place = document.getElementById("notices");
    if (place === null) return setTimeout(watch, 5);
    window.place = place;
    new MutationObserver((all) => window.told.push(...all.flatMap((each) => [...each.addedNodes].map((node) => node.textContent))))
      .observe(place, { childList: true });
    if (place.textContent !== "") window.told.push(place.textContent);
  };
  watch();
"""


class Hall:
    """Open polls with the staff of their hall: an organizer, and the second leader."""

    def __init__(self, polls: Polls) -> None:
        self.polls = polls
        self.site: StaffSite = over(polls.stores)
        self.organizer: Staff = self.site.account("organizer", Grant(Role.ORGANIZER, UnitCode("H")))
        self.leader: Staff = self.site.account(
            "leader", Grant(Role.LEADER, UnitCode("H")), person=PersonCode("v002")
        )

    def page(self, browser: Browser, staff: Staff, way: str, width: int = 1280) -> Page:
        page = signed_in(browser, self.site, self.polls.site, staff, width).new_page()
        page.goto(f"{self.polls.site}/s{way}")
        return page


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_polls(Path(tmp_path_factory.mktemp("hall")), voters=12) as polls:
        yield Hall(polls)


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    context.add_init_script(SEEN)
    troubles: list[str] = []
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    context.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    yield context
    context.close()
    assert troubles == [], "the browser complained"


def test_from_the_desk_to_the_booth(
    hall: Hall, browser: Browser, phone: BrowserContext, tmp_path: Path
) -> None:
    waiting = Voter.at(phone, hall.polls.booth)  # opened before anything is told
    waiting.sees("code")
    picture, report = tmp_path / "me.png", tmp_path / "report.pdf"
    Image.new("RGB", (400, 500), "navy").save(picture)
    report.write_bytes(a_pdf())

    desk = hall.page(browser, hall.organizer, f"/vi/rounds/{HEX}")
    desk.get_by_role("link", name="Báo cáo, ảnh, câu hỏi và trả lời").click()
    desk.get_by_role("link", name="Đại biểu Nguyễn Văn 2").click()
    desk.locator("#report").set_input_files(report)
    desk.get_by_role("button", name="Tải báo cáo lên").click()
    expect(desk.get_by_role("status")).to_contain_text("Đã lưu")
    desk.locator("#photo").set_input_files(picture)
    desk.get_by_role("button", name="Tải ảnh lên").click()
    expect(desk.get_by_role("img", name="Ảnh Đại biểu Nguyễn Văn 2")).to_be_visible()
    expect(desk.locator("img.portrait")).to_have_js_property("naturalWidth", 288)
    desk.locator("#question").fill("Vì sao chậm?")
    desk.get_by_role("button", name="Ghi câu hỏi").click()
    expect(desk.get_by_role("heading", name="Vì sao chậm?")).to_be_visible()

    mine = hall.page(browser, hall.leader, f"/vi/rounds/{HEX}/exhibits")
    expect(mine.locator("tbody th a")).to_have_text(["Đại biểu Nguyễn Văn 2"])
    mine.locator("tbody a").click()
    expect(mine.locator("#question")).to_have_count(0)
    mine.locator("textarea").fill("Vì mưa.\n\nSẽ nhanh hơn.")
    mine.get_by_role("button", name="Trả lời").click()
    expect(mine.get_by_role("status")).to_contain_text("Đã trả lời")

    desk.goto(f"{hall.polls.site}/s/vi/rounds/{HEX}/polls")
    desk.get_by_label("Giờ đóng mới").fill("2100-01-01T00:30")
    desk.locator("#extend-reason").fill("Mất điện")
    desk.get_by_role("button", name="Gia hạn").click()
    desk.goto(f"{hall.polls.site}/s/vi/rounds/{HEX}/incidents")
    desk.locator("select[name=contest]").select_option("2")
    desk.locator("#freeze-reason").fill("Nghỉ hưu")
    desk.locator("button.danger").click()
    expect(desk.locator("li", has_text="Đại biểu Nguyễn Văn 3")).to_have_count(1)

    for voter in (waiting, Voter.at(phone, f"{hall.polls.booth}#{hall.polls.slip()}")):
        if voter is waiting:
            voter.settles()
            voter.page.get_by_label("Mã của bạn").fill(hall.polls.slip())
            voter.page.keyboard.press("Enter")
        voter.sees("welcome")
        notices = voter.page.locator("#notices p")
        expect(notices).to_have_text(
            [
                "Thời gian bỏ phiếu được gia hạn đến 00 giờ 30 ngày 01/01/2100. Lý do: Mất điện",
                "Đại biểu Nguyễn Văn 3 (Đảng ủy Sở Nông nghiệp) được đưa ra khỏi danh sách lấy phiếu sau "
                "khi đã mở bỏ phiếu."
                " Lý do: Nghỉ hưu",
            ]
        )
        expect(voter.page.get_by_text("Bỏ phiếu đến: 00 giờ 30 ngày 01/01/2100")).to_be_visible()
        voter.page.wait_for_load_state("networkidle")
        voter.begin()
        before = len(voter.requests)
        second, third = voter.page.locator(".leader").nth(1), voter.page.locator(".leader").nth(2)
        expect(second.get_by_role("link", name="Báo cáo của người được lấy phiếu")).to_be_visible()
        expect(second.locator("dd")).to_be_hidden()
        second.get_by_text("Câu hỏi và trả lời (1)").click()
        expect(second.locator("dt")).to_have_text("Vì sao chậm?")
        expect(second.locator("dd p")).to_have_text(
            ["Vì mưa.", "Sẽ nhanh hơn.", "Trả lời sau hạn của quy tắc."]
        )
        expect(third.locator(".notice")).to_contain_text("đưa ra khỏi danh sách lấy phiếu")
        voter.without_barrier()
        voter.mark(1, 2, 3)
        voter.seal()
        voter.page.wait_for_load_state("networkidle")
        assert [r.url.rpartition("/")[2] for r in voter.requests[before:]] == ["issue"]
        voter.cast()
        assert voter.page.evaluate("window.place.isConnected")
        said = voter.page.evaluate("window.told")
        assert sorted(said) == sorted(set(said)), "a notice was read out twice"
        assert len(said) == 2
    projector = Voter.at(phone, f"{hall.polls.booth}projector")
    expect(projector.page.get_by_text("00 giờ 30 ngày 01/01/2100")).to_be_visible()
    projector.without_barrier()


@pytest.mark.parametrize("button", ["Bỏ phiếu lại", "Đánh dấu lại từ đầu"])
def test_a_page_that_goes_on_loads_photos_and_reports_with_the_rows(
    tmp_path: Path, phone: BrowserContext, button: str
) -> None:
    """Not before: until rows are shown it does not say where its voter votes (15.8)."""
    with open_polls(tmp_path, voters=4) as polls:
        picture = tmp_path / "me.png"
        Image.new("RGB", (400, 500), "navy").save(picture)
        polls.exhibits.keep_photo(1, picture.read_bytes())
        polls.exhibits.keep_report(1, a_pdf())
        address = f"{polls.booth}#{polls.slip()}"
        voter = Voter.at(phone, address)
        voter.goes_to("done" if button == "Bỏ phiếu lại" else "sealed")
        voter.page.close()
        again = Voter.at(phone, address)
        again.page.wait_for_load_state("networkidle")
        assert not any("/photo/" in each.url or "/report/" in each.url for each in again.requests)
        again.settles()
        again.page.get_by_role("button", name=button).click()
        again.sees("marking")
        second = again.page.locator(".leader").nth(1)
        expect(second.get_by_role("link", name="Báo cáo của người được lấy phiếu")).to_be_visible()
        expect(second.locator("img")).to_have_js_property("naturalWidth", 288)
        expect(again.page.get_by_text("Đang tải báo cáo")).to_have_count(0)


@pytest.mark.parametrize("language", list(Language))
def test_the_desks_pages_have_no_barrier(hall: Hall, browser: Browser, language: str) -> None:
    desks = staff(hall)
    if not desks.exhibits.look(hall.organizer, HEX).shown[0].questions:
        number = desks.exhibits.ask(hall.organizer, HEX, 0, "Một câu hỏi dài " * 20 + "?").number
        desks.exhibits.answer(hall.organizer, HEX, number, "Một câu trả lời.\nHai đoạn.", 0)
        desks.exhibits.ask(hall.organizer, HEX, 0, "Chưa trả lời?")
    for account, way in ((hall.organizer, ""), (hall.organizer, "/0"), (hall.leader, "/1")):
        page = hall.page(browser, account, f"/{language}/rounds/{HEX}/exhibits{way}")
        both_widths(page, language)
        if way == "/0":
            page.locator("form[action$=questions] button").click()
            expect(page.get_by_role("alert")).to_be_focused()
            both_widths(page, language)
        page.context.close()


def both_widths(page: Page, language: str) -> None:
    """No barrier on a small phone, and none on a wide screen."""
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        without_barrier(page, colours=language == "vi")


def staff(hall: Hall) -> ConsoleServices:
    """The desks over the hall's stores."""
    folder = hall.polls.exhibits.folder.parent
    return console_services(
        hall.site.stores,
        Jobs(folder / "jobs.sqlite"),
        built_clients(),
        folder,
        Watch(),
        Outgoing(None, ""),
        Standstill(folder / "clock-jumped"),
    )


@pytest.mark.parametrize("language", list(Language))
def test_a_long_answer_and_a_notice_have_no_barrier_in_the_booth(
    tmp_path: Path, browser: Browser, language: str
) -> None:
    said = {"vi": "Gia hạnĐã loại", "en": "ExtendedExcluded"}
    with open_polls(tmp_path, voters=4) as polls:
        told = Announcements(
            (Answer(0, "Vì sao " * 60 + "?", ("Từ" * 900, "hai"), True),),
            (Notice(None, "Gia hạn", "Extended"), Notice(1, "Đã loại", "Excluded")),
            UNTIL,
        )
        polls.exhibits.tell(lambda: told)
        context = browser.new_context(locale=f"{language}-VN")
        voter = Voter.at(context, f"{polls.booth}#{polls.slip()}", language)
        voter.sees("welcome")
        expect(voter.page.get_by_role("status")).to_have_text(said[language])
        both_widths(voter.page, language)
        voter.begin()
        voter.page.locator(".questions summary").click()
        both_widths(voter.page, language)
        other = {"vi": "English", "en": "Tiếng Việt"}[language]
        voter.page.get_by_role("button", name=other).click()
        expect(voter.page.get_by_role("status")).to_have_text(said["en" if language == "vi" else "vi"])
        context.close()


def test_a_document_of_another_form_stops_the_booth_before_anything_is_asked(
    hall: Hall, phone: BrowserContext
) -> None:
    phone.route("**/exhibits", lambda route: route.fulfill(status=200, body='{"photos":[],"reports":[]}'))
    voter = Voter.at(phone, hall.polls.booth)
    voter.sees("stopped")
    expect(voter.page.get_by_role("alert")).to_contain_text("không đúng quy cách")
