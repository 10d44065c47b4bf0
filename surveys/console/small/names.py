"""A list of names as somebody pastes or types it: one person a line, with a post behind a semicolon or a tab.

Pure. Danger: two people of one name would get one slip too few in anybody's eyes; so names must differ, and
whoever pasted the list says what tells them apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from surveys.web.forms import tidy

FEWEST, MOST = 3, 200
_NUMBER = re.compile(r"^\d{1,3}[.)\s]\s*")
_APART = re.compile(r"[;\t]")


@dataclass(frozen=True, slots=True)
class Named:
    """A person of the list; with a post they are proposed as somebody voted on."""

    name: str
    post: str = ""


def read_names(text: str) -> tuple[Named, ...]:
    """The people of a list, in its order; empty lines and numbers at the head of a line are left out."""
    found = []
    for line in text.splitlines():
        cells = [(tidy(cell) or "") for cell in _APART.split(line)]
        written = [cell for cell in cells if cell and not cell.rstrip(".)").isdigit()]
        if written:
            found.append(Named(_NUMBER.sub("", written[0]), "; ".join(written[1:])))
    return tuple(found)


def doubles(names: list[str]) -> tuple[str, ...]:
    """The names that stand more than once, in the order of the list."""
    return tuple(dict.fromkeys(name for name in names if names.count(name) > 1))
