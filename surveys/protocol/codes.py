"""Codes that people read and type: slips, trackers, sheets (docs/protocol.md 6.2).

The check character catches every single wrong character and every exchange of two: all weights over GF(2^5)
differ.
"""

from __future__ import annotations

from surveys.protocol.errors import Malformed

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_BYTES = 10
SHEET_BYTES = 32
SHEET_GROUPS = 13
# Small letters by hand: str.upper also makes an S of U+017F and an I of U+0131, which are no characters of a
# code.
_READ_AS = str.maketrans(
    {letter.lower(): letter for letter in ALPHABET}
    | dict.fromkeys("Oo", "0")
    | dict.fromkeys("IiLl", "1")
    | dict.fromkeys(" -\u00a0–—\n\t", "")
)
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}


def _times(a: int, b: int) -> int:
    """a·b in GF(2^5) with x^5 + x^2 + 1."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 32:
            a ^= 0b100101
        b >>= 1
    return product


def _powers() -> tuple[int, ...]:
    powers = [1]
    for _ in range(30):
        powers.append(_times(powers[-1], 2))
    return tuple(powers)


_ALPHA = _powers()


def _check(values: list[int]) -> int:
    total = 0
    for i, value in enumerate(values):
        total ^= _times(_ALPHA[i + 1], value)
    return total


def _split(raw: bytes, characters: int) -> list[int]:
    number = int.from_bytes(raw, "big") << (5 * characters - 8 * len(raw))
    return [number >> (5 * i) & 31 for i in reversed(range(characters))]


def _join(values: list[int], length: int, where: str) -> bytes:
    number = 0
    for value in values:
        number = number << 5 | value
    spare = 5 * len(values) - 8 * length
    if number & ((1 << spare) - 1):
        raise Malformed(check="6.2", where=where, why="the last characters are not those of a code")
    return (number >> spare).to_bytes(length, "big")


def _read(text: str, characters: int, where: str) -> list[int]:
    letters = text.translate(_READ_AS)
    unknown = sorted({letter for letter in letters if letter not in _VALUES})
    if unknown:
        raise Malformed(check="6.2", where=where, why=f"{unknown[0]!r} does not occur in a code")
    if len(letters) != characters:
        raise Malformed(check="6.2", where=where, why=f"has {len(letters)} characters, not {characters}")
    return [_VALUES[letter] for letter in letters]


SHORT = 6


def short_code(survey: bytes) -> str:
    """The six characters by which a vote's booth can be typed."""
    return "".join(ALPHABET[value] for value in _split(survey, 26)[:SHORT])


def read_short(text: str) -> str | None:
    """A typed short code in its one form; None for anything else."""
    letters = text.translate(_READ_AS)
    return letters if len(letters) == SHORT and all(letter in _VALUES for letter in letters) else None


def write_code(raw: bytes) -> str:
    """10 bytes as XXXX-XXXX-XXXX-XXXXC. Raises ValueError for another length."""
    if len(raw) != CODE_BYTES:
        raise ValueError("a code has 10 bytes")
    values = _split(raw, 16)
    letters = "".join(ALPHABET[value] for value in [*values, _check(values)])
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:12]}-{letters[12:]}"


def read_code(text: str, where: str = "code") -> bytes:
    """The 10 bytes of a typed code. Raises Malformed(check="6.2") for a typing error."""
    values = _read(text, 17, where)
    if _check(values[:16]) != values[16]:
        raise Malformed(
            check="6.2", where=where, why="the check character does not fit: a character is wrong"
        )
    return _join(values[:16], CODE_BYTES, where)


def write_sheet(seed: bytes) -> tuple[str, ...]:
    """32 bytes as thirteen groups of four characters and their check character."""
    if len(seed) != SHEET_BYTES:
        raise ValueError("a seed has 32 bytes")
    values = _split(seed, 52)
    groups = []
    for g in range(SHEET_GROUPS):
        four = values[4 * g : 4 * g + 4]
        groups.append("".join(ALPHABET[value] for value in [*four, _group_check(g + 1, four)]))
    return tuple(groups)


def _group_check(number: int, four: list[int]) -> int:
    return _check(four) ^ _times(_ALPHA[5], number)


def read_sheet(text: str, where: str = "sheet") -> bytes:
    """The 32 bytes of a typed sheet. Raises Malformed(check="6.2") naming the group that is wrong."""
    values = _read(text, 5 * SHEET_GROUPS, where)
    four: list[int] = []
    for g in range(SHEET_GROUPS):
        group = values[5 * g : 5 * g + 5]
        if _group_check(g + 1, group[:4]) != group[4]:
            raise Malformed(
                check="6.2",
                where=f"{where}.group[{g + 1}]",
                why="a character is wrong, or groups are swapped",
            )
        four += group[:4]
    return _join(four, SHEET_BYTES, where)
