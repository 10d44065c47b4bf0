"""An organizer sends slips, corrects an address, takes in what came back and reminds a unit, in a real
browser: small screens, keyboard, both languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import STAFF
from surveys.accounts.roles import Role
from surveys.names import RoundId, UnitCode
from tests.journeys.barriers import barriers, sideways
from tests.organisations import a_bloc
from tests.post import Post, a_post, came_back, with_addresses
from tests.served import served
from tests.stages.test_member_letters import ask

MARKUP = '<img src=x onerror="alert(1)"> Ánh'


@dataclass
class Scene:
    """A page of the organizer's browser, and the post behind it."""

    page: Page
    post: Post
    site: str

    def go(self, round_id: RoundId, rest: str = "letters", language: str = "vi") -> None:
        self.page.goto(f"{self.site}/{language}/rounds/{round_id}/{rest}")

    def no_barrier(self, language: str) -> None:
        """At 320 px nothing scrolls sideways; axe finds nothing, in Vietnamese on a small screen and in
        English on a large one.
        """
        self.page.set_viewport_size({"width": 320, "height": 800})
        assert sideways(self.page) == 0
        if language == "en":
            self.page.set_viewport_size({"width": 1280, "height": 800})
        assert barriers(self.page, colours=language == "vi") == []


@pytest.fixture(scope="module")
def scene(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    bloc = with_addresses(a_bloc())
    people = tuple(replace(p, name=MARKUP if p.code == "A1-04" else p.name) for p in bloc.people)
    with a_post(Path(tmp_path_factory.mktemp("post")), replace(bloc, people=people)) as post:
        signed_in = post.desk.browser(Role.ORGANIZER, UnitCode("A"))
        signed_in.get("/en/rounds/")
        site = DispatcherMiddleware(NotFound(), {STAFF: post.desk.site.app})
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        for cookie in signed_in.cookies():
            context.add_cookies(
                [{"name": cookie.key, "value": cookie.value, "domain": "127.0.0.1", "path": STAFF}]
            )
        page = context.new_page()
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda _: troubles.append("a script ran"))
        page.on(
            "console",
            # A refused form answers 422, which the browser writes down as a page that failed to load.
            lambda message: (
                troubles.append(message.text)
                if message.type in {"error", "warning"} and "422" not in message.text
                else None
            ),
        )
        with served(site) as port:
            yield Scene(page, post, f"http://127.0.0.1:{port}{STAFF}")
            context.close()
        assert troubles == [], "the browser complained"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_slips_are_sent_an_address_is_corrected_and_what_came_back_is_taken_in(
    scene: Scene, tmp_path: Path, language: str
) -> None:
    page, post = scene.page, scene.post
    round_id = post.round(1 if language == "vi" else 2)
    words = {
        "vi": ("Gửi giấy mời", "Gửi lại", "Đọc thư trả lại", "Thư đang được gửi lại"),
        "en": ("Send the slips", "Send again", "Read what came back", "The letter is sent again"),
    }[language]
    post.office.taken.clear()
    post.office.answers["a1-04@example.vn"] = "550 5.1.1 no such user"
    scene.go(round_id, language=language)
    scene.no_barrier(language)
    page.get_by_role("button", name=words[0]).focus()
    page.keyboard.press("Enter")
    row = page.get_by_role("listitem").filter(has_text=MARKUP)
    expect(row).to_be_visible()  # the bar has followed the job to its end by itself
    scene.no_barrier(language)
    post.office.answers.clear()
    row.get_by_role("textbox").fill("dung@example.vn")
    row.get_by_role("button", name=re.compile(words[1])).click()
    expect(page.get_by_text(words[3])).to_be_visible()
    post.done(round_id)
    assert post.office.taken[-1].recipient == "dung@example.vn"
    mailbox = tmp_path / "inbox.eml"
    mailbox.write_bytes(came_back(post.office.taken[0]))
    scene.go(round_id, language=language)
    page.locator("#mailbox").set_input_files(mailbox)
    page.get_by_role("button", name=words[2]).click()
    expect(page.get_by_role("listitem").filter(has_text=post.office.taken[0].recipient)).to_be_visible()
    scene.no_barrier(language)
    page.get_by_role("searchbox").fill("anh")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=anh**")
    expect(page.get_by_role("listitem").filter(has_text="dung@example.vn")).to_be_visible()
    scene.no_barrier(language)


