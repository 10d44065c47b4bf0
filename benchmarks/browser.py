"""The browser's programs as a voter, a member and an auditor wait for them: `make bench-browser`.

The booth is loaded from a real server over the loopback, with Chromium's processor as it is and slowed six
times, on a fast network and on one of 400 kbit/s and 400 ms, at a first and at a second visit. Then the whole
check of a member and the verifier's page, over a bundle: of the demo's vote, which is rehearsed first, or of
the file that is named. Chromium slows a page's own thread and network, not its workers: those are as fast as
the machine is.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from benchmarks import verifying
from benchmarks.measured import machine, report
from tests.journeys.barriers import patient
from tests.journeys.polls import Polls, open_polls
from tests.journeys.voter import TITLES

NETWORKS = {"as it is": None, "400 kbit/s, 400 ms": (400_000 / 8, 400.0)}
SLOWED = (1, 6)
LEADERS = 20


def main(driver: Playwright, bundle: Path | None, leaders: int, slowed: Sequence[int]) -> dict[str, Any]:
    """Measure booth, member and verifier; the facts that were written. Without a bundle only the booth."""
    where = machine()
    with tempfile.TemporaryDirectory() as scratch:
        browser = driver.chromium.launch(executable_path=verifying.chromium(), args=["--no-sandbox"])
        version = browser.version
        with open_polls(Path(scratch), voters=leaders + 2, leaders=leaders) as polls:
            booths = [
                visit
                for times in slowed
                for network in NETWORKS
                for visit in _visits(browser, polls, times, network)
            ]
        checks = [] if bundle is None else _checks(browser, bundle, slowed)
        browser.close()
    facts = {"machine": where, "chromium": version, "leaders": leaders, "booth": booths, "checks": checks}
    rows = [
        (f"booth, visit {each['visit']}", f"{each['slowed']}×", each["network"], f"{each['ready, s']:.1f}",
         f"{each['page, s of a processor']:.1f}", str(each["requests"]), f"{each['kB']:.0f}")
        for each in booths
    ]  # fmt: skip
    rows += [
        (each["what"], f"{each['slowed']}×", "as it is", f"{each['seconds']}", "", "", "") for each in checks
    ]
    columns = ("page", "slowed", "network", "ready, s", "of processors, s", "requests", "kB")
    report("browser", f"Chromium {version}, {leaders} leaders", columns, rows, facts)
    return facts


def _visits(browser: Browser, polls: Polls, slowed: int, network: str) -> Iterator[dict[str, Any]]:
    """A voter's first visit, and the second with what the browser has kept."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    slip = polls.slip()
    for visit in (1, 2):
        found = _visit(context, f"{polls.booth}#{slip}", slowed, network)
        yield {"visit": visit, "slowed": slowed, "network": network, **found}
    context.close()


def _visit(context: BrowserContext, address: str, slowed: int, network: str) -> dict[str, Any]:
    page = context.new_page()
    patient(page)
    said = context.new_cdp_session(page)
    came: dict[str, float] = {}
    kept: set[str] = set()

    def answered(event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            kept.add(event["requestId"])

    said.on("Network.responseReceived", answered)
    said.on("Network.requestServedFromCache", lambda event: kept.add(event["requestId"]))
    said.on(
        "Network.loadingFinished",
        lambda event: came.__setitem__(event["requestId"], event["encodedDataLength"]),
    )
    said.send("Network.enable")
    said.send("Performance.enable", {"timeDomain": "threadTicks"})
    limits = NETWORKS[network]
    if limits is not None:
        each = {"downloadThroughput": limits[0], "uploadThroughput": limits[0], "latency": limits[1]}
        said.send("Network.emulateNetworkConditions", {"offline": False, **each})
    said.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    begun = time.perf_counter()
    page.goto(address)
    page.locator("h1", has_text=TITLES["vi"]["welcome"]).wait_for(timeout=120_000)
    seconds = time.perf_counter() - begun
    metrics = said.send("Performance.getMetrics")["metrics"]
    worked = next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")
    page.close()
    sent = {number: size for number, size in came.items() if number not in kept}
    return {
        "ready, s": seconds,
        "page, s of a processor": worked,
        "requests": len(sent),
        "kB": sum(sent.values()) / 1000,
    }


def _checks(browser: Browser, bundle: Path, slowed: Sequence[int]) -> list[dict[str, Any]]:
    with verifying.served(bundle) as site:
        return [
            {"what": what, "slowed": times, **run(times)}
            for what, run in (
                ("a member's check", partial(_check, browser, site, bundle, "/k/demo/?lang=en#link")),
                ("the verifier", partial(_check, browser, site, bundle, "/")),
            )
            for times in slowed
        ]


def _check(browser: Browser, site: str, bundle: Path, path: str, slowed: int) -> dict[str, object]:
    def prepare(page: Page) -> None:
        (verifying.ready if path == "/" else verifying.with_sheet)(page)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})

    run = verifying.verifier if path == "/" else verifying.member
    return verifying.measured(browser, site, path, prepare, run, bundle)


def rehearsed(folder: Path) -> Path:
    """The bundle of the demo's vote, made by the commands that make it for everybody."""
    surveys, organisation = Path(sys.executable).with_name("surveys"), folder / "demo.xlsx"
    for words in (
        ("demo", "--out", organisation),
        ("rehearse", "--organisation", organisation, "--year", "2026", "--out", folder / "out"),
    ):
        subprocess.run([surveys, *words], check=True)
    return folder / "out" / "bundle.zip"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--leaders", type=int, default=LEADERS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tin-nhiem-browser-") as made:
        measured = asked.bundle or rehearsed(Path(made))
        with sync_playwright() as playwright:
            main(playwright, measured, asked.leaders, SLOWED)
