"""What a password must be: long, and nothing that anybody would try first (NIST SP 800-63B, §3.1.1.2: length
and a list, no recipe).

Danger: a second factor stands behind it, but an account is as safe as both; so the same rule holds where a
password is chosen and where it is changed.
"""

from __future__ import annotations

import re
from itertools import pairwise
from unicodedata import normalize

from surveys.accounts.errors import WeakPassword

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
_DIFFERENT = 5
_LETTERS_BESIDE = 4
# What people begin with, without marks and blanks; longer ones first, so that none hides in another.
_COMMON = (
    "administrator",
    "qwertyuiop",
    "hochiminh",
    "asdfghjkl",
    "anhyeuem",
    "emyeuanh",
    "iloveyou",
    "password",
    "tinnhiem",
    "matkhau",
    "vietnam",
    "welcome",
    "letmein",
    "zxcvbnm",
    "dangbo",
    "qwerty",
    "chibo",
    "hanoi",
    "saigon",
    "admin",
)


def check_password(password: str, *known: str) -> None:
    """Raises WeakPassword for one that is too short or too long, runs or repeats, or is hardly more than a
    common word or what is `known`.
    """
    composed = normalize("NFC", password)
    if not SHORTEST_PASSWORD <= len(composed) <= LONGEST_PASSWORD:
        raise WeakPassword(f"not {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if len(set(composed.casefold())) < _DIFFERENT:
        raise WeakPassword("hardly any different characters")
    plain = _plain(password)
    if _runs(plain) or re.fullmatch(r"(.{1,8}?)\1+(.{0,8})", plain):
        raise WeakPassword("a run or a repetition")
    words = [part for each in known for part in (_plain(each), *_parts(each)) if len(part) >= _LETTERS_BESIDE]
    for written in (plain, plain.translate(str.maketrans("@$0", "aso"))):
        left = written
        for word in sorted({*words, *_COMMON}, key=len, reverse=True):
            left = left.replace(word, "")
        if left != written and len(re.sub(r"[\W\d_]", "", left)) < _LETTERS_BESIDE:
            raise WeakPassword("hardly more than a common word, or the name or address of the account")


def _plain(text: str) -> str:
    """Without marks, blanks and capitals: as somebody would type it who guesses."""
    bare = "".join(sign for sign in normalize("NFKD", text) if not "\u0300" <= sign <= "\u036f")
    return re.sub(r"\s", "", bare.casefold().replace("đ", "d"))


def _parts(known: str) -> list[str]:
    return re.findall(r"\w+", _plain(known.split("@")[0]))


def _runs(text: str) -> bool:
    """Whether each sign follows from the one before it: 123456789012, abcdefghijkl, 987654321098."""
    return len({_step(before, after) for before, after in pairwise(text)}) <= 1


def _step(before: str, after: str) -> int:
    step = ord(after) - ord(before)
    return step % 10 if before.isdecimal() and after.isdecimal() else step
