"""Vietnamese that is no Unicode: found, and given back as Unicode (TCVN 5712:1993, VNI for Windows, RFC 1456,
Windows-1258).

Until Unicode, Vietnamese was typed for fonts whose signs were drawn as other letters: "NguyÔn ThÞ ¸n" looks
right in .VnTime only. A text is taken for such a one where its words cannot be Vietnamese as they stand, and
can be when they are read so. Danger: nobody's name is changed without being shown: this module only says what
a text may mean.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

from surveys.spreadsheets.syllables import can_be_vietnamese, words_of

# What people know these by; of two that a text may be in, the one that is met more often comes first.
NAMES: Mapping[str, str] = {
    "tcvn3": "TCVN3 (ABC)",
    "vni": "VNI",
    "utf8": "UTF-8",
    "cp1258": "Windows-1258",
    "viscii": "VISCII",
}
_TCVN3 = dict(
    zip(
        map(chr, range(0xA1, 0x100)),
        "ĂÂÊÔƠƯĐăâêôơưđ......àảãáạ.ằẳẵắ.......ặầẩẫấậèỂẻẽéẹềểễếệìỉ...ĩíịò.ỏõóọồổỗốộờởỡớợù.ủũúụừửữứựỳỷỹýỵ.",
        strict=True,
    )
)
_TCVN3_LETTERS = {sign: letter for sign, letter in _TCVN3.items() if letter not in ".Ể"}
_VISCII = "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
_VISCII_LOW = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT, _HAT, _BREVE = "\u0301\u0300\u0309\u0303\u0323\u0302\u0306"
_VNI_MARKS = {
    "ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT,
    "â": _HAT, "á": _HAT + _ACUTE, "à": _HAT + _GRAVE, "å": _HAT + _HOOK, "ã": _HAT + _TILDE, "ä": _HAT + _DOT,
    "ê": _BREVE, "é": _BREVE + _ACUTE, "è": _BREVE + _GRAVE, "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE, "ë": _BREVE + _DOT,
}  # fmt: skip
_VNI_LETTERS = {"ô": "ơ", "ö": "ư", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI = re.compile("([aeouyôö])([ùøûõïâáàåãäêéèúüë])|([ôöñíìæóòî])", re.IGNORECASE)


def _signs(text: str) -> bytes | None:
    """The bytes that a program of the West read as this text; None if it has a letter that no such
    byte is.
    """
    try:
        return text.encode("cp1252")
    except UnicodeEncodeError:
        out = bytearray()
        for letter in text:
            try:
                out += letter.encode("cp1252")
            except UnicodeEncodeError:
                if ord(letter) > 0xFF:
                    return None
                out.append(ord(letter))
        return bytes(out)


def _tcvn3(text: str) -> str | None:
    out = []
    for letter in text:
        found = letter if letter.isascii() else _TCVN3_LETTERS.get(letter)
        if found is None:
            return None
        out.append(found)
    return _recapitalised("".join(out))


def _tcvn3h(text: str) -> str | None:
    found = _tcvn3(text)
    return None if found is None else found.upper()


def _viscii(text: str) -> str | None:
    raw = _signs(text)
    if raw is None:
        return None
    return "".join(_VISCII[byte - 128] if byte > 127 else _VISCII_LOW.get(byte, chr(byte)) for byte in raw)


def _cp1258(text: str) -> str | None:
    raw = _signs(text)
    try:
        return None if raw is None else unicodedata.normalize("NFC", raw.decode("cp1258"))
    except UnicodeDecodeError:
        return None


def _utf8(text: str) -> str | None:
    raw = _signs(text)
    try:
        return None if raw is None else unicodedata.normalize("NFC", raw.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _vni(text: str) -> str | None:
    def letter(found: re.Match[str]) -> str:
        alone = found[3]
        if alone is not None:
            plain = _VNI_LETTERS[alone.lower()]
            return plain.upper() if alone.isupper() else plain
        base = found[1].translate({0xF4: "ơ", 0xF6: "ư", 0xD4: "Ơ", 0xD6: "Ư"})
        return unicodedata.normalize("NFC", base + _VNI_MARKS[found[2].lower()])

    return None if _signs(text) is None else _VNI.sub(letter, text)


_READ_AS: Mapping[str, Callable[[str], str | None]] = {
    "tcvn3": _tcvn3,
    "tcvn3h": _tcvn3h,
    "vni": _vni,
    "viscii": _viscii,
    "cp1258": _cp1258,
    "utf8": _utf8,
}


def read_as(text: str, encoding: str) -> str | None:
    """What the text says in this encoding; None where it has letters that the encoding does not know."""
    return _READ_AS[encoding](text)


@lru_cache(maxsize=20_000)
def meanings(text: str) -> tuple[tuple[str, str], ...]:
    """(encoding, what the text says in it) for each encoding that makes sound words of words that are none as
    they stand.
    """
    words = words_of(text)
    if all(len(word) < 2 or can_be_vietnamese(word) for word in words):
        return ()
    return _sound(text)


def ambiguous(text: str, encoding: str) -> str | None:
    """What the text says in this encoding, if that is sound too and something else than it says as it
    stands.
    """
    return next((meaning for found, meaning in _sound(text) if found == encoding and meaning != text), None)


def written_in(text: str, font: str) -> str | None:
    """What a text says that is written in a font of this encoding; None where it says just that, or is
    Unicode nevertheless.
    """
    meaning = None if not text or not _old(text) else read_as(text, font)
    if meaning is None or meaning == text or not all(map(can_be_vietnamese, words_of(meaning))):
        return None
    return meaning


def _old(text: str) -> bool:
    return _signs(text) is not None


def _sound(text: str) -> tuple[tuple[str, str], ...]:
    if _signs(text) is None:  # a letter that only Unicode has
        return ()
    found = []
    for encoding in NAMES:
        meaning = read_as(text, encoding)
        if meaning is not None and meaning != text:
            words = words_of(meaning)
            if words and all(map(can_be_vietnamese, words)) and meaning.isprintable():
                found.append((encoding, meaning))
    return tuple(found)


def _recapitalised(text: str) -> str:
    """TCVN3 has no capitals with tones: where the letters around are capitals, they are meant to be."""
    out = []
    for word in text.split(" "):
        plain = [letter for letter in word if letter.isascii() and letter.isalpha()]
        loud = len(plain) > 1 and all(letter.isupper() for letter in plain)
        out.append(word.upper() if loud else word)
    return " ".join(out)


def as_name(text: str) -> str:
    """A person's name out of TCVN3: "¸n" is Án where every other word has a capital, and ÁN where all are
    capitals.
    """
    words = text.split(" ")
    others = [word for word in words if word[:1].isupper()]
    if not others or any(word[:1].isascii() and not word[:1].isupper() for word in words):
        return text
    loud = all(word.isupper() for word in others) and any(len(word) > 1 for word in others)
    small = [
        word if word[:1].isupper() else word.upper() if loud else word[:1].upper() + word[1:]
        for word in words
    ]
    return " ".join(small)
