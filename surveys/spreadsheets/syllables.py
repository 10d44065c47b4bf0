"""Whether a word can be Vietnamese: first consonants, vowels, last consonants, one tone.

Tells text from text that was typed for an old font or read in a wrong encoding. It need not know every word,
only never take garbled text for sound: what it does not know is looked at, not refused.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_ONSET = "(?:ngh|ng|gh|gi|kh|nh|ph|qu|th|tr|ch|[bcdđghklmnprstvx])?"
_OPEN = (
    "a|e|ê|i|o|ô|ơ|u|ư|y|ia|ya|oa|oe|uê|uy|uơ|ua|uya|ưa|ai|ao|au|ay|âu|ây|eo|êu|iu|iêu|yêu|oai|oay|oao|oeo|oi|ôi|ơi|ui|ưi|uôi|ươi|ưu|ươu"
    "|uây|uyu|uêu|oau"
)
_CLOSED = "a|ă|â|e|ê|i|o|ô|ơ|u|ư|y|iê|yê|oa|oă|oe|uâ|uê|uô|ươ|uy|uyê|oo|uơ"
_SYLLABLE = re.compile(f"{_ONSET}(?:(?:{_OPEN})|(?:{_CLOSED})(?:ch|nh|ng|c|m|n|p|t))")
_STOPPED = re.compile("(?:ch|c|p|t)$")
_EDGES = " \t'\"()[]{}<>.,;:!?/\\-–—‘’“”…•«»0123456789"
_BETWEEN = re.compile(r"[\s\-/.,;:()\"'+&]+")


@lru_cache(maxsize=20_000)
def can_be_vietnamese(word: str) -> bool:
    """Whether this is a syllable of Vietnamese, in any capitals, in Unicode."""
    apart = unicodedata.normalize("NFD", word.casefold())
    tones = _TONES.findall(apart)
    if len(tones) > 1:
        return False
    plain = unicodedata.normalize("NFC", _TONES.sub("", apart))
    if not _SYLLABLE.fullmatch(plain):
        return False
    return not (_STOPPED.search(plain) and tones and tones[0] not in "\u0301\u0323")


def words_of(text: str) -> list[str]:
    """The words of a text that have other letters than ASCII's."""
    found = (word.strip(_EDGES) for word in _BETWEEN.split(text))
    return [word for word in found if word and not word.isascii()]
