"""People at the sign-in of a staff's site, step by step, and what is known of their sessions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Flask

from app import STAFF
from surveys.accounts import keeping as register
from surveys.accounts.keeping import Account, Secrets
from surveys.accounts.roles import Role, Staff
from tests.passkeys import SoftKey
from tests.staff import PASSWORD, Browser, StaffSite, everything, options_of

HOME = "/en/"
LOGIN = "/en/account/login"
CODE = "/en/account/tf-validate"


class Entrance:
    """A site with its sign-in; each account it makes is new."""

    def __init__(self, site: StaffSite) -> None:
        self.site, self._made = site, 0

    def somebody(self, *, factor: bool = True, recovery: tuple[str, ...] = ()) -> Staff:
        """An organizer of everything."""
        self._made += 1
        staff = self.site.account(f"so-{self._made}", everything(Role.ORGANIZER), factor=factor)
        if recovery:
            held = self.held(staff).secrets
            kept = Secrets(held.password, held.totp, recovery, held.spent)
            register.keep_secrets(self.site.stores.app, staff.id, kept)
        return staff

    def held(self, staff: Staff) -> Account:
        """The account as it stands now."""
        return register.find_account(self.site.stores.app, staff.id)

    def password(self, staff: Staff) -> Browser:
        """A browser after the address and the password."""
        browser = self.site.browser()
        browser.post(LOGIN, {"email": staff.email, "password": PASSWORD})
        return browser

    def inside(self, staff: Staff, step: int = 0) -> Browser:
        """A browser after the code as well."""
        browser = self.password(staff)
        browser.post(CODE, {"code": self.site.code(staff, step)})
        assert opens(browser)
        return browser

    def passkey(self, staff: Staff, origin: str = "http://localhost") -> SoftKey:
        """A passkey that the account has made on its page."""
        key, browser = SoftKey(origin), self.site.browser(staff)
        asked = browser.post("/en/account/wan-register", {"name": "khóa", "usage": "secondary"})
        page = asked.get_data(as_text=True)
        answer = browser.post(
            state_of(page), {"credential": key.made(options_of(page))}, at="/en/account/wan-register"
        )
        assert answer.status_code == 302
        return key

    def show(self, browser: Browser, key: SoftKey) -> Any:
        """After the password: show a passkey."""
        return show(browser, key, *asked(browser))


def asked(browser: Browser, page: str = "/en/account/wan-signin") -> tuple[str, dict[str, Any]]:
    """Where an answer goes, and what a passkey is asked."""
    text = browser.post(page).get_data(as_text=True)
    return state_of(text), options_of(text)


def show(browser: Browser, key: SoftKey, to: str, options: Mapping[str, Any]) -> Any:
    """Answer with a passkey."""
    return browser.post(to, {"credential": key.given(options)}, at="/en/account/wan-signin")


def state_of(page: str) -> str:
    """Where the form of a passkey goes."""
    found = re.search(r'<form method="post" action="([^"]+)"[^>]*data-passkey', page)
    assert found, page
    return found[1].removeprefix(STAFF)


def opens(browser: Browser) -> bool:
    """Whether the desk opens for this browser."""
    return bool(browser.get(HOME).status_code == 200)


def cookie(browser: Browser) -> str:
    """The cookie of a session, as somebody could copy it."""
    held = browser.client.get_cookie("tin_nhiem_staff", path=STAFF)
    assert held is not None
    return str(held.value)


def with_cookie(site: StaffSite, copied: str) -> Browser:
    """Another browser with a copied cookie."""
    browser = site.browser()
    browser.client.set_cookie("tin_nhiem_staff", copied, path=STAFF)
    return browser


def acts(site: StaffSite, staff: Staff) -> list[tuple[str, str]]:
    """What the staff log says that this account did, oldest first, with the factor or the kind of refusal."""
    log = site.app.extensions["security"].datastore.log
    found = [entry for entry in reversed(log.entries()) if entry.actor == staff.id]
    return [(e.act, str(e.facts.get("factor") or e.facts.get("auth_type") or "")) for e in found]


@contextmanager
def without_way_in(app: Flask) -> Iterator[None]:
    """The app without what is asked before Flask-Security's pages."""
    kept = app.before_request_funcs[None]
    app.before_request_funcs[None] = [each for each in kept if each.__name__ != "_way_in"]
    yield
    app.before_request_funcs[None] = kept
