"""Voters at the booth in a real browser: the whole way, its privacy, its weight, its speed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ViewportSize, expect

from surveys.audit.receipts import find_receipt
from surveys.box.board import returned
from surveys.cli import main
from surveys.names import RoundId
from surveys.protocol.codes import write_code
from surveys.roll.attendance import attendance
from surveys.web.unchanging import FOR_EVER
from tests.journeys.polls import SURVEY, Polls, open_polls
from tests.journeys.voter import Voter
from tests.pace import within
from tests.stores.pdfs import a_pdf

PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def polls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polls]:
    with open_polls(Path(tmp_path_factory.mktemp("polls"))) as opened:
        yield opened


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, locale="vi-VN")
    troubles: list[str] = []
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    context.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    yield context
    context.close()
    assert troubles == [], "the browser complained"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_whole_way_has_no_barrier(polls: Polls, browser: Browser, language: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, locale=f"{language}-VN")
    voter = Voter.at(context, f"{polls.booth}#{polls.slip()}", language)
    voter.sees("welcome")
    expect(voter.page.locator("html")).to_have_attribute("lang", language)
    voter.without_barrier(colours=language == "vi")
    voter.begin()
    voter.without_barrier(colours=language == "vi")
    voter.mark(1, 0, 3)
    voter.big.click()
    voter.sees("review")
    voter.without_barrier(colours=language == "vi")
    voter.big.click()
    voter.sees("sealed")
    voter.without_barrier(colours=language == "vi")
    voter.page.locator("button.second").click()
    voter.sees("opened")
    voter.without_barrier(colours=language == "vi")
    voter.big.click()
    voter.sees("sealed")
    voter.cast()
    voter.without_barrier(colours=language == "vi")
    context.close()


def test_a_voter_needs_less_than_twenty_seconds_and_gets_one_final_state(
    polls: Polls, phone: BrowserContext
) -> None:
    before = sum(returned(polls.stores.engines.box(RoundId(SURVEY.hex())), 1))
    with within(20, time.monotonic):
        voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
        tracker = voter.vote(1, 2, 0)
    assert sum(returned(polls.stores.engines.box(RoundId(SURVEY.hex())), 1)) == before + 1
    with voter.page.expect_download() as kept:
        voter.page.get_by_role("button", name="Lưu giấy xác nhận").click()
    page = Path(kept.value.path()).read_text("utf-8")
    promise = find_receipt(page)
    promise.check(polls.open.manifest.definition.box_key)
    assert write_code(promise.digest[:10]) == tracker
    assert tracker in page
    assert f"{polls.booth}receipt" in page
    link = voter.page.get_by_role("link", name="Kiểm tra giấy xác nhận đã lưu")
    with phone.expect_page() as opened:
        link.click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Kiểm tra giấy xác nhận")
    opened.value.set_input_files("#file", kept.value.path())
    expect(opened.value.locator("#answer")).to_contain_text("phiếu đang nằm trong hòm")
    voter.sees("done")
    assert page.count("<svg") == 1
    assert "Tín nhiệm cao" not in page
    assert "<script" not in page


def test_a_voter_taps_once_for_each_leader_and_four_times_more(polls: Polls, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.add_init_script(
        "window.taps = 0; addEventListener('pointerdown', () => { window.taps += 1; }, true);"
    )
    voter = Voter(page)
    page.goto(f"{polls.booth}#{polls.slip()}")
    voter.vote(1, 2, 3)
    assert page.evaluate("window.taps") == 4 + 3


def test_a_typed_code_forgives_looks_and_catches_typos(polls: Polls, phone: BrowserContext) -> None:
    voter = Voter.at(phone, polls.booth)
    voter.sees("code")
    voter.without_barrier()
    code = polls.slip()
    swapped = code[1] + code[0] + code[2:] if code[0] != code[1] else code[:-1]
    for typed, said in ((code[:-3], "Đây chưa phải là một mã"), (swapped, "Có một ký tự sai")):
        voter.settles()
        voter.page.get_by_label("Mã của bạn").fill(typed)
        voter.page.get_by_role("button", name="Tiếp tục").click()
        expect(voter.page.get_by_role("alert")).to_contain_text(said)
    assert [r for r in voter.requests if r.method == "POST"] == []
    voter.settles()
    forgiven = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    voter.page.get_by_label("Mã của bạn").fill(forgiven)
    voter.page.keyboard.press("Enter")
    voter.sees("welcome")


def test_nothing_leaves_between_the_paper_and_the_cast_but_the_ballot(
    polls: Polls, phone: BrowserContext
) -> None:
    code = polls.slip()
    voter = Voter.at(phone, f"{polls.booth}#{code}")
    voter.begin()
    assert code not in voter.page.url
    voter.page.wait_for_load_state("networkidle")
    before = len(voter.requests)
    voter.mark(2, 3, 1)
    voter.seal()
    voter.page.wait_for_load_state("networkidle")
    assert [r.url.rpartition("/")[2] for r in voter.requests[before:]] == ["issue"]
    voter.cast()
    site = polls.site + "/b/"
    for request in voter.requests:
        assert request.url.startswith(site)
        headers = request.all_headers()
        assert "cookie" not in headers
        assert "referer" not in headers
        assert code.replace("-", "").lower() not in (request.url + str(request.post_data_buffer)).lower()
        assert voter.tracker.replace("-", "") not in request.url
        answer = request.response()
        assert answer is not None
        static = request.url.startswith(f"{site}static/")
        assert answer.all_headers()["cache-control"] == (FOR_EVER if static else "no-store")
        assert "set-cookie" not in answer.all_headers()
    assert phone.cookies() == []


def test_no_paper_is_asked_for_before_the_review_is_confirmed(polls: Polls, phone: BrowserContext) -> None:
    before = sum(panel.issued for panel in attendance(polls.stores.engines.roll(RoundId(SURVEY.hex()))))
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    voter.begin()
    voter.mark(1, 2, 3)
    voter.big.click()
    voter.sees("review")
    assert (
        sum(panel.issued for panel in attendance(polls.stores.engines.roll(RoundId(SURVEY.hex())))) == before
    )
    assert voter.page.evaluate("Object.keys(localStorage)") == []
    voter.big.click()
    voter.sees("sealed")
    assert (
        sum(panel.issued for panel in attendance(polls.stores.engines.roll(RoundId(SURVEY.hex()))))
        == before + 1
    )


def test_every_voter_of_a_panel_sends_the_same_number_of_bytes(polls: Polls, phone: BrowserContext) -> None:
    sizes = set()
    for marks in ((1, 1, 1), (3, 2, 1), (0, 0, 0)):
        voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
        voter.vote(*marks)
        posts = [r for r in voter.requests if r.method == "POST"]
        sizes.add(tuple(len(r.post_data_buffer or b"") for r in posts))
        voter.page.get_by_role("button", name="Xong, rời trang này").click()
        voter.page.close()
    assert len(sizes) == 1


def test_a_challenged_ballot_is_checked_elsewhere(
    polls: Polls, phone: BrowserContext, tmp_path: Path
) -> None:
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    voter.begin()
    voter.mark(1, 0, 3)
    voter.seal()
    tracker = voter.tracker
    voter.page.get_by_role("button", name="Kiểm tra phiếu này").click()
    voter.sees("opened")
    assert voter.tracker == tracker
    with voter.page.expect_download() as kept:
        voter.page.get_by_role("button", name="Lưu tệp kiểm tra").click()
    file, manifest = tmp_path / "check.json", tmp_path / "manifest.json"
    file.write_bytes(Path(kept.value.path()).read_bytes())
    manifest.write_bytes(polls.open.manifest.encode())
    said = CliRunner().invoke(main, ["check-ballot", str(file), "--manifest", str(manifest)])
    assert said.exit_code == 0
    assert tracker in said.output
    link = voter.page.get_by_role("link", name="Mở trang kiểm tra").get_attribute("href")
    elsewhere = Voter.at(phone, polls.site + str(link))
    expect(elsewhere.page.locator(".marks dd")).to_have_text(
        ["Tín nhiệm cao", "Không đánh dấu", "Tín nhiệm thấp"]
    )
    assert elsewhere.tracker == tracker
    assert "#" not in elsewhere.page.url, "the opening has left the address"
    elsewhere.without_barrier()
    other = json.loads(file.read_text("utf-8"))
    other["choices"][1] = 1
    file.write_text(json.dumps(other, separators=(",", ":"), sort_keys=True))
    elsewhere.page.set_input_files("#file", file)
    expect(elsewhere.page.get_by_role("alert")).to_contain_text("8.8, opening.choices[1]")
    before = sum(returned(polls.stores.engines.box(RoundId(SURVEY.hex())), 1))
    voter.big.click()
    voter.sees("sealed")
    assert voter.tracker != tracker
    voter.cast()
    assert sum(returned(polls.stores.engines.box(RoundId(SURVEY.hex())), 1)) == before + 1


def test_a_later_ballot_takes_the_place_of_the_earlier_one(polls: Polls, phone: BrowserContext) -> None:
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    first = voter.vote(1, 1, 1)
    count = returned(polls.stores.engines.box(RoundId(SURVEY.hex())), 1)
    voter.page.get_by_role("button", name="Bỏ phiếu lại").click()
    voter.sees("marking")
    assert voter.page.locator("input:checked").count() == 0
    voter.mark(3, 3, 3)
    voter.seal()
    voter.cast()
    assert voter.tracker != first
    assert returned(polls.stores.engines.box(RoundId(SURVEY.hex())), 1) == count
    second = voter.tracker
    voter.page.locator(".band").get_by_role("button", name="Tra cứu mã xác nhận").click()
    expect(voter.page.get_by_label("Mã xác nhận")).to_have_value(second)
    for tracker, said in ((second, "Có: phiếu này nằm trong hòm phiếu"), (first, "Không có")):
        voter.settles()
        voter.page.get_by_label("Mã xác nhận").fill(tracker)
        voter.page.get_by_role("button", name="Tra cứu", exact=True).click()
        expect(voter.page.locator("#answer")).to_contain_text(said)
    voter.without_barrier()


def test_a_shared_device_is_wiped_for_the_next_voter(polls: Polls, phone: BrowserContext) -> None:
    voter = Voter.at(phone, f"{polls.booth}?shared#{polls.slip()}")
    tracker = voter.vote(2, 2, 2)
    voter.without_barrier()
    voter.big.click()
    voter.sees("code")
    assert tracker not in voter.page.content()
    assert voter.page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]") == []
    voter.page.get_by_label("Mã của bạn").fill(polls.slip())
    voter.page.keyboard.press("Enter")
    voter.vote(1, 0, 0)


def test_the_language_changes_without_losing_a_mark(polls: Polls, phone: BrowserContext) -> None:
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    voter.begin()
    voter.mark(1, 2, 3)
    voter.page.get_by_role("button", name="English").click()
    voter.language = "en"
    voter.sees("marking")
    assert voter.page.locator("input:checked").count() == 3
    voter.without_barrier()


def test_the_way_is_possible_by_keyboard_alone(polls: Polls, phone: BrowserContext) -> None:
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    voter.sees("welcome")
    expect(voter.page.get_by_role("heading", level=1)).to_be_focused()
    press = voter.page.keyboard.press
    press("Tab")
    press("Enter")
    voter.sees("marking")
    press("Tab")  # the criteria
    press("Tab")
    press("Space")
    press("ArrowDown")
    assert voter.page.locator("#row-0-2").is_checked()
    voter.big.focus()
    press("Enter")
    voter.sees("review")
    voter.big.focus()
    press("Enter")
    voter.sees("sealed")
    press("Tab")
    press("Enter")
    voter.sees("done")


def test_photo_and_self_report_are_shown_where_a_leader_left_them(
    polls: Polls, phone: BrowserContext, tmp_path: Path
) -> None:
    picture = tmp_path / "photo.png"
    Image.new("RGB", (400, 500), "navy").save(picture)
    polls.exhibits.keep_photo(0, picture.read_bytes())
    polls.exhibits.keep_report(1, a_pdf())
    voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
    voter.sees("welcome")
    voter.page.wait_for_load_state("networkidle")
    voter.big.click()
    voter.sees("marking")
    expect(voter.page.locator("img.photo")).to_have_count(1)
    expect(voter.page.locator("img.photo")).to_have_js_property("naturalWidth", 288)
    report = voter.page.get_by_role("link", name="Báo cáo của người được lấy phiếu")
    address = str(report.get_attribute("href"))
    assert address.startswith("blob:"), "opening it asks the server for nothing"
    voter.without_barrier()


def test_a_round_of_one_ballot_offers_no_second(tmp_path: Path, phone: BrowserContext) -> None:
    with open_polls(tmp_path, voters=6, revoting=False) as polls:
        voter = Voter.at(phone, f"{polls.booth}#{polls.slip()}")
        voter.vote(1, 1, 1)
        assert voter.page.get_by_role("button", name="Bỏ phiếu lại").count() == 0
