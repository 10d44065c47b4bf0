"""How long the second verifier takes over a whole bundle in Chromium, how long a member's whole check before
cosigning takes in the committee's page, and whether both pages answer meanwhile.

`python -m benchmarks.verifying BUNDLE`. Served from this process on the loopback, with the bundle's members
as what a server has for a committee. The slowest answer is the longest time that a task of ten milliseconds
waited in the page; beside it stands what it waited in an empty page of the same browser, which is the
machine's part. What the page itself works, by the processors' clock, is the same on a busy machine.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.measured import machine, report, spent
from surveys.committee.checking import examine
from surveys.protocol.codes import write_sheet
from tests.journeys.barriers import patient

ROOT = Path(__file__).resolve().parents[1]
MOST_MINUTES = 10
SHELL = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Measured</title>
<script type="module" src="/static/build/{script}.js"></script></head><body>
<div id="band"></div><main id="{script}" data-worker="/static/build/{script}-worker.js" {data}></main></body></html>
"""
PAGES = {
    "/": SHELL.format(
        script="audit",
        data='data-language="en" data-board="" data-bundle="" data-size="" data-sha256="" '
        'data-title-vi="" data-title-en=""',
    ),
    "/empty": "<!doctype html><title>Empty</title>",
    "/k/demo/": SHELL.format(
        script="trustee",
        data='data-base="/k/demo" data-results="" data-program="measured" data-decoder=""',
    ),
}
# What a member's page hears of a board that waits to be cosigned. That nobody has committed is not so; but
# then any sheet is the right one, and the check does not ask.
STATE = {
    "trustee": 1,
    "names": ["A", "B", "C"],
    "threshold": 2,
    "stage": "cosign",
    "attempt": 1,
    **{
        each: [] for each in ("commits", "deals", "confirms", "cosigned", "shares", "certified", "complaints")
    },
    "definition": "",
    "manifest": None,
    "ballots": None,
    "sums": None,
    "busy": None,
    "failed": None,
}
Run = Callable[[Page, Path], None]
WATCH = """() => {
  window.slowest = 0;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    window.slowest = Math.max(window.slowest, now - last - 10);
    last = now;
  }, 10);
}"""
VERDICT = (
    """() => !["Verifying", "Check a count"].includes(document.querySelector("h1").textContent.trim())"""
)


class Served(SimpleHTTPRequestHandler):
    """The built client, a page around each program of it, and a member's documents."""

    members: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
        """A page, a document, or a file of the client."""
        path = self.path.split("?")[0]
        if path in PAGES:
            self._answer("text/html; charset=utf-8", PAGES[path].encode())
        elif path == "/k/demo/state":
            self._answer("application/json", json.dumps(STATE).encode())
        elif path.startswith("/k/demo/"):
            self._answer("application/octet-stream", self.members[path.rsplit("/", 1)[1]])
        else:
            super().do_GET()

    def _answer(self, kind: str, raw: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def chromium() -> str:
    """The browser of this system. Ends the run where there is none."""
    found = next(
        filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None
    )
    return found or sys.exit("no Chromium found")


def verifier(page: Page, bundle: Path) -> None:
    """The verifier's page, from the file to the verdict."""
    page.set_input_files("input[type=file]", bundle)
    page.wait_for_function(VERDICT, timeout=MOST_MINUTES * 60_000)


def member(page: Page, _: Path) -> None:
    """The committee's page, from the download to the words that are compared before the signature."""
    page.get_by_role("button", name="Download and check the board").click()
    page.locator(".words").wait_for(timeout=MOST_MINUTES * 60_000)


def with_sheet(page: Page) -> None:
    """A member who has typed the sheet."""
    page.get_by_role("button", name="Enter my key sheet").click()
    for number, group in enumerate(write_sheet(bytes(range(32))), 1):
        page.get_by_label(f"Group {number}", exact=True).fill(group)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Download and check the board").wait_for()


def ready(page: Page) -> None:
    """A page that takes a file."""
    page.wait_for_selector("input[type=file]", state="attached")


def measured(
    browser: Browser, site: str, path: str, prepare: Callable[[Page], None], run: Run, bundle: Path
) -> dict[str, object]:
    """Seconds and slowest answers of one page."""
    page, empty = browser.new_page(), browser.new_page()
    empty.goto(f"{site}/empty")
    patient(page)
    page.goto(f"{site}{path}")
    prepare(page)
    page.evaluate(WATCH)
    empty.evaluate(WATCH)
    worked = _worked(page)
    begun = time.perf_counter()
    run(page, bundle)
    seconds = time.perf_counter() - begun
    slowest, alone = (each.evaluate("() => window.slowest") for each in (page, empty))
    title, share = page.locator("h1").first.inner_text(), worked() / seconds
    for each in (page, empty):
        each.close()
    return {
        "ends with": title,
        "seconds": round(seconds, 1),
        "slowest answer in ms": round(slowest),
        "of an empty page": round(alone),
        "the page's own work, of the time": f"{100 * share:.1f} %",
        "load": round(os.getloadavg()[0], 1),
    }


def _worked(page: Page) -> Callable[[], float]:
    """Asks for the seconds of a processor that the page's own thread has worked since."""
    said = page.context.new_cdp_session(page)
    said.send("Performance.enable", {"timeDomain": "threadTicks"})

    def now() -> float:
        metrics = said.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))

    begun = now()
    return lambda: now() - begun


def command(bundle: Path) -> dict[str, object]:
    """A member's check on the command line, with the workers that `surveys trustee count` has."""
    with zipfile.ZipFile(bundle) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    took = spent(lambda: examine(members, jobs=os.cpu_count() or 1))
    return {"seconds": round(took.wall, 1), "of processors": round(took.cpu, 1)}


@contextmanager
def served(bundle: Path) -> Iterator[str]:
    """The pages around this bundle, on the loopback."""
    with zipfile.ZipFile(bundle) as opened:
        Served.members = {Path(name).stem: opened.read(name) for name in opened.namelist()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Served, directory=str(ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def main() -> None:
    """A line for each page and for the command line: seconds and the slowest answers."""
    path, where = Path(sys.argv[1]), machine()
    found: dict[str, dict[str, object]] = {"member, command line": command(path)}
    with served(path) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        where["browser"] = browser.version
        found["verifier, page"] = measured(browser, site, "/", ready, verifier, path)
        found["member, page"] = measured(browser, site, "/k/demo/?lang=en#link", with_sheet, member, path)
        browser.close()
    columns = ["of processors", *found["member, page"]]
    rows = [[name, *(str(said.get(column, "")) for column in columns)] for name, said in found.items()]
    title = f"{path.name}, load {where['load_before'][0]:.1f} on {where['processors']} processors"
    report("verifying", title, ["", *columns], rows, {"machine": where, **found})


if __name__ == "__main__":
    main()
