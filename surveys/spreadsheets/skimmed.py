"""Stretches of a worksheet's rows that hold nothing: borders drawn down to the last row, a million rows for
twelve people.

Spreadsheets write each of these cells. They are left out before the parser, which would take a minute over
them; what is left out are whole rows, each with its number, made of row and cell tags alone. Danger: whatever
could hold something must reach the parser. A stretch with any other tag, a comment or a section of character
data is handed on as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

LEAST = 4096  # what is shorter is not worth the search
SHORTEST = 64  # a tag may begin in one block and end in the next
MOST_HELD = 512 * 1024
_DATA = re.compile(rb"<((?:[A-Za-z_][\w.-]{0,20}:)?)sheetData[\s>]")


def skimmed(blocks: Iterable[bytes], left_out: Callable[[int], None]) -> Iterator[tuple[int, bytes]]:
    """(how many bytes were read, what of them is to be parsed), block by block; `left_out` is told of every
    byte that is not.
    """
    held, prefix, odd = b"", None, False
    for block in blocks:
        held, size = held + block, len(block)
        if prefix is None:
            found = _DATA.search(held)
            if found is None:
                yield size, held[:-SHORTEST]
                held = held[-SHORTEST:]
                continue
            prefix = found[1]
        odd = odd or b"<!" in held or b"<?" in held[64:]
        if odd:
            yield size, held
            held = b""
            continue
        first, last = _rows(held, prefix)
        if last - first < LEAST:
            # No row ends here: the parser is given what there is, so that nothing grows without being
            # counted.
            if len(held) < MOST_HELD and first >= 0:
                yield size, held[:first]
                held = held[first:]
            else:
                yield size, held
                held = b""
            continue
        stretch = held[first:last]
        if _is_empty(stretch, prefix):
            left_out(len(stretch))
            yield size, held[:first]
        else:
            yield size, held[:last]
        held = held[last:]
    yield 0, held


def _rows(held: bytes, prefix: bytes) -> tuple[int, int]:
    """Where the first row begins and the last one that has ended ends."""
    first, begins = held.find(b"<" + prefix + b"row "), held.rfind(b"<" + prefix + b"row ")
    if first < 0:
        return -1, -1
    ends = b"</" + prefix + b"row>"
    last = held.rfind(ends)
    # Before the last row that begins, every row has ended.
    return first, max(begins, last + len(ends) if last >= 0 else first)


def _is_empty(stretch: bytes, prefix: bytes) -> bool:
    """Whether there is nothing but rows with their numbers, and cells without content."""
    rows, cells = stretch.count(b"<" + prefix + b"row r="), stretch.count(b"<" + prefix + b"c r=")
    ends = stretch.count(b"</" + prefix + b"row>") + stretch.count(b"</" + prefix + b"c>")
    return stretch.count(b"<") == rows + cells + ends and rows + cells == ends + stretch.count(b"/>")
