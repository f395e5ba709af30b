"""Weights of indicators: from the values of the zones, or from what people judge.

Each function returns weights that add up to 1, as doubles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from services.accounting.domain.ranking.normalisation import Directions, Matrix, Vector, min_max
from services.kernel.errors import FieldInvalid, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """How consistent comparisons have to be: published figures, of the data file `ahp.toml`."""

    random_index: Mapping[int, float]
    """Mean consistency index of random comparisons, by the number compared."""
    below: float
    """The consistency ratio below which comparisons are accepted."""


def entropy(values: Matrix) -> Vector:
    """Return weights by how unevenly each column is spread over the zones.

        p = x / Σ x        e = −1 / ln m × Σ p ln p, 0 ln 0 = 0        d = 1 − e        w = d / Σ d

    `values` are not negative, over (zone, indicator), higher better. A column that is the same
    everywhere weighs nothing. Source: C. E. Shannon, 1948; the weights as in Hwang and Yoon, 1981.

    >>> entropy(np.array([[1.0, 2.0], [4.0, 16.0]])).round(8).tolist()
    [0.35888879, 0.64111121]

    Raises:
        FieldInvalid: there is one zone only, a value is negative, or no column tells zones apart.
    """
    zones = len(values)
    if zones < 2:  # noqa: PLR2004 - one zone has no spread
        raise _refused("1", "two zones or more", "不少于两个园区")
    if (values < 0).any():
        raise _refused("negative", "values of 0 or more: shift or reverse them first", "非负数值")
    total = values.sum(axis=0)
    parts = np.divide(values, total, out=np.full_like(values, 1 / zones), where=total > 0)
    logs = np.log(parts, out=np.zeros_like(parts), where=parts > 0)
    spread = 1 + (parts * logs).sum(axis=0) / np.log(zones)
    # What is the same everywhere leaves a rest of some 1e-16 behind.
    spread = np.where(np.ptp(values, axis=0) == 0, 0.0, spread)
    return _shared(spread)


def critic(values: Matrix, higher_is_better: Directions) -> Vector:
    """Return weights by contrast and conflict: how much a column varies, and unlike the others.

        x' by min–max        C = σ × Σ (1 − r)        w = C / Σ C

    σ is the sample standard deviation of x', r the correlation of two columns; a column without
    variation has neither and weighs nothing. Source: D. Diakoulaki, G. Mavrotas, L. Papayannakis,
    Computers & Operations Research 22 (1995) 763.

    Raises:
        FieldInvalid: there are fewer than two zones, or no column tells them apart.
    """
    if len(values) < 2:  # noqa: PLR2004 - one zone has no spread
        raise _refused("1", "two zones or more", "不少于两个园区")
    scaled = min_max(values, higher_is_better)
    deviation = scaled.std(axis=0, ddof=1)
    centred = scaled - scaled.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    products = np.outer(length, length)
    correlation = np.divide(
        centred.T @ centred, products, out=np.zeros_like(products), where=products > 0
    )
    varying = deviation > 0
    # Of what agrees in all, a rest of some 1e-16 stays behind.
    rivalry = np.where(np.isclose(correlation, 1, rtol=0, atol=1e-12), 0.0, 1 - correlation)
    conflict = rivalry[:, varying].sum(axis=1)
    return _shared(np.where(varying, deviation * conflict, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahp:
    """Weights from pairwise comparisons, and how consistent those are."""

    weights: Vector
    lambda_max: float
    """The principal eigenvalue; the number of indicators where all agree."""
    consistency_ratio: float | None
    """CI / RI; None for fewer than three, which cannot contradict each other."""
    is_consistent: bool


def ahp(comparisons: Matrix, consistency: Consistency) -> Ahp:
    """Return the weights that pairwise comparisons mean: their principal eigenvector.

        A w = λ w        CI = (λ − n) / (n − 1)        CR = CI / RI

    `comparisons[i, j]` says how many times as important i is as j, with 1 on the diagonal and
    reciprocals across it. Source: T. L. Saaty, The Analytic Hierarchy Process, 1980.

    Raises:
        FieldInvalid: it is not square, positive and reciprocal, or larger than the table of random
            indices.
    """
    count = len(comparisons)
    _check_comparisons(comparisons, max(consistency.random_index))
    values, vectors = np.linalg.eig(comparisons)
    principal = int(values.real.argmax())
    largest = float(values[principal].real)
    ratio = None
    if count in consistency.random_index:
        ratio = (largest - count) / (count - 1) / consistency.random_index[count]
    return Ahp(
        weights=_shared(np.abs(vectors[:, principal].real)),
        lambda_max=largest,
        consistency_ratio=ratio,
        is_consistent=ratio is None or ratio < consistency.below,
    )


def _check_comparisons(comparisons: Matrix, most: int) -> None:
    count = len(comparisons)
    if comparisons.shape != (count, count) or not 1 <= count <= most:
        shape = " × ".join(map(str, comparisons.shape))
        raise _refused(shape, f"a square of 1 to {most}", f"1 至 {most} 阶方阵")
    reciprocal = (comparisons > 0).all() and np.allclose(comparisons * comparisons.T, 1, rtol=1e-9)
    if not reciprocal:
        raise _refused(
            "not reciprocal",
            "positive numbers, each the reciprocal of the one across the diagonal",
            "正互反判断矩阵",
        )


def _shared(amounts: Vector) -> Vector:
    total = float(amounts.sum())
    if not total > 0:
        raise _refused(
            "no spread", "an indicator at least that tells zones apart", "至少一项指标有差异"
        )
    return amounts / total


def _refused(given: str, en: str, zh: str) -> FieldInvalid:
    return FieldInvalid(field="weighting", given=given, allowed=Words(en=en, zh=zh))
