"""A voter at the booth, as a person would go: by what is written on the buttons."""

from __future__ import annotations

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
        """Wait for a screen, by its heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(TITLES[self.language][screen])

    @property
    def big(self) -> Locator:
        """The one big button of a screen."""
        return self.page.locator("button.big")

    def take(self) -> None:
        """From the welcome to the ballot."""
        self.sees("welcome")
        self.big.click()
        self.sees("marking")

    def mark(self, *choices: int) -> None:
        """Mark the rows: 1 … L, 0 leaves one empty."""
        for row, choice in enumerate(choices):
            if choice:
                self.page.locator(f"#row-{row}-{choice}").check()

    def seal(self) -> None:
        """From the marks to the tracker."""
        self.big.click()
        self.sees("review")
        self.big.click()
        self.sees("sealed")

    def cast(self) -> None:
        """From the tracker to the receipt."""
        self.big.click()
        self.sees("done")

    def vote(self, *choices: int) -> str:
        """All the way from the welcome; the tracker."""
        self.take()
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
