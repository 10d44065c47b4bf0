"""Servers that lie to a voter's browser: what they say is not believed, and the voter is told plainly."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.journeys.polls import Polls
from tests.journeys.voter import Voter


def liar(field: str, value: object) -> Callable[[Route], None]:
    """A server that changes one field of a look-up."""

    def lie(route: Route) -> None:
        answer = route.fetch().json()
        answer[field] = value(answer[field]) if callable(value) else value
        route.fulfill(status=200, body=json.dumps(answer))

    return lie


def form_of_panel(route: Route) -> bytes:
    """The real form of the only panel, which anybody may ask for."""
    return route.fetch(url=f"{route.request.url}/0", method="GET").body()


@pytest.mark.parametrize("lie", ["another name", "another head", "the twin"])
def test_a_form_that_the_head_does_not_bind_is_never_shown(
    shared_polls: Polls, phone: BrowserContext, lie: str
) -> None:
    def rename(route: Route) -> None:
        raw = route.fetch().body()
        route.fulfill(body=raw.replace("Ủy viên thường vụ 2".encode(), "Ủy viên thường vụ 9".encode()))

    def reroot(route: Route) -> None:
        head = route.fetch().json()
        head["definition"]["roots"]["panels"]["root"] = "00" * 32
        route.fulfill(body=json.dumps(head, ensure_ascii=False, sort_keys=True, separators=(",", ":")))

    page = phone.new_page()
    if lie == "another name":
        page.route("**/form", rename)
    if lie == "another head":  # and it takes what is signed over it, so that nothing but 4.6 refuses
        page.route("**/head", reroot)
        page.route("**/panel", lambda route: route.fulfill(body=bytes(5)))
        page.route("**/form", lambda route: route.fulfill(body=form_of_panel(route)))
    voter = Voter(page)
    page.goto(f"{shared_polls.booth}#{shared_polls.slip()}")
    if lie == "the twin":
        voter.begin()
        expect(page.get_by_text("Ủy viên thường vụ 2")).to_be_visible()
        return
    voter.sees("code")
    expect(page.get_by_role("alert")).to_contain_text("không đúng quy cách")
    assert "Ủy viên thường vụ" not in page.content()


def test_a_tracker_on_the_sealed_board_is_proved_in_the_browser(polls: Polls, phone: BrowserContext) -> None:
    trackers = []
    for _ in range(3):
        voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
        trackers.append(voter.vote(1, 2, 3))
        voter.page.get_by_role("button", name="Xong, rời trang này").click()
        page = voter.page
    voter.settles()
    polls.shut()
    polls.seal()
    page.locator(".band").get_by_role("button", name="Tra cứu mã xác nhận").click()

    def look(tracker: str) -> None:
        page.get_by_label("Mã xác nhận").fill(tracker)
        page.get_by_role("button", name="Tra cứu", exact=True).click()

    voter.settles()
    for tracker in trackers:
        look(tracker)
        expect(page.locator("#answer")).to_contain_text("trên bảng đã niêm phong")
        expect(page.locator("#answer")).to_contain_text("trong 3")
    look("0000-0000-0000-00000")
    expect(page.locator("#answer")).to_contain_text("trình duyệt đã tự kiểm tra")
    for field, value, check in (
        ("first", 1, "10.2"),
        ("proof", ["00" * 32, "00" * 32], "10.2"),
        ("checkpoint", lambda text: text.replace("\n3\n", "\n4\n"), "10.3"),
        ("leaves", lambda leaves: [leaf[:-2] + "ff" for leaf in leaves], "10.2"),
    ):
        page.route("**/trackers/*", liar(field, value))
        look(trackers[1])
        expect(page.locator("#answer")).to_contain_text(f"chứng minh không đúng ({check})")
        page.unroute("**/trackers/*")
    assert all(not any(t.replace("-", "")[:9] in r.url for t in trackers) for r in voter.requests)


def test_the_booth_looks_its_own_ballot_up_after_sealing(polls: Polls, phone: BrowserContext) -> None:
    codes = [polls.slip(), polls.slip()]
    for code in codes:
        voter = Voter.at(phone, f"{polls.booth}#{code}")
        voter.begin()
        voter.seal()
        voter.cast()
        expect(voter.page.get_by_text("trang sẽ tự tra cứu")).to_be_visible()
        voter.page.close()
    polls.shut()
    polls.seal()
    again = Voter.at(phone, f"{polls.booth}#{codes[0]}")
    again.sees("done")
    expect(again.page.locator("#looked")).to_contain_text("nằm trên bảng đã niêm phong")
    again.without_barrier()
    # A server that has dropped the ballot: the board that it signed is another one, or it cannot prove that
    # it has it.
    lying = Voter.at(phone, polls.booth)
    lying.page.route("**/trackers/*", liar("leaves", list[str]()))
    lying.page.get_by_label("Mã của bạn").fill(codes[1])
    lying.settles()
    lying.page.keyboard.press("Enter")
    lying.sees("done")
    expect(lying.page.locator("#looked")).to_contain_text("chứng minh không đúng")


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

    def false(route: Route) -> None:
        body = bytearray(route.fetch().body())
        body[-1] ^= 1
        route.fulfill(status=200, body=bytes(body))

    voter.goes_to("review" if way == "issue" else "sealed")
    voter.page.route(f"**/{way}", false)
    voter.big.click()
    voter.sees(screen)
    expect(voter.page.get_by_role("alert")).to_contain_text(said)
    if way == "cast":
        voter.page.unroute(f"**/{way}")
        voter.big.click()
        voter.sees("done")
