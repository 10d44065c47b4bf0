"""What can go wrong on the way: nothing is lost, nothing is counted twice, and the voter is told plainly."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from surveys.box.board import returned
from surveys.names import RoundId
from surveys.roll.attendance import attendance
from tests.journeys.polls import SURVEY, Polls
from tests.journeys.voter import Voter

NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
}
"""


def numbers(polls: Polls) -> tuple[int, int]:
    """Papers issued and ballots in the box."""
    issued = sum(panel.issued for panel in attendance(polls.stores.engines.roll(RoundId(SURVEY.hex()))))
    return issued, sum(returned(polls.stores.engines.box(RoundId(SURVEY.hex())), 1))


def lost(route: Route) -> None:
    """The request arrives, its answer does not."""
    route.fetch()
    route.abort()


def marks(page: Page) -> list[str]:
    return [each.get_attribute("id") or "" for each in page.locator("input:checked").all()]


@pytest.mark.parametrize("step", ["welcome", "marking", "review", "sealed", "opened", "done"])
def test_a_page_that_dies_at_any_step_costs_no_vote_and_keeps_no_mark(
    shared_polls: Polls, phone: BrowserContext, step: str
) -> None:
    code, before = shared_polls.slip(), numbers(shared_polls)
    voter = Voter.at(phone, f"{shared_polls.booth}#{code}")
    voter.goes_to(step)
    tracker = voter.tracker if step in {"sealed", "done"} else ""
    paper = step in {"sealed", "opened", "done"}
    assert numbers(shared_polls)[0] == before[0] + paper
    voter.page.close(run_before_unload=False)
    again = Voter.at(phone, shared_polls.booth)
    again.sees("code")
    again.page.get_by_label("Mã của bạn").fill(code)
    again.page.keyboard.press("Enter")
    if step == "done":
        again.sees("done")
        assert again.tracker == tracker
        return
    if step == "sealed":
        again.sees("sealed")
        assert again.tracker == tracker, "the very ballot that was sealed"
        assert again.page.get_by_role("button", name="Kiểm tra phiếu này").count() == 0
        expect(again.page.get_by_text("Trang không lưu lựa chọn")).to_be_visible()
        again.without_barrier()
    elif step == "opened":
        again.sees("marking")
        assert marks(again.page) == [], "a ballot that was laid open is gone, and its marks with it"
        again.seal()
    else:
        again.begin()
        assert marks(again.page) == []
        again.seal()
    again.cast()
    assert numbers(shared_polls) == (before[0] + 1, before[1] + 1)


def test_a_resumed_ballot_can_be_given_up_and_marked_anew(shared_polls: Polls, phone: BrowserContext) -> None:
    code = shared_polls.slip()
    voter = Voter.at(phone, f"{shared_polls.booth}#{code}")
    voter.goes_to("sealed")
    first = voter.tracker
    voter.page.close()
    again = Voter.at(phone, f"{shared_polls.booth}#{code}")
    again.sees("sealed")
    again.page.get_by_role("button", name="Đánh dấu lại từ đầu").click()
    again.sees("marking")
    again.mark(1, 1, 1)
    again.seal()
    assert again.tracker != first
    again.cast()


def test_a_page_that_goes_on_names_the_slip_only_for_a_paper_or_for_rows(
    shared_polls: Polls, phone: BrowserContext
) -> None:
    """15.8: a question with the slip beside a look-up or a cast would tell whose ballot it is."""
    code = shared_polls.slip()

    def goes_on(screen: str) -> Voter:
        voter = Voter.at(phone, f"{shared_polls.booth}#{code}")
        voter.sees(screen)
        voter.page.wait_for_load_state("networkidle")
        return voter

    def asked(voter: Voter) -> list[str]:
        return [each.url.rpartition("/")[2] for each in voter.requests if each.method == "POST"]

    voter = Voter.at(phone, f"{shared_polls.booth}#{code}")
    voter.goes_to("sealed")
    assert asked(voter) == ["panel", "form", "issue"]
    voter.page.close()
    again = goes_on("sealed")
    again.cast()
    assert asked(again) == ["cast"]
    again.page.close()
    again = goes_on("done")
    assert asked(again) == []
    again.page.get_by_role("button", name="Bỏ phiếu lại").click()
    again.sees("marking")
    again.mark(1, 2, 3)
    again.seal()
    assert asked(again) == ["form"]


