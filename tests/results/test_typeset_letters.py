"""Letters on paper: every Vietnamese letter has its body and its marks in each face that is used; numbers and
dates are written as offices do.
"""

from __future__ import annotations

import io
import json
import unicodedata
from functools import lru_cache

import pytest
import typst
from PIL import Image

from surveys.instants import read_instant
from surveys.papers.typeset import press
from surveys.papers.typeset.letters import (
    LONGEST_WORD,
    RANGES,
    day,
    has,
    hash_groups,
    local,
    moment,
    number,
    percent,
    plain,
)

VOWELS = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
SMALL = [unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES] + ["đ"]
LETTERS = SMALL + [letter.upper() for letter in SMALL]
USED = [("regular", "normal"), ("regular", "italic"), ("bold", "normal"), ("bold", "italic")]
TINOS = typst.Fonts(include_system_fonts=False, font_paths=[str(press.FACES)])
PAGE = """
#set page(width: 60pt, height: 60pt, margin: 15pt)
#set text(font: sys.inputs.face, size: 24pt, fallback: false, weight: sys.inputs.weight, style: sys.inputs.style)
#for letter in json(bytes(sys.inputs.letters)) { page(text(letter)) }
"""


@lru_cache(maxsize=8)
def _drawn(weight: str, style: str, face: str) -> dict[str, bytes]:
    """Each letter in grey, pixel by pixel."""
    letters = sorted({*LETTERS, *(_bare(letter) for letter in LETTERS)})
    inputs = {"face": face, "weight": weight, "style": style, "letters": json.dumps(letters)}
    pages = typst.compile(PAGE.encode(), format="png", ppi=144, font_paths=TINOS, sys_inputs=inputs)
    assert isinstance(pages, list)
    drawn = (Image.open(io.BytesIO(page)).convert("L").tobytes() for page in pages[-len(letters) :])
    return dict(zip(letters, drawn, strict=True))


def _ink(drawn: bytes) -> int:
    """How much of a square a letter blackens."""
    return sum(255 - grey for grey in drawn)


def _bare(letter: str) -> str:
    """The letter without tone: ứ is ư with a mark more."""
    parts = unicodedata.normalize("NFD", letter)
    bare = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES[1:]))
    return "ı" if bare == "i" and letter != "ị" else bare  # a mark above takes the place of the dot


def _without_body(weight: str, style: str, face: str = "Tinos") -> set[str]:
    """The letters with much less ink than without their tone: a face may draw two marks smaller than one."""
    drawn = _drawn(weight, style, face)
    return {
        letter
        for letter in LETTERS
        if letter != _bare(letter) and _ink(drawn[letter]) < 0.9 * _ink(drawn[_bare(letter)])
    }


@pytest.mark.parametrize(("weight", "style"), USED)
def test_every_vietnamese_letter_has_its_body_and_its_mark(weight: str, style: str) -> None:
    assert len(LETTERS) == 146
    assert _without_body(weight, style) == set()
    assert len({_drawn(weight, style, "Tinos")[letter] for letter in LETTERS}) == len(LETTERS)


def test_the_faces_inside_the_typesetter_would_have_lost_letters() -> None:
    """Why the face of the papers comes from a package (docs/decisions/0048)."""
    assert {"ứ", "ở", "Ự"} <= _without_body("bold", "italic", "Libertinus Serif")


def test_every_letter_that_is_set_as_it_is_has_a_glyph() -> None:
    """PDF/A refuses a letter without one, so this compiles only if there is none."""
    letters = [chr(code) for low, high in RANGES for code in range(low, high + 1) if has(chr(code))]
    assert len(letters) > 900
    source = (
        '#set document(title: "letters")\n#set text(font: "Tinos", fallback: false)\n= Letters\n'
        "#json(bytes(sys.inputs.letters)).join(parbreak())"
    )
    for start in range(0, len(letters), 100):
        some = json.dumps(letters[start : start + 100])
        assert typst.compile(
            source.encode(),
            format="pdf",
            pdf_standards=["a-2a", "ua-1"],
            font_paths=TINOS,
            sys_inputs={"letters": some},
        )


def test_numbers_have_dots_and_decimals_have_a_comma() -> None:
    assert [number(n) for n in (0, 999, 1000, 4779, 1234567)] == ["0", "999", "1.000", "4.779", "1.234.567"]
    assert percent("66.67") == "66,67\u00a0%"
    assert percent("100.00") == "100,00\u00a0%"
    assert percent(None) == "–"


def test_a_moment_is_told_in_the_votes_own_time() -> None:
    assert moment(read_instant("2026-11-02T18:05:59Z"), 420) == "01 giờ 05 phút, ngày 03 tháng 11 năm 2026"
    assert day(local(read_instant("2026-02-09T10:00:00Z"), 420)) == "ngày 09 tháng 02 năm 2026"
    assert day(local(read_instant("2026-03-19T10:00:00Z"), 420)) == "ngày 19 tháng 3 năm 2026"


def test_a_hash_stands_in_groups() -> None:
    assert hash_groups(bytes(range(8))) == "00010203 04050607"


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        ("Nguyễn Thị Ánh Tuyết", "Nguyễn Thị Ánh Tuyết"),
        ("Đặng Ữ Ệ €5 – “x”", "Đặng Ữ Ệ €5 – “x”"),
        ("a\u202eb", "a[U+202E]b"),
        ("a\u00adb\u200bc", "a[U+00AD]b[U+200B]c"),
        ("漢字", "[U+6F22][U+5B57]"),
        ("x\u0323\u0302\u0301", "x\u0323\u0302[U+0301]"),
        ("e\u0302\u0323 e\u0323\u0302", "e\u0302\u0323 e\u0323\u0302"),
    ],
)
def test_foreign_text_is_set_as_it_is_or_by_number(text: str, set_as: str) -> None:
    assert plain(text) == set_as


def test_a_long_word_may_break_and_loses_nothing() -> None:
    word = "x" * (3 * LONGEST_WORD + 1)
    assert plain(word).replace("\u200b", "") == word
    assert max(len(part) for part in plain(word).split("\u200b")) == LONGEST_WORD
    assert plain("x" * LONGEST_WORD) == "x" * LONGEST_WORD
