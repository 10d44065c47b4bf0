"""Passwords: what anybody would try first is refused, and nothing else is."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from surveys.accounts.errors import WeakPassword
from surveys.accounts.passwords import check_password

KNOWN = ("Nguyễn Thị Chức", "chuc.nguyen@example.org")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "eleven char",
        "x1y2z3" * 34,
        "aaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "abcdefghijklmn",
        "123456789012",
        "987654321098",
        "matkhau12345",
        "Mật khẩu 2026!",
        "M@tkh@u2026!!",
        "P@$$w0rd2026",
        "qwertyuiop123",
        "hanoi-vietnam",
        "Đảng bộ 2026 Hà Nội",
        "nguyenthichuc1",
        "Chức Nguyễn 2026",
        "chuc.nguyen@example.org",
    ],
)
def test_what_anybody_would_try_first_is_refused(password: str) -> None:
    for written in {password, normalize("NFD", password), password.upper()}:
        with pytest.raises(WeakPassword):
            check_password(written, *KNOWN)


@pytest.mark.parametrize(
    "password",
    [
        "ba con mèo trên mái",
        "bốn con vịt dưới ao",
        "correct horse battery staple",
        "q8!Zr2#vT0pL",
        "vietnam, my grandmother's garden",
        "4815162342 chuyến tàu",
        "chức năng của cái máy bơm",
        "🌊🌾🐃🏮🌙⭐🍃🎋🪷🐟🛶🌴",
    ],
)
def test_a_long_password_of_ones_own_is_taken(password: str) -> None:
    for written in {password, normalize("NFD", password)}:
        check_password(written, *KNOWN)


def test_what_is_known_of_one_person_is_not_held_against_another() -> None:
    check_password("nguyenthichuc1", "Lê Văn Bảy", "bay@example.org")
