"""What a sheet shows for a number, and whether that is what the cell holds (ECMA-376 part 1, 18.8.30 and
18.8.31).

A code that is the number 1 in the format `000000` is 000001 to whoever looks at the sheet. Danger: whatever
this module lets pass as the same is stored as the number that nobody has seen; a format that it does not know
is never the same.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple

# formula, date, error, digits, shown: the cell has no text, for a reason. The others have one: what is shown
# (padded), what is held (long), or what letters of an old font stand for (by the name of its encoding).
Why = Literal["formula", "date", "error", "digits", "shown", "padded", "long", "font"]
MAX_FORMAT = 1000  # Excel knows 255; the search for literal text would cost a long one's square
EXACT = 10**15  # beyond, a spreadsheet keeps no more than 15 digits
GENERAL_DIGITS = 11  # what the format General shows of a number
DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
# The formats that every workbook has without saying so; those of dates apart.
BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "$#,##0", 6: "$#,##0", 7: "$#,##0.00", 8: "$#,##0.00", 9: "0%",
    10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 41: "#,##0",
    42: "$#,##0", 43: "#,##0.00", 44: "$#,##0.00", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
# A piece of a format: literal text, an escaped, padding or filling character, a bracket, a word, any other
# character.
_PIECE = re.compile(
    r'"([^"]*)"|\\(.)|(_.|\*.)|\[([^\]]*)\]|(General|Standard)|(AM/PM|A/P)|(.)', re.IGNORECASE | re.DOTALL
)
_TIMES = re.compile("h+|m+|s+", re.IGNORECASE)
_COLOURS = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|color\s*\d+", re.IGNORECASE)
_CURRENCY = re.compile(r"\$([^-\]]*)")
_PLACEHOLDERS = re.compile(r"[0#?][0#?,]*(\.[0#?]*)?([eE][+-]?[0#?]*)?")


class Mark(NamedTuple):
    """What is peculiar about a cell: why, what it shows, what it holds."""

    why: Why
    shown: str = ""
    held: str = ""


class Section(NamedTuple):
    """One section of a format: literal text, and signs that stand for something. `conditional`: it may hold
    for some numbers only.
    """

    items: tuple[tuple[bool, str], ...]
    date: bool
    conditional: bool

    @property
    def signs(self) -> str:
        """The signs without the literal text."""
        return "".join(text for literal, text in self.items if not literal)


@lru_cache(maxsize=1000)
def sections_of(code: str) -> tuple[Section, ...]:
    """Take a format apart. No more of it is looked at than any program writes."""
    found: list[Section] = []
    items: list[tuple[bool, str]] = []
    date = conditional = False
    for piece in (*_PIECE.finditer(code[:MAX_FORMAT]), None):
        if piece is None or piece[7] == ";":
            found.append(Section(tuple(items), date, conditional))
            items, date, conditional = [], False, False
        elif piece[4] is not None:
            currency = _CURRENCY.match(piece[4])
            if _TIMES.fullmatch(piece[4]):
                date = True
            elif currency is not None:
                items.append((True, currency[1]))
            elif not _COLOURS.fullmatch(piece[4]):
                conditional = True
        elif piece[3] is not None:
            items.append((True, " "))
        elif piece[5] is not None:
            items.append((False, "@"))
        elif piece[6] is not None:
            date = True
        elif piece[7] is not None:
            other, signs = piece[7], "".join(text for literal, text in items if not literal)
            if (other in "eE" and signs[-1:] in ("0", "#", "?", ".")) or (
                other in "+-" and signs[-1:] in ("e", "E")
            ):
                items.append((False, other))
            elif other in "dmyhsDMYHSeEgGbB":
                date = True
            else:
                items.append((other not in "0#?.,%/@", other))
        else:
            items.append((True, piece[1] if piece[1] is not None else piece[2]))
    return tuple(found)


def is_date(code: str) -> bool:
    """Whether a format shows a date or a time."""
    return any(section.date for section in sections_of(code))


def number_cell(written: str, code: str) -> tuple[str, Mark | None]:
    """The text of a number in this format, and what is peculiar about it; without text where what it shows
    cannot be taken.

    7.0 is 7: a spreadsheet knows one kind of number only.
    """
    number = float(written)
    if abs(number) >= EXACT and not is_date(code):
        return "", Mark("digits")
    held = str(int(number)) if number.is_integer() else repr(number)
    if code == "General":
        return held, _long(held)
    if is_date(code):
        return "", Mark("date")
    shown, exact = _shown(number, held, code)
    shown = shown.strip()
    if shown == held:
        return held, _long(held) if "@" in sections_of(code)[0].signs else None
    if exact and shown and number.is_integer():
        return shown, Mark("padded", shown, held)
    return "", Mark("shown", shown, held)


def text_cell(text: str, code: str) -> tuple[str, Mark | None]:
    """The same for a text, which a format may put words around (`"DV"@`) or hide (`;;;`)."""
    sections = sections_of(code)
    section = sections[3] if len(sections) > 3 else sections[-1] if "@" in sections[-1].signs else None
    if section is None or not text:
        return text, None
    shown = "".join(word if literal else text for literal, word in section.items).strip()
    if shown == text:
        return text, None
    return ("", Mark("shown", "", text)) if not shown else (shown, Mark("padded", shown, text))


def judged(held: str, shown: str) -> tuple[str, Mark | None]:
    """The text of a number of which only is known that it shows this: the same, digits with zeros or words
    around them, or nothing.
    """
    shown = shown.strip()
    if shown == held:
        return held, None
    digits = re.sub("[^0-9]", "", shown)
    if held.isdigit() and digits and int(digits) == int(held) and not re.search("[.,%/]|-[0-9]", shown):
        return shown, Mark("padded", shown, held)
    return "", Mark("shown", shown, held)


def _long(held: str) -> Mark | None:
    """General shows no more than eleven digits."""
    if len(held.lstrip("-")) <= GENERAL_DIGITS or "." in held:
        return None
    return Mark("long", f"{float(held):.5E}", held)


def _shown(number: float, held: str, code: str) -> tuple[str, bool]:
    """What a sheet shows for a number in a format that is no date, and whether that is exactly what every
    program shows.
    """
    sections = sections_of(code)
    if any(section.conditional for section in sections):
        return "…", False
    negative, zero = number < 0 and len(sections) > 1, number == 0 and len(sections) > 2
    section = sections[1 if negative else 2 if zero else 0]
    signs = section.signs
    minus = "-" if number < 0 and not negative else ""
    if "@" in signs:
        return minus + "".join(word if literal else held.lstrip("-") for literal, word in section.items), True
    if set(signs) <= set("0#?") and signs:
        return minus + _filled(
            section, f"{Decimal(held).copy_abs().quantize(Decimal(1), ROUND_HALF_UP):f}"
        ), True
    if not signs:
        return "".join(word for _, word in section.items), False
    return minus + _other(section, signs, abs(number)), False


def _filled(section: Section, digits: str) -> str:
    """Digits put into their places from the right; the first place takes what is left of them."""
    out: list[str] = []
    places = section.signs
    left, number = len(places), digits.lstrip("0")
    for literal, word in reversed(section.items):
        if literal:
            out.append(word)
            continue
        left -= 1
        taken = number if left == 0 else number[-1:]
        number = "" if left == 0 else number[:-1]
        out.append(taken or {"0": "0", "#": "", "?": " "}[word])
    return "".join(reversed(out))


def _other(section: Section, signs: str, number: float) -> str:
    """Thousands, decimals, percent, powers and fractions, as most programs write them: for people to
    recognise.
    """
    if "/" in signs:
        near = Fraction(number).limit_denominator(99)
        whole, rest = divmod(near.numerator, near.denominator)
        return f"{whole or ''} {rest}/{near.denominator}".strip() if rest else str(whole)
    found = _PLACEHOLDERS.search(signs)
    if found is None:
        return "…"
    digits = _digits(Decimal(repr(number)) * (100 if "%" in signs else 1), found[0])
    out, done = "", False
    for literal, word in section.items:
        if literal or word == "%":
            out += word
        elif not done:
            out, done = out + digits, True
    return out


def _digits(number: Decimal, placeholders: str) -> str:
    mantissa, power, _ = re.sub("[eE]", "E", placeholders).partition("E")
    whole, point, decimals = mantissa.partition(".")
    if power:
        return f"{number:.{len(decimals)}E}"
    while whole.endswith(","):  # each comma at the end divides by a thousand
        whole, number = whole[:-1], number / 1000
    rounded = number.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    left, _, right = f"{rounded:f}".partition(".")
    left = left.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole:
        left = f"{int(left or 0):,}"
    kept = len(decimals.rstrip("#?"))
    while len(right) > kept and right.endswith("0"):
        right = right[:-1]
    return f"{left}{point}{right}"
