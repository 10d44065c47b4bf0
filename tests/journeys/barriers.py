"""What stands in the way of somebody with a keyboard, a screen reader or a small screen, as far as a program
can find it.
"""

from __future__ import annotations

from collections.abc import Mapping

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def _arrived(page: Page) -> None:
    """A page that is on its way has no body yet, and cannot be looked at."""
    page.locator("body").wait_for(state="attached")
    page.wait_for_load_state()


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window; a page that is on its way is waited for."""
    _arrived(page)
    wider: int = page.evaluate(OVERFLOW)
    return wider


def barriers(page: Page, *, colours: bool = True) -> list[tuple[str, list[str]]]:
    """What axe finds: the rule, and the elements that break it; contrasts by day and by night.

    Contrasts take most of axe's time and are the same in both languages: whoever looks at a page in both
    leaves them out in English.
    """
    _arrived(page)
    found = _violations(page, {"rules": {"color-contrast": {"enabled": colours}}})
    if colours:
        page.emulate_media(color_scheme="dark")
        found += _violations(page, {"runOnly": ["color-contrast"]})
        page.emulate_media(color_scheme="light")
    return found


def _violations(page: Page, options: Mapping[str, object]) -> list[tuple[str, list[str]]]:
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


def without_barrier(page: Page, *, colours: bool = True) -> None:
    """Axe finds nothing, and nothing scrolls sideways."""
    assert barriers(page, colours=colours) == []
    assert sideways(page) == 0


def patient(page: Page) -> None:
    """Whoever drives this page waits, before each act, until taps count again: for half a second after a
    screen has changed they do not (client dom/guard)."""
    page.add_locator_handler(page.locator("main[data-quiet]"), lambda: None)
