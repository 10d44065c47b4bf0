"""Unforeseen errors, and workers that are missing or silent, end in words and a way to try again (client
dom/starting, dom/assistant).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from surveys.protocol.codes import write_sheet
from tests.journeys.barriers import patient, without_barrier
from tests.journeys.test_committee import Committee, a_committee
from tests.journeys.test_slips_page import Prepared, prepared  # noqa: F401  (a fixture)

THROWN = "setTimeout(() => { throw new Error('unforeseen') })"
REJECTED = "void Promise.reject(new Error('unforeseen'))"


@pytest.fixture(scope="module")
def committee(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Committee]:
    with a_committee(tmp_path_factory.mktemp("instance")) as made:
        yield made


@pytest.fixture
def narrow(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
    page = context.new_page()
    patient(page)
    yield page
    context.close()


def enter_a_sheet(page: Page) -> None:
    page.get_by_role("button", name="I have a key sheet already").click()
    for number, group in enumerate(write_sheet(bytes(range(32))), 1):
        page.get_by_label(f"Group {number}", exact=True).fill(group)
    page.get_by_role("button", name="Go on").click()


@pytest.mark.parametrize("error", [THROWN, REJECTED])
def test_a_member_is_told_and_tries_again(committee: Committee, narrow: Page, error: str) -> None:
    narrow.goto(committee.link(1))
    expect(narrow.get_by_role("heading", name="Make your key sheet")).to_be_visible()
    expect(narrow.locator("#unstarted")).to_have_count(0)
    narrow.evaluate(f"() => {{ {error} }}")
    expect(narrow.get_by_role("alert")).to_contain_text("This device has signed nothing; try again.")
    without_barrier(narrow)
    narrow.get_by_role("button", name="Try again").click()
    expect(narrow.get_by_role("heading", name="Make your key sheet")).to_be_visible()


def test_a_worker_that_does_not_start_is_told_and_another_one_is_tried(
    committee: Committee, narrow: Page
) -> None:
    narrow.route("**/trustee-worker.js*", lambda route: route.abort())
    narrow.goto(committee.link(2))
    enter_a_sheet(narrow)
    expect(narrow.get_by_role("alert")).to_contain_text("This device has signed nothing")
    narrow.unroute("**/trustee-worker.js*")
    narrow.get_by_role("button", name="Try again").click()
    expect(narrow.get_by_role("heading", name="Nothing for you to do now")).to_be_visible()
    expect(narrow.get_by_role("row", name="2. Hai").get_by_role("cell").first).to_have_text("done")


def test_a_silent_worker_is_not_waited_for_for_ever(committee: Committee, narrow: Page) -> None:
    """The page's clock is the test's: two minutes and a bit."""
    narrow.route(
        "**/trustee-worker.js*", lambda route: route.fulfill(body="", content_type="text/javascript")
    )
    narrow.clock.install()
    narrow.goto(committee.link(3))
    enter_a_sheet(narrow)
    expect(narrow.get_by_role("heading", name="Making the commitment…")).to_be_visible()
    narrow.clock.run_for(100_000)
    expect(narrow.get_by_role("alert")).to_have_count(0)
    narrow.clock.run_for(40_000)
    expect(narrow.get_by_role("alert")).to_contain_text("the worker is silent")


def test_an_organizer_keeps_the_slips(prepared: Prepared, narrow: Page) -> None:  # noqa: F811
    narrow.goto(prepared.link)
    narrow.get_by_role("button", name="Make 18 slips").click()
    expect(narrow.locator(".slip-sheets li")).to_have_count(18)
    code = narrow.locator(".slip-code").first.inner_text()
    narrow.evaluate(f"() => {{ {THROWN} }}")
    expect(narrow.get_by_role("alert")).to_contain_text("The slips are still on this page")
    narrow.get_by_role("button", name="Try again").click()
    expect(narrow.locator(".slip-code").first).to_have_text(code)


def test_an_auditor_is_told_that_there_is_no_verdict(narrow: Page, address: str, tmp_path: Path) -> None:
    narrow.route("**/audit-worker.js*", lambda route: route.abort())
    narrow.goto(f"{address}/en/verify")
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(b"anything")
    narrow.set_input_files("#file", bundle)
    expect(narrow.get_by_role("alert")).to_contain_text("there is no verdict")
    expect(narrow.get_by_role("button", name="Load the page again")).to_be_visible()
