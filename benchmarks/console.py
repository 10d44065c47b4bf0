"""A new user's way from the demo's Excel file to an open round of the whole organisation: clicks and seconds:
`python -m benchmarks.console`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.journeys.browsers import CHROMIUM, FLAGS
from tests.journeys.test_console import an_office, journey


def main(unit: str) -> None:
    """The journey of the test, over this unit."""
    found = next(path for name in CHROMIUM if (path := shutil.which(name)))
    with sync_playwright() as playwright, an_office(Path(tempfile.mkdtemp())) as office:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        clicks, seconds = journey(office, browser, unit)
        browser.close()
    sys.stdout.write(f"{unit}: {clicks} clicks, {seconds:.0f} s from the invitation to open polls\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "KHOI")
