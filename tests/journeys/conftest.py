"""A real browser on a real server. Where there is no Chromium the journeys are skipped loudly; on CI that is a failure."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from app import create_app
from surveys.settings import Settings
from tests.published import published_round
from tests.served import served

CHROMIUM = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        said = "NO CHROMIUM: the journeys (axe, small screens, keyboard, both languages) did not run"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    # A page that is waited for may take its time: beside other tests on two processors, five seconds are not always enough.
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    stores, keyring = published_round(Path(tmp_path_factory.mktemp("instance")))
    with served(create_app(Settings(), stores, keyring)) as port:
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
