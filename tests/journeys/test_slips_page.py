"""The organizer makes slips in the browser: codes stay there and on paper, the roll is frozen with their public keys."""

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
from surveys.organisation.register import import_organisation
from surveys.protocol.codes import read_code
from surveys.protocol.secret.slip_key import slip_key
from surveys.roll.listing import read_roll
from surveys.rounds import drafts, ledger
from surveys.rounds.states import State
from surveys.settings import Settings
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.web.clients import built_clients
from tests.journeys.barriers import without_barrier
from tests.journeys.polls import SURVEY
from tests.journeys.test_slip_sheets import INSIDE
from tests.organisations import a_bloc, some_terms
from tests.served import served


@dataclass
class Prepared:
    """A draft whose organizer has a link."""

    stores: Stores
    keyring: Keyring
    link: str


@pytest.fixture
def prepared(tmp_path: Path) -> Iterator[Prepared]:
    from datetime import UTC, datetime

    settings = Settings(instance=tmp_path)
    stores, keyring = Stores(settings.stores), Keyring.fresh()
    stores.migrate_app()
    import_organisation(stores.app, keyring, a_bloc(), confirmed=False)
    drafts.save_draft(stores.app, keyring, some_terms(SURVEY, clients=built_clients().named))
    token = make_link(stores.app, SURVEY.hex(), Purpose.OFFICE, 0, datetime.now(UTC), 1)
    with served(make_site(settings, stores, keyring)) as port:
        yield Prepared(stores, keyring, f"http://127.0.0.1:{port}/o/{SURVEY.hex()}/#{token}")
    stores.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="vi-VN")
    page = context.new_page()
    page.add_init_script("window.print = () => { window.printedPages = (window.printedPages ?? 0) + 1 }")
    yield page
    context.close()


def test_slips_are_made_printed_and_frozen_and_no_code_reaches_the_server(
    prepared: Prepared, desk: Page
) -> None:
    sent: list[str] = []
    desk.on("request", lambda request: sent.append(request.url + str(request.post_data)))
    desk.goto(prepared.link)
    expect(desk.get_by_text("A2: chỉ có 2 người ghi phiếu")).to_be_visible()
    without_barrier(desk)
    desk.get_by_role("button", name="Tạo 18 giấy mời").click()
    expect(desk.locator(".slip-sheets li")).to_have_count(18)
    without_barrier(desk)
    assert desk.locator(".slip-sheets li").evaluate_all(INSIDE) is True
    freeze = desk.get_by_role("button", name="Chốt danh sách")
    expect(freeze).to_be_disabled()
    desk.get_by_role("button", name="In giấy mời").click()
    assert desk.evaluate("window.printedPages") == 1
    assert len(re.findall(rb"/Type ?/Page\b", desk.pdf(prefer_css_page_size=True, format="A4"))) == 3
    with desk.expect_download() as kept:
        desk.get_by_role("button", name="Lưu danh sách mã").click()
    rows = list(csv.DictReader(io.StringIO(Path(kept.value.path()).read_text("utf-8-sig"))))
    freeze.click()
    expect(desk.get_by_text("Danh sách đã chốt")).to_be_visible(timeout=30_000)
    without_barrier(desk)
    codes = [row["code"] for row in rows]
    assert len(set(codes)) == 18
    assert all(row["link"].endswith(f"/b/{SURVEY.hex()}/#{row['code']}") for row in rows)
    keys = {key for panel in read_roll(prepared.stores.roll(SURVEY.hex())).panels for key in panel}
    assert {slip_key(read_code(code), SURVEY).public for code in codes} == keys
    for code in codes:
        raw = read_code(code)
        assert not [text for text in sent if code in text or raw.hex() in text]
    assert ledger.find(prepared.stores.app, prepared.keyring, SURVEY.hex()).state is State.FROZEN
    desk.reload()
    expect(desk.get_by_text("Danh sách đã chốt")).to_be_visible()


def test_a_lost_slip_is_replaced_on_the_page(prepared: Prepared, desk: Page) -> None:
    desk.goto(prepared.link)
    desk.get_by_role("button", name="Tạo 18 giấy mời").click()
    desk.get_by_role("button", name="In giấy mời").click()
    desk.get_by_role("button", name="Chốt danh sách").click()
    expect(desk.get_by_text("Danh sách đã chốt")).to_be_visible(timeout=30_000)
    desk.get_by_label("Mã người ghi phiếu").fill("nobody")
    desk.get_by_role("button", name="Tạo giấy mới").click()
    expect(desk.get_by_role("alert")).to_contain_text("Không có người ghi phiếu nào")
    desk.get_by_label("Mã người ghi phiếu").fill("A1-02")
    desk.get_by_role("button", name="Tạo giấy mới").click()
    expect(desk.get_by_text("Giấy mới của Người A1 2")).to_be_visible()
    without_barrier(desk)
    (code,) = desk.locator(".slip-code").all_inner_texts()
    (replaced,) = read_roll(prepared.stores.roll(SURVEY.hex())).replaced
    assert replaced.new == slip_key(read_code(code), SURVEY).public


def test_a_lost_connection_while_freezing_keeps_the_slips(prepared: Prepared, desk: Page) -> None:
    desk.goto(prepared.link)
    desk.get_by_role("button", name="Tạo 18 giấy mời").click()
    desk.get_by_role("button", name="In giấy mời").click()
    desk.context.set_offline(True)
    desk.get_by_role("button", name="Chốt danh sách").click()
    expect(desk.get_by_role("alert")).to_contain_text("Các giấy mời vẫn còn")
    desk.context.set_offline(False)
    desk.get_by_role("button", name="Thử lại").click()
    expect(desk.get_by_text("Danh sách đã chốt")).to_be_visible(timeout=30_000)


def test_a_wrong_link_is_refused_in_words(prepared: Prepared, desk: Page) -> None:
    desk.goto(prepared.link[:-3])
    expect(desk.get_by_role("alert")).to_contain_text("Đường dẫn riêng này không đúng")
    desk.goto("about:blank")
    desk.goto(prepared.link.partition("#")[0])
    expect(desk.get_by_role("alert")).to_contain_text("thiếu phần sau dấu #")
