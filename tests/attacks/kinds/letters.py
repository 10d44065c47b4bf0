"""Characters that 1.4 keeps out of every text: both ends of each refused range, in a text of the manifest, of
the statements, of a name.

The neighbours of each range are let in: a reader that refuses more would call honest minutes forged.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.attacks.kinds import Forge, Table, restated, rewritten

REFUSED = (
    (0x0000, 0x001F),
    (0x007F, 0x009F),
    (0x2028, 0x2029),
    (0x202A, 0x202E),
    (0x2066, 0x2069),
    (0xFDD0, 0xFDEF),
    *((plane << 16 | 0xFFFE, plane << 16 | 0xFFFF) for plane in range(17)),
)


def stated(letter: str) -> Forge:
    """The chair's name holds it; everything that follows is made anew and signed by t members."""
    return restated(lambda attendance: attendance.update(chair=f"Ngô{letter}Chín"))


def _titled(letter: str) -> Forge:
    return rewritten("manifest.json", lambda it: it["definition"]["title"].update(vi=f"Lấy phiếu{letter}"))


def _named(letter: str) -> Forge:
    return rewritten("manifest.json", lambda it: it["definition"]["contests"][0].update(name=f"{letter}Bình"))


def _found() -> Iterator[tuple[str, tuple[str, Forge]]]:
    for first, last in REFUSED:
        for code in (first, last):
            yield f"U+{code:04X} in a name that is stated", ("13.1", stated(chr(code)))
    for code in (0x0000, 0x000A, 0x007F, 0x0085, 0x2028, 0x202E, 0x2067, 0xFDD5, 0xFFFF, 0x10FFFE):
        yield f"U+{code:04X} in the title", ("4.1", _titled(chr(code)))
        yield f"U+{code:04X} in a leader's name", ("4.1", _named(chr(code)))


LETTERS: Table = dict(_found())
LET_IN = sorted(
    {code for first, last in REFUSED for code in (first - 1, last + 1) if 0x1F < code < 0x110000}
    - {code for first, last in REFUSED for code in range(first, last + 1)}
    - {0xD800}
)
