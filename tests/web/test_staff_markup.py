"""Names with markup on every page that staff read, and the headers of every answer they get."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import pytest

from app import STAFF
from surveys.accounts.roles import Grant, Role, Staff
from surveys.names import PersonCode, UnitCode
from surveys.organisation.values import Organisation
from surveys.settings import Settings
from surveys.web.headers import FIXED
from tests.desk import Desk, a_desk
from tests.organisations import a_bloc
from tests.published import MARKUP as PUBLISHED
from tests.published import SURVEY, published_round
from tests.staff import Browser, over
from tests.web.markup import faults
from tests.web.test_staff_routes import PAGES, VALUES

MARKUP = '<b>Ánh</b> <script>alert(1)</script> "&amp;'
SHOWN = {"&quot;": "&#34;", "&#x27;": "&#39;"}


def marked(bloc: Organisation) -> Organisation:
    """The same organisation, each name and title with markup in it."""
    return replace(
        bloc,
        units=tuple(replace(each, name=MARKUP + each.code, name_en=MARKUP) for each in bloc.units),
        people=tuple(replace(each, name=MARKUP + each.code) for each in bloc.people),
        posts=tuple(replace(each, title=MARKUP) for each in bloc.posts),
    )


@dataclass(frozen=True)
class Marked:
    """A site where everything that has a name has markup in it, and somebody who may see all of it."""

    desk: Desk
    staff: Staff
    rounds: tuple[str, ...]

    @property
    def browser(self) -> Browser:
        """Signed in."""
        return self.desk.site.browser(self.staff)

    def addresses(self, language: str) -> list[str]:
        """Every page that is read, of both rounds."""
        values = {**VALUES, "account": self.staff.id}
        rules = [rule for method, rule in PAGES if method == "GET"]
        found = {
            re.sub(r"<([^>]+)>", lambda m: {**values, "round_id": round_id}[m[1]], rule)
            for rule in rules
            for round_id in self.rounds
        }
        entries = ("login", "logout", "verify", "change", "tf-setup", "mf-recovery-codes", "wan-register")
        found |= {f"/account/{each}" for each in entries} | {"/nothing-here"}
        return [f"/{language}{address}" for address in sorted(found)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marked]:
    desk = a_desk(tmp_path_factory.mktemp("marked"), organisation=marked(a_bloc()))
    titles = {"title_vi": MARKUP, "title_en": MARKUP, "trustees": (MARKUP, "Hai", "Ba"), "place": MARKUP}
    rounds = desk.draft(1, **titles), desk.frozen(2, **titles)
    grants = [Grant(role, UnitCode("*")) for role in Role]
    yield Marked(desk, desk.site.account(MARKUP, *grants, person=PersonCode("A1-02")), rounds)
    desk.site.stores.close()


def escaped(text: str) -> str:
    """A text as a template writes it."""
    whole = escape(text)
    for one, other in SHOWN.items():
        whole = whole.replace(one, other)
    return whole


def pages(site: Marked, language: str) -> Iterator[tuple[str, Any, str]]:
    browser = site.browser
    for address in site.addresses(language):
        answer = browser.get(address)
        html = answer.mimetype == "text/html"
        yield address, answer, answer.get_data(as_text=True) if html else ""


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_name_with_markup_is_text_on_every_page(site: Marked, language: str) -> None:
    wrong, read = [], 0
    for address, answer, page in pages(site, language):
        if not page or answer.status_code not in (200, 404, 409):
            continue
        read += answer.status_code == 200
        if "<b>" in page or "<script>alert" in page or "alert(1)</script>" in page:
            wrong.append((address, "markup"))
        # The name of the account stands at the top of each page.
        if escaped(MARKUP) not in page:
            wrong.append((address, "no name"))
        wrong += [(address, fault) for fault in faults(page)]
    assert wrong == []
    assert read > 30


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_name_with_markup_is_text_on_the_readers_pages(language: str, tmp_path: Path) -> None:
    stores = published_round(tmp_path)
    site = over(stores)
    browser = site.browser(
        site.account(MARKUP, Grant(Role.AUTHORITY, UnitCode("*")), Grant(Role.AUDITOR, UnitCode("*")))
    )
    at, shown = f"/{language}/results", 0
    parts = ("", "/focus", "/years", "/posts", "/grades", "/turnout")
    for address in ("/", f"/{SURVEY}/leaders/p2", *(f"/{SURVEY}/units/A1{part}" for part in parts)):
        answer = browser.get(at + address)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200, address
        assert "<script>alert" not in page, address
        assert escaped(MARKUP) in page, address
        assert faults(page) == [], address
        shown += escaped(PUBLISHED) in page
    assert shown >= 2
    stores.close()


def test_without_escaping_the_markup_would_be_alive(site: Marked) -> None:
    templates = site.desk.site.app.jinja_env
    templates.cache.clear()  # type: ignore[union-attr]
    kept, templates.autoescape = templates.autoescape, False
    try:
        assert "<script>alert(1)</script>" in site.browser.get("/en/people/").get_data(as_text=True)
    finally:
        templates.autoescape = kept
        templates.cache.clear()  # type: ignore[union-attr]


def test_every_answer_to_staff_carries_the_headers_and_is_not_kept(site: Marked) -> None:
    wrong = []
    for address, answer, _ in pages(site, "vi"):
        if {name: answer.headers.get(name) for name in FIXED} != FIXED:
            wrong.append((address, "headers"))
        if answer.headers["Cache-Control"] != "no-store":
            wrong.append((address, answer.headers["Cache-Control"]))
    assert wrong == []


@pytest.mark.parametrize("https", [False, True])
def test_every_cookie_for_staff_is_for_their_path_and_no_script_reads_it(https: bool, tmp_path: Path) -> None:
    desk = a_desk(tmp_path, Settings(https=https))
    browser = desk.browser(Role.ORGANIZER, UnitCode("*"))
    kept = {f"Path={STAFF}", "HttpOnly", "SameSite=Lax"} | ({"Secure"} if https else set())
    seen = 0
    for address in ("/en/account/login", "/en/account/me", "/en/account/verify", "/en/rounds/new"):
        for visitor in (desk.site.browser(), browser):
            for cookie in visitor.get(address).headers.getlist("Set-Cookie"):
                seen += 1
                assert {part.strip() for part in cookie.split(";")[1:]} == kept, address
    assert seen > 2
    desk.site.stores.close()
