"""A voter at the booth, as a person would go: by what is written on the buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Locator, Page, Request, expect

from tests.journeys.barriers import without_barrier

TITLES = {
    "vi": {
        "code": "Nhập mã trên giấy mời",
        "welcome": "Giấy mời hợp lệ",
        "marking": "Phiếu tín nhiệm",
        "review": "Xem lại phiếu",
        "sealed": "Phiếu đã mã hóa, chưa bỏ vào hòm",
        "opened": "Phiếu đã mở để kiểm tra",
        "asking": "Đang nhận phiếu",
        "scan": "Quét mã QR trên giấy mời",
        "look": "Tra cứu mã xác nhận",
        "casting": "Đang bỏ phiếu",
        "done": "Bạn đã bỏ phiếu xong",
        "stopped": "Chưa đi tiếp được",
    },
    "en": {
        "code": "Enter the code on your slip",
        "welcome": "Your slip is good",
        "marking": "Ballot",
        "review": "Review your ballot",
        "sealed": "Encrypted, not yet in the box",
        "opened": "Ballot laid open for checking",
        "asking": "Taking your paper",
        "scan": "Scan the QR code on your slip",
        "look": "Look up a receipt code",
        "casting": "Casting your ballot",
        "done": "You have voted",
        "stopped": "This cannot go on yet",
    },
}


@dataclass
class Voter:
    """One page at the booth."""

    page: Page
    language: str = "vi"
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request))

    @classmethod
    def at(cls, context: BrowserContext, address: str, language: str = "vi") -> Voter:
        """A new tab at this address."""
        voter = cls(context.new_page(), language)
        voter.page.goto(address)
        return voter

    def sees(self, screen: str) -> None:
        """Wait for a screen, by its heading, and until it reacts: for half a second it does not (client
        dom/guard).
        """
        expect(self.page.get_by_role("heading", level=1)).to_have_text(TITLES[self.language][screen])
        self.settles()

    def settles(self) -> None:
        """Wait until taps and keys count again."""
        expect(self.page.locator("main[data-quiet]")).to_have_count(0)

    @property
    def big(self) -> Locator:
        """The one big button of a screen."""
        return self.page.locator("button.big")

    def begin(self) -> None:
        """From the welcome to the rows. Nothing is asked for yet."""
        self.sees("welcome")
        self.big.click()
        self.sees("marking")

    def mark(self, *choices: int) -> None:
        """Mark the rows: 1 … L, 0 leaves one empty."""
        for row, choice in enumerate(choices):
            if choice:
                self.page.locator(f"#row-{row}-{choice}").check()

    def seal(self) -> None:
        """From the marks over the review, with which the paper is asked for, to the tracker."""
        self.big.click()
        self.sees("review")
        self.big.click()
        self.sees("sealed")

    def cast(self) -> None:
        """From the tracker to the receipt."""
        self.big.click()
        self.sees("done")

    def _marks(self, *choices: int) -> None:
        self.begin()
        self.mark(*choices)

    def _seals_again_and_casts(self) -> None:
        self.big.click()
        self.sees("sealed")
        self.cast()

    def goes_to(self, step: str) -> None:
        """Go as far as a step, with marks 3, 0, 1."""
        self.sees("welcome")
        ways: dict[str, Callable[[], object]] = {
            "welcome": lambda: None,
            "marking": lambda: self._marks(3, 0, 1),
            "review": lambda: self.big.click(),
            "sealed": lambda: self.big.click(),
            "opened": lambda: self.page.locator("button.second").click(),
            "done": self._seals_again_and_casts,
        }
        for name, go in ways.items():
            go()
            self.sees(name)
            if name == step:
                return

    def vote(self, *choices: int) -> str:
        """All the way from the welcome; the tracker."""
        self.begin()
        self.mark(*choices)
        self.seal()
        self.cast()
        return self.tracker

    @property
    def tracker(self) -> str:
        """The tracker on the screen."""
        return self.page.locator(".tracker strong").inner_text()

    def without_barrier(self, *, colours: bool = True) -> None:
        """Axe finds nothing, and nothing scrolls sideways."""
        without_barrier(self.page, colours=colours)
