"""After a voter, at each step and killed there, the files of the browser's profile hold neither code nor
marks (docs/protocol.md 8.11).

Real browsers, real folders, kill -9. The code is typed: an address that is opened with a code in its fragment
stands in the browser's own history, which no page can prevent (8.12).
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from playwright.sync_api import Page, Playwright

from surveys.protocol.codes import read_code
from surveys.protocol.transcript import transcript
from tests.client.node import node
from tests.journeys.browsers import chromium, own_chromium
from tests.journeys.polls import SURVEY, Polls, open_polls
from tests.journeys.profile import Profile
from tests.journeys.voter import Voter


@pytest.fixture(scope="module")
def polls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polls]:
    with open_polls(Path(tmp_path_factory.mktemp("polls"))) as opened:
        yield opened


@contextmanager
def killed(driver: Playwright, folder: Path) -> Iterator[Page]:
    """A page of a Chromium with its profile in this folder; the browser is killed at the end."""
    with own_chromium(driver, folder, chromium("a killed browser's profile")) as browser:
        yield browser.contexts[0].new_page()


def enter(page: Page, address: str, code: str) -> Voter:
    """The code typed inside the page."""
    voter = Voter(page, "en")
    page.goto(address)
    voter.sees("code")
    page.get_by_label("Your code").fill(code)
    page.keyboard.press("Enter")
    return voter


SECONDS = 60


def written(page: Page, there: Callable[[], object] = lambda: True) -> None:
    """Let the browser write down what it wants to: it does so some seconds after a change, and on a busy
    machine later; so wait also until this is `there` in the folder.
    """
    page.wait_for_timeout(6000)
    for _ in range(SECONDS):
        # Meanwhile the browser moves its files about: one that is gone is looked for in the next second.
        with suppress(FileNotFoundError):
            if there():
                return
        page.wait_for_timeout(1000)


@pytest.mark.parametrize(
    ("step", "way"),
    [("review", ""), ("sealed", ""), ("done", ""), ("sealed", "&shared"), ("done", "&shared")],
)
def test_a_killed_chromium_leaves_neither_code_nor_marks(
    polls: Polls, driver: Playwright, tmp_path: Path, step: str, way: str
) -> None:
    code = polls.slip()
    profile = Profile(tmp_path, code, SURVEY)
    with killed(driver, tmp_path) as page:
        voter = enter(page, f"{polls.booth}?lang=en{way}", code)
        voter.goes_to("sealed" if step == "done" else step)
        # What is written and wiped within a few seconds never reaches the disk: it has to be there first.
        written(page, lambda: step == "review" or profile.kept())
        if step == "done":
            voter.cast()
            written(page)
    assert profile.code_found() == []
    assert profile.marks_found() == []
    kept = profile.kept()
    assert (kept == []) == (step == "review"), "before the paper is asked for nothing is kept at all"
    if step == "sealed" and not way:
        with killed(driver, tmp_path) as page:
            again = enter(page, f"{polls.booth}?lang=en", code)
            again.sees("sealed")
            again.cast()


def test_the_first_versions_storage_fails_the_same_search(
    polls: Polls, driver: Playwright, tmp_path: Path
) -> None:
    """The twin: the code in the session's storage, the marks sealed under it."""
    code = polls.slip()
    info = HKDF(hashes.SHA256(), 32, SURVEY, transcript("booth/key"))
    nonce = secrets.token_bytes(12)
    paper = json.dumps({"marks": [3, 0, 1], "token": None}).encode()
    profile = Profile(tmp_path, code, SURVEY)
    sealed = nonce + AESGCM(info.derive(read_code(code))).encrypt(nonce, paper, None)
    with killed(driver, tmp_path) as page:
        page.goto(polls.booth)
        page.evaluate(
            "([code, kept]) => { sessionStorage.setItem('tn-code', code); localStorage.setItem('tn-v1', "
            "kept); }",
            [code, sealed.hex()],
        )
        written(page, lambda: profile.code_found() and profile.kept())  # it was there while somebody marked
        page.evaluate("() => { sessionStorage.clear(); localStorage.clear(); }")
        written(page)
    assert profile.code_found() != []
    assert profile.marks_found() == ["marks"]


@pytest.mark.parametrize("step", ["review", "sealed", "done"])
def test_a_killed_firefox_leaves_neither_code_nor_marks(polls: Polls, tmp_path: Path, step: str) -> None:
    found = next((path for name in ("firefox-esr", "firefox") if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("NO FIREFOX") if os.environ.get("CI") else pytest.skip("NO FIREFOX")
    assert found is not None
    code = polls.slip()
    done = node("tests/firefox_killed.ts", found, polls.booth, code, step, str(tmp_path))
    assert done.returncode == 0, done.stderr
    profile = Profile(tmp_path, code, SURVEY)
    assert profile.session_tells(polls.booth), "the session was written down, and would have told more"
    assert profile.code_found() == []
    assert profile.marks_found() == []
