"""Pages as somebody goes through them who follows every link."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from html import unescape

OF_ONE_KIND = 3
"""So many addresses of one kind of page are looked at: the rest of a long list says the same."""


def links_of(page: str) -> list[str]:
    """The addresses that a page links to, without their fragments."""
    return [unescape(each).partition("#")[0] for each in re.findall(r' href="([^"]+)"', page)]


def followed(
    starts: Iterable[str],
    kind: Callable[[str], Hashable],
    look: Callable[[str, str], Iterable[str]],
) -> Counter[Hashable]:
    """How many pages of each kind were looked at. `look` takes the page that led there ("" at first) and the
    address, and gives where it leads on.
    """
    waiting = [("", start) for start in starts]
    known, looked = {address for _, address in waiting}, Counter[Hashable]()
    while waiting:
        source, address = waiting.pop()
        if looked[kind(address)] == OF_ONE_KIND:
            continue
        looked[kind(address)] += 1
        found = [link for link in dict.fromkeys(look(source, address)) if link not in known]
        known.update(found)
        waiting += [(address, link) for link in found]
    return looked
