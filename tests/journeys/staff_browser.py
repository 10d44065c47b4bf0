"""A real browser that is signed in as staff: it holds the cookie that a sign-in would have set."""

from __future__ import annotations

from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from app import STAFF
from surveys.accounts.roles import Staff
from tests.journeys.voter import OVERFLOW
from tests.staff import StaffSite


def signed_in(
    browser: Browser, site: StaffSite, address: str, staff: Staff, width: int = 1280
) -> BrowserContext:
    """A context for the server at this address, whose stores are the site's."""
    client = site.browser(staff).client
    name = site.app.config["SESSION_COOKIE_NAME"]
    held = client.get_cookie(name, path=STAFF)
    assert held is not None
    context = browser.new_context(viewport={"width": width, "height": 900})
    host = str(urlsplit(address).hostname)
    context.add_cookies(
        [{"name": name, "value": held.value, "domain": host, "path": STAFF, "httpOnly": True}]
    )
    return context


def without_barrier(page: Page, *, colours: bool = True) -> None:
    """Axe finds nothing, and nothing scrolls sideways."""
    rules = {"rules": {"color-contrast": {"enabled": colours}}}
    found = Axe().run(page, options=rules).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate(OVERFLOW) == 0
