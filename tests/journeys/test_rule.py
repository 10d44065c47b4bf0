"""An organizer edits a round's rule in a real browser: what it means follows each key, and everything works
without a script and by keyboard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import STAFF
from surveys.accounts.roles import Role
from surveys.names import NO_ROUND, UnitCode
from surveys.rules.copies import copy_of
from surveys.rules.preset import Preset
from tests.desk import Desk, a_desk
from tests.journeys.barriers import barriers, sideways, without_barrier
from tests.journeys.keyboard import keys
from tests.served import served


class Organizer:
    """Somebody at a browser who is signed in as the organizer over A, with a new draft at each question."""

    def __init__(self, desk: Desk, browser: Browser, address: str) -> None:
        self.desk, self._browser, self._address = desk, browser, address
        self.troubles: list[str] = []
        self.round_id = NO_ROUND
        signed_in = desk.browser(Role.ORGANIZER, UnitCode("A"))
        signed_in.get("/en/rounds/")
        self._cookies = [
            {"name": cookie.key, "value": cookie.value, "domain": "127.0.0.1", "path": STAFF}
            for cookie in signed_in.cookies()
        ]

    def at(self, path: str, language: str = "en", *, script: bool = True) -> Page:
        """A page about a new draft, after the language and the round."""
        self.round_id = self.desk.draft(1)
        context = self._browser.new_context(
            viewport={"width": 1280, "height": 900}, java_script_enabled=script
        )
        context.add_cookies(self._cookies)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        # A refusal of the form has a status of its own, which the browser notes.
        page.on(
            "console",
            lambda each: (
                self.troubles.append(each.text)
                if each.type in {"error", "warning"} and "422" not in each.text
                else None
            ),
        )
        page.goto(f"{self._address}/{language}/rounds/{self.round_id}/{path}")
        return page

    @property
    def rule(self) -> Preset:
        """The rule that is stored."""
        return self.desk.terms(self.round_id).preset


@pytest.fixture(scope="module")
def organizer(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Organizer]:
    desk = a_desk(Path(tmp_path_factory.mktemp("instance")))
    site = DispatcherMiddleware(NotFound(), {STAFF: desk.site.app})
    with served(site) as port:
        made = Organizer(desk, browser, f"http://127.0.0.1:{port}{STAFF}")
        yield made
    desk.site.stores.close()
    assert made.troubles == [], "the browser complained"


@pytest.fixture(autouse=True)
def pages_are_closed(organizer: Organizer, browser: Browser) -> Iterator[None]:
    yield
    for context in browser.contexts:
        context.close()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", ["points/rule", "rule?of=nq35-2012"])
def test_the_pages_have_no_barrier_and_never_scroll_sideways(
    organizer: Organizer, path: str, language: str
) -> None:
    page = organizer.at(path, language)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    for width in (320, 360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert sideways(page) == 0, width
        if width == 320:
            assert barriers(page, colours=language == "vi") == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_page_with_mistakes_and_doubts_has_no_barrier_either(organizer: Organizer, language: str) -> None:
    page = organizer.at("rule", language)
    page.locator("[name=title-en]").fill("")
    page.locator("[name=outcomes-1-all-0-op]").select_option(">")
    page.locator("[name=outcomes-0-all-0-of]").fill("x")
    page.locator("[value=decide]").click()
    expect(page.locator("#errors li")).to_have_count(2)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        without_barrier(page, colours=language == "vi")
    page.locator("#errors a").last.click()
    expect(page.locator("[name=outcomes-0-all-0-of]")).to_be_focused()
    expect(page.locator("[name=outcomes-0-all-0-of]")).to_have_value("x")


EDITS: list[dict[str, str]] = [
    {"outcomes-0-all-0-of": "3", "outcomes-0-all-0-times": "7"},
    {"n": "12600", "outcomes-1-all-0-op": ">"},
    {"n": "1", "denominator": "summoned"},
    {"levels-2-vi": "Thấp", "levels-2-en": "Low", "outcomes-0-vi": "Một", "outcomes-0-en": "One"},
    {"outcomes-1-all-0-level": "high", "watch-0-all-0-year": "last"},
    {"outcomes-0-all-1-op": ">=", "outcomes-1-all-0-op": ">="},
    {"n": "30", "outcomes-1-all-0-of": "3", "outcomes-1-all-0-times": "2"},
    {"outcomes-0-all-0-of": "1001", "watch-0-all-1-times": ""},
    {"n": "0", "levels-0-en": "", "levels-0-vi": ""},
]


def told(page: Page) -> list[str]:
    """Everything that is said of the rule, as it is read, and the bars."""
    page.wait_for_load_state()
    blocks = page.locator("[data-said], [data-doubts], [data-numbers]").all()
    texts = ["".join((block.text_content() or "").split()) for block in blocks]
    bars = page.locator("[data-numbers] rect").evaluate_all(
        "all => all.map(each => ['x', 'width', 'height', 'fill'].map(name => each.getAttribute(name)).join())"
    )
    return [*texts, *bars]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_the_page_says_while_typing_is_what_the_server_says(organizer: Organizer, language: str) -> None:
    page = organizer.at("rule", language)
    for edit in EDITS if language == "vi" else EDITS[::3]:
        before = told(page)
        for name, value in edit.items():
            field = page.locator(f"[name='{name}']")
            if name == "denominator":
                page.locator(f"[name=denominator][value={value}]").check()
            elif field.evaluate("each => each.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        live = told(page)
        assert live != before, edit
        page.locator("[value=show]").click()
        expect(page.get_by_role("status").first).to_be_visible()
        assert told(page) == live, edit
    assert organizer.rule == Preset.load("local-annual")


def test_a_screen_reader_hears_the_outcome_that_is_changed_and_no_other(organizer: Organizer) -> None:
    page = organizer.at("rule")
    heard = page.locator("[data-heard]")
    page.locator("[name=outcomes-0-all-0-times]").fill("3")
    expect(heard).to_contain_text("more than one third, and less than two thirds, of the ballots returned")
    page.locator("[name=n]").fill("30")
    expect(page.locator("[data-numbers]")).to_contain_text("of 30 ballots returned")
    expect(heard).to_contain_text("of 100 ballots returned: from 34 to 66")


def fill(outcome: Locator, words: str) -> None:
    for name in ("In words, Vietnamese", "In words, English"):
        outcome.get_by_label(name).fill(words)


@pytest.mark.parametrize("script", [True, False])
def test_an_outcome_is_added_moved_and_decided_with_and_without_a_script(
    organizer: Organizer, script: bool
) -> None:
    page = organizer.at("points/rule", script=script)
    page.get_by_role("link", name=re.compile("Copy and edit.*85.2014.QH13")).click()
    page.get_by_role("button", name="Add an outcome").click()
    added = page.get_by_role("group", name="Outcome 3", exact=True)
    fill(added, "A warning")
    added.get_by_label("Denominator").fill("3")
    added.get_by_role("button", name="Move up").click()
    moved = page.get_by_role("group", name="Outcome 2", exact=True)
    expect(moved.get_by_label("In words, English")).to_have_value("A warning")
    assert page.url.endswith("#outcomes-1")
    moved.get_by_role("button", name="Move down").click()
    page.get_by_role("button", name="Work it out anew").click()
    last = page.get_by_role("group", name="Outcome 3", exact=True)
    expect(last).to_contain_text("Of 100 persons summoned: from 34 to 50 “Low confidence”", ignore_case=True)
    page.get_by_role("button", name="Take this rule").click()
    expect(page.get_by_role("status")).to_contain_text("written into the staff log")
    expect(page.get_by_role("heading", name="This round has a rule of its own")).to_be_visible()
    assert [each.words["en"] for each in organizer.rule.outcomes] == [
        "A formal confidence vote",
        "May resign",
        "A warning",
    ]
    assert organizer.rule.outcomes[:2] == copy_of(Preset.load("nq85-2014")).outcomes


def test_a_rule_is_edited_by_keyboard_alone(organizer: Organizer) -> None:
    page = organizer.at("rule", "vi")
    page.get_by_label("Tính cho số phiếu").focus()
    page.keyboard.type("1")
    # Enter asks for an explanation and never decides.
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Chưa có gì được lưu")
    assert organizer.rule == Preset.load("local-annual")
    keys(page.locator("[name=outcomes-0-all-0-op]"), "Tab")
    expect(page.locator("[name=outcomes-0-all-0-of]")).to_be_focused()
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    page.keyboard.type("5")
    expect(page.locator("[data-said=outcomes-0]")).to_contain_text(
        "trên 3/5 và dưới hai phần ba số phiếu thu về"
    )
    keys(page.get_by_role("button", name="Dùng quy tắc này"), "Space")
    page.wait_for_url(re.compile("/points/rule"))
    assert (organizer.rule.outcomes[0].conditions[0].of, organizer.rule.outcomes[0].conditions[0].times) == (
        3,
        5,
    )


def test_a_rule_goes_out_as_a_file_and_comes_back(organizer: Organizer, tmp_path: Path) -> None:
    page = organizer.at("points/rule")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the rule of this round").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "local-annual.toml"
    assert Preset.from_file(file) == organizer.rule
    text = (
        file.read_text("utf-8")
        .replace('name = "local-annual"', 'name = "ours"')
        .replace("times = 3, op", "times = 4, op")
    )
    file.write_text(
        text.replace("A local proposal", "Ours, after a local proposal").replace(
            "Đề xuất", "Của chúng tôi, theo đề xuất"
        ),
        "utf-8",
    )
    page.get_by_label("A rule from a file").set_input_files(file)
    page.get_by_role("button", name="Take the rule of the file").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "Title of the rule, Vietnamese: These are the words of a rule of the house"
    )
    text = (
        file.read_text("utf-8")
        .replace("Lấy phiếu tín nhiệm hằng năm", "Quy tắc của chúng tôi")
        .replace("Annual confidence vote", "Our rule")
    )
    file.write_text(text, "utf-8")
    page.get_by_label("A rule from a file").set_input_files(file)
    page.get_by_role("button", name="Take the rule of the file").click()
    expect(page.get_by_role("heading", name="This round has a rule of its own")).to_be_visible()
    assert organizer.rule == Preset.from_file(file)
    assert organizer.rule.title["en"] == "Our rule"
