"""What a percentage is of, and the percentage itself: integers, half up to two decimals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.rules.preset import Preset

LABELS: Mapping[str, Mapping[str, str]] = {
    "returned": {"vi": "số phiếu thu về", "en": "ballots returned"},
    "summoned": {"vi": "tổng số người được triệu tập", "en": "all persons summoned"},
}


@dataclass(frozen=True, slots=True)
class Denominator:
    """N by its name, `returned` or `summoned`, with words for people."""

    name: str
    n: int
    label: Mapping[str, str]


def denominator(preset: Preset, *, returned: int, summoned: int) -> Denominator:
    """The denominator that the rule names."""
    n = returned if preset.denominator == "returned" else summoned
    return Denominator(preset.denominator, n, LABELS[preset.denominator])


def percent(count: int, n: int) -> str | None:
    """count/n in percent with two decimals, half up ("66.60"); None where n is 0. Raises ValueError unless 0
    ≤ count ≤ n.
    """
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n}")
    if n == 0:
        return None
    hundredths = (count * 20000 + n) // (2 * n)
    return f"{hundredths // 100}.{hundredths % 100:02}"
