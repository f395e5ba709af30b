"""TOPSIS: how close each zone is to the best that any reaches, and how far from the worst."""

from __future__ import annotations

import numpy as np

from services.accounting.domain.ranking.normalisation import (
    Directions,
    Matrix,
    Normalisation,
    Vector,
    min_max,
    unit_length,
)


def closeness(
    values: Matrix, weights: Vector, higher_is_better: Directions, normalisation: Normalisation
) -> Vector:
    """Return the relative closeness of each zone, from 0, the worst, to 1, the best; axis (zone).

        v = w · x'        D⁺ = |v − best|        D⁻ = |v − worst|        C = D⁻ / (D⁺ + D⁻)

    The normalisation can turn a ranking round, so the caller says which. Zones that are all the
    same are as close to the best as to the worst: 0.5. Source: C. L. Hwang and K. Yoon, 1981.

    >>> values = np.array([[5.0, 8.0, 4.0], [7.0, 6.0, 8.0], [8.0, 8.0, 6.0], [7.0, 4.0, 6.0]])
    >>> weights, up = np.array([0.3, 0.4, 0.3]), np.array([True, True, True])
    >>> closeness(values, weights, up, Normalisation.VECTOR).round(4).tolist()
    [0.5037, 0.6581, 0.7482, 0.334]
    """
    if normalisation is Normalisation.VECTOR:
        scaled, up = unit_length(values), higher_is_better
    else:
        scaled, up = min_max(values, higher_is_better), np.ones_like(higher_is_better)
    weighted = scaled * weights
    highest, lowest = weighted.max(axis=0), weighted.min(axis=0)
    to_best = np.linalg.norm(weighted - np.where(up, highest, lowest), axis=1)
    to_worst = np.linalg.norm(weighted - np.where(up, lowest, highest), axis=1)
    both = to_best + to_worst
    return np.asarray(np.divide(to_worst, both, out=np.full_like(both, 0.5), where=both > 0))
