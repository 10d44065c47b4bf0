"""Letters that look like others: Ð (Icelandic) for Đ, Cyrillic and Greek letters for Latin ones, O for 0,
capitals for small letters.

What looks the same to people is another code to a program. In running text the letter that was meant is put
in and said so; a code is never changed, but the one that it is nearly like is named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

# Letter → the one that it is taken for in Vietnamese text.
_TAKEN_FOR = str.maketrans(
    "ÐðƉɖАВЕЅІЈКМНОРСТУХаеѕіјорсухԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοıƒ",
    "ĐđĐđABESIJKMHOPCTYXaesijopcyxdqwABEZHIKMNOPTYXoif",
)
_ALIKE = str.maketrans("oOiIlL|", "0011111")
_WORD = re.compile(r"[^\W\d_]+")
_OTHERS = ("CYRILLIC", "GREEK")
_BLANKS = re.compile(r"[\s\u00a0\u00ad\u200b-\u200f\u2060\ufeff_.\-–—/]+")


def meant(text: str) -> str:
    """The text with the letters that Vietnamese uses in place of those that only look like them; other
    scripts are left alone.
    """
    return text if text.isascii() else _WORD.sub(_meant_word, text)


def _meant_word(found: re.Match[str]) -> str:
    word = found[0].translate(_TAKEN_FOR)
    if word == found[0] or any(unicodedata.name(letter, "").startswith(_OTHERS) for letter in word):
        return found[0]
    return word


def look_of(code: str) -> str:
    """The same for all codes that people take for each other: capitals, blanks and hyphens, O and 0, l and 1,
    tone marks aside, Đ and D.
    """
    apart = unicodedata.normalize("NFKC", meant(code)).casefold()
    return _BLANKS.sub("", apart).translate(_ALIKE)


def same_look(code: str) -> str:
    """The same for codes that look alike on paper: `look_of` without leaving hyphens and dots out, since 1.11
    is not 11.1.
    """
    apart = unicodedata.normalize("NFKC", meant(code)).casefold()
    return "".join(apart.split()).translate(_ALIKE)


def without_zeros(code: str) -> str:
    """The look without zeros in front."""
    return look_of(code).lstrip("0") or "0"


class NearCodes:
    """The codes of a sheet by their looks, and whose names they are. Made when the first code is looked for
    in vain.
    """

    def __init__(self, codes: Iterable[str], names: Mapping[str, str]) -> None:
        self._by_look: dict[str, str] = {}
        self._by_number: dict[str, str] = {}
        self._by_name = {look_of(name): code for name, code in names.items()}
        for code in codes:
            self._by_look.setdefault(look_of(code), code)
            self._by_number.setdefault(without_zeros(code), code)

    def near(self, code: str) -> str | None:
        """The code that this one was taken for, if there is one."""
        return self._by_look.get(look_of(code)) or self._by_number.get(without_zeros(code))

    def said(self, code: str) -> tuple[str, str]:
        """What to say behind a code that is not there, in Vietnamese and English; nothing where nothing is
        near.
        """
        near, named = self.near(code), self._by_name.get(look_of(code))
        if near is not None:
            vi, en = differing(code, near)
            return f", khác mã {near!r} ở {vi}", f", which differs from {near!r} in {en}"
        if named is not None:
            return f", đó là tên của đơn vị {named!r}", f", which is the name of {named!r}"
        return "", ""


def differing(code: str, other: str) -> tuple[str, str]:
    """In what two codes of the same look differ, in Vietnamese and English."""
    if code.casefold() == other.casefold():
        return "chữ hoa, chữ thường", "capitals"
    if re.sub(r"\s+", "", code) == re.sub(r"\s+", "", other):
        return "dấu cách", "blanks"
    if len(code) == len(other):
        at = next(i for i, (one, two) in enumerate(zip(code, other, strict=True)) if one != two)
        letters = f"{code[at]} (U+{ord(code[at]):04X}), {other[at]} (U+{ord(other[at]):04X})"
        where = "chữ đầu tiên" if at == 0 else f"chữ thứ {at + 1}"
        return f"{where}: {letters}", f"its {'first letter' if at == 0 else f'letter {at + 1}'}: {letters}"
    if code.lstrip("0") == other.lstrip("0"):
        return "số 0 ở đầu", "zeros in front"
    return "dấu cách, gạch nối hoặc ký tự trông giống nhau", "blanks, hyphens or letters that look alike"
