"""Fingers, mice and keys that press more often than they meant to, on a page whose clock the test moves.

With the clock in the test's hands half a second is half a second however busy the machine is, and nothing is
slept through.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.journeys.browsers import PATIENCE
from tests.journeys.voter import TITLES

GAPS = (120, 190, 270, 350)
QUIET = 520
# A browser in which the guard hears nothing: the twins' world.
DEAF = """
const { addEventListener: add } = window;
window.addEventListener = function (kind, hear, options) {
  if (options?.capture !== true) add.call(window, kind, hear, options);
};
"""
# What marks, takes a paper, lays open, casts or wipes, by what is written on it, and lies under a finger.
UNDER = """([x, y, words]) => {
  const near = [-9, 0, 9].flatMap((right) => [-9, 0, 9].map((down) => [x + right, y + down]));
  const found = near.map(([at, below]) => document.elementFromPoint(at, below)?.closest("button, label"));
  const acts = (each) => each && (each.matches("label.choice") || words.includes(each.textContent.trim()));
  return [...new Set(found.filter(acts).map((each) => each.textContent.trim()))];
}"""
CONSEQUENCES = (
    "Đúng, mã hóa và nhận phiếu",
    "Bỏ phiếu",
    "Kiểm tra phiếu này",
    "Làm phiếu mới với cùng lựa chọn",
    "Thử lại",
    "Xong, xóa sạch cho người tiếp theo",
)


def middle(of: Locator) -> tuple[float, float]:
    """The middle of an element, in the window."""
    of.scroll_into_view_if_needed()
    box = of.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@dataclass
class Hand:
    """A hand on a page of the booth. It presses `taps` times where once was meant."""

    page: Page
    touch: bool
    taps: int
    gaps: Iterator[int] = field(default_factory=lambda: itertools.cycle(GAPS))
    asked: list[str] = field(default_factory=list)
    slow: bool = False
    _late: list[Route] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._note)
        if self.slow:
            self.page.route("**/b/*/*", self._keep_waiting)

    def _note(self, request: Request) -> None:
        if request.url.endswith(("/issue", "/cast")):
            self.asked.append(request.url.rpartition("/")[2])

    def _keep_waiting(self, route: Route) -> None:
        """The network of a hall: an answer comes when some taps have been made already."""
        if route.request.method == "POST":
            self._late.append(route)
        else:
            route.continue_()

    def _answers_come(self) -> None:
        while self._late:
            self._late.pop().continue_()

    def sees(self, screen: str) -> None:
        """Wait for a screen, while answers come. The page's clock stands still; but where a busy machine lets
        one wait for seconds, it goes on, or a page that tries again after a pause never would. (What is quiet
        is so from the moment the screen comes.)
        """
        heading, wanted = self.page.get_by_role("heading", level=1), TITLES["vi"][screen]
        for half_seconds in range(2 * PATIENCE // 1000):
            self._answers_come()
            try:
                return expect(heading).to_have_text(wanted, timeout=500)
            except AssertionError:
                if half_seconds >= 20:
                    self.page.clock.run_for(500)
        raise AssertionError(f"{heading.inner_text()} where {wanted} was wanted")

    def settles(self) -> None:
        """Half a second passes without a tap, and without another screen."""
        for _ in range(5):
            self.page.clock.run_for(QUIET)
            if self.page.locator("main[data-quiet]").count() == 0:
                return
        raise AssertionError("the page never reacts again")

    def _tap(self, x: float, y: float) -> None:
        if self.touch:
            self.page.touchscreen.tap(x, y)
        else:
            self.page.mouse.click(x, y)

    def taps_on(self, button: Locator, screen: str) -> list[str]:
        """Press a button until this screen is there, and go on pressing; what acts and lies under the
        finger.
        """
        x, y = middle(button)
        before = self.taps // 2 if self.slow else 1
        for n in range(self.taps):
            self._tap(x, y)
            if n + 1 == before:
                self.sees(screen)
            if n + 1 < self.taps:
                self.page.clock.run_for(next(self.gaps))
        found: list[str] = self.page.evaluate(UNDER, [x, y, list(CONSEQUENCES)])
        return found

    def presses(self, button: Locator, screen: str) -> None:
        """The same where nothing may come of the other taps: the screen stays, and nothing that acts lies
        there.
        """
        under = self.taps_on(button, screen)
        self.sees(screen)
        assert under == [], f"under the finger on {screen}"
        self.settles()
        self.sees(screen)

    def keys(self, button: Locator, key: str, screen: str) -> None:
        """Hold a key down until this screen is there, for two seconds more, and press it again at once."""
        button.focus()
        self.page.keyboard.down(key)
        if key == " ":
            self.page.keyboard.up(key)
        self.sees(screen)
        for _ in range(20):
            self.page.keyboard.down(key)
            self.page.clock.run_for(100)
        self.page.keyboard.up(key)
        self.page.clock.run_for(next(self.gaps))
        self.page.keyboard.press(key)
        self.settles()
        self.sees(screen)

    @property
    def marked(self) -> int:
        """How many rows are marked."""
        return self.page.locator("input:checked").count()
