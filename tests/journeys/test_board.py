"""A visitor reads the board and verifies a real bundle in a real browser: by keyboard, on small screens,
without a network, and a tampered one too.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from app import Services, create_public_app
from surveys.audit.bundle import write_bundle
from surveys.audit.report import as_json
from surveys.audit.verifier import verify
from surveys.protocol import merkle
from tests.counted import Counted, counted_vote
from tests.journeys.barriers import patient, without_barrier
from tests.journeys.keyboard import keys
from tests.published import MARKUP
from tests.served import served

GOOD = {"vi": "Mọi mục kiểm tra đều đạt", "en": "Every check holds"}
BAD = {"vi": "Gói kiểm tra không đạt", "en": "The bundle does not hold"}


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    made = counted_vote(tmp_path_factory.mktemp("counted") / "instance")
    yield made
    made.stores.close()


@pytest.fixture(scope="module")
def site(counted: Counted) -> Iterator[str]:
    with served(create_public_app(Services(counted.settings, counted.stores))) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def tampered(counted: Counted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle with one bit of one ballot turned: everything else is as it was."""
    with zipfile.ZipFile(counted.bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    board = bytearray(members["board.bin"])
    board[4 + int.from_bytes(board[:4], "big") - 200] ^= (
        2  # in the first ballot's token, which its tracker is not over
    )
    path = tmp_path_factory.mktemp("tampered") / "bundle.zip"
    write_bundle(path, {**members, "board.bin": bytes(board)})
    return path


@pytest.fixture
def page(page: Page) -> Page:
    """A page whose visitor waits until it reacts."""
    patient(page)
    return page


def choose(page: Page, file: Path) -> None:
    expect(page.locator("#file")).to_be_visible()
    page.set_input_files("#file", str(file))
    expect(page.locator("#verdict")).to_be_visible()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_has_a_barrier_or_scrolls_sideways(
    page: Page, site: str, counted: Counted, tampered: Path, width: int, language: str
) -> None:
    page.on("dialog", lambda dialog: pytest.fail("a name ran as a script"))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site}/{language}/rounds/{counted.round_id}/board")
    without_barrier(page, colours=language == "vi")
    page.locator("details summary").first.click()
    expect(page.locator("details dl code").first).to_be_visible()
    without_barrier(page, colours=language == "vi")
    page.goto(f"{site}/{language}/rounds/{counted.round_id}/verify")
    expect(page.locator("button.big")).to_be_visible()
    without_barrier(page, colours=language == "vi")
    choose(page, tampered)
    expect(page.get_by_role("heading", level=1)).to_have_text(BAD[language])
    without_barrier(page, colours=language == "vi")


def test_a_visitor_finds_a_code_and_reads_its_proof_by_keyboard_alone(
    page: Page, site: str, counted: Counted
) -> None:
    page.goto(f"{site}/vi/")
    expect(page.get_by_role("link", name="Bảng phiếu: những gì đã niêm phong")).to_be_visible()
    keys(page.get_by_role("link", name="Bảng phiếu: những gì đã niêm phong"), "Enter")
    page.wait_for_url("**/board")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Bảng phiếu: {MARKUP}")
    expect(page.locator(".codes li")).to_have_count(18)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    code = page.locator(".codes li span:not(.quiet)").nth(3).inner_text()
    # The browser's own search, as a person would use it.
    assert page.evaluate("code => window.find(code) && String(getSelection())", code) == code
    keys(page.locator("details summary").first, "Enter")
    head = page.locator("details dl code").first
    expect(head).to_be_visible()
    leaves = [bytes.fromhex(text) for text in page.locator(".codes li code").all_inner_texts()]
    root = page.locator("#sealed ~ dl.facts code").first.inner_text()
    assert merkle.root_of_hashes(leaves).hex() == head.inner_text() == root
    assert [request.url for request in asked] == []


def test_a_visitor_downloads_and_verifies_the_bundle_by_keyboard_and_a_tampered_one_fails(
    page: Page, site: str, counted: Counted, tampered: Path, tmp_path: Path
) -> None:
    page.goto(f"{site}/en/rounds/{counted.round_id}/board")
    keys(page.get_by_role("link", name="Verify it in this browser"), "Enter")
    page.wait_for_url("**/verify")
    button = page.get_by_role("button", name="Download and verify")
    keys(button, "Enter")
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(GOOD["en"])
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_text("This is the very bundle that was published here.")).to_be_visible()
    assert page.locator(".verdict.passed").count() == 40
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the report").click()
    saved = json.loads(Path(download.value.path()).read_text("utf-8"))
    # The very report of the first verifier, but for the hash of the file.
    first = json.loads(as_json(verify(counted.bundle, jobs=1)))
    assert saved.pop("bundle_sha256") in page.content()
    assert saved == first
    page.get_by_role("button", name="Verify another file").click()
    choose(page, tampered)
    expect(page.get_by_role("heading", level=1)).to_have_text(BAD["en"])
    said = page.locator("#verdict").inner_text()
    assert said.startswith("Check 8.3 failed: Each ballot has an issued paper. At: board[0].token.")
    expect(page.get_by_text("This is not the bundle that was published here")).to_be_visible()
    failed = page.locator("tr:has(.verdict.failed) th").all_inner_texts()
    assert tuple(failed) == verify(tampered, jobs=1).failed


def test_it_verifies_without_a_network_and_asks_for_nothing(
    browser: Browser, site: str, counted: Counted, tampered: Path
) -> None:
    context = browser.new_context()
    page = context.new_page()
    patient(page)
    page.goto(f"{site}/vi/verify")
    expect(page.locator("#file")).to_be_visible()
    page.wait_for_load_state("networkidle")
    context.set_offline(True)
    asked: list[Request] = []
    context.on("request", lambda request: asked.append(request))
    for file, title in ((counted.bundle, GOOD), (tampered, BAD), (counted.bundle, GOOD)):
        choose(page, file)
        expect(page.get_by_role("heading", level=1)).to_have_text(title["vi"])
        page.get_by_role("button", name="Kiểm tra tệp khác").click()
    assert [request.url for request in asked] == []
    context.close()


def test_the_other_language_keeps_the_verdict(page: Page, site: str, tampered: Path) -> None:
    page.goto(f"{site}/vi/verify")
    choose(page, tampered)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(BAD["en"])
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title() == f"{BAD['en']} – Tín Nhiệm"


def test_a_file_that_is_no_bundle_gets_a_verdict_too(page: Page, site: str, tmp_path: Path) -> None:
    page.goto(f"{site}/en/verify")
    (tmp_path / "empty.zip").write_bytes(b"")
    expect(page.locator("#file")).to_be_visible()
    page.set_input_files("#file", str(tmp_path / "empty.zip"))
    expect(page.get_by_role("alert")).to_have_text("This file is empty. Choose an audit bundle.")
    (tmp_path / "no.zip").write_bytes(b"not a zip" * 9)
    choose(page, tmp_path / "no.zip")
    assert page.locator("#verdict").inner_text().startswith("Check 14.1 failed")
    assert page.locator(".verdict.not-reached").count() == 39


def test_a_bundle_that_is_not_offered_any_more_is_said_so(
    browser: Browser, site: str, counted: Counted
) -> None:
    context = browser.new_context()
    page = context.new_page()
    patient(page)
    page.route("**/bundle.zip", lambda route: route.fulfill(status=403, body="no"))
    page.goto(f"{site}/en/rounds/{counted.round_id}/verify")
    page.locator("button.big").click()
    expect(page.get_by_role("alert")).to_contain_text("does not offer this round's bundle")
    context.close()
