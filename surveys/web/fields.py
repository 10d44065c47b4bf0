"""Fields of an address or form, parsed once at the edge into plain typed values; and what is searched for,
without accents.

Danger: a field that is silently corrected hides a mistake or a probe; a wrong one is refused by name
(`BadField`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from typing import TypeVar

from surveys.web.errors import BadField

W = TypeVar("W", bound=str)


def text(given: Mapping[str, str], name: str, most: int) -> str:
    """The field in NFC without outer spaces, empty if it is not there; at most `most` characters, none of
    them control.
    """
    value = unicodedata.normalize("NFC", given.get(name, "")).strip()
    if len(value) > most:
        raise BadField(name, f"more than {most} characters")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in value):
        raise BadField(name, "a control character")
    return value


def number(given: Mapping[str, str], name: str, *, low: int, high: int, absent: int) -> int:
    """The field as a whole number from low to high, `absent` if it is not there."""
    value = given.get(name, "")
    if value == "":
        return absent
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise BadField(name, "not a whole number")
    if not low <= int(value) <= high:
        raise BadField(name, f"not from {low} to {high}")
    return int(value)


def choice(given: Mapping[str, str], name: str, among: Collection[W], absent: W) -> W:
    """The field as one of the given words, `absent` if it is not there."""
    value = given.get(name, "")
    if value == "":
        return absent
    for word in among:
        if word == value:
            return word
    raise BadField(name, "not one of the choices")


def plain(text: str) -> str:
    """Small letters without tone and vowel marks, so that "nguyen" finds "Nguyễn" and "dang" finds "Đảng"."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
