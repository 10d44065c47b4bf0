"""Somebody new, from the invitation to the sign-out everywhere: phone, passkey and recovery codes in a real
browser, without barriers.

In Vietnamese on a small phone and in English on a large screen; each page is checked as it is reached.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import STAFF
from surveys.accounts import keeping as register
from surveys.accounts.roles import Grant, Role
from surveys.names import UnitCode
from tests.desk import Desk, a_desk
from tests.journeys.barriers import without_barrier
from tests.journeys.staff_browser import signed_in
from tests.served import served
from tests.staff import quick, totp

WORD = "bốn con vịt dưới ao"
# Every page of accounts, and the desk's first two: where it is, and how many of each of PARTS stand on it.
SEEN = {
    " 0000",
    "account/change 1000",
    "account/login 1000",
    "account/me 1000",
    "account/mf-recovery 1000",
    "account/mf-recovery-codes 1000",
    "account/mf-recovery-codes 1001",
    "account/second-factor 0000",
    "account/tf-select 1000",
    "account/tf-setup 1000",
    "account/tf-setup 1010",
    "account/tf-validate 1000",
    "account/token 0000",
    "account/token 1000",
    "account/verify 1000",
    "account/wan-register 1000",
    "account/wan-register 1100",
    "account/wan-register 2000",
    "account/wan-signin 1000",
    "account/wan-signin 1100",
    "account/wan-verify 1000",
    "account/wan-verify 1100",
    "invitation/ 1000",
    "log/ 0000",
    "nothing 0000",
    "people/ 0000",
    "people/ 5000",
    "people/invite 0000",
    "people/invite 1000",
    "rounds/ 0000",
}
LANGUAGES = [("vi", 320), ("en", 1280)]
PARTS = ("main form", "main [data-passkey]", "main svg", "main .codes")
"""By how many of these there are, pages with the same address are told apart."""
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Person:
    """Somebody at a browser: forms are filled by the names of their fields, so in every language."""

    page: Page
    at: str
    email: str
    seen: set[str] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        # A refused form answers 422, a page that is not there 404: the browser writes both down.
        self.page.on(
            "console",
            lambda said: (
                self.troubles.append(said.text)
                if said.type in {"error", "warning"} and not re.search("status of 4(22|04)", said.text)
                else None
            ),
        )

    def goes(self, where: str) -> None:
        self.page.goto(f"{self.at}/{where}")
        self.looks()

    def looks(self) -> None:
        """Each page without a barrier, once; all of it, or its parts would be counted before they have
        arrived.
        """
        self.page.wait_for_load_state()
        parts = [self.page.locator(part).count() for part in PARTS]
        path = re.sub(r"^/s/../|(?<=invitation/).*|(?<=people/)[0-9a-f]+$", "", urlsplit(self.page.url).path)
        shown = f"{path} {parts[0]}{parts[1]}{parts[2]}{parts[3]}"
        if shown not in self.seen:
            self.seen.add(shown)
            # Colours are the same in both languages, and take most of the time.
            without_barrier(self.page, colours=self.at.endswith("/vi"))

    def sends(self, *, barriers: bool = True, **values: str) -> None:
        """Fill the form that holds these fields, and send it."""
        form = self.page.locator("main form").first
        for name, value in values.items():
            form.locator(f"[name={name}]").fill(value)
        form.locator("button[type=submit]").first.click()
        self.page.wait_for_load_state()
        if barriers:
            self.looks()

    def is_at(self, end: str) -> None:
        self.page.wait_for_url(lambda url: urlsplit(url).path.endswith(end))

    def password(self) -> None:
        self.goes("account/login")
        self.sends(email=self.email, password=WORD)
        self.is_at("tf-select")

    def chooses(self, way: str) -> None:
        self.page.locator(f"[name=which][value={way}]").check()
        self.sends()

    def passkey(self, end: str) -> None:
        """Go on to the question, answer it, and land there."""
        self.sends()
        self.sends(barriers=False)
        self.is_at(end)
        self.looks()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    made = a_desk(tmp_path_factory.mktemp("accounts"))
    made.draft(1)
    quick(made.site.app)
    with served(DispatcherMiddleware(NotFound(), {STAFF: made.site.app})) as port:
        # Passkeys belong to a host name: browsers allow none at 127.0.0.1.
        yield made, f"http://localhost:{port}"
    made.site.stores.close()


def invites(
    browser: Browser, desk: Desk, address: str, language: str, width: int, email: str, seen: set[str]
) -> str:
    """An administrator invites somebody and looks at their account; the link."""
    admin = desk.account(Role.ADMINISTRATOR, UnitCode("*"))
    context = signed_in(browser, desk.site, address, admin, width)
    office = Person(context.new_page(), f"{address}{STAFF}/{language}", admin.email, seen)
    office.goes("people/invite")
    office.sends(name="x")
    office.page.locator("[name=role]").select_option("organizer")
    office.sends(name=f"Lê Thị Mới {language}", email=email, unit="*", reason="Quyết định 7")
    link = office.page.locator("code[data-copy]").inner_text()
    for page in ("", "people/", "log/", "account/me", "nothing"):
        office.goes(page)
    office.page.goto(f"{office.at}/people/")
    office.page.get_by_role("link", name=f"Lê Thị Mới {language}").click()
    office.looks()
    context.close()
    assert office.troubles == []
    return link


def begins(new: Person, link: str) -> str:
    """The link, a password, codes as the second factor; the key of the codes."""
    new.page.goto(link)
    new.looks()
    new.sends(password="mật khẩu 2026", again="mật khẩu 2026")
    new.sends(password=WORD, again=WORD)
    new.is_at("account/login")
    new.sends(email=new.email, password=WORD)
    new.goes("rounds/")
    new.is_at("account/second-factor")
    new.goes("account/tf-setup")
    new.sends()
    key = new.page.locator("code.hash").inner_text()
    new.page.locator("[name=code]").fill(totp(key))
    new.page.locator("form:has([name=code]) button").click()
    new.is_at("account/me")
    new.looks()
    return key


def adds(new: Person) -> list[str]:
    """Recovery codes and a passkey; the codes."""
    new.goes("account/mf-recovery-codes")
    new.sends()
    codes = new.page.locator(".codes code").all_inner_texts()
    assert len(set(codes)) == 10
    new.goes("account/wan-register")
    new.sends(name="Máy ở cơ quan")
    new.sends(barriers=False)
    new.is_at("account/me")
    new.goes("account/wan-register")
    assert "Máy ở cơ quan" in new.page.locator("main table").inner_text()
    return codes


def signs_out(new: Person) -> None:
    new.page.locator(".who button").click()
    new.is_at("account/login")


@pytest.mark.parametrize(("language", "width"), LANGUAGES)
def test_from_an_invitation_to_the_sign_out_everywhere(
    browser: Browser, desk: tuple[Desk, str], language: str, width: int
) -> None:
    made, address = desk
    site = made.site
    email, seen = f"moi-{language}@example.org", set[str]()
    link = invites(browser, made, address, language, width, email, seen)
    context = browser.new_context(viewport={"width": width, "height": 900})
    new = Person(context.new_page(), f"{address}{STAFF}/{language}", email, seen)
    cdp = context.new_cdp_session(new.page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    begins(new, link)
    codes = adds(new)
    signs_out(new)
    account = register.account_by(site.stores.app, email=new.email)
    assert account is not None
    everything = [Grant(role, UnitCode("*")) for role in Role if role is not Role.LEADER]
    register.change_grants(site.stores.app, account.staff.id, everything)
    # With the passkey, to the page that was asked for.
    new.page.goto(f"{new.at}/rounds/")
    new.sends(email=new.email, password=WORD)
    new.chooses("webauthn")
    new.passkey("/rounds/")
    for page in ("", "account/change", "account/verify"):
        new.goes(page)
    new.page.locator("a[href*=wan-verify]").click()
    new.looks()
    new.passkey("/account/me")
    new.goes("account/token")
    new.page.locator("[name=name]").fill("Báo cáo")
    new.page.locator("[name=grants]").first.check()
    new.sends()
    signs_out(new)
    # Without phone and passkey, with a recovery code; the page of the code stands before it.
    new.password()
    new.chooses("authenticator")
    new.is_at("tf-validate")
    new.sends(code="000000")
    new.page.locator("a[href*=mf-recovery]").click()
    new.looks()
    new.sends(code=codes[0])
    new.is_at(f"/{language}/")
    other = copied(browser, context)
    assert other.goto(f"{new.at}/account/me").ok  # type: ignore[union-attr]
    new.page.goto(f"{new.at}/account/me")
    new.page.locator("form[action*=sign-out-everywhere] button").click()
    new.is_at("account/login")
    other.reload()
    assert "/account/login" in other.url
    other.context.close()
    context.close()
    assert new.troubles == []
    assert seen == SEEN


def copied(browser: Browser, context: BrowserContext) -> Page:
    """Another browser with a copy of the cookie."""
    other = browser.new_context()
    other.add_cookies(context.cookies())  # type: ignore[arg-type]
    return other.new_page()
