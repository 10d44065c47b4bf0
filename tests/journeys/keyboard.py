"""The pages by keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Locator


def keys(at: Locator, *pressed: str, typed: str = "") -> None:
    """Go to this element and type and press there, once its page is whole: a form of which half has arrived
    is not sent by Enter, and nothing reacts for half a second after a screen has changed (client
    dom/guard)."""
    at.wait_for()
    page = at.page
    page.wait_for_load_state()
    page.locator("main[data-quiet]").wait_for(state="detached")
    at.focus()
    if typed:
        page.keyboard.type(typed)
    for key in pressed:
        page.keyboard.press(key)
