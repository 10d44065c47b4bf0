"""A hash in words that people can read out to each other: proquints (D. S. Wilkerson, 2009), two bytes a word."""

from __future__ import annotations

_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aiou"


def in_words(digest: bytes) -> str:
    """The first sixteen bytes as eight words."""
    words = []
    for i in range(0, 16, 2):
        word = int.from_bytes(digest[i : i + 2], "big")
        letters = (
            _CONSONANTS[word >> 12],
            _VOWELS[word >> 10 & 3],
            _CONSONANTS[word >> 6 & 15],
            _VOWELS[word >> 4 & 3],
            _CONSONANTS[word & 15],
        )
        words.append("".join(letters))
    return " ".join(words)
