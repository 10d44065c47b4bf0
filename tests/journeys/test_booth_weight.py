"""What the booth costs a phone: bytes that come, and the time in which a voter waits for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Response
from playwright.sync_api import Browser, CDPSession, Request, ViewportSize

from surveys.names import RoundId
from surveys.rehearsal.demo_organisation import CELLS, demo_organisation
from surveys.roll.attendance import attendance
from surveys.web.unchanging import Unchanging
from tests.journeys.polls import SURVEY, open_polls
from tests.journeys.voter import Voter
from tests.pace import slower

PHONE: ViewportSize = {"width": 360, "height": 740}


def test_the_booth_is_light(browser: Browser, tmp_path: Path) -> None:
    """Figures: a voter of the demo's 410 panels loads at most 90 kB to the receipt, of it 20 kB of the
    manifest before marking.

    Everything counts that comes over the wire, headers included: page, styles, scripts, the worker's too, and
    data.
    """
    with open_polls(tmp_path, organisation=demo_organisation()) as polls:
        manifest = polls.open.manifest
        assert len(manifest.definition.panels) == CELLS
        context = browser.new_context(viewport=PHONE)
        loaded: dict[str, int] = {}

        def count(request: Request) -> None:
            answer, sizes = request.response(), request.sizes()
            assert answer is not None
            # Of a worker's program the browser tells no size.
            body = max(sizes["responseBodySize"], int(answer.headers.get("content-length", 0)))
            name = request.url.removeprefix(polls.booth).removeprefix(f"{polls.site}/b/static/") or "the page"
            name = name.partition("?h=")[0]
            loaded[name] = loaded.get(name, 0) + sizes["responseHeadersSize"] + body

        context.on("requestfinished", count)
        voter = Voter.at(context, f"{polls.booth}?lang=en#{polls.slip()}", "en")
        voter.sees("welcome")
        voter.page.wait_for_load_state("networkidle")
        assert {"head", "form", "build/booth.js", "build/booth-worker.js"} <= set(loaded)
        of_the_manifest, before = loaded["head"] + loaded["form"], sum(loaded.values())
        voter.begin()
        voter.seal()
        voter.cast()
        voter.page.wait_for_load_state("networkidle")
        print(f"head and form {of_the_manifest / 1000:.1f} kB, before marking {before / 1000:.1f} kB,")
        print(f"to the receipt {sum(loaded.values()) / 1000:.1f} kB: {loaded}")
        assert of_the_manifest < 20_000
        assert sum(loaded.values()) < 90_000
        assert not {name for name in loaded if name.endswith((".wasm", "decoder.js", "manifest"))}
        context.close()


def test_a_second_visit_loads_nothing_but_the_votes_data(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, sent = Unchanging.answer, list[str]()

    def told(files: Unchanging, name: str, request: Any) -> Response:
        sent.append(name)
        return answer(files, name, request)

    monkeypatch.setattr(Unchanging, "answer", told)
    with open_polls(tmp_path, voters=6) as polls:
        context, slip = browser.new_context(viewport=PHONE), polls.slip()
        for visit in (1, 2):
            voter = Voter.at(context, f"{polls.booth}?lang=en#{slip}", "en")
            voter.sees("welcome")
            voter.page.wait_for_load_state("networkidle")
            if visit == 1:
                assert {"css/booth.css", "build/booth.js", "build/booth-worker.js"} <= set(sent)
                sent.clear()
            voter.page.close()
        assert sent == []
        context.close()


# The browser slows only a page's own thread, so here the worker's program runs in the page.
IN_THE_PAGE = """
window.Worker = class {
  constructor(address) { this.ready = import(address); }
  async postMessage(job) {
    await this.ready;
    window.postMessage = (sealed) => this.onmessage({ data: sealed });
    window.dispatchEvent(new MessageEvent("message", { data: job }));
  }
  terminate() {}
};
"""


@dataclass
class Waits:
    """How long a voter waits for each next screen: the time of the page's thread, which other work on this
    machine does not lengthen, and the half second in which nothing reacts (client dom/guard).
    """

    voter: Voter
    processor: CDPSession
    took: dict[str, float] = field(default_factory=dict)

    def until(self, screen: str, act: Callable[[], object]) -> None:
        """Do something, and wait for the screen."""
        before = self._spent()
        self._slowed(6)
        act()
        self.voter.sees(screen)
        self._slowed(1)
        self.took[screen] = self._spent() - before + 0.5

    def _slowed(self, times: int) -> None:
        self.processor.send("Emulation.setCPUThrottlingRate", {"rate": times})

    def _spent(self) -> float:
        found = self.processor.send("Performance.getMetrics")["metrics"]
        (seconds,) = [each["value"] for each in found if each["name"] == "TaskDuration"]
        return float(seconds)


def test_a_whole_vote_on_a_slow_phone_is_eight_seconds_of_waiting(browser: Browser, tmp_path: Path) -> None:
    """Figures: Chromium's processor slowed six times, twenty leaders. Of the waiting three seconds at most
    are encrypting.
    """
    with open_polls(tmp_path, voters=22, leaders=20) as polls:
        context = browser.new_context(viewport=PHONE, locale="vi-VN")
        context.add_init_script(IN_THE_PAGE)
        voter = Voter(context.new_page())
        voter.page.goto(f"{polls.site}/b/nothing")  # in the process that will hold the booth
        processor = context.new_cdp_session(voter.page)
        processor.send("Performance.enable", {"timeDomain": "threadTicks"})
        waits, pace = Waits(voter, processor), slower()
        waits.until("welcome", lambda: voter.page.goto(f"{polls.booth}#{polls.slip()}"))
        waits.until("marking", voter.big.click)
        voter.mark(*([1, 2, 3, 0] * 5))
        waits.until("review", voter.big.click)
        waits.until("sealed", voter.big.click)
        waits.until("done", voter.big.click)
        print(f"slowed 6 times, waited {sum(waits.took.values()):.2f} s: {waits.took}")
        assert waits.took["sealed"] < 3 * pace
        assert sum(waits.took.values()) < 8 * pace
        assert [p.issued for p in attendance(polls.stores.engines.roll(RoundId(SURVEY.hex())))] == [1]
        context.close()
