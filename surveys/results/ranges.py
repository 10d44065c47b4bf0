"""Counts and shares that are known to lie between two ends: exact where both are the same (decision 0004).

Danger: an end that is rounded inwards would state more than is known; so ends of a range are rounded
outwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from surveys.rules.denominators import percent

_HUNDREDTHS = 10_000


@dataclass(frozen=True, slots=True)
class Range:
    """A count from `low` to `high`, both included."""

    low: int
    high: int

    @classmethod
    def of(cls, count: int) -> Range:
        """A count that is known."""
        return cls(count, count)

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.high + other.high)

    def of_n(self, n: int) -> Portion | None:
        """The share of n; None where n is 0."""
        return None if n == 0 else Portion(Fraction(self.low, n), Fraction(self.high, n))


NOTHING = Range(0, 0)


def total(ranges: Iterable[Range]) -> Range:
    """The sum of ranges."""
    return sum(ranges, NOTHING)


@dataclass(frozen=True, slots=True)
class Portion:
    """A share of N, or a difference of two, from `low` to `high`, both included."""

    low: Fraction
    high: Fraction

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high

    def __sub__(self, other: Portion) -> Portion:
        return Portion(self.low - other.high, self.high - other.low)

    @property
    def ends(self) -> tuple[str, str]:
        """Both ends in percent with two decimals, by the one rule of `denominators.percent`; a range's
        rounded outwards.
        """
        if self.exact:
            text = signed_percent(self.low)
            return text, text
        low = Fraction(self.low * _HUNDREDTHS // 1, _HUNDREDTHS)
        high = Fraction(-(-self.high * _HUNDREDTHS // 1), _HUNDREDTHS)
        return signed_percent(low), signed_percent(high)


def signed_percent(share: Fraction) -> str:
    """A share from −1 to 1 in percent with two decimals, the sign in front of a difference below 0."""
    text = percent(abs(share.numerator), share.denominator)
    assert text is not None  # a Fraction has no denominator 0
    return f"-{text}" if share < 0 and text != "0.00" else text
