"""`make pictures`: the demo of one committee is made and served, somebody votes in it, and what they see
becomes static/pictures.

Everything is real: the round, the ballots, the sign-in with its code. Names are the demo's, invented. Run
again, the pictures differ in hashes, codes and dates, and in nothing else.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from app import STAFF, make_site
from surveys.accounts.roles import Role
from surveys.accounts.staff_log import StaffLog
from surveys.jobs.progress import Silent
from surveys.names import RoundId
from surveys.rehearsal import demo_accounts, demonstration
from surveys.rehearsal.demo_accounts import DemoAccount
from surveys.results.publications import published_rounds
from surveys.rounds import ledger
from surveys.settings import Settings
from surveys.shipped import STATIC
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.origin import claim_for_demonstration
from surveys.stores.store import Stores
from tests.journeys.browsers import CHROMIUM, FLAGS
from tests.journeys.voter import Voter
from tests.served import served

PICTURES = STATIC / "pictures"
COLOURS = 96
PHONE: ViewportSize = {"width": 390, "height": 780}
DESK: ViewportSize = {"width": 1180, "height": 820}


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo as it is served."""

    address: str
    stores: Stores
    instance: Path
    published: RoundId
    tried: RoundId
    codes: tuple[str, ...]
    accounts: dict[Role, DemoAccount]


@contextmanager
def the_demo(folder: Path) -> Iterator[Demo]:
    """A demo of one committee in this folder, until the block ends."""
    settings = Settings(instance=folder)
    stores = Stores(Engines(settings.stores), Keyring.load_or_create(settings.keyring))
    stores.engines.migrate_app()
    claim_for_demonstration(stores.engines.app)
    demonstration.prepare(stores, folder, settings.bundles, Silent(), small=True)
    tried = demonstration.open_try_out(stores, folder, "http://localhost:5000/", Silent())
    published = next(iter(published_rounds(stores.engines.app)))
    definition = ledger.find(stores.app, published).definition
    log = StaffLog(stores.app, lambda: datetime.now(UTC))
    made = demo_accounts.make_accounts(stores, log, folder, definition)
    codes = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{5}", tried.slips.read_text("utf-8"))
    with served(make_site(settings, stores)) as port:
        yield Demo(
            f"http://localhost:{port}",
            stores,
            folder,
            published,
            tried.round_id,
            tuple(dict.fromkeys(codes)),
            {account.role: account for account in made},
        )


def visit(page: Page, address: str) -> None:
    """Open a page; one that is refused is no picture."""
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        raise RuntimeError(f"{address}: {answer and answer.status}")


def keep(page: Page, language: str, name: str, *, whole: bool = False) -> None:
    """The picture of a page, in few colours, where documents and pages find it."""
    page.wait_for_load_state("networkidle")
    page.evaluate("window.scrollTo(0, 0)")
    with Image.open(BytesIO(page.screenshot(full_page=whole))) as shot:
        path = PICTURES / language / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        shot.convert("RGB").quantize(COLOURS).save(path, optimize=True)
    print(f"{path.relative_to(STATIC)}  {path.stat().st_size // 1000} kB", file=sys.stderr)


def a_vote(browser: Browser, demo: Demo, language: str, code: str) -> None:
    """Somebody votes on a phone."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=1.5, locale=language)
    address = f"{demo.address}/b/{demo.tried}/?lang={language}#{code}"
    voter = Voter.at(context, address, language)
    voter.begin()
    voter.mark(1, 2, 1)
    keep(voter.page, language, "booth-marks")
    voter.seal()
    voter.cast()
    keep(voter.page, language, "booth-receipt")
    context.close()


def sign_in(page: Page, demo: Demo, language: str, account: DemoAccount) -> None:
    """The password, and the code of this moment."""
    page.goto(f"{demo.address}{STAFF}/{language}/account/login")
    page.locator("[name=email]").fill(account.email)
    page.locator("[name=password]").fill(account.password)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("[name=code]")).to_be_visible()
    now = {email: code for email, code, _ in demo_accounts.codes(demo.stores, demo.instance)}
    page.locator("[name=code]").fill(now[account.email])
    page.locator("form:has([name=code]) button").first.click()
    page.wait_for_url(lambda url: "/account/" not in url)


def the_desk(browser: Browser, demo: Demo) -> None:
    """What an organizer and a leader find on their desks. One sign-in each: a code is good once."""
    person = demo.accounts[Role.LEADER].person
    pages = {
        Role.ORGANIZER: (f"rounds/{demo.tried}", "desk-round"),
        Role.LEADER: (f"results/{demo.published}/leaders/{person}", "leader"),
    }
    for role, (address, name) in pages.items():
        context = browser.new_context(viewport=DESK)
        page = context.new_page()
        sign_in(page, demo, "en", demo.accounts[role])
        for language in ("vi", "en"):
            visit(page, f"{demo.address}{STAFF}/{language}/{address}")
            keep(page, language, name)
        context.close()


def the_public(browser: Browser, demo: Demo, language: str) -> None:
    """What everybody sees of the published round."""
    page = browser.new_page(viewport=DESK)
    for address, name in ((f"rounds/{demo.published}/board", "board"),):
        visit(page, f"{demo.address}/{language}/{address}")
        keep(page, language, name)
    page.close()


def main() -> None:
    """All pictures, in both languages."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        sys.exit("make pictures: no Chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        the_demo(Path(folder)) as demo,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        the_desk(browser, demo)
        for language, code in zip(("vi", "en"), demo.codes, strict=False):
            the_public(browser, demo, language)
            a_vote(browser, demo, language, code)
        browser.close()


if __name__ == "__main__":
    main()
