"""Quantiles of Student's t by the Cornish–Fisher expansion: Abramowitz & Stegun, Handbook of Mathematical
Functions, 26.7.5.

Good to three decimals from 9 degrees of freedom on; with fewer it is refused rather than wrong.
"""

from __future__ import annotations

from statistics import NormalDist

FEWEST = 9


def t_quantile(p: float, freedom: float) -> float:
    """The quantile at p of Student's t with so many degrees of freedom. Raises ValueError under 9 of them."""
    if freedom < FEWEST:
        raise ValueError(f"{freedom} degrees of freedom")
    x = NormalDist().inv_cdf(p)
    g1 = (x**3 + x) / 4
    g2 = (5 * x**5 + 16 * x**3 + 3 * x) / 96
    g3 = (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384
    g4 = (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160
    return x + g1 / freedom + g2 / freedom**2 + g3 / freedom**3 + g4 / freedom**4
