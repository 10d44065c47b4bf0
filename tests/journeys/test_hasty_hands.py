"""Four taps where one was meant, on the pages of committee, slips and audit: only the first reaches anything
(client dom/guard).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.fingers import DEAF
from tests.journeys.test_committee import Committee, a_committee
from tests.journeys.test_slips_page import Prepared, prepared  # noqa: F401  (a fixture)

# Counts the clicks that nobody has stopped on their way.
COUNTING = "window.reached = 0; document.addEventListener('click', () => { window.reached += 1; });"
SIZES = ({"width": 360, "height": 740}, {"width": 1280, "height": 900})
ACTS = """([x, y]) => [-9, 0, 9].flatMap((right) => [-9, 0, 9].map((down) =>
  document.elementFromPoint(x + right, y + down)?.closest("[data-acts]"))).filter(Boolean).length"""


@pytest.fixture(scope="module")
def committee(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Committee]:
    with a_committee(tmp_path_factory.mktemp("instance")) as made:
        yield made


@pytest.fixture(params=SIZES, ids=lambda size: str(size["width"]))
def hasty(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=request.param, locale="en-GB")
    page = context.new_page()
    page.add_init_script(COUNTING)
    yield page
    context.close()


def four_taps(button: Locator) -> tuple[int, int]:
    """How many of four taps within a fifth of a second reach something, and what acts lies under the finger
    then.
    """
    page = button.page
    expect(page.locator("main[data-quiet]")).to_have_count(0)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate("window.reached = 0")
    page.mouse.click(x, y, click_count=4, delay=40)
    reached: int = page.evaluate("window.reached")
    under: int = page.evaluate(ACTS, [x, y])
    return reached, under


def test_a_member_s_four_taps_are_one(committee: Committee, hasty: Page) -> None:
    hasty.goto(committee.link(1))
    assert four_taps(hasty.get_by_role("button", name="I have a key sheet already"))[0] == 1
    expect(hasty.get_by_role("heading", name="Enter your key sheet")).to_be_visible()
    expect(hasty.get_by_role("alert")).to_have_count(0)
    reached, under = four_taps(hasty.get_by_role("button", name="Back"))
    assert (reached, under) == (1, 0)


def test_the_twin_without_the_guard_all_of_them_arrive(committee: Committee, hasty: Page) -> None:
    hasty.add_init_script(DEAF)
    hasty.goto(committee.link(1))
    assert four_taps(hasty.get_by_role("button", name="I have a key sheet already"))[0] == 4


def test_an_organizer_s_four_taps_are_one(prepared: Prepared, hasty: Page) -> None:  # noqa: F811
    hasty.goto(prepared.link)
    reached, under = four_taps(hasty.get_by_role("button", name="Make 18 slips"))
    assert (reached, under) == (1, 0)
    expect(hasty.locator(".slip-sheets li")).to_have_count(18)
    expect(hasty.get_by_label("I hold all 18 printed slips")).not_to_be_checked()


def test_an_auditor_s_four_taps_are_one(hasty: Page, address: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.zip"
    empty.write_bytes(b"no bundle")
    hasty.goto(f"{address}/en/verify")
    hasty.set_input_files("#file", empty)
    again = hasty.get_by_role("button", name="Verify another file")
    expect(again).to_be_visible()
    assert four_taps(again)[0] == 1
    expect(hasty.get_by_role("heading", level=1)).to_have_text("Verify a count")
