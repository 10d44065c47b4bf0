"""Printed slips: six on an A4 page, nothing cut off, and the QR code leads into the booth."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser

from surveys.instants import read_instant
from surveys.roll.slip_sheets import paper_slip, printed, sheets
from surveys.settings import MOST_CONTACT

ADDRESS = f"https://bophieu.tinh.example.vn/b/{'ab' * 16}/"
INSIDE = """(slips) => slips.every((slip) => {
  const frame = slip.getBoundingClientRect();
  return [...slip.querySelectorAll('*')].every((each) => {
    const at = each.getBoundingClientRect();
    return at.left >= frame.left && at.right <= frame.right && at.bottom <= frame.bottom && at.top >= frame.top;
  });
})"""


def some_sheets(number: int, name: str = "Nguyễn Thị Tên Rất Dài Để Thử Xuống Dòng") -> str:
    slips = [
        paper_slip(
            f"{name} {n}", "Chi bộ Văn phòng Đảng ủy Khối các cơ quan", f"VP-{n:03}", bytes([n] * 10), ADDRESS
        )
        for n in range(number)
    ]
    when = read_instant("2026-12-01T01:00:00Z"), read_instant("2026-12-02T10:30:00Z"), "Asia/Ho_Chi_Minh"
    title = "Lấy phiếu tín nhiệm đối với cán bộ lãnh đạo, quản lý năm 2026"
    address = ADDRESS.partition("ab")[0]
    contact = ("chị Nguyễn Thị Lan, Văn phòng Đảng ủy, máy lẻ 012, 0912 345 678 " * 2)[:MOST_CONTACT]
    return printed(sheets(title, address, bytes([0xAB] * 16), *when, "0123456789abcdef", slips, contact))


def test_six_slips_stand_on_a_page_and_nothing_is_cut_off(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    page.set_content(some_sheets(13))
    assert page.locator("li").evaluate_all(INSIDE) is True
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type ?/Page\b", pdf)) == 3
    page.set_content(some_sheets(12))
    assert len(re.findall(rb"/Type ?/Page\b", page.pdf(prefer_css_page_size=True))) == 2
    page.close()


def test_the_twin_a_slip_that_is_too_full_is_seen(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(some_sheets(2, "Tên " * 120))
    assert page.locator("li").evaluate_all(INSIDE) is False
    page.close()
