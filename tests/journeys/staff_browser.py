"""A real browser that is signed in as staff: it holds the cookie that a sign-in would have set."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext

from app import STAFF
from surveys.accounts.roles import Staff
from tests.journeys.barriers import patient
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
    context.on("page", patient)
    return context
