"""A hash in words that people read out to each other: twelve Vietnamese syllables (docs/protocol.md 1.5).

Danger: whoever makes two boards may try to make their words alike; the 120 bits are what stands against it.
"""

from __future__ import annotations

_BEGINNINGS = ("b", "c", "ch", "đ", "g", "h", "kh", "l", "m", "ng", "nh", "ph", "t", "th", "v", "x")
_RHYMES = tuple(
    tuple(row.split())
    for row in (
        "a à á ạ",
        "am àm ám ạm",
        "anh ành ánh ạnh",
        "ao ào áo ạo",
        "ăng ằng ắng ặng",
        "âm ầm ấm ậm",
        "âu ầu ấu ậu",
        "ây ầy ấy ậy",
        "iên iền iến iện",
        "ô ồ ố ộ",
        "ôi ồi ối ội",
        "ông ồng ống ộng",
        "ơi ời ới ợi",
        "ơn ờn ớn ợn",
        "ưa ừa ứa ựa",
        "ương ường ướng ượng",
    )
)
_BEFORE_I = {"c": "k", "g": "gh", "ng": "ngh"}
WORDS = 12
BITS = 10


def syllable(number: int) -> str:
    """The syllable of a number of 10 bits."""
    beginning, rhyme = _BEGINNINGS[number >> 6], _RHYMES[number >> 2 & 15][number & 3]
    return (_BEFORE_I.get(beginning, beginning) if rhyme.startswith("i") else beginning) + rhyme


def words_of(digest: bytes) -> tuple[str, ...]:
    """The twelve syllables of the first 120 bits."""
    number = int.from_bytes(digest[:15], "big")
    return tuple(syllable(number >> BITS * (WORDS - 1 - i) & 1023) for i in range(WORDS))


def in_words(digest: bytes) -> str:
    """As they are written: four groups of three."""
    words = words_of(digest)
    return " · ".join(" ".join(words[i : i + 3]) for i in range(0, WORDS, 3))
