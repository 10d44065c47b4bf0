"""A Chromium of its own process and profile folder, for whoever needs one: killed, old, with a camera, with a
resolver of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright

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


def chromium(missed: str) -> str:
    """The Chromium that is here. Where there is none, `missed` did not run: said loudly, and on CI a
    failure.
    """
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        said = f"NO CHROMIUM: {missed} did not run"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    return found


# What is waited for comes; on a machine that is busy with other things it comes late. Milliseconds.
PATIENCE = 90_000


def with_patience(browser: Browser) -> Browser:
    """The same browser, whose pages wait that long for what they are told to do."""
    made = browser.new_context

    def new_context(**options: Any) -> BrowserContext:
        context = made(**options)
        context.set_default_timeout(PATIENCE)
        return context

    browser.new_context = new_context  # type: ignore[method-assign]
    for context in browser.contexts:
        context.set_default_timeout(PATIENCE)
    return browser


@contextmanager
def own_chromium(driver: Playwright, folder: Path, program: str, *flags: str) -> Iterator[Browser]:
    """A Chromium with its profile in this folder; it is killed at the end, with all its processes."""
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [
                program,
                *FLAGS,
                *flags,
                f"--user-data-dir={folder}",
                "--remote-debugging-port=0",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
        try:
            ends = time.monotonic() + PATIENCE / 1000
            while (address := _listening(said)) is None and time.monotonic() < ends:
                time.sleep(0.05)
            assert address is not None, "the browser did not start"
            yield with_patience(driver.chromium.connect_over_cdp(address))
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _listening(said: TextIO) -> str | None:
    """Where a browser listens, as it says itself."""
    said.seek(0)
    found = re.search(r"DevTools listening on ws://([0-9.:]+)/", said.read())
    return None if found is None else f"http://{found.group(1)}"