def test_whoever_follows_a_link_is_not_called_back_when_the_work_ends(scene: Scene) -> None:
    page, round_id = scene.page, scene.post.round(1)
    stands = '{"standing": "%s", "words": "", "done": 1, "total": 1}'
    asked: list[str] = []

    def with_a_bar(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer, body=answer.text().replace("<h1>", '<section data-job="/work"></section><h1>')
        )

    def work(route: Route) -> None:
        asked.append(page.url)
        route.fulfill(
            content_type="application/json", body=stands % ("done" if len(asked) > 1 else "running")
        )

    def slow(route: Route) -> None:
        page.wait_for_timeout(2_500)
        route.continue_()

    page.route("**/letters", with_a_bar)
    page.route("**/work", work)
    page.route("**/rounds/", slow)
    try:
        scene.go(round_id, language="en")
        page.get_by_role("navigation", name="Rooms").get_by_role("link", name="Rounds").click(
            no_wait_after=True
        )
        page.wait_for_url("**/rounds/")
        assert len(asked) > 1, "the work had ended before the link's page came"
    finally:
        page.unroute_all(behavior="ignoreErrors")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_unit_is_reminded_after_a_look_at_the_letter(scene: Scene, language: str) -> None:
    page, post = scene.page, scene.post
    round_id = post.round(3 if language == "vi" else 4, "printed")
    words = {
        "vi": ("Soạn thư nhắc", "Đơn vị", "Nội dung thư nhắc", "Xem trước", "Gửi 6 thư", "Thư nhắc số 1"),
        "en": (
            "Write a reminder",
            "Unit",
            "Text of the reminder",
            "Look at it first",
            "Send 6 letters",
            "Reminder 1",
        ),
    }[language]
    post.office.taken.clear()
    scene.go(round_id, language=language)
    page.get_by_role("link", name=words[0]).click()
    expect(page.get_by_label(words[2])).to_be_visible()
    scene.no_barrier(language)
    page.get_by_label(words[1]).select_option("A1")
    page.get_by_label(words[2]).fill("")
    page.get_by_role("button", name=words[3]).click()
    expect(page.get_by_role("alert")).to_be_visible()
    scene.no_barrier(language)
    page.get_by_label(words[2]).fill("Xin nhắc.\n\n<b>Please vote.</b>")
    page.get_by_role("button", name=words[3]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words[5])
    scene.no_barrier(language)
    assert post.office.taken == []
    page.get_by_role("button", name=words[4]).click()
    page.wait_for_url("**/letters")
    post.done(round_id)
    scene.go(round_id, language=language)
    expect(page.get_by_role("row", name=re.compile(words[5]))).to_contain_text("6")
    assert len(post.office.taken) == 6


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_link_goes_to_a_member_and_the_script_of_the_meeting_is_printed(
    scene: Scene, language: str
) -> None:
    round_id = scene.post.round(40 + len(language) + (language == "en"), "printed", look_up=30)
    scene.go(round_id, "committee", language)
    scene.no_barrier(language)
    before = len(scene.post.office.taken)
    row = scene.page.get_by_role("listitem").filter(has_text="Hai")
    row.get_by_role("textbox").fill("hai@example.vn")
    row.get_by_role("textbox").press("Enter")
    expect(row).to_contain_text(re.compile(r"(Sent|Đã gửi),\s+hai@example.vn"))
    assert [taken.recipient for taken in scene.post.office.taken[before:]] == ["hai@example.vn"]
    scene.page.get_by_role("link", name="Kịch bản" if language == "vi" else "Script").click()
    expect(scene.page.get_by_role("table")).to_have_count(3)
    scene.no_barrier(language)
    assert len(re.findall(rb"/Type ?/Page\b", scene.page.pdf(format="A4"))) <= 2


def test_how_far_the_letters_to_the_committee_are_has_no_barrier(scene: Scene) -> None:
    post, round_id = scene.post, scene.post.round(9, slips="printed")
    post.office.answers["hai@example.vn"] = "550 5.1.1 no such user"
    ask(post, round_id, 2, "hai@example.vn")
    post.office.answers["HELLO"] = "421 later"
    ask(post, round_id, 3, "ba@example.vn")
    post.office.answers.clear()
    for language in ("vi", "en"):
        scene.go(round_id, "committee", language)
        expect(scene.page.get_by_text("no such user")).to_be_visible()
        scene.no_barrier(language)
    scene.page.get_by_role("button", name="Try again").click()
    expect(scene.page.get_by_text("Letter: Sent, ba@example.vn")).to_be_visible()
