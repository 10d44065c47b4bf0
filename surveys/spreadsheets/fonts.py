"""Fonts that have other letters where today's have signs: what is typed in them is no Unicode, whatever it
looks like on the sheet.
"""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1000)
def encoding_of(font: str) -> str:
    """The encoding that this font stands for (`encodings.py`); empty for the fonts of our days.

    `.VnTime` and its like are TCVN3, and those that end in H show capitals for small letters. `VNI-Times` and
    its like are VNI.
    """
    name = font.strip().casefold()
    if name.startswith(".vn"):
        return "tcvn3h" if name.split()[0].endswith("h") else "tcvn3"
    if name.startswith("vni"):
        return "vni"
    return "viscii" if name.startswith(("vi ", "visc", "vps")) and "viscii" in name else ""
