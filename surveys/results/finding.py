"""Finding and sorting leaders: letters without their marks, names by the given name as Vietnamese lists are,
ranges by their ends.
"""

from __future__ import annotations

from fractions import Fraction

from surveys.results.ranges import Portion
from surveys.results.sums import Seen
from surveys.web.fields import plain


def matches(words: str, seen: Seen) -> bool:
    """Whether every word sought occurs in the leader's name, code, titles or unit."""
    sought = plain(words).split()
    if not sought:
        return True
    held = plain(" ".join([seen.name, seen.person, *seen.titles, seen.unit.code, seen.unit.name]))
    return all(word in held for word in sought)


def name_key(name: str) -> tuple[str, str, str]:
    """Vietnamese order of names: by given name, then family and middle names; marks break a tie."""
    family, _, given = plain(name).rpartition(" ")
    return given, family, name


def portion_key(portion: Portion | None, *, largest_first: bool) -> tuple[bool, Fraction, Fraction]:
    """Order of shares by their middle, then by their ends; what is hidden comes last either way."""
    if portion is None:
        return True, Fraction(0), Fraction(0)
    sign = -1 if largest_first else 1
    return False, sign * (portion.low + portion.high), sign * portion.low
