"""How wide a text is in a picture, and where its lines break, without a layout engine.

Widths are those of DejaVu Sans, the widest of the usual interface fonts: what fits in it fits in all of them.
A Vietnamese letter is as wide as its base letter. Danger: a text that does not fit is cut off on paper, where
nobody can scroll.
"""

from __future__ import annotations

import unicodedata

# Thousandths of the font size.
_WIDTHS = {
    character: width
    for width, characters in (
        (278, "ijl'"),
        (295, "IJ"),
        (318, ",. ·\N{NO-BREAK SPACE}"),
        (337, "/:;\\|"),
        (352, "f"),
        (361, "-"),
        (390, "()[]"),
        (392, "t"),
        (411, "r"),
        (460, '!"'),
        (500, "–“”*_"),
        (525, "sz"),
        (557, "cLk?F"),
        (592, "vxy"),
        (612, "aoePTY"),
        (636, "bdghnpqu0123456789SđE$"),
        (685, "AKVXZB"),
        (698, "RC"),
        (752, "UNHDĐ&"),
        (787, "GOQ"),
        (838, "w≥≤→−±×+<>=~▲●"),
        (863, "M"),
        (974, "m%"),
        (1000, "W@…—"),
    )
    for character in characters
}
_UNKNOWN = 1000
_BOLD = 1.13
ELLIPSIS = "…"


def width_of(text: str, size: int, *, bold: bool = False) -> int:
    """The width of a line, rounded up."""
    apart = unicodedata.normalize("NFD", text)
    letters = (c for c in apart if not unicodedata.combining(c))
    thousandths = sum(_WIDTHS.get(c, _UNKNOWN) for c in letters)
    return int(thousandths * size * (_BOLD if bold else 1.0) / 1000) + 1


def wrapped(text: str, width: int, size: int, *, most: int, bold: bool = False) -> tuple[str, ...]:
    """The text in at most `most` lines of this width, broken between words; what is left over ends in an
    ellipsis.
    """
    words, lines = text.split(" "), [""]
    for at, word in enumerate(words):
        longer = f"{lines[-1]} {word}".strip()
        if width_of(longer, size, bold=bold) <= width:
            lines[-1] = longer
        elif lines[-1] and len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = cut(" ".join([lines[-1], *words[at:]]).strip(), width, size, bold=bold)
            break
    return tuple(cut(line, width, size, bold=bold) for line in lines)


def cut(text: str, width: int, size: int, *, bold: bool = False) -> str:
    """The text, or as much of it as fits with an ellipsis behind."""
    if width_of(text, size, bold=bold) <= width:
        return text
    kept = unicodedata.normalize("NFC", text)
    while kept and width_of(kept.rstrip() + ELLIPSIS, size, bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS
