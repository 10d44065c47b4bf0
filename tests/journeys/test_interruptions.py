"""What can go wrong on the way: nothing is lost, nothing is counted twice, and the voter is told plainly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from surveys.box.board import returned
from surveys.roll.attendance import attendance
from tests.journeys.polls import SURVEY, Polls, open_polls
from tests.journeys.voter import Voter

NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
}
"""


@pytest.fixture(scope="module")
def shared_polls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polls]:
    with open_polls(Path(tmp_path_factory.mktemp("polls"))) as opened:
        yield opened


@pytest.fixture
def polls(tmp_path: Path) -> Iterator[Polls]:
    """Polls that a test may close."""
    with open_polls(tmp_path, voters=6) as opened:
        yield opened


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    troubles: list[str] = []
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    yield context
    context.close()
    assert troubles == [], "the page broke"


def numbers(polls: Polls) -> tuple[int, int]:
    """Papers issued and ballots in the box."""
    issued = sum(panel.issued for panel in attendance(polls.stores.roll(SURVEY.hex())))
    return issued, sum(returned(polls.stores.box(SURVEY.hex()), 1))


def lost(route: Route) -> None:
    """The request arrives, its answer does not."""
    route.fetch()
    route.abort()


def liar(field: str, value: object) -> Callable[[Route], None]:
    """A server that changes one field of a look-up."""

    def lie(route: Route) -> None:
        answer = route.fetch().json()
        answer[field] = value(answer[field]) if callable(value) else value
        route.fulfill(status=200, body=json.dumps(answer))

    return lie


def marks(page: Page) -> list[str]:
    return [each.get_attribute("id") or "" for each in page.locator("input:checked").all()]


@pytest.mark.parametrize("step", ["welcome", "marking", "review", "sealed", "opened", "done"])
def test_a_reload_at_any_step_loses_nothing(shared_polls: Polls, phone: BrowserContext, step: str) -> None:
    voter = Voter.at(phone, f"{shared_polls.booth}#{shared_polls.slip()}")
    voter.sees("welcome")
    ways: dict[str, Callable[[], object]] = {
        "marking": lambda: (voter.take(), voter.mark(3, 0, 1)),
        "review": lambda: voter.big.click(),
        "sealed": lambda: voter.big.click(),
        "opened": lambda: voter.page.locator("button.second").click(),
        "done": lambda: (voter.big.click(), voter.sees("sealed"), voter.cast()),
    }
    for name, go in ways.items():
        if step == "welcome":
            break
        go()
        voter.sees(name)
        if name == step:
            break
    tracker = voter.tracker if step == "done" else ""
    voter.page.reload()
    if step == "welcome":
        voter.take()
    elif step == "done":
        voter.sees("done")
        assert voter.tracker == tracker
        return
    voter.sees("marking")
    if step != "welcome":
        assert marks(voter.page) == ["row-0-3", "row-2-1"]
    before = numbers(shared_polls)
    voter.seal()
    voter.cast()
    assert numbers(shared_polls) == (before[0], before[1] + 1)


def test_a_closed_tab_and_a_dead_battery_lose_nothing(shared_polls: Polls, phone: BrowserContext) -> None:
    code = shared_polls.slip()
    voter = Voter.at(phone, f"{shared_polls.booth}#{code}")
    voter.take()
    voter.mark(0, 2, 0)
    voter.page.close()
    again = Voter.at(phone, f"{shared_polls.booth}#{code}")
    again.sees("marking")
    assert marks(again.page) == ["row-1-2"]
    again.seal()
    before, sent = numbers(shared_polls), again.tracker
    again.page.route("**/cast", lost)
    again.big.click()
    again.sees("casting")
    expect(again.page.get_by_role("alert")).to_contain_text("Chưa kết nối được")
    again.page.close()
    last = Voter.at(phone, f"{shared_polls.booth}#{code}")
    last.sees("done")
    assert last.tracker == sent
    assert numbers(shared_polls) == (before[0], before[1] + 1)


