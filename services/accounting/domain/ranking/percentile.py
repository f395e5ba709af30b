"""Where values lie among registered zones: quantiles of at least five, apart from any reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

FEWEST: Final = 5
"""Zones below which no percentile is told."""

_QUARTERS: Final = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How an indicator is spread over zones; in its unit."""

    zone_count: int
    lower_quartile: float
    median: float
    upper_quartile: float


def spread(values: Sequence[float]) -> Spread | None:
    """Return the quartiles of the values, by type 7; None of fewer than five.

    Source: R. J. Hyndman and Y. Fan, The American Statistician 50 (1996) 361, definition 7.

    >>> spread([1.0, 2.0, 3.0, 4.0, 10.0]).upper_quartile
    4.0
    """
    if len(values) < FEWEST:
        return None
    lower, median, upper = np.quantile(np.asarray(values), _QUARTERS, method="linear")
    return Spread(
        zone_count=len(values),
        lower_quartile=float(lower),
        median=float(median),
        upper_quartile=float(upper),
    )


def rank_ratio(value: float, values: Sequence[float]) -> float | None:
    """Return how much of the other zones lies below a value, from 0 to 1; None of fewer than five.

    Equal ones count half. `values` holds the value itself.

    >>> rank_ratio(3.0, [1.0, 2.0, 3.0, 4.0, 10.0])
    0.5
    """
    if len(values) < FEWEST:
        return None
    others = np.asarray(values)
    below = float((others < value).sum()) + (float((others == value).sum()) - 1) / 2
    return below / (len(values) - 1)
