"""Text typed for old fonts is found and given back; Vietnamese in Unicode, and what is no Vietnamese at all,
is left alone.
"""

from __future__ import annotations

import shutil
import subprocess
import unicodedata

import pytest

from surveys.spreadsheets.encodings import as_name, meanings, read_as, written_in
from surveys.spreadsheets.fonts import encoding_of
from surveys.spreadsheets.syllables import can_be_vietnamese, words_of

NAMES = [
    "Nguyễn Thị Ánh", "Trần Văn Bình", "Lê Ước", "Đặng Thị Hoa", "Vũ Ngọc Quỳnh", "Hoàng Diệu Huyền", "Bùi Xuân Trường",
    "Phó Bí thư Đảng ủy", "Giám đốc Sở Nội vụ", "Trưởng phòng", "Đỗ Khuê", "Lý Quốc Tuấn", "Hồ Ngoan Ngoãn", "Đảng bộ Khối các cơ "
                                                                                                             "quan tỉnh",
    "Nghiêm Xuân Thuỷ", "Khổng Loan", "Quách Khuyến khuya khuỷu", "Nguyễn Ưởng", "Phan Thuý Kiều", "Tạ Quang Bửu", "Ông Ích Khiêm",
]  # fmt: skip
FOREIGN = [
    "José Müller",
    "Y Bliă Niê",
    "Ksor Phước",
    "K'Brêo",
    "Krông Ana",
    "François Hollande",
    "Angström Å",
    "Hoà",
    "Lê Thò",
    "R&D",
    "№ 5",
    "50 °C",
]


def western(raw: bytes) -> str:
    return "".join(
        bytes([b]).decode("cp1252") if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(b) for b in raw
    )


def in_cp1258(text: str) -> str:
    out = []
    for letter in text:
        apart = unicodedata.normalize("NFD", letter)
        tones = [mark for mark in apart if mark in "\u0300\u0301\u0303\u0309\u0323"]
        plain = unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in tones))
        out.append(letter if _fits(letter) else plain + "".join(tones))
    return western("".join(out).encode("cp1258"))


def _fits(letter: str) -> bool:
    try:
        letter.encode("cp1258")
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize("name", NAMES)
def test_names_are_vietnamese_as_they_stand(name: str) -> None:
    assert all(map(can_be_vietnamese, words_of(name)))
    assert meanings(name) == ()


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_no_vietnamese_is_left_alone(name: str) -> None:
    assert meanings(name) == ()


@pytest.mark.parametrize(
    ("typed", "encoding", "meant"),
    [
        ("NguyÔn ThÞ ¸n", "tcvn3", "Nguyễn Thị án"),
        ("TrÇn V¨n B×nh", "tcvn3", "Trần Văn Bình"),
        ("§Æng ThÞ Hoa", "tcvn3", "Đặng Thị Hoa"),
        ("NGUYÔN THÞ LAN", "tcvn3", "NGUYỄN THỊ LAN"),
        ("§¶ng ñy Së Néi vô", "tcvn3", "Đảng ủy Sở Nội vụ"),
        ("Nguyeãn Thò AÙn", "vni", "Nguyễn Thị Án"),
        ("NGUYEÃN VAÊN HUØNG", "vni", "NGUYỄN VĂN HÙNG"),
        ("Ñaûng uûy Khoái", "vni", "Đảng ủy Khối"),
    ],
)
def test_what_was_typed_for_an_old_font_is_given_back(typed: str, encoding: str, meant: str) -> None:
    assert dict(meanings(typed))[encoding] == meant


@pytest.mark.parametrize("name", NAMES)
def test_bytes_read_in_the_wrong_encoding_are_given_back(name: str) -> None:
    assert dict(meanings(western(name.encode())))["utf8"] == name
    old = in_cp1258(name)
    assert old == name or dict(meanings(old)).get("cp1258", name) == name


@pytest.mark.skipif(shutil.which("iconv") is None, reason="no iconv here to hold the tables against")
@pytest.mark.parametrize(("ours", "theirs"), [("tcvn3", "TCVN5712-1"), ("viscii", "VISCII")])
def test_the_tables_agree_with_those_of_the_system(ours: str, theirs: str) -> None:
    compared = 0
    for byte in range(0xA1, 0x100):
        done = subprocess.run(
            ["iconv", "-f", theirs, "-t", "UTF-8"], input=bytes([byte, 10]), capture_output=True, check=False
        )
        said = read_as(western(bytes([byte])), ours)
        if done.returncode == 0 and said is not None and len(said) == 1:
            assert said == done.stdout.decode().rstrip("\n"), hex(byte)
            compared += 1
    assert compared > 70


def test_capitals_that_the_old_encoding_does_not_have_are_put_back_into_names() -> None:
    assert as_name("Nguyễn Thị án") == "Nguyễn Thị Án"
    assert as_name("NGUYỄN THỊ á") == "NGUYỄN THỊ Á"
    assert as_name("Phòng tổ chức") == "Phòng tổ chức"


def test_a_font_says_what_its_letters_are() -> None:
    assert [encoding_of(font) for font in (".VnTime", ".VnTimeH", "VNI-Times", "Times New Roman")] == [
        "tcvn3",
        "tcvn3h",
        "vni",
        "",
    ]
    assert written_in("Phßng", "tcvn3") == "Phòng"
    assert written_in("tr­ëng phßng", "tcvn3h") == "TRƯỞNG PHÒNG"
    assert written_in("Trưởng", "tcvn3") is None
