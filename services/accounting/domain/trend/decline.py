"""Declines of an intensity over years: year by year, chained, and as an equal annual rate.

Figures are float64: statistics.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def annual(intensities: Sequence[float]) -> list[float]:
    """Return each year's decline against the year before, ratios; negative for a rise.

        Dₜ = 1 − Iₜ / Iₜ₋₁

    Source: 国家发展改革委, 二氧化碳排放核算方法及数据核查表 (a page that repeats it was read).

    >>> [round(each, 4) for each in annual([2.0, 1.9, 1.9])]
    [0.05, 0.0]
    """
    return [1 - after / before for before, after in pairwise(intensities)]


def cumulative(declines: Sequence[float]) -> float:
    """Return what annual declines make together, a ratio.

        D = 1 − Π (1 − Dₜ)

    Source: the same form; it gives the 18 % that was published for Hubei from 2016 to 2020.

    >>> round(100 * cumulative([0.0497, 0.0554, 0.0432, 0.0341, 0.0117]), 4)
    18.0119
    """
    remaining = 1.0
    for each in declines:
        remaining *= 1 - each
    return 1 - remaining


def equivalent_annual(decline: float, years: int) -> float:
    """Return the equal annual decline that makes `decline` in so many years, a ratio.

        d = 1 − (1 − D)^(1/n)

    `decline` is at most 1 and `years` at least 1.

    >>> round(equivalent_annual(cumulative([0.03, 0.03, 0.03]), 3), 12)
    0.03
    """
    assert decline <= 1, "what remains is not negative"
    return float(1 - (1 - decline) ** (1 / years))
