"""A new user at the console, from the demo's Excel file to an open round: every click is counted
(docs/operations.md, "A round on the desk").
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from app import make_site
from surveys.accounts import invitations
from surveys.accounts import keeping as register
from surveys.accounts.roles import EVERYWHERE, Grant, Role
from surveys.names import RoundId
from surveys.organisation.export import write_workbook
from surveys.rehearsal.demo_organisation import demo_organisation
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from tests.journeys.barriers import patient, without_barrier
from tests.journeys.test_committee import Member
from tests.served import served
from tests.staff import totp

MOST_CLICKS = 40
MOST_SECONDS = 600
COMMITTEE = ("Trần Thị Kiểm", "Lê Văn Đếm", "Phạm Thị Niêm")


@dataclass
class Office:
    """An instance in which nobody has done anything yet, and the invitation of its first organizer."""

    stores: Stores
    address: str
    invitation: str
    file: Path


@dataclass
class Hand:
    """The organizer's hand at the page: it clicks, and counts."""

    page: Page
    clicks: int = 0
    told: list[str] = field(default_factory=list)

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()

    def press(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True).first)

    def follow(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name, exact=True).first)

    def sees(self, text: str, seconds: float = 90) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=1000 * seconds)


@contextmanager
def an_office(folder: Path) -> Iterator[Office]:
    settings = Settings(instance=folder, keyring=folder / "keyring.json")
    stores = Stores(Engines(settings.stores), Keyring.load_or_create(settings.keyring))
    stores.engines.migrate_app()
    organizer = register.add_account(
        stores.app,
        name="Nguyễn Thị Chức",
        email="chuc@example.org",
        given=(Grant(Role.ORGANIZER, EVERYWHERE),),
    )
    token = invitations.invite(stores.engines.app, organizer.id, datetime.now(UTC))
    file = folder / "demo.xlsx"
    write_workbook(file, demo_organisation())
    with served(make_site(settings, stores)) as port:
        address = f"http://127.0.0.1:{port}"
        yield Office(stores, address, f"{address}/s/en/invitation/{token}", file)
    stores.close()


def sign_in(hand: Hand, office: Office) -> None:
    """From the invitation to the desk: a password, and codes as the second factor."""
    page = hand.page
    page.goto(office.invitation)
    page.get_by_label("Password", exact=True).fill("bốn con vịt dưới ao")
    page.get_by_label("Password once more").fill("bốn con vịt dưới ao")
    hand.press("Keep the password")
    page.get_by_label("E-mail address").fill("chuc@example.org")
    page.get_by_label("Password").fill("bốn con vịt dưới ao")
    hand.press("Sign in")
    hand.follow("Set up codes")
    hand.press("Set up codes")
    page.get_by_label("The code of six digits").fill(totp(page.locator("code.hash").inner_text()))
    hand.press("Confirm")


def import_file(hand: Hand, office: Office) -> None:
    """The Excel file, its difference, the import."""
    hand.follow("Organisation")
    hand.follow("Import a file")
    hand.page.locator("input[type=file]").set_input_files(office.file)
    hand.press("Read and compare")
    hand.sees("records would change", 120)
    hand.page.get_by_label("Reason").fill("First import")
    hand.press("Import these changes")
    hand.sees("were changed.", 120)


def prepare(hand: Hand, unit: str) -> RoundId:
    """Task by task, until the round is frozen; its id."""
    page = hand.page
    hand.follow("Rounds")
    hand.follow("Prepare a round")
    page.get_by_label("Unit at the top").fill(unit)
    hand.press("Begin")
    round_id = re.search(r"rounds/([0-9a-f]{32})/", page.url)
    assert round_id is not None
    hand.follow("Counting committee")
    for number, name in enumerate(COMMITTEE):
        page.get_by_label("Head of the committee" if number == 0 else f"Member {number + 1}").fill(name)
    page.get_by_label("How many of them are needed to count?").fill("2")
    hand.press("Keep this committee")
    hand.follow("Slips for the voters")
    hand.press("Make slips in this browser")
    hand.click(page.get_by_role("button", name="Make"))
    page.get_by_role("button", name="Save").wait_for(timeout=300_000)
    with page.expect_download() as downloading:
        hand.click(page.get_by_role("button", name="Save"))
    assert downloading.value.suggested_filename == "slips.csv"
    hand.click(page.get_by_label(re.compile("printed slips in my hands")))
    hand.click(page.get_by_role("button", name=re.compile("reeze")))
    hand.sees("The keys of the slips are in")
    hand.follow("Back to the desk")
    hand.follow("Look through everything and freeze")
    without_barrier(page)
    hand.follow("Go on to freezing")
    hand.press("Freeze the round")
    page.wait_for_url(re.compile(rf"/rounds/{round_id[1]}$"), timeout=300_000)
    return RoundId(round_id[1])


def committee(hand: Hand, browser: Browser) -> None:
    """A link for each member; the members themselves do the ceremony in browsers of their own."""
    page, members = hand.page, list[Member]()
    hand.follow("Counting committee: links and ceremony")
    for number in range(len(COMMITTEE)):
        hand.click(page.get_by_role("button", name="Make a link").nth(number))
        link = page.locator("code[data-copy]").inner_text()
        members.append(Member.at(browser, link.replace("/#", "/?lang=en#")))
        hand.follow("Back to the committee")
    for member in members:
        member.make_sheet()
    for member in members:
        member.sees("The syllables are the same, I confirm")
        member.press("The syllables are the same, I confirm")
    for member in members:
        member.sees("The ceremony is finished")
        member.context.close()


def open_polls(hand: Hand, round_id: RoundId) -> None:
    """Open by hand."""
    hand.follow("Rounds")
    hand.click(hand.page.locator(f"a[href$='{round_id}']").first)
    hand.follow("To opening")
    hand.follow("Open before the time")
    hand.press("Open the polls")
    hand.sees("The polls are open.")


def journey(office: Office, browser: Browser, unit: str) -> tuple[int, float]:
    """The whole way; clicks and seconds."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.on("page", patient)
    hand, begun = Hand(context.new_page()), time.monotonic()
    sign_in(hand, office)
    import_file(hand, office)
    round_id = prepare(hand, unit)
    committee(hand, browser)
    open_polls(hand, round_id)
    taken = time.monotonic() - begun
    context.close()
    assert ledger.find(office.stores.app, round_id).state is State.OPEN
    return hand.clicks, taken


def test_a_new_user_comes_from_the_excel_file_to_an_open_round(browser: Browser, tmp_path: Path) -> None:
    """The whole file is imported; the round is over one committee of it (`python -m benchmarks.console` takes
    all).
    """
    with an_office(tmp_path) as office:
        clicks, seconds = journey(office, browser, "DU01")
    assert clicks <= MOST_CLICKS
    assert seconds < MOST_SECONDS
