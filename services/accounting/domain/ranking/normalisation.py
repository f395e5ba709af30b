"""Values of several zones made comparable, column by column."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
"""Axes (zone, indicator)."""

Vector = NDArray[np.float64]
"""Axis (indicator), or axis (zone) where the docstring says so."""

Directions = NDArray[np.bool_]
"""Axis (indicator): True where higher is better."""


class Normalisation(StrEnum):
    """How a column is made comparable; it can turn a ranking round, so it is always named."""

    VECTOR = "VECTOR"
    """Each value over the square root of the sum of the column's squares."""
    MIN_MAX = "MIN_MAX"
    """From 0, the worst of the column, to 1, the best."""


def min_max(values: Matrix, higher_is_better: Directions) -> Matrix:
    """Return each column from 0, its worst value, to 1, its best.

        x' = (x − min) / (max − min)          higher is better
        x' = (max − x) / (max − min)          lower is better

    A column whose values are all the same tells nothing and is 0.

    >>> min_max(np.array([[1.0], [3.0], [2.0]]), np.array([False])).ravel().tolist()
    [1.0, 0.0, 0.5]
    """
    lowest, highest = values.min(axis=0), values.max(axis=0)
    width = highest - lowest
    distance = np.where(higher_is_better, values - lowest, highest - values)
    return np.asarray(np.divide(distance, width, out=np.zeros_like(values), where=width > 0))


def unit_length(values: Matrix) -> Matrix:
    """Return each column over its length; a column of nothing stays nothing.

    x' = x / √Σ x²
    """
    length = np.sqrt((values**2).sum(axis=0))
    return np.asarray(np.divide(values, length, out=np.zeros_like(values), where=length > 0))