def test_what_is_kept_means_nothing_without_the_slip(shared_polls: Polls, phone: BrowserContext) -> None:
    code = shared_polls.slip()
    voter = Voter.at(phone, f"{shared_polls.booth}#{code}")
    voter.take()
    voter.mark(1, 2, 3)
    kept = voter.page.evaluate("JSON.stringify(localStorage)")
    assert "marks" not in kept
    assert SURVEY.hex()[:8] not in kept
    voter.page.close()
    other = Voter.at(phone, shared_polls.booth)
    other.sees("code")
    other.page.get_by_label("Mã của bạn").fill(shared_polls.slip())
    other.page.keyboard.press("Enter")
    other.sees("welcome")


def test_a_lost_network_while_the_paper_is_asked_for_costs_nothing(
    shared_polls: Polls, phone: BrowserContext
) -> None:
    voter = Voter.at(phone, f"{shared_polls.booth}#{shared_polls.slip()}")
    voter.sees("welcome")
    before = numbers(shared_polls)
    voter.page.route("**/issue", lost)
    voter.big.click()
    expect(voter.page.get_by_role("alert")).to_contain_text("Không có gì bị mất")
    assert numbers(shared_polls) == (before[0] + 1, before[1])
    voter.page.unroute("**/issue")
    voter.page.get_by_role("button", name="Thử lại").click()
    voter.sees("marking")
    assert numbers(shared_polls) == (before[0] + 1, before[1])


def test_a_lost_network_while_casting_is_tried_again_with_the_same_bytes(
    shared_polls: Polls, phone: BrowserContext
) -> None:
    voter = Voter.at(phone, f"{shared_polls.booth}#{shared_polls.slip()}")
    voter.take()
    voter.seal()
    before = numbers(shared_polls)
    phone.set_offline(True)
    voter.big.click()
    voter.sees("casting")
    expect(voter.page.get_by_role("alert")).to_be_visible()
    voter.without_barrier()
    phone.set_offline(False)
    voter.sees("done")
    assert numbers(shared_polls) == (before[0], before[1] + 1)
    sent = {r.post_data_buffer for r in voter.requests if r.url.endswith("/cast")}
    assert len(sent) == 1
    assert len([r for r in voter.requests if r.url.endswith("/cast")]) >= 2


def test_a_second_tab_is_sent_to_the_first(shared_polls: Polls, phone: BrowserContext) -> None:
    code = shared_polls.slip()
    first = Voter.at(phone, f"{shared_polls.booth}#{code}")
    first.take()
    first.mark(0, 0, 3)
    second = Voter.at(phone, f"{shared_polls.booth}#{code}")
    second.sees("stopped")
    expect(second.page.get_by_role("alert")).to_contain_text("đang mở trong một thẻ khác")
    second.without_barrier()
    first.page.close()
    second.big.click()
    second.sees("marking")
    assert marks(second.page) == ["row-2-3"]


def test_the_same_slip_on_a_second_device_is_told_plainly(
    shared_polls: Polls, phone: BrowserContext, browser: Browser
) -> None:
    code = shared_polls.slip()
    Voter.at(phone, f"{shared_polls.booth}#{code}").take()
    other = browser.new_context(locale="vi-VN")
    second = Voter.at(other, f"{shared_polls.booth}#{code}")
    second.sees("welcome")
    second.big.click()
    second.sees("stopped")
    expect(second.page.get_by_role("alert")).to_contain_text(
        "đã nhận phiếu trên một thiết bị hoặc trình duyệt khác"
    )
    second.without_barrier()
    other.close()


def test_a_browser_that_keeps_nothing_can_vote_and_says_so(
    shared_polls: Polls, phone: BrowserContext
) -> None:
    phone.add_init_script(NO_STORAGE)
    voter = Voter.at(phone, f"{shared_polls.booth}#{shared_polls.slip()}")
    voter.take()
    expect(voter.page.get_by_text("không lưu được gì")).to_be_visible()
    voter.mark(1, 1, 1)
    voter.seal()
    voter.cast()


