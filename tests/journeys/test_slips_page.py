"""The organizer makes slips in the browser: codes stay there and on paper, the roll is frozen with their
public keys.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app import make_site
from surveys.accounts.links import Purpose, make_link
from surveys.names import RoundId
from surveys.organisation.register import import_organisation
from surveys.protocol.codes import read_code, short_code
from surveys.protocol.secret.slip_key import slip_key
from surveys.roll.listing import read_roll
from surveys.roll.slip_sheets import paper_slip, printed, sheets
from surveys.rounds import drafts, ledger
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.store import Stores
from surveys.web.clients import built_clients
from tests.journeys.barriers import patient, without_barrier
from tests.journeys.polls import SURVEY
from tests.journeys.test_slip_sheets import INSIDE
from tests.organisations import a_bloc, some_terms
from tests.served import served


@dataclass
class Prepared:
    """A draft whose organizer has a link."""

    stores: Stores
    link: str


@pytest.fixture
def prepared(tmp_path: Path) -> Iterator[Prepared]:
    from datetime import UTC, datetime

    settings = Settings(instance=tmp_path, contact="anh Tú, 0987 654 321")
    stores = Stores(Engines(settings.stores), Keyring.fresh())
    stores.engines.migrate_app()
    import_organisation(stores.app, a_bloc(), confirmed=False)
    drafts.save_draft(stores.app, some_terms(SURVEY, clients=built_clients().named))
    token = make_link(stores.engines.app, RoundId(SURVEY.hex()), Purpose.OFFICE, 0, datetime.now(UTC), 1)
    with served(make_site(settings, stores)) as port:
        yield Prepared(stores, f"http://127.0.0.1:{port}/o/{SURVEY.hex()}/#{token}")
    stores.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="vi-VN")
    page = context.new_page()
    page.add_init_script("window.print = () => { window.printedPages = (window.printedPages ?? 0) + 1 }")
    patient(page)
    yield page
    context.close()


def leaving_is_asked(page: Page) -> bool:
    """Whether the page would ask before it is closed."""
    asked: bool = page.evaluate("!dispatchEvent(new Event('beforeunload', { cancelable: true }))")
    return asked


def test_slips_are_made_printed_and_frozen_and_no_code_reaches_the_server(
    prepared: Prepared, desk: Page
) -> None:
    sent: list[str] = []
    desk.on("request", lambda request: sent.append(request.url + str(request.post_data)))
    desk.goto(prepared.link)
    expect(desk.get_by_text("A2: chỉ có 2 người ghi phiếu")).to_be_visible()
    assert desk.url == prepared.link.partition("#")[0], "the token has left the address"
    without_barrier(desk)
    desk.get_by_role("button", name="Tạo 18 giấy mời").click()
    expect(desk.locator(".slip-sheets li")).to_have_count(18)
    without_barrier(desk)
    assert desk.locator(".slip-sheets li").evaluate_all(INSIDE) is True
    freeze = desk.get_by_role("button", name="Chốt danh sách")
    expect(freeze).to_be_disabled()
    desk.get_by_role("button", name="In giấy mời").click()
    assert desk.evaluate("window.printedPages") == 1
    expect(
        freeze
    ).to_be_disabled()  # a print dialog may have been cancelled: what counts is what the organizer holds
    assert len(re.findall(rb"/Type ?/Page\b", desk.pdf(prefer_css_page_size=True, format="A4"))) == 3
    with desk.expect_download() as kept:
        desk.get_by_role("button", name="Lưu danh sách mã").click()
    rows = list(csv.DictReader(io.StringIO(Path(kept.value.path()).read_text("utf-8-sig"))))
    desk.get_by_label("Tôi đang cầm đủ 18 giấy mời").check()
    freeze.click()
    expect(desk.get_by_text("Danh sách đã chốt")).to_be_visible()
    without_barrier(desk)
    # The sheets stay until one has been read by a camera, and then go when the organizer says so.
    expect(desk.locator(".slip-sheets li")).to_have_count(18)
    clear = desk.get_by_role("button", name="xóa giấy mời khỏi trang này")
    expect(clear).to_be_disabled()
    assert leaving_is_asked(desk)
    desk.get_by_label("Tôi đã đưa một giấy trước camera").check()
    assert not leaving_is_asked(desk)
    clear.click()
    expect(desk.locator(".slip-sheets li")).to_have_count(0)
    codes = [row["code"] for row in rows]
    assert len(set(codes)) == 18
    assert {row["person"] for row in rows} >= {"A1-01", "A1-02"}, "two of one name can be told apart"
    assert all(row["link"].endswith(f"/b/{SURVEY.hex()}/#{row['code']}") for row in rows)
    keys = {
        key
        for panel in read_roll(prepared.stores.engines.roll(RoundId(SURVEY.hex()))).panels
        for key in panel
    }
    assert {slip_key(read_code(code), SURVEY).public for code in codes} == keys
    for code in codes:
        raw = read_code(code)
        assert not [text for text in sent if code in text or raw.hex() in text]
    assert ledger.find(prepared.stores.app, RoundId(SURVEY.hex())).state is State.FROZEN
    desk.reload()
    expect(desk.get_by_text("Danh sách đã chốt")).to_be_visible()


def test_a_lost_slip_is_replaced_on_the_page(prepared: Prepared, desk: Page) -> None:
    desk.goto(prepared.link)
    desk.get_by_role("button", name="Tạo 18 giấy mời").click()
    desk.get_by_label("Tôi đang cầm đủ 18 giấy mời").check()
    desk.get_by_role("button", name="Chốt danh sách").click()
    expect(desk.get_by_text("Danh sách đã chốt")).to_be_visible()
    desk.get_by_label("Mã người ghi phiếu").fill("nobody")
    desk.get_by_role("button", name="Tạo giấy mới").click()
    expect(desk.get_by_role("alert")).to_contain_text("Không có người ghi phiếu nào")
    desk.get_by_label("Mã người ghi phiếu").fill("A1-02")
    desk.get_by_role("button", name="Tạo giấy mới").click()
    expect(desk.get_by_text("Giấy mới của Người A1 2")).to_be_visible()
    without_barrier(desk)
    code = desk.locator(".slip-code").all_inner_texts()[0]
    (replaced,) = read_roll(prepared.stores.engines.roll(RoundId(SURVEY.hex()))).replaced
    assert replaced.new == slip_key(read_code(code), SURVEY).public


def test_a_lost_connection_while_freezing_keeps_the_slips(prepared: Prepared, desk: Page) -> None:
    desk.goto(prepared.link)
    desk.get_by_role("button", name="Tạo 18 giấy mời").click()
    desk.get_by_label("Tôi đang cầm đủ 18 giấy mời").check()
    desk.context.set_offline(True)
    desk.get_by_role("button", name="Chốt danh sách").click()
    expect(desk.get_by_role("alert")).to_contain_text("Các giấy mời vẫn còn")
    desk.context.set_offline(False)
    desk.get_by_role("button", name="Thử lại").click()
    expect(desk.get_by_text("Danh sách đã chốt")).to_be_visible()


def test_a_wrong_link_is_refused_in_words(prepared: Prepared, desk: Page) -> None:
    desk.goto(prepared.link[:-3])
    expect(desk.get_by_role("alert")).to_contain_text("Đường dẫn riêng này không đúng")
    desk.reload()
    expect(desk.get_by_role("alert")).to_contain_text("thiếu phần sau dấu #")
    # The right link over the wrong one, in the same tab: only the fragment differs.
    desk.goto(prepared.link)
    expect(desk.get_by_text("A2: chỉ có 2 người ghi phiếu")).to_be_visible()
    desk.reload()
    expect(desk.get_by_text("A2: chỉ có 2 người ghi phiếu")).to_be_visible()
    stored = desk.evaluate("JSON.stringify([{...localStorage}, history.state, location.href])")
    assert prepared.link.partition("#")[2] not in stored


def test_a_slip_is_large_enough_to_be_read_and_says_what_to_do(prepared: Prepared, desk: Page) -> None:
    desk.goto(prepared.link)
    desk.get_by_role("button", name="Tạo 18 giấy mời").click()
    first = desk.locator(".slip-sheets li").first
    expect(first).to_contain_text("anh Tú, 0987 654 321")  # as the installation says
    desk.get_by_label("Ai giúp người ghi phiếu?").fill("chị Lan, 0912 345 678")
    expect(first).not_to_contain_text("anh Tú")
    expect(first).to_contain_text("Mở camera, quét mã này.")
    expect(first).to_contain_text("chị Lan, 0912 345 678")
    expect(first).to_contain_text("Mã số / No.: A1-01")
    expect(first).to_contain_text(f"/b/{short_code(SURVEY)}")
    assert SURVEY.hex() not in first.inner_text(), "nobody types 32 digits"
    sizes = first.locator("*").evaluate_all(
        "(all) => all.map((each) => parseFloat(getComputedStyle(each).fontSize))"
    )
    assert min(sizes) >= 12, "9 pt are 12 pixels"
    assert desk.locator(".slip-sheets li").evaluate_all(INSIDE) is True


def test_the_sheets_of_the_command_say_the_same(prepared: Prepared, desk: Page) -> None:
    """The twin in Python, from the same voters."""
    desk.goto(prepared.link)
    desk.get_by_role("button", name="Tạo 18 giấy mời").click()
    shown = desk.locator(".slip-sheets li").first.locator("p").all_inner_texts()
    name, unit, code = shown[1], shown[2], shown[8]
    address = prepared.link.replace("/o/", "/b/").partition("#")[0]
    terms = some_terms(SURVEY, clients=built_clients().named)
    slip = paper_slip(name, unit, "A1-01", read_code(code), address)
    when = terms.opens, terms.closes, terms.time_zone
    booths = address.removesuffix(f"{SURVEY.hex()}/")
    client = dict(terms.clients)["booth"].hex()
    page = desk.context.new_page()
    page.set_content(
        printed(sheets(terms.title_vi, booths, SURVEY, *when, client, [slip], "anh Tú, 0987 654 321"))
    )
    made = page.locator("li p").all_inner_texts()
    same = [i for i in range(len(shown)) if not shown[i].startswith(("Mở / ", "Đóng / "))]
    assert [text for text in made if not text.startswith("Mở / ")] == [shown[i] for i in same]
