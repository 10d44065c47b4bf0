"""A stranger's words on one line: what mail servers answer and what bounces give as their reason.

Danger: whoever may send us a bounce chooses this text. Control and direction signs would forge lines in a log
or on a terminal, and length would fill it.
"""

from __future__ import annotations

import re
import unicodedata

MOST_LETTERS = 300
_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")


def one_line(said: str | bytes) -> str:
    """The words on one line, without anything invisible, cut to 300 letters."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    spaced = " ".join(text[: 20 * MOST_LETTERS].split())
    seen = "".join(letter for letter in spaced if unicodedata.category(letter)[0] != "C")
    return seen if len(seen) <= MOST_LETTERS else f"{seen[: MOST_LETTERS - 1]}…"


def without_addresses(said: str) -> str:
    """The words with every mail address left out: a server repeats the recipient's, and what is kept in the
    open names nobody.
    """
    return _ADDRESS.sub("<…>", said)
