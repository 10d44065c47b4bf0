"""Nothing under the finger: a double tap marks nothing, takes no paper, casts nothing and wipes nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.journeys.fingers import DEAF, GAPS, Hand, middle
from tests.journeys.polls import Polls, open_polls

SIZES = ((320, 568), (360, 740), (412, 915), (768, 1024), (1280, 800))
WALKS = [
    (size, touch, taps, slow)
    for (touch, taps), size, slow in (
        (kind, size, (i + j) % 2 == 1)
        for i, kind in enumerate(itertools.product((True, False), (2, 4)))
        for j, size in enumerate(SIZES)
    )
]


@pytest.fixture(scope="module")
def polls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polls]:
    with open_polls(Path(tmp_path_factory.mktemp("polls")), voters=60) as opened:
        yield opened


@contextmanager
def a_hand(
    browser: Browser,
    address: str,
    *,
    size: tuple[int, int] = (360, 740),
    touch: bool = True,
    taps: int = 2,
    slow: bool = False,
    deaf: bool = False,
) -> Iterator[Hand]:
    """A hand at the booth's door, its clock standing still."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=touch, locale="vi-VN"
    )
    page = context.new_page()
    if deaf:
        page.add_init_script(DEAF)
    page.clock.install()
    shift = width + taps
    hand = Hand(page, touch, taps, itertools.cycle(GAPS[shift % 4 :] + GAPS[: shift % 4]), slow=slow)
    page.goto(address)
    hand.sees("code")
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    yield hand
    context.close()


def named(hand: Hand, words: str) -> Locator:
    return hand.page.get_by_role("button", name=words, exact=True)


def to_the_rows(hand: Hand, code: str) -> None:
    hand.page.locator("#code").fill(code)
    hand.presses(named(hand, "Tiếp tục"), "welcome")
    hand.presses(named(hand, "Bắt đầu đánh dấu"), "marking")
    assert hand.marked == 0


@pytest.mark.parametrize(("size", "touch", "taps", "slow"), WALKS)
def test_hasty_hands_mark_take_cast_and_wipe_nothing(
    polls: Polls, browser: Browser, size: tuple[int, int], touch: bool, taps: int, slow: bool
) -> None:
    """Each screen of the booth, with the shared device's at the end."""
    with a_hand(browser, f"{polls.booth}?shared", size=size, touch=touch, taps=taps, slow=slow) as hand:
        page = hand.page
        to_the_rows(hand, polls.slip())
        page.locator("#row-0-1").check()
        hand.presses(named(hand, "Xem lại"), "review")
        hand.presses(named(hand, "Sửa"), "marking")
        assert hand.marked == 1
        hand.presses(named(hand, "Xem lại"), "review")
        hand.presses(page.locator("button.inline").last, "marking")
        assert hand.marked == 1
        hand.presses(named(hand, "Xem lại"), "review")
        assert hand.asked == []
        hand.presses(named(hand, "Đúng, mã hóa và nhận phiếu"), "sealed")
        assert hand.asked == ["issue"]
        hand.presses(named(hand, "Kiểm tra phiếu này"), "opened")
        hand.presses(named(hand, "Làm phiếu mới với cùng lựa chọn"), "sealed")
        assert hand.asked == ["issue"]
        hand.presses(named(hand, "Bỏ phiếu"), "done")
        assert hand.asked == ["issue", "cast"]
        expect(page.locator(".tracker strong")).to_be_visible()
        hand.presses(named(hand, "Xong, xóa sạch cho người tiếp theo"), "code")
        assert hand.asked == ["issue", "cast"]


