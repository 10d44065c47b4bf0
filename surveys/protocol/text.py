"""Which code points no text of a document may hold (docs/protocol.md 1.4): fixed ranges, which follow no
version of Unicode.

Danger: what one reader shows as a new line, or in another order, says something else there than the bytes
that were signed.
"""

from __future__ import annotations

import re

_RANGES = (
    (0x00, 0x1F),
    (0x7F, 0x9F),
    (0x2028, 0x202E),  # Line ends, then marks that reorder what is shown.
    (0x2066, 0x2069),
    (0xD800, 0xDFFF),
    (0xFDD0, 0xFDEF),
    *((plane << 16 | 0xFFFE, plane << 16 | 0xFFFF) for plane in range(17)),
)
_REFUSED = re.compile("[" + "".join(rf"\U{low:08x}-\U{high:08x}" for low, high in _RANGES) + "]")


def refused(value: str) -> bool:
    """Whether the text holds a code point that 1.4 refuses."""
    return _REFUSED.search(value) is not None