def test_polls_that_close_while_somebody_marks(polls: Polls, phone: BrowserContext) -> None:
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    voter.take()
    voter.seal()
    polls.shut()
    voter.big.click()
    voter.sees("stopped")
    expect(voter.page.get_by_role("alert")).to_contain_text("Đã đóng bỏ phiếu. Phiếu của bạn không được lưu")
    late = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    late.sees("welcome")
    late.big.click()
    late.sees("stopped")
    expect(late.page.get_by_role("alert")).to_contain_text("Đã ngừng phát phiếu")
    assert numbers(polls) == (1, 0)


def test_polls_that_close_while_an_answer_is_lost(polls: Polls, phone: BrowserContext) -> None:
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    voter.take()
    voter.seal()
    tracker = voter.tracker
    voter.page.route("**/cast", lost)
    voter.big.click()
    voter.sees("casting")
    expect(voter.page.get_by_role("alert")).to_be_visible()
    polls.shut()
    voter.page.unroute("**/cast")
    voter.page.get_by_role("button", name="Thử ngay").click()
    voter.sees("done")
    expect(voter.page.get_by_text("Tra cứu cho thấy phiếu đã nằm trong hòm")).to_be_visible()
    assert voter.tracker == tracker


def test_a_tracker_on_the_sealed_board_is_proved_in_the_browser(polls: Polls, phone: BrowserContext) -> None:
    trackers = []
    for _ in range(3):
        voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
        trackers.append(voter.vote(1, 2, 3))
        voter.page.get_by_role("button", name="Xong, rời trang này").click()
        page = voter.page
    polls.shut()
    polls.seal()
    page.locator(".band").get_by_role("button", name="Tra cứu mã xác nhận").click()

    def look(tracker: str) -> None:
        page.get_by_label("Mã xác nhận").fill(tracker)
        page.get_by_role("button", name="Tra cứu", exact=True).click()

    for tracker in trackers:
        look(tracker)
        expect(page.locator("#answer")).to_contain_text("trên bảng đã niêm phong")
        expect(page.locator("#answer")).to_contain_text("trong 3")
    for field, value, check in (
        ("index", 7, "10.2"),
        ("proof", ["00" * 32, "00" * 32], "10.2"),
        ("checkpoint", lambda text: text.replace("\n3\n", "\n4\n"), "10.3"),
        ("ballot", lambda raw: raw[:-2] + ("00" if raw[-2:] != "00" else "01"), "10.2"),
    ):
        page.route("**/tracker/*", liar(field, value))
        look(trackers[1])
        expect(page.locator("#answer")).to_contain_text(f"chứng minh không đúng ({check})")
        page.unroute("**/tracker/*")


@pytest.mark.parametrize(
    ("way", "screen", "said"),
    [
        ("issue", "stopped", "không đúng khóa đã công bố"),
        ("cast", "stopped", "không đúng chữ ký của hòm phiếu"),
    ],
)
def test_a_false_answer_of_the_server_is_noticed(
    shared_polls: Polls, phone: BrowserContext, way: str, screen: str, said: str
) -> None:
    voter = Voter.at(phone, f"{shared_polls.booth}#{shared_polls.slip()}")
    voter.sees("welcome")

    def false(route: Route) -> None:
        body = bytearray(route.fetch().body())
        body[-1] ^= 1
        route.fulfill(status=200, body=bytes(body))

    voter.page.route(f"**/{way}", false)
    voter.big.click()
    if way == "cast":
        voter.sees("marking")
        voter.seal()
        voter.big.click()
    voter.sees(screen)
    expect(voter.page.get_by_role("alert")).to_contain_text(said)
    if way == "cast":
        voter.page.unroute(f"**/{way}")
        voter.big.click()
        voter.sees("done")


def test_a_round_of_one_ballot_offers_no_second(tmp_path: Path, phone: BrowserContext) -> None:
    with open_polls(tmp_path, voters=6, revoting=False) as polls:
        voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
        voter.vote(1, 1, 1)
        assert voter.page.get_by_role("button", name="Bỏ phiếu lại").count() == 0
