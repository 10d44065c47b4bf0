"""A real browser on a real server. Where there is no Chromium the journeys are skipped loudly; on CI that is
a failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from app import Services, create_public_app
from surveys.settings import Settings
from tests.journeys.browsers import FLAGS, PATIENCE, chromium, with_patience
from tests.journeys.polls import Polls, open_polls
from tests.published import published_round
from tests.served import served


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """One driver a process: a second one would find the first one's loop running."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    found = chromium("the journeys (axe, small screens, keyboard, both languages)")
    expect.set_options(timeout=PATIENCE)
    started = driver.chromium.launch(executable_path=found, args=list(FLAGS))
    yield with_patience(started)
    started.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    stores = published_round(Path(tmp_path_factory.mktemp("instance")))
    with served(create_public_app(Services(Settings(), stores))) as port:
        yield f"http://127.0.0.1:{port}"
    stores.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    troubles: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        expected = message.location["url"].endswith("/nothing")
        if message.type in {"error", "warning"} and not expected:
            troubles.append(message.text)

    opened.on("console", listen)
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    yield opened
    context.close()
    assert troubles == [], "the browser complained"


@pytest.fixture(scope="module")
def shared_polls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polls]:
    """Open polls for all tests of a file."""
    with open_polls(Path(tmp_path_factory.mktemp("polls"))) as opened:
        yield opened


@pytest.fixture
def polls(tmp_path: Path) -> Iterator[Polls]:
    """Polls that a test may close."""
    with open_polls(tmp_path, voters=6) as opened:
        yield opened


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A small phone whose pages must not break."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    troubles: list[str] = []
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    yield context
    context.close()
    assert troubles == [], "the page broke"
