"""A saved receipt on its page in a real browser (docs/protocol.md 9.5): before sealing and after, and the box
that cheats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from surveys.audit.receipts import find_receipt
from surveys.box.receipts import load_box_key
from surveys.names import RoundId
from surveys.protocol.codes import write_code
from surveys.protocol.receipt import Promise
from tests.journeys.barriers import without_barrier
from tests.journeys.polls import SURVEY, Polls
from tests.journeys.voter import Voter


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 320, "height": 740}, locale="vi-VN")
    yield context
    context.close()


def voted(polls: Polls, context: BrowserContext, folder: Path) -> Path:
    """Somebody votes and saves the receipt."""
    voter = Voter.at(context, f"{polls.booth}#{polls.slip()}")
    voter.vote(1, 2, 3)
    with voter.page.expect_download() as kept:
        voter.page.get_by_role("button", name="Lưu giấy xác nhận").click()
    file = folder / "receipt.html"
    file.write_bytes(Path(kept.value.path()).read_bytes())
    voter.page.close()
    return file


def dropped(polls: Polls) -> Promise:
    """What a box promises and does not keep: signed by its own key, of a ballot that is nowhere."""
    key = load_box_key(polls.stores.box(RoundId(SURVEY.hex())))
    digest, ballot_key, manifest = bytes(range(32)), bytes(range(1, 33)), polls.open.manifest.hash
    return Promise(manifest, digest, ballot_key, 1, key.sign_receipt(manifest, digest, ballot_key, 1))


def pasted(page: Page, text: str, said: str) -> None:
    page.get_by_label("TNR1.").fill(text)
    page.get_by_role("button", name=re.compile("Kiểm tra|Check")).click()
    expect(page.locator("#answer")).to_contain_text(said)


def test_a_saved_receipt_is_judged_where_it_says(polls: Polls, phone: BrowserContext, tmp_path: Path) -> None:
    file = voted(polls, phone, tmp_path)
    promise, lost = find_receipt(file.read_text("utf-8")), dropped(polls)
    (named,) = set(re.findall(r"http://[^<]*/receipt", file.read_text("utf-8")))
    page, asked = phone.new_page(), list[Request]()
    page.on("request", lambda request: asked.append(request))
    page.goto(named)
    without_barrier(page)
    page.set_input_files("#file", file)
    expect(page.locator("#answer")).to_contain_text("phiếu đang nằm trong hòm")
    expect(page.locator(".tracker strong")).to_have_text(write_code(promise.digest[:10]))
    pasted(page, lost.write(), "bây giờ phiếu không có trong hòm")
    expect(page.locator("#answer")).to_contain_text("Nếu bạn đã bỏ phiếu lại sau đó")
    expect(page.locator("#answer")).to_contain_text("surveys check-receipt RECEIPT BUNDLE")
    without_barrier(page)
    page.screenshot(path=tmp_path / "nowhere.png", full_page=True)
    pasted(page, replace(promise, sequence=promise.sequence + 1).write(), "không ký giấy xác nhận này")
    pasted(page, replace(promise, manifest=bytes(32)).write(), "Của đợt khác")
    pasted(page, promise.write()[:-1], "Không tìm thấy đúng một giấy xác nhận")
    sent = [(each.method, each.url, each.post_data) for each in asked]
    assert {method for method, _, _ in sent} == {"GET"}
    assert not any(promise.write() in url or promise.digest.hex()[:8] in url for _, url, _ in sent)
    polls.shut()
    polls.seal()
    page.get_by_role("button", name="English").click()
    without_barrier(page, colours=False)
    pasted(page, promise.write(), "Counted: this ballot is on the sealed board, at place 1 of 1")
    pasted(page, lost.write(), "the ballot is not among the 1 on the sealed board")
    expect(page.locator("#answer")).to_contain_text("If you did not vote again: keep this receipt")


def test_a_server_that_says_what_it_cannot_prove_is_not_believed(
    polls: Polls, phone: BrowserContext, tmp_path: Path
) -> None:
    file = voted(polls, phone, tmp_path)
    polls.shut()
    polls.seal()
    page = phone.new_page()

    def lie(route: Route) -> None:
        told = route.fetch().json()
        route.fulfill(json=told | {"leaves": []})

    page.route("**/trackers/*", lie)
    page.goto(f"{polls.booth}receipt")
    page.set_input_files("#file", file)
    expect(page.locator("#answer")).to_contain_text("chứng minh không đúng")
    page.unroute("**/trackers/*")  # the twin: the same receipt and the server's own words
    page.reload()
    page.set_input_files("#file", file)
    expect(page.locator("#answer")).to_contain_text("Đã được tính")


def test_the_page_for_a_mangled_link_has_no_barrier(
    polls: Polls, phone: BrowserContext, tmp_path: Path
) -> None:
    page = phone.new_page()
    page.goto(f"{polls.booth}%23{polls.slip()}")
    without_barrier(page)
    page.screenshot(path=tmp_path / "lost.png", full_page=True)
    expect(page.get_by_role("heading", level=1)).to_contain_text("chưa đưa bạn vào")


def test_a_full_stop_behind_the_code_is_not_part_of_it(polls: Polls, phone: BrowserContext) -> None:
    for behind in (".", ",%20", "%20."):
        voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}{behind}")
        voter.sees("welcome")
        voter.page.close()
