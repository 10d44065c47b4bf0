"""A key sheet before the camera: a browser whose camera shows a drawn QR code takes the sheet, and says when
it is something else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from surveys.protocol.codes import write_sheet
from surveys.rounds.states import State
from tests.journeys.barriers import patient, without_barrier
from tests.journeys.browsers import chromium, own_chromium
from tests.journeys.test_camera import film
from tests.journeys.test_committee import Committee, Member, a_committee
from tests.pace import slower


@pytest.fixture(scope="module")
def committee(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Committee]:
    with a_committee(tmp_path_factory.mktemp("instance")) as made:
        yield made


@contextmanager
def before_the_camera(driver: Playwright, folder: Path, text: str) -> Iterator[Page]:
    """A member's page whose camera sees this text."""
    flags = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film(folder / 'film.y4m', text)}",
    )
    with own_chromium(driver, folder / "profile", chromium("the camera"), *flags) as browser:
        page = browser.contexts[0].new_page()
        page.set_viewport_size({"width": 360, "height": 740})
        patient(page)
        yield page


def test_the_sheet_is_taken(committee: Committee, driver: Playwright, tmp_path: Path) -> None:
    sheet = " ".join(write_sheet(bytes(range(32))))
    with before_the_camera(driver, tmp_path, sheet) as page:
        page.goto(committee.link(1))
        page.get_by_role("button", name="I have a key sheet already").click()
        page.get_by_role("button", name="Scan the QR code on the sheet").click()
        expect(page.get_by_role("heading", name="Nothing for you to do now")).to_be_visible()
        expect(page.get_by_role("row", name="1. Một").get_by_role("cell").first).to_have_text("done")


def test_something_else_is_no_sheet_and_typing_is_a_button_away(
    committee: Committee, driver: Playwright, tmp_path: Path
) -> None:
    with before_the_camera(driver, tmp_path, "https://example.vn/") as page:
        page.goto(committee.link(2))
        page.get_by_role("button", name="I have a key sheet already").click()
        page.get_by_label("Group 3", exact=True).fill("ABC")
        page.get_by_role("button", name="Scan the QR code on the sheet").click()
        expect(page.locator("#scanned")).to_have_text("This QR code is no key sheet.")
        without_barrier(page)
        page.get_by_role("button", name="Type instead").click()
        expect(page.get_by_label("Group 3", exact=True)).to_have_value("ABC")


def test_three_members_with_cameras_finish_the_ceremony_in_two_minutes(
    driver: Playwright, tmp_path: Path
) -> None:
    """Figure. Each prints a sheet and holds it before the camera; one browser plays all three."""
    flags = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film(tmp_path / 'film.y4m', 'nothing yet')}",
    )
    with (
        a_committee(tmp_path / "instance") as committee,
        own_chromium(driver, tmp_path / "profile", chromium("the camera"), *flags) as browser,
    ):
        began = time.monotonic()
        members = [Member.at(browser, committee.link(number)) for number in (1, 2, 3)]
        for member in members:
            member.press("Make my key sheet")
            member.sees("Where to keep it")
            film(tmp_path / "film.y4m", " ".join(member.page.locator("ol.sheet li").all_inner_texts()))
            member.press("I have printed or copied it")
            member.press("Scan the QR code on the sheet")
            expect(member.page.get_by_role("heading", name="Scan the QR code")).to_have_count(0)
            expect(member.page.get_by_label("Group 1", exact=True)).to_have_count(0)
        for member in members:
            member.press("The syllables are the same, I confirm")
        for member in members:
            member.sees("The ceremony is finished")
        took = time.monotonic() - began
        print(f"ceremony of three, sheets scanned: {took:.1f} s")
        assert took < 120 * slower(time.monotonic)
        assert committee.state is State.CONFIRMED