@pytest.mark.parametrize(("size", "touch"), list(zip(SIZES, itertools.cycle((True, False)), strict=False)))
def test_hasty_hands_on_a_device_of_ones_own(
    polls: Polls, browser: Browser, size: tuple[int, int], touch: bool
) -> None:
    """A paper that does not come at once, a ballot that does not go at once, a second ballot that is given
    up.
    """
    with a_hand(browser, polls.booth, size=size, touch=touch, taps=4) as hand:
        page = hand.page
        to_the_rows(hand, polls.slip())
        hand.presses(named(hand, "Xem lại"), "review")
        page.route("**/issue", lambda route: route.abort())
        hand.presses(named(hand, "Đúng, mã hóa và nhận phiếu"), "asking")
        page.unroute("**/issue")
        hand.presses(named(hand, "Thử lại"), "sealed")
        assert hand.asked == ["issue", "issue"]
        hand.presses(named(hand, "Quay lại sửa"), "marking")
        hand.presses(named(hand, "Xem lại"), "review")
        hand.presses(named(hand, "Đúng, mã hóa và nhận phiếu"), "sealed")
        page.route("**/cast", lambda route: route.abort())
        hand.presses(named(hand, "Bỏ phiếu"), "casting")
        page.unroute("**/cast")
        hand.presses(named(hand, "Thử ngay"), "done")
        assert hand.asked.count("issue") == 2
        first = page.locator(".tracker strong").inner_text()
        hand.presses(named(hand, "Bỏ phiếu lại"), "marking")
        assert hand.marked == 0
        hand.presses(named(hand, "Giữ phiếu trước, không bỏ lại"), "done")
        assert page.locator(".tracker strong").inner_text() == first
        hand.presses(page.locator(".band-button").first, "look")
        hand.presses(named(hand, "Quay lại"), "done")
        hand.presses(named(hand, "Xong, rời trang này"), "code")


@pytest.mark.parametrize("key", ["Enter", " "])
def test_a_key_that_is_held_down_presses_once(polls: Polls, browser: Browser, key: str) -> None:
    with a_hand(browser, f"{polls.booth}?shared") as hand:
        hand.page.locator("#code").fill(polls.slip())
        hand.keys(named(hand, "Tiếp tục"), key, "welcome")
        hand.keys(named(hand, "Bắt đầu đánh dấu"), key, "marking")
        hand.keys(named(hand, "Xem lại"), key, "review")
        hand.keys(hand.page.locator("button.inline").first, key, "marking")
        assert hand.marked == 0, "the row has the focus, and the key would mark it"
        hand.keys(named(hand, "Xem lại"), key, "review")
        hand.keys(named(hand, "Đúng, mã hóa và nhận phiếu"), key, "sealed")
        hand.keys(named(hand, "Bỏ phiếu"), key, "done")
        assert hand.asked == ["issue", "cast"]
        hand.keys(named(hand, "Xong, xóa sạch cho người tiếp theo"), key, "code")


def test_enter_that_is_held_down_in_the_field_of_the_code_asks_once(polls: Polls, browser: Browser) -> None:
    with a_hand(browser, polls.booth) as hand:
        hand.page.locator("#code").fill(polls.slip())
        hand.keys(hand.page.locator("#code"), "Enter", "welcome")


def test_a_finger_that_stays_down_is_waited_for(polls: Polls, browser: Browser) -> None:
    with a_hand(browser, polls.booth, touch=False) as hand:
        to_the_rows(hand, polls.slip())
        mouse, row = hand.page.mouse, hand.page.locator("label[for=row-0-1]")
        x, y = middle(row)
        mouse.move(x, y)
        mouse.down()
        named(hand, "English").evaluate("button => button.click()")  # whatever changes the screen
        hand.page.clock.run_for(3000)
        expect(hand.page.locator("main[data-quiet]")).to_have_count(1)
        mouse.up()
        hand.page.clock.run_for(300)
        mouse.click(*middle(row))
        assert hand.marked == 0
        hand.settles()
        mouse.click(*middle(row))
        assert hand.marked == 1


@pytest.mark.parametrize("touch", [True, False])
def test_without_the_guard_a_double_tap_marks_and_casts(polls: Polls, browser: Browser, touch: bool) -> None:
    """The twin: what was found with phones in hand."""
    with a_hand(browser, polls.booth, touch=touch, deaf=True) as hand:
        hand.page.locator("#code").fill(polls.slip())
        named(hand, "Tiếp tục").click()
        hand.sees("welcome")
        assert hand.taps_on(named(hand, "Bắt đầu đánh dấu"), "marking") == ["Tín nhiệm"]
        assert hand.marked == 1
        named(hand, "Xem lại").click()
        hand.sees("review")
        hand.taps_on(named(hand, "Đúng, mã hóa và nhận phiếu"), "sealed")
        hand.sees("done")
        assert hand.asked == ["issue", "cast"], "cast before anybody saw the receipt code"


def test_without_the_guard_a_held_space_bar_marks(polls: Polls, browser: Browser) -> None:
    """The twin of the keys."""
    with a_hand(browser, polls.booth, deaf=True) as hand:
        hand.page.locator("#code").fill(polls.slip())
        named(hand, "Tiếp tục").click()
        named(hand, "Bắt đầu đánh dấu").click()
        named(hand, "Xem lại").click()
        hand.keys(hand.page.locator("button.inline").first, " ", "marking")
        assert hand.marked == 1