def test_rows_that_do_not_come_cost_nothing(shared_polls: Polls, phone: BrowserContext) -> None:
    code = shared_polls.slip()
    voter = Voter.at(phone, f"{shared_polls.booth}#{code}")
    voter.goes_to("sealed")
    tracker = voter.tracker
    voter.page.close()
    again = Voter.at(phone, f"{shared_polls.booth}#{code}")
    again.sees("sealed")
    again.page.route("**/form", lambda route: route.abort())
    again.page.get_by_role("button", name="Đánh dấu lại từ đầu").click()
    again.sees("stopped")
    expect(again.page.get_by_role("alert")).to_contain_text("Chưa kết nối được")
    again.page.get_by_role("button", name="Thử lại").click()
    again.sees("sealed")
    assert again.tracker == tracker, "the ballot that was sealed is still there"
    again.page.unroute("**/form")
    again.page.get_by_role("button", name="Đánh dấu lại từ đầu").click()
    again.sees("marking")
    again.mark(1, 1, 1)
    again.seal()
    again.cast()


def test_a_dead_battery_while_casting_sends_the_same_bytes(
    shared_polls: Polls, phone: BrowserContext
) -> None:
    code, before = shared_polls.slip(), numbers(shared_polls)
    voter = Voter.at(phone, f"{shared_polls.booth}#{code}")
    voter.goes_to("sealed")
    sent = voter.tracker
    voter.page.route("**/cast", lost)
    voter.big.click()
    voter.sees("casting")
    expect(voter.page.get_by_role("alert")).to_contain_text("Chưa kết nối được")
    voter.page.close()
    last = Voter.at(phone, f"{shared_polls.booth}#{code}")
    last.sees("done")
    assert last.tracker == sent
    assert numbers(shared_polls) == (before[0] + 1, before[1] + 1)


def test_what_is_kept_means_nothing_without_the_slip(shared_polls: Polls, phone: BrowserContext) -> None:
    voter = Voter.at(phone, f"{shared_polls.booth}#{shared_polls.slip()}")
    voter.goes_to("sealed")
    kept = voter.page.evaluate("JSON.stringify(localStorage)")
    assert "body" not in kept
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
    before = numbers(shared_polls)
    voter.goes_to("review")
    voter.page.route("**/issue", lost)
    voter.big.click()
    voter.sees("asking")
    expect(voter.page.get_by_role("alert")).to_contain_text("Chưa kết nối được")
    voter.without_barrier()
    assert numbers(shared_polls) == (before[0] + 1, before[1])
    voter.page.unroute("**/issue")
    voter.page.get_by_role("button", name="Thử lại").click()
    voter.sees("sealed")
    voter.cast()
    assert numbers(shared_polls) == (before[0] + 1, before[1] + 1)


def test_a_crash_between_the_request_and_its_answer_loses_no_paper(
    shared_polls: Polls, phone: BrowserContext
) -> None:
    code, before = shared_polls.slip(), numbers(shared_polls)
    voter = Voter.at(phone, f"{shared_polls.booth}#{code}")
    voter.goes_to("review")
    voter.page.route("**/issue", lost)
    voter.big.click()
    voter.sees("asking")
    expect(voter.page.get_by_role("alert")).to_be_visible()
    voter.page.close()
    again = Voter.at(phone, f"{shared_polls.booth}#{code}")
    again.sees("sealed")
    again.cast()
    assert numbers(shared_polls) == (before[0] + 1, before[1] + 1)


def test_a_lost_network_while_casting_is_tried_again_with_the_same_bytes(
    shared_polls: Polls, phone: BrowserContext
) -> None:
    voter = Voter.at(phone, f"{shared_polls.booth}#{shared_polls.slip()}")
    voter.begin()
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
    first.goes_to("sealed")
    second = Voter.at(phone, f"{shared_polls.booth}#{code}")
    second.sees("stopped")
    expect(second.page.get_by_role("alert")).to_contain_text("đang mở trong một thẻ khác")
    second.without_barrier()
    first.page.close()
    second.big.click()
    second.sees("sealed")
    assert second.tracker


def test_another_device_is_told_truthfully_what_happened(
    shared_polls: Polls, phone: BrowserContext, browser: Browser
) -> None:
    code = shared_polls.slip()
    first = Voter.at(phone, f"{shared_polls.booth}#{code}")
    first.goes_to("review")
    other = browser.new_context(locale="vi-VN")
    second = Voter.at(other, f"{shared_polls.booth}#{code}")
    second.sees("welcome")  # nothing irreversible has happened: this device may begin as well
    first.big.click()
    first.sees("sealed")
    second.begin()
    second.mark(1, 1, 1)
    second.big.click()
    second.sees("review")
    second.big.click()
    second.sees("stopped")
    expect(second.page.get_by_role("alert")).to_contain_text("trên máy khác, trình duyệt khác")
    assert second.page.evaluate("Object.keys(localStorage)") == []
    third = Voter.at(other, f"{shared_polls.booth}#{code}")
    third.sees("stopped")  # told before anything is marked
    third.without_barrier()
    first.cast()
    other.close()


def test_a_browser_that_keeps_nothing_can_vote_and_says_so(
    shared_polls: Polls, phone: BrowserContext
) -> None:
    phone.add_init_script(NO_STORAGE)
    voter = Voter.at(phone, f"{shared_polls.booth}#{shared_polls.slip()}")
    voter.sees("welcome")
    expect(voter.page.get_by_text("không lưu được gì")).to_be_visible()
    voter.begin()
    voter.mark(1, 1, 1)
    voter.big.click()
    voter.sees("review")
    expect(voter.page.get_by_text("không lưu được gì")).to_be_visible()
    voter.big.click()
    voter.sees("sealed")
    voter.cast()


def test_polls_that_close_while_somebody_marks(polls: Polls, phone: BrowserContext) -> None:
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    voter.begin()
    voter.seal()
    marking = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    marking.goes_to("review")
    polls.shut()
    voter.big.click()
    voter.sees("stopped")
    expect(voter.page.get_by_role("alert")).to_contain_text("Đã đóng bỏ phiếu. Phiếu của bạn không được lưu")
    marking.big.click()
    marking.sees("stopped")
    expect(marking.page.get_by_role("alert")).to_contain_text("Đã ngừng phát phiếu")
    late = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    late.sees("welcome")
    expect(late.page.get_by_text("Đã đóng bỏ phiếu. Không nhận thêm phiếu nữa")).to_be_visible()
    assert late.page.get_by_role("button", name="Bắt đầu đánh dấu").count() == 0
    assert numbers(polls) == (1, 0)
    assert voter.page.evaluate("Object.keys(localStorage)") == []


def test_polls_that_close_while_an_answer_is_lost(polls: Polls, phone: BrowserContext) -> None:
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    voter.begin()
    voter.seal()
    tracker = voter.tracker
    voter.page.route("**/cast", lost)
    voter.big.click()
    voter.sees("casting")
    expect(voter.page.get_by_role("alert")).to_be_visible()
    polls.shut()
    voter.page.unroute("**/cast")  # the page tries again by itself
    voter.sees("done")
    expect(voter.page.get_by_text("Tra cứu cho thấy phiếu đã nằm trong hòm")).to_be_visible()
    assert voter.tracker == tracker
